"""The Shop port: the shop's own system is the truth for catalogue, orders and parcels. A shop implements this.

Reads return what holds now; `ShopUnavailable` says that the system is down, and the bot then says so or hands off.
Actions carry an idempotency key: the same key does the thing once and gives the same result again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kefu.base.errors import PluginError


class ShopUnavailable(PluginError):
    """The shop's system does not answer; `why` is for the operator."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What is really bought: one size or colour of a product. Money in fen, weight of the parcel in grams."""

    sku: str
    product_id: str
    label: str
    price_fen: int
    stock: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its page shows it. `source` says where it can be looked up (`products.csv:17`, a page's address)."""

    product_id: str
    name: str
    aliases: tuple[str, ...]
    category: str
    series: str
    attributes: dict[str, str | tuple[str, ...]]
    """origin, year, season, roast, taste, caffeine, brew_temp_c, brew_seconds, fits ... by the shop's own names."""
    goes_with: tuple[str, ...]
    description: str
    image_url: str
    url: str
    variants: tuple[Variant, ...]
    source: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; money in fen."""

    sku: str
    product_id: str
    name: str
    label: str
    quantity: int
    unit_price_fen: int
    shipped_quantity: int


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """One step of a parcel's way."""

    at_us: int
    place: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel with its way so far, oldest step first. `expected_on` is a date (YYYY-MM-DD) or None."""

    parcel_id: str
    order_id: str
    carrier: str
    tracking_no: str
    status: str
    shipped_at_us: int | None
    delivered_at_us: int | None
    expected_on: str | None
    events: tuple[ParcelEvent, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """A return or refund of an order; money in fen."""

    return_id: str
    order_id: str
    kind: str
    status: str
    reason: str
    refund_fen: int
    requested_at_us: int
    refunded_at_us: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """An order of one customer; `address` is masked. Money in fen, times in microseconds UTC."""

    order_id: str
    customer_id: str
    status: str
    created_at_us: int
    paid_at_us: int | None
    total_fen: int
    paid_fen: int
    refunded_fen: int
    address: str
    invoice: str
    lines: tuple[OrderLine, ...]
    parcels: tuple[Parcel, ...]
    returns: tuple[Return, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the shop knows him; personal details masked."""

    customer_id: str
    name: str
    level: str
    points: int
    labels: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PolicyFact:
    """A number or word of the shop's rules or promotions; valid in [valid_from_us, valid_to_us)."""

    name: str
    label: str
    value: int | float | str | tuple[str, ...]
    unit: str
    source: str
    valid_from_us: int
    valid_to_us: int | None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion; valid in [valid_from_us, valid_to_us)."""

    promotion_id: str
    name: str
    text: str
    facts: tuple[PolicyFact, ...]
    valid_from_us: int
    valid_to_us: int


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """A FAQ entry; `answer` may hold placeholders that `bot.replies` fills from facts. `source` is file:line."""

    faq_id: str
    question: str
    variants: tuple[str, ...]
    answer: str
    topic: str
    source: str


ActionName = Literal["cancel_order", "urge_shipping", "change_address", "request_invoice", "report_parcel"]


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What became of an action; `text` is for the customer, `fact` names the record that proves it."""

    done: bool
    code: str
    text: str
    fact: str | None = None


class Shop(Protocol):
    """One enterprise's shop. Every read may raise ShopUnavailable; unknown ids give None or leave the row out."""

    async def products(self) -> Sequence[Product]:
        """Return the whole catalogue with present prices and stock."""
        ...

    async def get_products(self, product_ids: Sequence[str]) -> Sequence[Product]:
        """Return these products as they are now: prices and stock are read here before they are told."""
        ...

    async def facts(self, *, at_us: int) -> Sequence[PolicyFact]:
        """Return the rules that hold at a time."""
        ...

    async def promotions(self, *, at_us: int) -> Sequence[Promotion]:
        """Return the promotions that run at a time or start after it."""
        ...

    async def faq(self) -> Sequence[FaqAnswer]:
        """Return the FAQ."""
        ...

    async def find_customer(self, *, account_id: int) -> Customer | None:
        """Return who an account of the messenger is in the shop, None when nobody has linked it."""
        ...

    async def orders(self, *, customer_id: str, limit: int = 10) -> Sequence[Order]:
        """Return a customer's orders, newest first."""
        ...

    async def find_order(self, *, order_id: str, customer_id: str | None) -> Order | None:
        """Return an order if it is this customer's; another's order is None, like one that does not exist."""
        ...

    async def act(self, name: ActionName, *, order_id: str, customer_id: str, key: str, note: str = "") -> ActionResult:
        """Do something to an order, once per `key`."""
        ...
