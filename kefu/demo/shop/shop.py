"""The demo shop behind the Shop port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources.abc import Traversable
from typing import TypeVar

from sqlalchemy import Connection

from bot.recommend.sales import Sale
from bot.shop import (
    ActionName,
    ActionResult,
    Customer,
    FaqAnswer,
    Order,
    PolicyFact,
    Product,
    Promotion,
    ShopUnavailable,
)
from kefu.demo.shop import tables
from kefu.demo.shop.actions import decide_action, refused
from kefu.demo.shop.load import ShopData, hash_shop, load_shop
from messaging_core.api import Core, Unit, read_note, write_note
from messaging_core.errors import StorageUnavailable

_NOTE = "demo.shop"
T = TypeVar("T")


class DemoShop:
    """Moon Tea's system. `available` False makes every read and action fail, as a shop's system that is down does."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.available = True

    # --- reads -----------------------------------------------------------------------------------------------

    async def products(self) -> Sequence[Product]:
        """See Shop."""
        return await self._read(tables.list_products)

    async def get_products(self, product_ids: Sequence[str]) -> Sequence[Product]:
        """See Shop."""
        return await self._read(lambda connection: tables.list_products(connection, product_ids))

    async def facts(self, *, at_us: int) -> Sequence[PolicyFact]:
        """See Shop; the facts of promotions that run then are among them."""
        return await self._read(lambda connection: tables.list_facts(connection, at_us=at_us))

    async def promotions(self, *, at_us: int) -> Sequence[Promotion]:
        """See Shop."""
        return await self._read(lambda connection: tables.list_promotions(connection, at_us=at_us))

    async def faq(self) -> Sequence[FaqAnswer]:
        """See Shop."""
        return await self._read(tables.list_faq)

    async def find_customer(self, *, account_id: int) -> Customer | None:
        """See Shop."""
        return await self._read(lambda connection: tables.find_customer(connection, account_id=account_id))

    async def orders(self, *, customer_id: str, limit: int = 10) -> Sequence[Order]:
        """See Shop."""
        return await self._read(lambda connection: tables.list_orders(connection, customer_id=customer_id, limit=limit))

    async def sales(self) -> Sequence[Sale]:
        """See SalesHistory."""
        return await self._read(tables.list_sales)

    async def find_order(self, *, order_id: str, customer_id: str | None) -> Order | None:
        """See Shop."""
        return await self._read(
            lambda connection: tables.find_order(connection, order_id=order_id, customer_id=customer_id)
        )

    # --- actions ---------------------------------------------------------------------------------------------

    async def act(self, name: ActionName, *, order_id: str, customer_id: str, key: str, note: str = "") -> ActionResult:
        """See Shop. A key that comes again with another wish is refused (`key_reused`) and does nothing."""
        self._check_available()

        def work(unit: Unit) -> ActionResult:
            return _act(unit, name, order_id=order_id, customer_id=customer_id, key=key, note=note)

        try:
            return await self._core.run(work)
        except StorageUnavailable as error:
            raise ShopUnavailable(str(error)) from error

    # --- the shop's own side ---------------------------------------------------------------------------------

    async def link(self, *, account_id: int, customer_id: str) -> None:
        """Say who an account of the messenger is in the shop."""
        await self._core.run(
            lambda unit: tables.link_customer(unit.connection, account_id=account_id, customer_id=customer_id)
        )

    async def _read(self, query: Callable[[Connection], T]) -> T:
        self._check_available()
        try:
            return await self._core.read(query)
        except StorageUnavailable as error:
            raise ShopUnavailable(str(error)) from error

    def _check_available(self) -> None:
        if not self.available:
            raise ShopUnavailable("the demo shop was switched off by an operator")


def put_shop(unit: Unit, data: ShopData, *, digest: str) -> None:
    """Make the tables if need be and put the files' content in; `digest` names that content."""
    known = read_note(unit, _NOTE)
    tables.make_tables(unit.connection, anew=known is not None and known["schema"] != tables.SCHEMA)
    tables.put_data(unit.connection, data)
    write_note(unit, _NOTE, {"schema": tables.SCHEMA, "data": digest})


async def load_into(core: Core, folder: Traversable) -> bool:
    """Bring the tables to what the folder says; return whether anything had changed.

    Raises ShopDataError when a file is wrong; what is live then stays.
    """
    digest = hash_shop(folder)
    wanted = {"schema": tables.SCHEMA, "data": digest}
    if await core.run(lambda unit: read_note(unit, _NOTE)) == wanted:
        return False
    data = load_shop(folder)
    await core.run(lambda unit: put_shop(unit, data, digest=digest))
    return True


def _act(unit: Unit, name: ActionName, *, order_id: str, customer_id: str, key: str, note: str) -> ActionResult:
    asked = f"{name} {order_id} {customer_id} {note}"
    connection = unit.connection
    # Locked before the key is looked up: two at once with one key come one after the other.
    order = tables.find_order(connection, order_id=order_id, customer_id=customer_id, lock=True)
    before = tables.find_action(connection, key)
    if before is not None:
        return before[1] if before[0] == asked else refused("key_reused", "key_reused")
    if order is None:
        return refused("unknown_order", "unknown_order")
    facts = {fact.name: fact for fact in tables.list_facts(connection, at_us=unit.now_us)}
    times = tables.count_actions(connection, order_id=order_id, asked=name)
    after, result = decide_action(name, order, note=note, done_before=times, facts=facts, now_us=unit.now_us)
    if after != order:
        tables.update_order(connection, after)
    tables.insert_action(connection, key=key, order_id=order_id, asked=asked, result=result, at_us=unit.now_us)
    return result
