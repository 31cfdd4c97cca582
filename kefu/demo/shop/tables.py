"""The demo shop's tables: the shop's own system, which happens to live in the same database.

Records that are only read whole are JSON of the Shop port's own types; what is asked by or changes has columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    inspect,
    or_,
    select,
    update,
)

from bot.recommend.sales import Sale, sales_of
from bot.shop import ActionResult, Customer, FaqAnswer, Order, PolicyFact, Product, Promotion, Variant
from kefu.demo.shop.load import ShopData

SCHEMA = 1
"""Raised with every change of a table: the demo's tables are then made anew from the files."""

metadata = MetaData()
_products = Table(
    "demo_shop_products",
    metadata,
    Column("product_id", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("doc", Text, nullable=False),
)
_variants = Table(
    "demo_shop_variants",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("product_id", Text, nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("stock", Integer, nullable=False),
    Column("weight_g", Integer, nullable=False),
)
_facts = Table(
    "demo_shop_facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("doc", Text, nullable=False),
)
_promotions = Table(
    "demo_shop_promotions",
    metadata,
    Column("promotion_id", Text, primary_key=True),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger, nullable=False),
    Column("doc", Text, nullable=False),
)
_faq = Table(
    "demo_shop_faq",
    metadata,
    Column("faq_id", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("doc", Text, nullable=False),
)
_customers = Table(
    "demo_shop_customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("doc", Text, nullable=False),
)
_orders = Table(
    "demo_shop_orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("customer_id", Text, nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("doc", Text, nullable=False),
)
_links = Table(
    "demo_shop_links",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("customer_id", Text, nullable=False),
)
_actions = Table(
    "demo_shop_actions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("asked", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

_encode = msgspec.json.Encoder().encode
_product = msgspec.json.Decoder(Product)
_fact = msgspec.json.Decoder(PolicyFact)
_promotion = msgspec.json.Decoder(Promotion)
_answer = msgspec.json.Decoder(FaqAnswer)
_customer = msgspec.json.Decoder(Customer)
_order = msgspec.json.Decoder(Order)
_result = msgspec.json.Decoder(ActionResult)


def make_tables(connection: Connection, *, anew: bool) -> None:
    """Make the tables that are missing; `anew` drops what is there."""
    if anew:
        metadata.drop_all(connection)
    metadata.create_all(connection)


def has_tables(connection: Connection) -> bool:
    """Whether `make_tables` was ever called on this database."""
    return inspect(connection).has_table(_products.name)


def put_data(connection: Connection, data: ShopData) -> None:
    """Put the files' content in the place of the old one. Orders that somebody acted on stay as they are now."""
    for table in (_products, _variants, _facts, _promotions, _faq, _customers):
        connection.execute(delete(table))
    touched = set(connection.execute(select(_actions.c.order_id).distinct()).scalars())
    connection.execute(delete(_orders).where(_orders.c.order_id.not_in(touched)))
    rows: dict[Table, list[dict[str, Any]]] = {
        _products: [
            {"product_id": one.product_id, "place": place, "doc": _json(replace(one, variants=()))}
            for place, one in enumerate(data.products)
        ],
        _variants: [
            {name: getattr(one, name) for name in ("sku", "product_id", "label", "price_fen", "stock", "weight_g")}
            | {"place": place}
            for product in data.products
            for place, one in enumerate(product.variants)
        ],
        _facts: [
            {
                "name": one.name,
                "place": place,
                "valid_from": one.valid_from_us,
                "valid_to": one.valid_to_us,
                "doc": _json(one),
            }
            for place, one in enumerate((*data.facts, *(fact for each in data.promotions for fact in each.facts)))
        ],
        _promotions: [
            {
                "promotion_id": one.promotion_id,
                "valid_from": one.valid_from_us,
                "valid_to": one.valid_to_us,
                "doc": _json(one),
            }
            for one in data.promotions
        ],
        _faq: [{"faq_id": one.faq_id, "place": place, "doc": _json(one)} for place, one in enumerate(data.faq)],
        _customers: [{"customer_id": one.customer_id, "doc": _json(one)} for one in data.customers],
        _orders: [_order_row(one) for one in data.orders if one.order_id not in touched],
    }
    for table, values in rows.items():
        if values:
            connection.execute(insert(table), values)


def list_products(connection: Connection, product_ids: Sequence[str] | None = None) -> list[Product]:
    """Return products with their variants as they are now: all in the file's order, or those named in their order."""
    query, variants = select(_products.c.doc).order_by(_products.c.place), select(_variants).order_by(_variants.c.place)
    if product_ids is not None:
        query = query.where(_products.c.product_id.in_(product_ids))
        variants = variants.where(_variants.c.product_id.in_(product_ids))
    of: dict[str, list[Variant]] = {}
    for row in connection.execute(variants):
        one = Variant(row.sku, row.product_id, row.label, row.price_fen, row.stock, row.weight_g)
        of.setdefault(row.product_id, []).append(one)
    found = [_product.decode(doc) for doc in connection.execute(query).scalars()]
    found = [replace(one, variants=tuple(of.get(one.product_id, ()))) for one in found]
    if product_ids is None:
        return found
    by_id = {one.product_id: one for one in found}
    return [by_id[product_id] for product_id in dict.fromkeys(product_ids) if product_id in by_id]


def list_facts(connection: Connection, *, at_us: int) -> list[PolicyFact]:
    """Return the facts that hold at a time, those of running promotions too."""
    query = select(_facts.c.doc).where(_facts.c.valid_from <= at_us).order_by(_facts.c.place)
    query = query.where(or_(_facts.c.valid_to.is_(None), _facts.c.valid_to > at_us))
    return [_fact.decode(doc) for doc in connection.execute(query).scalars()]


def list_promotions(connection: Connection, *, at_us: int) -> list[Promotion]:
    """Return the promotions that run at a time or start after it, the earliest first."""
    query = select(_promotions.c.doc).where(_promotions.c.valid_to > at_us).order_by(_promotions.c.valid_from)
    return [_promotion.decode(doc) for doc in connection.execute(query).scalars()]


def list_faq(connection: Connection) -> list[FaqAnswer]:
    """Return the FAQ in the file's order."""
    return [_answer.decode(doc) for doc in connection.execute(select(_faq.c.doc).order_by(_faq.c.place)).scalars()]


def link_customer(connection: Connection, *, account_id: int, customer_id: str) -> None:
    """Say who an account of the messenger is in the shop."""
    connection.execute(delete(_links).where(_links.c.account_id == account_id))
    connection.execute(insert(_links).values(account_id=account_id, customer_id=customer_id))


def find_customer(connection: Connection, *, account_id: int) -> Customer | None:
    """Return the customer behind an account, or None."""
    query = select(_customers.c.doc).join(_links, _links.c.customer_id == _customers.c.customer_id)
    doc = connection.execute(query.where(_links.c.account_id == account_id)).scalar_one_or_none()
    return _customer.decode(doc) if doc is not None else None


def list_customers(connection: Connection) -> list[Customer]:
    """Return all customers by id."""
    query = select(_customers.c.doc).order_by(_customers.c.customer_id)
    return [_customer.decode(doc) for doc in connection.execute(query).scalars()]


def list_orders(connection: Connection, *, customer_id: str, limit: int) -> list[Order]:
    """Return a customer's orders, newest first."""
    query = select(_orders.c.doc).where(_orders.c.customer_id == customer_id)
    query = query.order_by(_orders.c.created_at.desc(), _orders.c.order_id.desc()).limit(limit)
    return [_order.decode(doc) for doc in connection.execute(query).scalars()]


def list_sales(connection: Connection) -> list[Sale]:
    """Return who bought what, without orders that were cancelled or never paid."""
    orders = (_order.decode(doc) for doc in connection.execute(select(_orders.c.doc)).scalars())
    return sales_of(orders)


def find_order(connection: Connection, *, order_id: str, customer_id: str | None, lock: bool = False) -> Order | None:
    """Return an order if it is this customer's, or None; `lock` keeps others from acting on it meanwhile."""
    if customer_id is None:
        return None
    query = select(_orders.c.doc).where(_orders.c.order_id == order_id, _orders.c.customer_id == customer_id)
    doc = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    return _order.decode(doc) if doc is not None else None


def update_order(connection: Connection, order: Order) -> None:
    """Write an order back."""
    connection.execute(update(_orders).where(_orders.c.order_id == order.order_id).values(doc=_json(order)))


def find_action(connection: Connection, key: str) -> tuple[str, ActionResult] | None:
    """Return what was asked under a key and what came of it, or None."""
    row = connection.execute(select(_actions.c.asked, _actions.c.result).where(_actions.c.key == key)).one_or_none()
    return (row.asked, _result.decode(row.result)) if row is not None else None


def count_actions(connection: Connection, *, order_id: str, asked: str) -> int:
    """Return how often something was done to an order; `asked` is the action's name."""
    query = select(_actions.c.asked, _actions.c.result).where(_actions.c.order_id == order_id)
    rows = connection.execute(query).all()
    return sum(row.asked.split(" ")[0] == asked and _result.decode(row.result).done for row in rows)


def insert_action(
    connection: Connection, *, key: str, order_id: str, asked: str, result: ActionResult, at_us: int
) -> None:
    """Keep what came of an action under its key."""
    connection.execute(insert(_actions).values(key=key, order_id=order_id, asked=asked, result=_json(result), at=at_us))


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "created_at": order.created_at_us,
        "doc": _json(order),
    }


def _json(value: object) -> str:
    return _encode(value).decode()
