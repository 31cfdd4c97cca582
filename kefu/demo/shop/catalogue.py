"""products.csv and variants.csv as products of the Shop port."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from bot.shop import Product, Variant
from kefu.demo.shop.problems import Problems
from kefu.demo.shop.rows import Row, read_rows

PRODUCTS, VARIANTS = "products.csv", "variants.csv"
_SINGLE = ("origin", "year", "season", "roast", "caffeine", "brew_temp_c", "brew_seconds")
_MANY = ("taste", "fits")
_PRODUCT_COLUMNS = (
    *("product_id", "name", "aliases", "category", "series", "origin", "year", "season", "roast", "taste"),
    *("caffeine", "brew_temp_c", "brew_seconds", "fits", "goes_with", "description", "image"),
)
_VARIANT_COLUMNS = ("sku", "product_id", "label", "price_fen", "stock", "weight_g")
_WHOLE = {"year": 1900, "brew_temp_c": 0, "brew_seconds": 1}


def read_catalogue(folder: Traversable, problems: Problems) -> dict[str, Product]:
    """Return the products by id, in the order of the file; what is wrong goes into `problems`."""
    rows = {
        row.cells["product_id"]: row
        for row in read_rows(folder, PRODUCTS, _PRODUCT_COLUMNS, problems, key="product_id")
    }
    variants = _read_variants(folder, rows, problems)
    names: set[str] = set()
    products: dict[str, Product] = {}
    for product_id, row in rows.items():
        product = _product(row, tuple(variants.get(product_id, ())))
        if not product.variants:
            row.trouble("no_variants", field="product_id", value=product_id)
        if product.name in names:
            row.trouble("repeated", field="name", value=product.name)
        names.add(product.name)
        for other in product.goes_with:
            row.known("goes_with", rows, value=other)
        _check_picture(folder, row)
        products[product_id] = product
    return products


def _read_variants(folder: Traversable, products: dict[str, Row], problems: Problems) -> dict[str, list[Variant]]:
    found: dict[str, list[Variant]] = {}
    for row in read_rows(folder, VARIANTS, _VARIANT_COLUMNS, problems, key="sku"):
        variant = Variant(
            sku=row.need("sku"),
            product_id=row.known("product_id", products),
            label=row.need("label"),
            price_fen=row.whole("price_fen", least=1),
            stock=row.whole("stock"),
            weight_g=row.whole("weight_g", least=1),
        )
        found.setdefault(variant.product_id, []).append(variant)
    return found


def _product(row: Row, variants: tuple[Variant, ...]) -> Product:
    attributes: dict[str, str | tuple[str, ...]] = {name: row.text(name) for name in _SINGLE if row.text(name)}
    attributes |= {name: row.values(name) for name in _MANY if row.values(name)}
    for name, least in _WHOLE.items():
        if name in attributes:
            row.whole(name, least=least)
    row.choice("caffeine", ("", "none", "low", "medium", "high"))
    product_id = row.need("product_id")
    return Product(
        product_id=product_id,
        name=row.need("name"),
        aliases=row.values("aliases"),
        category=row.need("category"),
        series=row.need("series"),
        attributes=attributes,
        goes_with=row.values("goes_with"),
        description=row.need("description"),
        image_url=f"/demo/{row.text('image')}",
        url=f"/demo/p/{product_id}",
        variants=variants,
        source=f"{PRODUCTS}:{row.line}",
    )


def _check_picture(folder: Traversable, row: Row) -> None:
    """The picture lies below the folder; a path that leads out of it is none."""
    name = row.need("image")
    if name and (".." in name or name.startswith("/") or not folder.joinpath(name).is_file()):
        row.trouble("picture", field="image", value=name)
