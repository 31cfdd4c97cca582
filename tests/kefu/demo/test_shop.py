"""The demo shop keeps the Shop port's promises, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from bot.conformance.shop import Bench, ConformanceError, check_orders_belong_to_their_customer, check_shop
from bot.shop import Order
from kefu.demo.shop import tables
from kefu.demo.shop.load import ShopData, load_shop
from kefu.demo.shop.problems import ShopDataError
from kefu.demo.shop.shop import DemoShop, load_into, put_shop
from messaging_core.api import Core
from tests.support.clock import START_US, FakeClock

SHOP = files("kefu") / "demo" / "shop_data"
LIN, STRANGER = 101, 102


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shop's files that a test may break."""
    return Path(shutil.copytree(str(SHOP), tmp_path / "shop"))


@cache
def moon_tea() -> ShopData:
    """Return the demo's data, read once."""
    return load_shop(SHOP)


async def open_shop(core: Core) -> DemoShop:
    """Return the demo shop, fresh, with Lin's account linked to C1001."""
    await core.run(lambda unit: tables.make_tables(unit.connection, anew=True))
    await core.run(lambda unit: put_shop(unit, moon_tea(), digest="test"))
    shop = DemoShop(core)
    await shop.link(account_id=LIN, customer_id="C1001")
    return shop


async def order_in(shop: DemoShop, status: str) -> Order:
    """Return somebody's order in a state."""
    for number in range(1001, 1014):
        for order in await shop.orders(customer_id=f"C{number}", limit=50):
            if order.status == status:
                return order
    raise LookupError(status)


async def test_the_demo_shop_conforms(core: Core) -> None:
    @asynccontextmanager
    async def make() -> AsyncIterator[Bench]:
        shop = await open_shop(core)
        own = await shop.orders(customer_id="C1001", limit=50)
        other = await shop.orders(customer_id="C1002")

        async def take_down() -> None:
            shop.available = False

        yield Bench(
            shop=shop,
            now_us=START_US,
            account_id=LIN,
            stranger_account_id=STRANGER,
            other_order_id=other[0].order_id,
            order_id=next(order.order_id for order in own if order.status == "unpaid"),
            action="cancel_order",
            note="",
            take_down=take_down,
        )

    await check_shop(make)


async def test_the_suite_fails_a_shop_that_shows_anothers_order(core: Core) -> None:
    class Leaky(DemoShop):
        async def find_order(self, *, order_id: str, customer_id: str | None) -> Order | None:
            found = [order for n in range(1001, 1014) for order in await self.orders(customer_id=f"C{n}", limit=50)]
            return next((order for order in found if order.order_id == order_id), None)

    await open_shop(core)
    shop = Leaky(core)
    other = (await shop.orders(customer_id="C1002"))[0].order_id

    async def nothing() -> None: ...

    bench = Bench(shop, START_US, LIN, STRANGER, other, other, "cancel_order", "", nothing)
    with pytest.raises(ConformanceError, match="not this customer's"):
        await check_orders_belong_to_their_customer(bench)


async def test_prices_and_stock_are_read_as_they_are_now(core: Core, folder: Path) -> None:
    shop = await open_shop(core)
    before = (await shop.get_products(["MT-1001"]))[0].variants[1]
    file = folder / "variants.csv"
    file.write_text(
        file.read_text("utf-8").replace("MT-1001-02,MT-1001,50g 罐装,14800,85", "MT-1001-02,MT-1001,50g 罐装,15800,3"),
        "utf-8",
    )
    assert await load_into(core, folder)
    after = (await shop.get_products(["MT-1001"]))[0].variants[1]
    assert (before.price_fen, before.stock) == (14800, 85)
    assert (after.price_fen, after.stock) == (15800, 3)


async def test_a_second_load_of_the_same_files_changes_nothing(core: Core) -> None:
    assert await load_into(core, SHOP)
    assert not await load_into(core, SHOP)


async def test_a_broken_row_is_named_and_what_is_live_stays(core: Core, folder: Path) -> None:
    shop = await open_shop(core)
    rows = (folder / "variants.csv").read_text("utf-8").splitlines()
    rows[5] = rows[5].replace(rows[5].split(",")[3], "一百")
    (folder / "variants.csv").write_text("\n".join(rows) + "\n", "utf-8")
    with pytest.raises(ShopDataError, match=r"variants\.csv:6: price_fen：“一百”不是整数"):
        await load_into(core, folder)
    assert len(await shop.products()) == 112


async def test_promotions_are_those_that_run_or_are_to_come(core: Core) -> None:
    shop = await open_shop(core)
    running = [one.promotion_id for one in await shop.promotions(at_us=START_US)]
    assert running == ["new_customer_2026", "warm_winter_2026", "year_end_2026"]
    names = {fact.name for fact in await shop.facts(at_us=START_US)}
    assert "warm_winter_off_fen" in names
    assert "double11_off_fen" not in names


@pytest.mark.parametrize(
    ("status", "code", "done"),
    [
        ("unpaid", "cancelled", True),
        ("paid", "cancelled", True),
        ("packed", "needs_human", False),
        ("shipped", "too_late", False),
        ("cancelled", "already", False),
    ],
)
async def test_cancelling_follows_the_state_of_the_order(core: Core, status: str, code: str, done: bool) -> None:
    shop = await open_shop(core)
    order = await order_in(shop, status)
    result = await shop.act("cancel_order", order_id=order.order_id, customer_id=order.customer_id, key="k")
    after = await shop.find_order(order_id=order.order_id, customer_id=order.customer_id)
    assert after is not None
    assert (result.code, result.done) == (code, done)
    assert after.status == ("cancelled" if done else status)
    assert after.refunded_fen == (order.paid_fen if done else order.refunded_fen)


async def test_an_address_is_changed_once_and_then_by_a_human(core: Core) -> None:
    shop = await open_shop(core)
    order = await order_in(shop, "paid")

    async def change(key: str, note: str) -> str:
        who = order.customer_id
        return (await shop.act("change_address", order_id=order.order_id, customer_id=who, key=key, note=note)).code

    assert await change("a", "") == "missing_note"
    assert await change("b", "浙江省杭州市余杭区文一西路1号") == "address_changed"
    assert await change("c", "浙江省杭州市余杭区文一西路2号") == "needs_human"
    after = await shop.find_order(order_id=order.order_id, customer_id=order.customer_id)
    assert after is not None
    assert after.address == "浙江省杭州市余杭区文一西路1号"


async def test_an_order_that_was_acted_on_survives_a_reload(core: Core, folder: Path) -> None:
    shop = await open_shop(core)
    order = await order_in(shop, "paid")
    await shop.act("cancel_order", order_id=order.order_id, customer_id=order.customer_id, key="k")
    with (folder / "faq.yaml").open("a", encoding="utf-8") as faq:
        faq.write("\n# 改过\n")
    assert await load_into(core, folder)
    after = await shop.find_order(order_id=order.order_id, customer_id=order.customer_id)
    assert after is not None
    assert after.status == "cancelled"


async def test_invoices_wait_for_delivery_and_end_with_their_term(core: Core, clock: FakeClock) -> None:
    shop = await open_shop(core)
    shipped, delivered = await order_in(shop, "shipped"), None
    for number in range(1001, 1014):
        for order in await shop.orders(customer_id=f"C{number}", limit=50):
            delivered = order if order.status == "delivered" and not order.invoice else delivered
    assert delivered is not None

    async def ask(order: Order, key: str) -> str:
        return (await shop.act("request_invoice", order_id=order.order_id, customer_id=order.customer_id, key=key)).code

    assert await ask(shipped, "1") == "not_yet"
    clock.advance(seconds=200 * 86_400)
    assert await ask(delivered, "2") == "needs_human"
    clock.advance(seconds=-200 * 86_400)
    assert await ask(delivered, "3") == "invoice_requested"
    assert await ask(delivered, "4") == "already"
