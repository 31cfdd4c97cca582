"""Coupons given out, ready when the chat opens, redeemed once; orders with who led to them; their cards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from kefu.base.clock import HOUR_US, format_time
from messaging_core.api import Actor, Core, SendRequest, Sent, Unit, create_enterprise, open_service, take
from messaging_core.commerce.attribution import Leader, Touch, choose_leader
from messaging_core.commerce.coupons import create_coupon, find_discount
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from tests.support.cast import Cast
from tests.support.clock import START_US, FakeClock
from tests.support.web import Web

DAY_S = 24 * 3600


@pytest_asyncio.fixture
async def web(core: Core) -> AsyncIterator[Web]:
    async with Web(core) as made:
        yield made


@pytest_asyncio.fixture
async def place(core: Core, cast: Cast) -> int:
    """Lin's conversation with Moon Tea, in which she has asked and which Qiao has."""
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    await say(core, cast["lin"], made, "m0", "text", {"text": "有优惠吗"})
    session = (await core.read(lambda c: desk.find_open(c, [made])))[made]
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    return made


async def coupon(web: Web, cast: Cast, **fields: Any) -> str:
    body = {"title": "立减五元", "amount_fen": 500, "ends_at": format_time(START_US + 30 * 24 * HOUR_US), **fields}
    made = await web.do(cast.tokens["boss"], "POST", f"/v1/enterprises/{cast.enterprise_id}/coupons", body)
    return str(made["coupon"]["id"])


async def key(web: Web, cast: Cast, *scopes: str) -> str:
    path = f"/v1/enterprises/{cast.enterprise_id}/keys"
    return str((await web.do(cast.tokens["boss"], "POST", path, {"scopes": list(scopes)}))["key"])


async def issue(web: Web, token: str, place: int, coupon_id: str, name: str = "c1") -> tuple[int, Any]:
    body = {"client_msg_id": name, "coupon_id": coupon_id}
    return await web.ask(token, "POST", f"/v1/conversations/{place}/coupons", body)


async def test_an_agent_gives_a_coupon_and_its_card_is_in_the_chat(web: Web, cast: Cast, place: int) -> None:
    coupon_id = await coupon(web, cast, min_spend_fen=2000, note="茶叶专享")
    status, given = await issue(web, cast.tokens["qiao"], place, coupon_id)
    assert (status, given["grant"]["given_by"], given["grant"]["state"]) == (201, "agent", "issued")
    message = (await web.get(cast.tokens["lin"], f"/v1/conversations/{place}/messages"))["items"][0]
    assert (message["kind"], message["origin"], message["body"]["coupon_id"]) == ("coupon_card", "agent", coupon_id)
    assert (message["body"]["amount_fen"], message["body"]["min_spend_fen"]) == (500, 2000)
    assert [grant["id"] for grant in (await web.get(cast.tokens["lin"], "/v1/coupons"))["items"]] == [
        given["grant"]["id"]
    ]


async def test_the_same_client_id_gives_one_coupon_and_nobody_more_than_his_share(
    web: Web, cast: Cast, place: int
) -> None:
    coupon_id, other = await coupon(web, cast), await coupon(web, cast)
    given = [await issue(web, cast.tokens["qiao"], place, coupon_id) for _ in range(2)]
    assert [answer["grant"]["id"] for _, answer in given] == [given[0][1]["grant"]["id"]] * 2
    assert given[1][1]["duplicate"]
    assert (await issue(web, cast.tokens["qiao"], place, other))[1]["code"] == "client_msg_id_reused"
    status, told = await issue(web, cast.tokens["qiao"], place, coupon_id, "c2")
    assert (status, told["code"], told["data"]) == (409, "coupon_had", {"limit": 1, "used": 1})


async def test_no_more_coupons_are_given_than_there_are(web: Web, cast: Cast, place: int, core: Core) -> None:
    coupon_id = await coupon(web, cast, total=3, per_person=100)
    erp = await key(web, cast, "issue_coupons")
    answers = await asyncio.gather(*[issue(web, erp, place, coupon_id, f"c{n}") for n in range(8)])
    assert sorted(status for status, _ in answers) == [201] * 3 + [409] * 5


async def test_a_machine_gives_nobody_a_coupon_unasked(web: Web, cast: Cast, place: int, clock: FakeClock) -> None:
    coupon_id, erp = await coupon(web, cast), await key(web, cast, "issue_coupons")
    clock.advance(seconds=DAY_S)
    status, told = await issue(web, erp, place, coupon_id)
    assert (status, told["data"]["rule"], told["data"]["window_h"]) == (403, "unprompted", 24)


@pytest.mark.parametrize("name", ["lin", "zhou", "gray"])
async def test_only_who_has_the_session_gives_coupons(web: Web, cast: Cast, place: int, name: str) -> None:
    coupon_id = await coupon(web, cast)
    status, told = await issue(web, cast.tokens[name], place, coupon_id)
    assert (status, told["code"]) == (403, "not_a_member")


async def test_a_preloaded_coupon_is_ready_when_the_customer_opens_the_chat_once_a_day(
    web: Web, cast: Cast, clock: FakeClock
) -> None:
    coupon_id = await coupon(web, cast, per_person=2)
    ready = f"/v1/enterprises/{cast.enterprise_id}/preloaded-coupon"
    await web.do(cast.tokens["boss"], "PUT", ready, {"coupon_id": coupon_id})
    wish, counts = {"kind": "service", "enterprise_id": str(cast.enterprise_id)}, []
    for seconds in (0, 7 * 3600, 2 * 3600, DAY_S):  # the clock begins at 16:00 in Shanghai: 16:00, 23:00, 01:00, 01:00
        clock.advance(seconds=seconds)
        opened = await web.do(cast.tokens["lin"], "POST", "/v1/conversations", wish)
        counts.append(len((await web.get(cast.tokens["lin"], "/v1/coupons"))["items"]))
    assert counts == [1, 1, 2, 2], "one a calendar day, and at most two for each person"
    history = await web.get(cast.tokens["lin"], f"/v1/conversations/{opened['conversation']['id']}/messages")
    assert [(item["kind"], item["origin"]) for item in history["items"]] == [("coupon_card", "system")] * 2


async def test_a_coupon_is_redeemed_once_however_often_it_is_said(web: Web, cast: Cast, place: int) -> None:
    coupon_id = await coupon(web, cast, min_spend_fen=1000)
    grant = (await issue(web, cast.tokens["qiao"], place, coupon_id))[1]["grant"]["id"]
    erp, path = await key(web, cast, "coupons"), f"/v1/coupons/{grant}/redeem"
    poor = await web.refused(erp, "POST", path, {"order_id": "MT-1", "total_fen": 999})
    assert (poor["data"]["reason"], poor["data"]["limit"]) == ("too_small", 1000)
    tries = [web.ask(erp, "POST", path, {"order_id": f"MT-{n % 2}", "total_fen": 3000}) for n in range(10)]
    answers = await asyncio.gather(*tries)
    won = [answer for status, answer in answers if status == 200]
    assert len(won) == 5 and {answer["off_fen"] for answer in won} == {500}
    assert len({answer["grant"]["order_id"] for answer in won}) == 1
    assert {answer["code"] for status, answer in answers if status != 200} == {"coupon_redeemed"}
    (listed,) = (await web.get(cast.tokens["boss"], f"/v1/enterprises/{cast.enterprise_id}/coupons"))["items"]
    assert (listed["issued"], listed["redeemed"]) == (1, 1)


async def test_an_old_coupon_is_worth_nothing_and_a_stranger_cannot_redeem(
    web: Web, cast: Cast, place: int, clock: FakeClock
) -> None:
    coupon_id = await coupon(web, cast)
    grant = (await issue(web, cast.tokens["qiao"], place, coupon_id))[1]["grant"]["id"]
    body = {"order_id": "MT-1", "total_fen": 3000}
    assert (await web.refused(cast.tokens["lin"], "POST", f"/v1/coupons/{grant}/redeem", body))["code"] == "not_found"
    clock.advance(seconds=30 * DAY_S)
    told = await web.refused(cast.tokens["boss"], "POST", f"/v1/coupons/{grant}/redeem", body)
    assert told["code"] == "coupon_expired"
    assert (await web.get(cast.tokens["lin"], "/v1/coupons"))["items"][0]["state"] == "expired"
    assert (await issue(web, cast.tokens["qiao"], place, coupon_id, "c2"))[1]["code"] == "coupon_closed"


@pytest.mark.parametrize(
    ("amount_fen", "percent", "total_fen", "off_fen"),
    [(500, None, 2000, 500), (500, None, 300, 300), (None, 15, 999, 149), (None, 99, 100, 99)],
)
def test_what_a_coupon_takes_off(amount_fen: int | None, percent: int | None, total_fen: int, off_fen: int) -> None:
    assert find_discount(amount_fen=amount_fen, percent=percent, total_fen=total_fen) == off_fen


# --- attribution -------------------------------------------------------------------------------------------------


def touch(number: int, origin: str, kind: str, hours_ago: float) -> Touch:
    return Touch(number, 100 + number, origin, kind, START_US - round(hours_ago * HOUR_US))


TALK = [
    touch(1, "bot", "product_card", 80),
    touch(2, "bot", "product_card", 10),
    touch(3, "agent", "coupon_card", 5),
    touch(4, "person", "product_card", 4),
    touch(5, "bot", "text", 1),
    touch(6, "agent", "product_card", -1),
]


@pytest.mark.parametrize(
    ("touches", "message_id", "leader"),
    [
        (TALK, None, Leader("agent", 103, 3)),  # the last card before the order, not the last word
        (TALK, 2, Leader("bot", 102, 2)),  # the card that the customer came from
        (TALK, 1, Leader("agent", 103, 3)),  # one that is too old counts no more
        (TALK[4:], None, Leader("bot", 105, 5)),  # no card: the last answer
        (TALK[3:4], None, Leader()),  # a customer leads to nothing
        ([TALK[0], TALK[5]], None, Leader()),  # before the window, after the order
        ([], 7, Leader()),
    ],
)
def test_who_led_to_an_order(touches: list[Touch], message_id: int | None, leader: Leader) -> None:
    assert choose_leader(touches, placed_at_us=START_US, window_h=72, message_id=message_id) == leader


async def say(core: Core, actor: Actor, place: int, name: str, kind: str, body: dict[str, Any]) -> str:
    request = SendRequest(
        actor=actor,
        conversation_id=place,
        client_msg_id=name,
        kind=kind,
        v=1,
        body=msgspec.json.encode(body),
        settle=lambda _request, _outcome: None,
    )
    outcome = await core.send(request)
    assert isinstance(outcome, Sent), outcome
    return str(outcome.message_id)


async def test_an_order_carries_the_conversation_and_the_agent_that_led_to_it(
    web: Web, core: Core, cast: Cast, place: int
) -> None:
    card = await say(core, cast["qiao"], place, "m1", "product_card", {"product_id": "MT-1001", "title": "明前龙井"})
    await say(core, cast["qiao"], place, "m2", "text", {"text": "这款很香"})
    erp, path = await key(web, cast, "orders", "insight"), f"/v1/enterprises/{cast.enterprise_id}/orders"
    body = {"order_id": "2026-1", "title": "明前龙井", "total_fen": 26800, "customer_id": str(cast.id("lin"))}
    order = (await web.do(erp, "POST", path, body))["order"]
    assert (order["conversation_id"], order["led_by"], order["led_by_id"], order["message_id"]) == (
        str(place),
        "agent",
        str(cast.id("qiao")),
        card,
    )
    again = (await web.do(erp, "POST", path, {**body, "status": "shipped", "conversation_id": None}))["order"]
    assert (again["status"], again["led_by_id"]) == ("shipped", str(cast.id("qiao")))
    await web.do(erp, "POST", path, {**body, "order_id": "2026-2", "customer_id": str(cast.id("gray"))})
    shares = (await web.get(erp, f"/v1/enterprises/{cast.enterprise_id}/attribution"))["items"]
    assert [(share["led_by"], share["name"], share["orders"], share["total_fen"]) for share in shares] == [
        ("agent", "老乔", 1, 26800),
        ("none", None, 1, 26800),
    ]


async def test_who_reports_an_order_again_need_not_repeat_what_has_not_changed(web: Web, cast: Cast) -> None:
    erp, path = await key(web, cast, "orders"), f"/v1/enterprises/{cast.enterprise_id}/orders"
    body = {"order_id": "2026-1", "title": "明前龙井", "total_fen": 26800}
    new = (await web.do(erp, "POST", path, body))["order"]
    assert (new["quantity"], new["product_id"], new["image_url"], new["url"]) == (1, "", "", "")
    more = {
        "quantity": 3,
        "product_id": "MT-1001",
        "image_url": "https://tea.example/a.jpg",
        "url": "https://tea.example/1",
    }
    await web.do(erp, "POST", path, {**body, **more})
    again = (await web.do(erp, "POST", path, {**body, "status": "shipped"}))["order"]
    assert again["status"] == "shipped" and {name: again[name] for name in more} == more
    assert new["status"] == "paid"
    assert (await web.do(erp, "POST", path, {**body, "quantity": 2}))["order"]["status"] == "shipped"


async def test_an_order_card_shows_what_the_shop_reported(web: Web, cast: Cast, place: int) -> None:
    erp, path = await key(web, cast, "orders"), f"/v1/enterprises/{cast.enterprise_id}/orders"
    body = {"order_id": "2026-1", "title": "明前龙井", "total_fen": 26800, "conversation_id": str(place)}
    await web.do(erp, "POST", path, body)
    await web.do(erp, "POST", path, {**body, "order_id": "2026-9", "conversation_id": None})
    cards = f"/v1/conversations/{place}/order-cards"
    for name in ("lin", "qiao"):
        card = {"client_msg_id": f"o-{name}", "order_id": "2026-1"}
        await web.do(cast.tokens[name], "POST", cards, card)
    message = (await web.get(cast.tokens["lin"], f"/v1/conversations/{place}/messages"))["items"][0]
    assert (message["kind"], message["body"]["order_id"], message["body"]["total_fen"]) == (
        "order_card",
        "2026-1",
        26800,
    )
    for order_id in ("2026-9", "2026-404"):
        told = await web.refused(cast.tokens["lin"], "POST", cards, {"client_msg_id": "o9", "order_id": order_id})
        assert told["code"] == "not_found"


async def by_hand(core: Core, actor: Actor, place: int, name: str, kind: str, body: dict[str, Any]) -> str:
    """Return what a card sent by hand is answered: `sent`, or the code with the reason."""
    raw = msgspec.json.encode(body)
    request = SendRequest(actor, place, name, kind, 1, raw, lambda _request, _outcome: None)
    outcome = await core.send(request)
    if isinstance(outcome, CoreError):
        return f"{outcome.code}:{outcome.data.get('reason') or outcome.data.get('what') or ''}".rstrip(":")
    assert isinstance(outcome, Sent)
    return "sent"


async def test_a_coupon_card_sent_by_hand_shows_a_coupon_of_the_shop_as_it_is(
    web: Web, core: Core, cast: Cast, place: int, clock: FakeClock
) -> None:
    own = await coupon(web, cast, min_spend_fen=2000)
    closed = await coupon(web, cast)
    await web.do(cast.tokens["boss"], "DELETE", f"/v1/enterprises/{cast.enterprise_id}/coupons/{closed}")
    soon = await coupon(web, cast, ends_at=format_time(START_US + HOUR_US))
    rival = await core.run(lambda unit: foreign_coupon(unit))
    card = {"coupon_id": own, "title": "立减五元", "amount_fen": 500, "min_spend_fen": 2000}
    cases = [
        (card, "sent"),
        ({**card, "amount_fen": 5000}, "invalid_request:not_the_coupons"),
        ({**card, "min_spend_fen": 0}, "invalid_request:not_the_coupons"),
        ({**card, "expires_at": "2030-01-01T00:00:00Z"}, "invalid_request:not_the_coupons"),
        ({**card, "coupon_id": "c1"}, "not_found:coupon"),
        ({**card, "coupon_id": "99999999999999999999"}, "not_found:coupon"),
        ({**card, "coupon_id": str(rival), "min_spend_fen": 0}, "not_found:coupon"),
        ({**card, "coupon_id": closed, "min_spend_fen": 0}, "coupon_closed"),
        ({**card, "coupon_id": soon, "min_spend_fen": 0}, "sent"),
    ]
    told = [await by_hand(core, cast["qiao"], place, f"h{n}", "coupon_card", body) for n, (body, _) in enumerate(cases)]
    assert told == [expected for _, expected in cases]
    clock.advance(seconds=3600)
    late = {**card, "coupon_id": soon, "min_spend_fen": 0}
    assert await by_hand(core, cast["qiao"], place, "late", "coupon_card", late) == "coupon_expired"
    assert await by_hand(core, cast["qiao"], place, "h8", "coupon_card", late) == "sent", "a repetition stands"


def foreign_coupon(unit: Unit) -> int:
    enterprise = create_enterprise(unit, None, name="别家", verified=True)
    boss = Actor(enterprise, "system", "别家", enterprise, scopes=frozenset({"chat", "operator"}))
    return create_coupon(
        unit,
        boss,
        enterprise_id=enterprise,
        title="别家的券",
        amount_fen=500,
        percent=None,
        min_spend_fen=0,
        starts_at_us=unit.now_us,
        ends_at_us=unit.now_us + HOUR_US,
        total=None,
        per_person=1,
        url="",
        note="",
    )


async def test_an_order_card_sent_by_hand_shows_an_order_of_that_customer(
    web: Web, core: Core, cast: Cast, place: int
) -> None:
    erp, path = await key(web, cast, "orders"), f"/v1/enterprises/{cast.enterprise_id}/orders"
    body = {"title": "明前龙井", "total_fen": 26800}
    await web.do(erp, "POST", path, {**body, "order_id": "2026-1", "customer_id": str(cast.id("lin"))})
    await web.do(erp, "POST", path, {**body, "order_id": "2026-2", "customer_id": str(cast.id("gray"))})
    card = {"title": "明前龙井", "status": "paid"}
    cases = [("2026-1", "sent"), ("2026-2", "not_found:order"), ("2026-404", "not_found:order")]
    told = [
        await by_hand(core, cast["qiao"], place, number, "order_card", {**card, "order_id": number})
        for number, _ in cases
    ]
    assert told == [expected for _, expected in cases]
    offer = {"title": "明前龙井", "product_id": "MT-1001"}
    assert await by_hand(core, cast["qiao"], place, "offer", "order_card", offer) == "sent"
    asked = {**card, "order_id": "2026-404"}
    assert await by_hand(core, cast["lin"], place, "ask", "order_card", asked) == "sent", "a customer may ask about it"
