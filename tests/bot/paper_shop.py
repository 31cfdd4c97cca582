"""The demo shop read from its own files: the Shop port without a database, for tests of the bot alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.shop import (
    ActionName,
    ActionResult,
    Customer,
    FaqAnswer,
    Order,
    OrderLine,
    Parcel,
    ParcelEvent,
    PolicyFact,
    Product,
    Promotion,
    Return,
    ShopUnavailable,
    Variant,
)

DATA = Path(__file__).resolve().parents[2] / "kefu" / "demo" / "shop_data"


def us(text: str) -> int:
    """Return microseconds of an RFC 3339 time."""
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


class PaperShop:
    """Reads everything once; `down` makes every call fail, `accounts` links messenger accounts to customers."""

    def __init__(self, *, accounts: dict[int, str] | None = None) -> None:
        self.down = False
        self.accounts = accounts or {}
        self.acts: dict[str, ActionResult] = {}
        self.product_rows = _products()
        rules = yaml.safe_load((DATA / "policies.yaml").read_text("utf-8"))
        begin = us(rules["shop"]["valid_from"])
        self.policy_facts = [_fact(f, begin, None) for policy in rules["policies"] for f in policy["facts"]]
        self.promotion_rows = [_promotion(row) for row in rules["promotions"]]
        faq = yaml.safe_load((DATA / "faq.yaml").read_text("utf-8"))["faq"]
        self.faq_rows = [
            FaqAnswer(e["id"], e["question"], tuple(e["variants"]), e["answer"], e["topic"], f"faq.yaml:{e['id']}")
            for e in faq
        ]
        self.customers = {row["customer_id"]: row for row in _rows("customers.csv")}
        self.order_rows = _orders()

    async def products(self) -> Sequence[Product]:
        self._check()
        return self.product_rows

    async def get_products(self, product_ids: Sequence[str]) -> Sequence[Product]:
        self._check()
        return [product for product in self.product_rows if product.product_id in product_ids]

    async def facts(self, *, at_us: int) -> Sequence[PolicyFact]:
        self._check()
        return self.policy_facts

    async def promotions(self, *, at_us: int) -> Sequence[Promotion]:
        self._check()
        return [promotion for promotion in self.promotion_rows if promotion.valid_to_us > at_us]

    async def faq(self) -> Sequence[FaqAnswer]:
        self._check()
        return self.faq_rows

    async def find_customer(self, *, account_id: int) -> Customer | None:
        self._check()
        row = self.customers.get(self.accounts.get(account_id, ""))
        if row is None:
            return None
        labels = tuple(filter(None, row["labels"].split("|")))
        return Customer(row["customer_id"], row["name"], row["level"], int(row["points"]), labels, row["note"])

    async def orders(self, *, customer_id: str, limit: int = 10) -> Sequence[Order]:
        self._check()
        mine = [order for order in self.order_rows if order.customer_id == customer_id]
        return sorted(mine, key=lambda order: -order.created_at_us)[:limit]

    async def find_order(self, *, order_id: str, customer_id: str | None) -> Order | None:
        self._check()
        for order in self.order_rows:
            if order.order_id == order_id and order.customer_id == customer_id:
                return order
        return None

    async def act(self, name: ActionName, *, order_id: str, customer_id: str, key: str, note: str = "") -> ActionResult:
        self._check()
        known = self.acts.get(key)
        if known is None:
            known = self.acts[key] = ActionResult(True, name, "已经帮您办好了。", f"order:{order_id}/{name}")
        return known

    def _check(self) -> None:
        if self.down:
            raise ShopUnavailable("switched off by the test")


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _products() -> list[Product]:
    variants: dict[str, list[Variant]] = {}
    for row in _rows("variants.csv"):
        variants.setdefault(row["product_id"], []).append(
            Variant(
                row["sku"],
                row["product_id"],
                row["label"],
                int(row["price_fen"]),
                int(row["stock"]),
                int(row["weight_g"]),
            )
        )
    found = []
    for line, row in enumerate(_rows("products.csv"), start=2):
        attributes: dict[str, str | tuple[str, ...]] = {}
        for name in ("origin", "year", "season", "roast", "caffeine", "brew_temp_c", "brew_seconds"):
            if row[name]:
                attributes[name] = row[name]
        for name in ("taste", "fits"):
            if row[name]:
                attributes[name] = tuple(row[name].split("|"))
        found.append(
            Product(
                product_id=row["product_id"],
                name=row["name"],
                aliases=tuple(filter(None, row["aliases"].split("|"))),
                category=row["category"],
                series=row["series"],
                attributes=attributes,
                goes_with=tuple(filter(None, row["goes_with"].split("|"))),
                description=row["description"],
                image_url=f"/demo/{row['image']}",
                url=f"/demo/products/{row['product_id']}",
                variants=tuple(variants[row["product_id"]]),
                source=f"products.csv:{line}",
            )
        )
    return found


def _fact(row: dict[str, Any], begin: int, end: int | None) -> PolicyFact:
    value = row["value"]
    return PolicyFact(
        row["name"],
        row["label"],
        tuple(value) if isinstance(value, list) else value,
        row["unit"],
        row["source"],
        us(row["valid_from"]) if row.get("valid_from") else begin,
        us(row["valid_to"]) if row.get("valid_to") else end,
    )


def _promotion(row: dict[str, Any]) -> Promotion:
    begin, end = us(row["valid_from"]), us(row["valid_to"])
    facts = tuple(_fact(f, begin, end) for f in row["facts"])
    return Promotion(row["id"], row["name"], row["text"], facts, begin, end)


def _orders() -> list[Order]:
    lines: dict[str, list[OrderLine]] = {}
    for row in _rows("order_lines.csv"):
        lines.setdefault(row["order_id"], []).append(
            OrderLine(
                row["sku"], row["product_id"], row["name"], row["label"], int(row["quantity"]),
                int(row["unit_price_fen"]), int(row["shipped_quantity"]),
            )
        )  # fmt: skip
    events: dict[str, list[ParcelEvent]] = {}
    for row in _rows("parcel_events.csv"):
        events.setdefault(row["parcel_id"], []).append(
            ParcelEvent(us(row["at"]), row["place"], row["kind"], row["text"])
        )
    parcels: dict[str, list[Parcel]] = {}
    for row in _rows("parcels.csv"):
        parcels.setdefault(row["order_id"], []).append(
            Parcel(
                row["parcel_id"], row["order_id"], row["carrier"], row["tracking_no"], row["status"],
                _maybe(row["shipped_at"]), _maybe(row["delivered_at"]), row["expected_on"] or None,
                tuple(events.get(row["parcel_id"], ())),
            )
        )  # fmt: skip
    returns: dict[str, list[Return]] = {}
    for row in _rows("returns.csv"):
        returns.setdefault(row["order_id"], []).append(
            Return(
                row["return_id"], row["order_id"], row["kind"], row["status"], row["reason"], int(row["refund_fen"]),
                us(row["requested_at"]), _maybe(row["refunded_at"]),
            )
        )  # fmt: skip
    return [
        Order(
            row["order_id"], row["customer_id"], row["status"], us(row["created_at"]), _maybe(row["paid_at"]),
            int(row["total_fen"]), int(row["paid_fen"]), int(row["refunded_fen"]),
            f"{row['province']}{row['city']}{row['district']}{row['address']}", row["invoice"],
            tuple(lines.get(row["order_id"], ())), tuple(parcels.get(row["order_id"], ())),
            tuple(returns.get(row["order_id"], ())),
        )
        for row in _rows("orders.csv")
    ]  # fmt: skip


def _maybe(text: str) -> int | None:
    return us(text) if text else None
