"""The page of orders: who sees which part, what is reported by hand, and that nothing written becomes markup."""

from __future__ import annotations

import httpx
import pytest
import pytest_asyncio

from messaging_core.api import Core, OrderBook, ToldOrder, open_service, take
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from tests.support.cast import Cast
from tests.support.clock import START_US

PATH = "/settings/orders"


@pytest_asyncio.fixture
async def place(core: Core, cast: Cast) -> int:
    """Lin's conversation with Moon Tea, which Qiao has."""
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    session = (await core.read(lambda c: desk.find_open(c, [made])))[made]
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    return made


def told(order_id: str, status: str = "paid") -> ToldOrder:
    return ToldOrder(order_id, "明前<b>龙井</b>", 26800, status, START_US)


async def enter(http: httpx.AsyncClient, token: str) -> str:
    """Log in and return the CSRF token."""
    await http.get("/staff/login")
    csrf = http.cookies["kefu_csrf"]
    await http.post("/staff/login", data={"csrf": csrf, "token": token})
    return csrf


async def test_the_owner_reports_an_order_and_an_agent_sees_it_without_sums_and_form(
    http: httpx.AsyncClient, cast: Cast, place: int
) -> None:
    csrf = await enter(http, cast.tokens["boss"])
    form = {
        "order": "YC1",
        "title": "<i>龙井</i>",
        "yuan": "268.50",
        "status": "paid",
        "conversation": str(place),
        "hours": "0",
    }
    for wrong in ({"csrf": "guessed"}, {"csrf": csrf, "status": "to_buy"}, {"csrf": csrf, "yuan": ""}):
        await http.post(PATH, data={"do": "report", **form, **wrong})
        assert "YC1" not in (await http.get(PATH)).text
    await http.post(PATH, data={"do": "report", "csrf": csrf, **form})
    page = (await http.get(PATH)).text
    assert "YC1" in page and "¥268.50" in page and f"/desk?open={place}" in page and "<i>" not in page
    assert "业绩" in page and "手工上报订单" in page
    await enter(http, cast.tokens["qiao"])
    page = (await http.get(PATH)).text
    assert "YC1" in page and "业绩" not in page and "手工上报订单" not in page
    await http.post(PATH, data={"do": "report", "csrf": http.cookies["kefu_csrf"], **form, "order": "YC2"})
    assert "YC2" not in (await http.get(PATH)).text


async def test_what_is_reported_by_hand_changes_nothing_else_of_an_order(
    http: httpx.AsyncClient, core: Core, cast: Cast
) -> None:
    boss = OrderBook(core, cast["boss"])
    await boss.report(ToldOrder("YC1", "龙井", 26800, "paid", START_US, quantity=3), conversation_id=None)
    csrf = await enter(http, cast.tokens["boss"])
    form = {
        "csrf": csrf,
        "do": "report",
        "order": "YC1",
        "title": "龙井",
        "yuan": "268",
        "status": "shipped",
        "hours": "0",
    }
    await http.post(PATH, data=form)
    assert [(one.status, one.quantity) for one in await boss.page()] == [("shipped", 3)]


async def test_an_order_that_the_shop_tells_is_kept_and_shown_to_its_customer_only(
    core: Core, cast: Cast, place: int
) -> None:
    book = OrderBook(core, cast["qiao"])
    lin, gray = cast.id("lin"), cast.id("gray")
    await book.show_told(place, told("YC1"), customer_id=lin)
    await book.show_told(place, told("YC1", "shipped"), customer_id=lin)
    assert [(one.order_id, one.status) for one in await book.of_customer(lin)] == [("YC1", "shipped")]
    with pytest.raises(CoreError) as refusal:
        await book.show_told(place, told("YC2"), customer_id=gray)
    assert refusal.value.code == "not_found"
    assert await book.of_customer(gray) == [], "nothing is kept of what could not be shown"
