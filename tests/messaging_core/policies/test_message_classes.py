"""Classes of messages, as the table says: system, interactive, marketing; quiet hours; opt-in; one a day; `pending`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from kefu.base.clock import HOUR_US, SECOND_US
from messaging_core.api import Actor, Core, SendRequest, Sent, Unit, find_session, open_service, take
from messaging_core.app import migrate
from messaging_core.delivery import classes, marketing_store, pending, pending_store
from messaging_core.errors import CoreError
from messaging_core.messages import reading_store as messages
from messaging_core.messages.model import Outcome, Waiting
from messaging_core.safety.actions import recall_pending
from messaging_core.settings import Marketing, Settings
from tests.messaging_core.integrations.helpers import until
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock
from tests.support.postgres import TestPostgres

RULES = Marketing()
SHANGHAI, NEW_YORK, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
CARD = {"product_id": "MT-1001", "title": "明前西湖龙井", "price_fen": 26800}


def at(text: str, zone: ZoneInfo) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * SECOND_US)


# --- the class: by content and origin, never by the sender's label ------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "from_enterprise", "offers", "prompted", "expected"),
    [
        ("system", False, False, False, "system"),
        ("system", True, True, False, "system"),
        ("person", False, False, False, "interactive"),
        ("person", False, True, False, "interactive"),  # a friend shows a product
        ("agent", True, False, False, "interactive"),  # 您的包裹到了
        ("agent", True, True, True, "interactive"),  # a card as an answer
        ("agent", True, True, False, "marketing"),
        ("bot", True, True, False, "marketing"),
    ],
)
def test_the_class_comes_from_content_and_origin(
    origin: str, from_enterprise: bool, offers: bool, prompted: bool, expected: str
) -> None:
    decided = classes.decide_class(origin=origin, from_enterprise=from_enterprise, offers=offers, prompted=prompted)
    assert decided == expected


@pytest.mark.parametrize(
    ("kind", "text", "offers"),
    [
        ("product_card", "", True),
        ("coupon_card", "", True),
        ("mini_program", "", True),
        ("text", "今晚八点限时秒杀，全场五折", True),
        ("text", "新客立减 20，点击领券", True),
        ("text", "您的包裹已经到了，请查收", False),
        ("text", "退款 39 元已原路退回", False),
        ("order_card", "", False),
    ],
)
def test_what_offers_goods_is_told_by_its_content(kind: str, text: str, offers: bool) -> None:
    assert classes.offers_goods(kind, msgspec.json.encode({"text": text})) is offers


@pytest.mark.parametrize(("hours", "prompted"), [(0, True), (23.999, True), (24, False), (25, False)])
def test_a_card_within_24_hours_of_the_customers_last_message_is_a_reply(hours: float, prompted: bool) -> None:
    now_us = at("2026-11-22T15:00:00", SHANGHAI)
    said_us = now_us - round(hours * HOUR_US)
    assert classes.is_prompted(last_said_us=said_us, now_us=now_us, rules=RULES) is prompted


# --- quiet hours: [22:00, 08:00) on the recipient's clock ----------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        ("21:59:59.999999", False),
        ("22:00:00", True),
        ("23:59:59", True),
        ("00:00:00", True),
        ("07:59:59.999999", True),
        ("08:00:00", False),
        ("12:00:00", False),
    ],
)
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK, BERLIN])
def test_quiet_hours_are_half_open_and_go_over_midnight(clock: str, quiet: bool, zone: ZoneInfo) -> None:
    assert classes.is_quiet(at(f"2026-11-22T{clock}", zone), zone, RULES) is quiet


@pytest.mark.parametrize(
    ("zone", "evening", "morning", "hours"),
    [
        (SHANGHAI, "2026-11-22T23:00:00", "2026-11-23T08:00:00", 9),
        (SHANGHAI, "2026-11-23T03:00:00", "2026-11-23T08:00:00", 5),
        (BERLIN, "2026-03-28T23:00:00", "2026-03-29T08:00:00", 8),  # the night that lacks an hour
        (BERLIN, "2026-10-24T23:00:00", "2026-10-25T08:00:00", 10),  # the night that has one twice
        (NEW_YORK, "2026-03-07T22:00:00", "2026-03-08T08:00:00", 9),
        (NEW_YORK, "2026-10-31T22:00:00", "2026-11-01T08:00:00", 11),
    ],
)
def test_quiet_hours_end_at_eight_on_the_wall_clock_whatever_the_night_is_long(
    zone: ZoneInfo, evening: str, morning: str, hours: int
) -> None:
    start = at(evening, zone)
    assert classes.quiet_end(start, zone, RULES) == at(morning, zone) == start + hours * HOUR_US


def test_what_waits_for_the_morning_is_spread_by_its_jitter() -> None:
    night = at("2026-11-22T23:00:00", SHANGHAI)
    eight = at("2026-11-23T08:00:00", SHANGHAI)
    times = {classes.release_at(night, SHANGHAI, RULES, key=key) for key in range(1000)}
    assert all(eight <= time < eight + RULES.jitter_s * SECOND_US for time in times)
    assert len(times) > 900


# --- how loud: do-not-disturb silences, never withholds -------------------------------------------------------------


@pytest.mark.parametrize(
    ("message_class", "disturb", "special", "hushed", "alert"),
    [
        ("system", True, False, False, "banner"),
        ("system", False, False, False, "badge"),  # silent inside do-not-disturb
        ("system", True, False, True, "banner"),  # cannot be turned off
        ("interactive", True, False, False, "ring"),
        ("interactive", False, False, False, "badge"),
        ("interactive", False, True, False, "ring"),  # a special follow still rings
        ("interactive", True, False, True, "folded"),  # its sender writes too fast
        ("interactive", False, False, True, "folded"),
        ("interactive", False, True, True, "ring"),
        ("marketing", True, True, True, "folded"),
    ],
)
def test_each_class_shows_itself_in_its_way(
    message_class: classes.MessageClass, disturb: bool, special: bool, hushed: bool, alert: str
) -> None:
    assert classes.alert_of(message_class, disturb=disturb, special=special, hushed=hushed) == alert


# --- on the way: one conversation of Lin with Moon Tea ---------------------------------------------------------------


def request(actor: Actor, conversation_id: int, key: str, kind: str, body: dict[str, object]) -> SendRequest:
    return SendRequest(actor, conversation_id, key, kind, 1, msgspec.json.encode(body), lambda _request, _outcome: None)


class Shop:
    """Lin's conversation with Moon Tea; Qiao has the session."""

    def __init__(self, core: Core, cast: Cast, clock: FakeClock, conversation_id: int) -> None:
        self.core, self.cast, self.clock, self.conversation_id = core, cast, clock, conversation_id

    async def say(self, key: str, *, who: str = "lin", text: str = "有龙井吗") -> Outcome:
        return await self.core.send(request(self.cast[who], self.conversation_id, key, "text", {"text": text}))

    async def offer(self, key: str) -> Outcome:
        return await self.core.send(request(self.cast["qiao"], self.conversation_id, key, "product_card", CARD))

    async def opt_in(self, opted_in: bool = True) -> None:
        await self.core.run(
            lambda unit: marketing_store.put_consent(
                unit.connection,
                enterprise_id=self.cast.enterprise_id,
                account_id=self.cast.id("lin"),
                opted_in=opted_in,
                now_us=unit.now_us,
            )
        )

    async def seqs(self) -> list[int]:
        events = await self.core.read(
            lambda c: messages.list_events(c, self.conversation_id, after_seq=0, to_seq=None, limit=100)
        )
        return [event.seq for event in events]

    async def said(self) -> list[str]:
        rows = await self.core.read(
            lambda c: messages.list_before(c, self.conversation_id, before_seq=2**62, from_seq=0, limit=100)
        )
        return [msgspec.json.decode(row)["client_msg_id"] for row in reversed(rows)]

    async def queued(self) -> list[str]:
        rows = await self.core.read(
            lambda c: pending_store.list_of_sender(
                c, self.cast.id("qiao"), conversation_id=None, before_id=2**62, limit=10
            )
        )
        return sorted(row.client_msg_id for row in rows)

    def set_clock(self, text: str) -> None:
        self.clock.at_us = at(text, SHANGHAI)


async def open_shop(core: Core, cast: Cast, clock: FakeClock) -> Shop:
    conversation_id = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    shop = Shop(core, cast, clock, conversation_id)
    await shop.say("hello")

    def take_it(unit: Unit) -> None:
        session = find_session(unit.connection, conversation_id)
        assert session is not None
        take(unit, cast["qiao"], session_id=session.id)

    await core.run(take_it)
    return shop


def rule_of(outcome: Outcome) -> object:
    assert isinstance(outcome, CoreError)
    return outcome.data["rule"]


async def test_a_card_is_a_reply_for_a_day_and_then_marketing_that_needs_an_opt_in(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    shop = await open_shop(core, cast, clock)
    assert isinstance(await shop.offer("reply"), Sent)
    clock.advance(seconds=24 * 3600)
    assert rule_of(await shop.offer("ad")) == "marketing_opt_in"
    assert isinstance(await shop.say("plain", who="qiao", text="您的包裹到了"), Sent), "no goods, no marketing"
    await shop.opt_in()
    assert isinstance(await shop.offer("ad"), Sent)
    second = await shop.offer("ad-2")
    assert isinstance(second, CoreError)
    assert (second.code, second.data["limit"], second.data["used"]) == ("limit_reached", 1, 1)
    clock.advance(seconds=24 * 3600)
    assert isinstance(await shop.offer("ad-3"), Sent), "another day"
    await shop.opt_in(False)
    assert rule_of(await shop.offer("ad-4")) == "marketing_opt_in"
    await shop.say("ask")
    assert isinstance(await shop.offer("answer"), Sent), "the customer has asked"


async def test_marketing_of_the_night_waits_without_a_number_and_takes_one_in_the_morning(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    shop = await open_shop(core, cast, clock)
    await shop.opt_in()
    shop.set_clock("2026-11-24T23:30:00")
    before = await shop.seqs()
    queued, again = await shop.offer("night"), await shop.offer("night")
    assert isinstance(queued, Waiting)
    assert isinstance(again, Waiting)
    assert (queued.status, queued.rule, again.duplicate) == ("queued", "quiet_hours", True)
    assert await shop.seqs() == before, "it has a number already"
    assert isinstance(await shop.offer("night-2"), Waiting)
    clock.advance(seconds=3600)
    await core.jobs.run_due()
    assert await shop.queued() == ["night", "night-2"], "let go in the night"
    assert isinstance(await shop.say("plain", who="qiao", text="晚安"), Sent)
    shop.set_clock("2026-11-25T08:15:00")
    await core.jobs.run_due()
    assert await shop.queued() == ["night-2"]
    assert (await shop.said())[-2:] == ["plain", "night"], "the second of the day waits for tomorrow"
    sent = await shop.offer("night")
    assert isinstance(sent, Sent)
    assert sent.duplicate
    assert await shop.seqs() == list(range(1, len(await shop.seqs()) + 1))
    shop.set_clock("2026-11-26T09:00:00")
    await core.jobs.run_due()
    assert (await shop.said())[-1] == "night-2"
    assert await shop.queued() == []


async def test_what_was_queued_is_judged_again_in_the_morning(core: Core, cast: Cast, clock: FakeClock) -> None:
    shop = await open_shop(core, cast, clock)
    await shop.opt_in()
    shop.set_clock("2026-11-24T23:30:00")
    await shop.offer("withdrawn")
    await shop.opt_in(False)
    shop.set_clock("2026-11-25T08:15:00")
    await core.jobs.run_due()
    assert "withdrawn" not in await shop.said()
    assert rule_of(await shop.offer("withdrawn")) == "marketing_opt_in"


async def test_a_waiting_message_can_be_taken_back_and_is_never_delivered(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    shop = await open_shop(core, cast, clock)
    await shop.opt_in()
    shop.set_clock("2026-11-24T23:30:00")
    await shop.offer("night")
    await core.run(
        lambda unit: recall_pending(unit, cast["qiao"], conversation_id=shop.conversation_id, client_msg_id="night")
    )
    shop.set_clock("2026-11-25T09:00:00")
    await core.jobs.run_due()
    assert "night" not in await shop.said()
    known = await core.read(
        lambda c: pending.list_own(c, cast["qiao"], conversation_id=None, before_id=2**62, limit=10)
    )
    assert [one["status"] for one in known] == ["recalled"]


async def test_what_waits_survives_a_restart_and_goes_out_once_among_two_nodes(
    postgres: TestPostgres, clock: FakeClock, tmp_path: Path
) -> None:
    made = Settings(data=tmp_path, database=await asyncio.to_thread(postgres.create), node=1, postgres_pool=3)
    await asyncio.to_thread(migrate, made)
    first = Core(made, clock=clock)
    await first.start()
    cast = await make_cast(first, with_bot=False)
    customers = [cast[name] for name in ("lin", "mi", "gray")]
    clock.at_us = at("2026-11-24T23:30:00", SHANGHAI)
    chats = [
        await first.run(lambda unit, who=who: open_service(unit, who, enterprise_id=cast.enterprise_id))
        for who in customers
    ]

    def offer_all(unit: Unit) -> None:
        for who, chat in zip(customers, chats, strict=True):
            session = find_session(unit.connection, chat)
            assert session is not None
            take(unit, cast["qiao"], session_id=session.id)
            marketing_store.put_consent(
                unit.connection,
                enterprise_id=cast.enterprise_id,
                account_id=who.account_id,
                opted_in=True,
                now_us=unit.now_us,
            )

    await first.run(offer_all)
    for chat in chats:
        assert isinstance(await first.send(request(cast["qiao"], chat, "night", "product_card", CARD)), Waiting)
    await first.close()

    clock.at_us = at("2026-11-25T08:15:00", SHANGHAI)
    nodes = [Core(made.model_copy(update={"node": number}), clock=clock) for number in (2, 3)]
    try:
        await asyncio.gather(*[node.start() for node in nodes])
        await asyncio.gather(*[node.jobs.run_due() for node in nodes])

        async def told(chat: int) -> list[bytes]:
            return await nodes[0].read(lambda c: messages.list_before(c, chat, before_seq=2**62, from_seq=0, limit=10))

        for chat in chats:
            # The nodes' own loops have begun, too: what one of them is at, run_due leaves to it.
            rows = await until(lambda chat=chat: told(chat), what="let go")
            assert [msgspec.json.decode(row)["client_msg_id"] for row in rows] == ["night"]
            assert msgspec.json.decode(rows[0])["class"] == "marketing"
    finally:
        for node in nodes:
            await node.close()
