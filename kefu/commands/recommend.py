"""`kefu recommend`: what the demo shop's recommender would suggest to a customer, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, console, read_settings, refusals

if TYPE_CHECKING:
    from kefu.demo.shop.load import ShopData


def recommend(
    user: Annotated[str, typer.Argument(help="顾客编号，如 C1004 · the customer's id in the shop")],
    why: Annotated[bool, typer.Option("--why", help="列出每条路径 · tell every path")] = False,
    liked: Annotated[
        list[str] | None, typer.Option("--liked", help="刚看过的商品编号 · goods just looked at; may repeat")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=50, help="几款 · how many")] = 5,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="不要的商品、类目或系列 · never these; may repeat")
    ] = None,
    sold_out: Annotated[bool, typer.Option("--sold-out", help="缺货的也算 · also what is out of stock")] = False,
    again: Annotated[bool, typer.Option("--again", help="买过的也算 · also what he has bought")] = False,
    data: Data = None,
    shop: Annotated[
        Path | None, typer.Option("--shop", help="店铺资料目录，默认工作目录的 shop · the shop's files")
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · output format")] = "text",
) -> None:
    """按买过的和看过的给一位顾客推荐，每条理由都有真实的路径。Suggest goods to a customer; every reason's path exists.

    退出码 · exit codes: 0 有推荐 something fits · 1 没有 nothing does · 2 读不了 unreadable
    """
    from kefu.workspace import shop_folder

    folder = shop or shop_folder(read_settings(data))
    with refusals():
        rows = _rows(_shop(folder), user, liked or [], most, exclude or [], sold_out=sold_out, again=again)
    if output == "json":
        typer.echo(json.dumps({"user": user, "items": rows}, ensure_ascii=False))
    for row in rows if output == "text" else ():
        console().print(f"{row['score']:.2f}  {row['product_id']}  {row['name']}  {row['reason']}", markup=False)
        for path in row["why"] if why else ():
            console().print(f"      {user} → {path['via_name']} → {path['edge']} → {row['name']}", markup=False)
    raise typer.Exit(0 if rows else 1)


def _shop(folder: Path) -> ShopData:
    from kefu.demo.shop.load import load_shop

    if not folder.is_dir():
        raise ConfigError(f"{folder}: 没有店铺资料，先执行 kefu init --demo · no shop here, run kefu init --demo first")
    return load_shop(folder)


def _rows(
    shop: ShopData, user: str, liked: list[str], most: int, exclude: list[str], *, sold_out: bool, again: bool
) -> list[dict[str, Any]]:
    from bot.recommend.personal import Recommender
    from bot.recommend.sales import sales_of
    from bot.recommend.shop_links import shop_links
    from bot.recommend.words import reason

    products = {product.product_id: product for product in shop.products}
    unknown = [id for id in liked if id not in products]
    if unknown:
        raise ConfigError(f"{unknown[0]}: 没有这个商品 · there is no such product")
    if not any(customer.customer_id == user for customer in shop.customers):
        raise ConfigError(f"{user}: 没有这位顾客 · there is no such customer")
    hidden = {
        product.product_id
        for product in shop.products
        if {product.product_id, product.category, product.series} & set(exclude)
        or (not sold_out and not any(variant.stock > 0 for variant in product.variants))
    }
    found = Recommender(shop_links(shop.products), sales_of(shop.orders)).suggest(
        user, liked=liked, most=most, excluded=hidden, again=again
    )

    def name_of(id: str) -> str:
        return products[id].name

    return [
        {
            "product_id": one.product_id,
            "name": name_of(one.product_id),
            "score": round(one.score, 4),
            "reason": reason(one.why[0], name_of) if one.why else "",
            "why": [
                {
                    "kind": path.kind,
                    "via": path.via,
                    "via_name": name_of(path.via),
                    "edge": f"{path.relation}:{path.value}" if path.relation else path.kind,
                    "others": path.others,
                }
                for path in one.why
            ],
        }
        for one in found
    ]
