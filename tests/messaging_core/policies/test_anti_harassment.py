"""Rules against harassment, as the table says: fold, daily cap, level 1, 2 and 3; reports, credit, appeals, shadow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest

from kefu.base.clock import DAY_US, HOUR_US, SECOND_US, format_time
from messaging_core.api import Actor, Core, SendRequest, Sent, create_group, open_direct, open_service
from messaging_core.conversations.summary import summarise
from messaging_core.errors import CoreError
from messaging_core.kernel.unit import Unit
from messaging_core.messages import acts
from messaging_core.messages.model import Outcome, Waiting
from messaging_core.safety import actions, policy, store, views, words
from messaging_core.safety.policy import EMPTY, Ring, Sender
from messaging_core.settings import Safety, Settings
from tests.messaging_core.policies.talk import see
from tests.support.cast import Cast, make_cast
from tests.support.clock import START_US, FakeClock
from tests.support.web import Web

RULES = Safety()
SHANGHAI = ZoneInfo("Asia/Shanghai")


# --- the table, pure -------------------------------------------------------------------------------------------


def ring(count: int, *, every_us: int, until_us: int = START_US) -> Ring:
    made = EMPTY
    for place in range(count):
        made = made.add(until_us - (count - 1 - place) * every_us, keep=RULES.hourly)
    return made


def refusal(check: Callable[[], None]) -> CoreError | None:
    try:
        check()
    except CoreError as error:
        return error
    return None


@pytest.mark.parametrize(("accepted", "refused"), [(0, False), (199, False), (200, True)])
def test_daily_cap_refuses_the_201st_direct_message_of_a_day(accepted: int, refused: bool) -> None:
    day = policy.business_day(START_US, SHANGHAI)
    sender = Sender(EMPTY, day, accepted)
    told = refusal(lambda: policy.check_daily_cap(sender, day=day, zone=SHANGHAI, score=100, rules=RULES))
    assert (told is not None) is refused
    if told is not None:
        assert told.data == {
            "rule": "daily_cap",
            "limit": 200,
            "used": 200,
            "unlock_at": "2026-11-22T16:00:00.000000Z",  # midnight in Shanghai
            "appeal_url": RULES.appeal_url,
        }
    tomorrow = refusal(lambda: policy.check_daily_cap(sender, day=day + 1, zone=SHANGHAI, score=100, rules=RULES))
    assert tomorrow is None


@pytest.mark.parametrize(
    ("in_the_last_hour", "since_the_last_s", "unlock_s"),
    [
        (49, 1, None),
        (50, 1, 59),  # the 51st: one a minute
        (50, 59.999999, 0.000001),
        (50, 60, None),
    ],
)
def test_level_1_lets_one_message_a_minute_through_from_the_51st_on(
    in_the_last_hour: int, since_the_last_s: float, unlock_s: float | None
) -> None:
    last_us = START_US - round(since_the_last_s * SECOND_US)
    sender = Sender(ring(in_the_last_hour, every_us=30 * SECOND_US, until_us=last_us))
    told = refusal(lambda: policy.check_level_1(sender, now_us=START_US, score=100, rules=RULES))
    if unlock_s is None:
        assert told is None
        return
    assert told is not None
    assert (told.data["rule"], told.data["limit"], told.data["used"]) == ("level_1", 50, 50)
    assert told.data["unlock_at"] == format_time(START_US + round(unlock_s * SECOND_US))


def test_level_1_ends_when_50_or_fewer_lie_in_the_sliding_hour_again() -> None:
    sender = Sender(ring(50, every_us=SECOND_US, until_us=START_US))
    first_us = START_US - 49 * SECOND_US
    before = first_us + HOUR_US - 1
    assert sender.ring.is_full(50, since_us=before - HOUR_US)
    assert not sender.ring.is_full(50, since_us=first_us), "half-open: what is exactly an hour old is out"


@pytest.mark.parametrize(
    ("reporters", "confirmed", "frozen"), [(2, True, False), (3, False, False), (3, True, True), (9, True, True)]
)
def test_level_2_needs_three_reporters_and_a_confirmed_violation(reporters: int, confirmed: bool, frozen: bool) -> None:
    assert policy.freezes(reporters=reporters, confirmed=confirmed, rules=RULES) is frozen


@pytest.mark.parametrize(
    ("frozen_until_us", "banned", "rule"),
    [(None, False, None), (START_US, False, None), (START_US + 1, False, "level_2"), (None, True, "level_3")],
)
def test_who_is_frozen_or_banned_hears_which_rule_it_is_and_until_when(
    frozen_until_us: int | None, banned: bool, rule: str | None
) -> None:
    told = refusal(
        lambda: policy.check_standing(frozen_until_us=frozen_until_us, banned=banned, now_us=START_US, rules=RULES)
    )
    assert (told.data["rule"] if told is not None else None) == rule
    if rule == "level_2":
        assert told is not None
        assert told.data["unlock_at"] == format_time(START_US + 1)
        assert told.data["appeal_url"]


@pytest.mark.parametrize(
    ("count", "every_s", "folded_s"),
    [(9, 1, 0), (10, 1, 291), (50, 1, 291), (10, 33.333333, 0.001), (10, 33.334, 0), (10, 40, 0)],
)
def test_a_fast_sender_is_folded_until_his_rate_falls(count: int, every_s: float, folded_s: float) -> None:
    recent = ring(count, every_us=round(every_s * SECOND_US))
    folded_ms = policy.folded_ms(recent, last_us=START_US, rules=RULES)
    assert folded_ms == round(folded_s * 1000), "the tenth last is out of the window then"
    assert policy.folded_until(START_US, folded_ms) == (START_US + round(folded_s * SECOND_US) if folded_s else 0)


@pytest.mark.parametrize(("score", "limit"), [(100, 200), (60, 200), (59, 100), (0, 100)])
def test_a_low_credit_score_halves_the_limits(score: int, limit: int) -> None:
    assert policy.limit_for(200, score=score, rules=RULES) == limit


@pytest.mark.parametrize(("score", "delta", "left"), [(100, -20, 80), (10, -20, 0), (90, 20, 100)])
def test_credit_stays_between_0_and_100(score: int, delta: int, left: int) -> None:
    assert policy.new_score(score, delta) == left


def test_a_ring_is_as_exact_as_a_list_of_all_times() -> None:
    times: list[int] = []
    made = EMPTY
    for step in range(300):
        now_us = START_US + step * step * SECOND_US  # ever slower
        full = sum(now_us - HOUR_US < time for time in times) >= 50
        assert made.is_full(50, since_us=now_us - HOUR_US) is full
        made = made.add(now_us, keep=50)
        times.append(now_us)


# --- on the way ------------------------------------------------------------------------------------------------


def request(actor: Actor, conversation_id: int, key: str, text: str = "你好") -> SendRequest:
    body = msgspec.json.encode({"text": text})
    return SendRequest(actor, conversation_id, key, "text", 1, body, lambda _request, _outcome: None)


async def flood(core: Core, actor: Actor, conversation_id: int, count: int, *, name: str = "f") -> list[Outcome]:
    import asyncio

    sends = [core.send(request(actor, conversation_id, f"{name}{number}")) for number in range(count)]
    return list(await asyncio.gather(*sends))


def accepted(outcomes: list[Outcome]) -> int:
    return sum(isinstance(outcome, Sent) for outcome in outcomes)


def rules_of(outcomes: list[Outcome]) -> set[object]:
    return {outcome.data["rule"] for outcome in outcomes if isinstance(outcome, CoreError)}


async def direct(core: Core, cast: Cast, *, of: str = "lin", to: str = "mi") -> int:
    return await core.run(lambda unit: open_direct(unit, cast[of], account_id=cast.id(to)))


async def test_one_persons_direct_messages_are_counted_over_all_his_conversations_exactly(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    with_mi, with_gray = await direct(core, cast), await direct(core, cast, to="gray")
    outcomes = await flood(core, cast["lin"], with_mi, 30) + await flood(core, cast["lin"], with_gray, 30)
    assert accepted(outcomes) == 50
    assert rules_of(outcomes) == {"level_1"}
    assert accepted(await flood(core, cast["mi"], with_mi, 5)) == 5, "the other one is free to answer"
    clock.advance(seconds=60)
    assert accepted(await flood(core, cast["lin"], with_mi, 5, name="g")) == 1
    clock.advance(seconds=3600)
    assert accepted(await flood(core, cast["lin"], with_mi, 5, name="h")) == 5
    repeated = await flood(core, cast["lin"], with_mi, 5, name="h")
    assert all(isinstance(outcome, Sent) and outcome.duplicate for outcome in repeated), "a repetition costs nothing"


async def test_an_appeal_against_a_limit_that_is_granted_begins_the_count_anew(core: Core, cast: Cast) -> None:
    conversation = await direct(core, cast)
    assert accepted(await flood(core, cast["lin"], conversation, 51)) == 50
    sanction = await core.read(lambda c: store.list_sanctions(c, cast.id("lin"))[0])
    assert sanction.rule == "level_1"
    await core.run(lambda unit: actions.appeal_sanction(unit, cast["lin"], sanction_id=sanction.id, text="在约饭"))
    await decide(core, cast, "appeal", "grant")
    assert accepted(await flood(core, cast["lin"], conversation, 5, name="again")) == 5


async def test_groups_have_their_own_rate_and_customers_and_agents_are_never_capped(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    group = await core.run(lambda unit: create_group(unit, cast["lin"], title="茶友", member_ids=[cast.id("mi")]))
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    assert accepted(await flood(core, cast["lin"], service, 60)) == 60
    in_group = await flood(core, cast["lin"], group, 40)
    assert accepted(in_group) == RULES.group_messages
    assert rules_of(in_group) == {"group_rate"}
    clock.advance(seconds=RULES.group_window_s)
    assert accepted(await flood(core, cast["lin"], group, 1, name="later")) == 1
    assert accepted(await flood(core, cast["lin"], await direct(core, cast), 50)) == 50, "groups count for themselves"


async def held(core: Core, actor: Actor, conversation_id: int, key: str, text: str = "一起去网络赌场吧") -> None:
    outcome = await core.send(request(actor, conversation_id, key, text))
    assert isinstance(outcome, Waiting)
    assert (outcome.status, outcome.rule) == ("held", "screening")


async def open_case(core: Core, kind: str) -> int:
    from messaging_core.safety import cases_store

    rows = await core.read(lambda c: cases_store.list_cases(c, state="open", kind=kind, after_id=0, limit=10))
    return int(rows[-1].id)


async def decide(core: Core, cast: Cast, kind: str, verdict: actions.Verdict) -> None:
    case_id = await open_case(core, kind)
    await core.run(lambda unit: actions.decide(unit, cast["operator"], case_id=case_id, verdict=verdict, note=""))


async def standing(core: Core, cast: Cast, who: str) -> dict[str, object]:
    now_us = core.clock.now_us()
    return await core.read(lambda c: views.standing(c, cast.id(who), now_us=now_us, rules=core.settings.safety))


async def test_a_listed_word_holds_the_message_until_a_human_lets_it_go(core: Core, cast: Cast) -> None:
    conversation = await direct(core, cast)
    await held(core, cast["lin"], conversation, "k1", "一起去网\u200b络赌场吧")
    assert isinstance(await core.send(request(cast["mi"], conversation, "m1")), Sent)
    await decide(core, cast, "held", "release")
    sent = await core.send(request(cast["lin"], conversation, "k1", "一起去网\u200b络赌场吧"))
    assert isinstance(sent, Sent)
    assert (sent.duplicate, sent.seq, sent.msg_no) == (True, 3, 2), "numbered when it was let go"
    assert (await standing(core, cast, "lin"))["score"] == 100


async def unread(core: Core, actor: Actor, conversation_id: int) -> int:
    ids = [conversation_id]
    found = await core.read(lambda c: summarise(c, actor.account_id, ids, core.moment()))
    return found[0].unread


async def test_what_had_waited_leaves_unread_what_its_sender_has_not_seen(core: Core, cast: Cast) -> None:
    conversation = await direct(core, cast)
    await held(core, cast["lin"], conversation, "k1")
    assert isinstance(await core.send(request(cast["mi"], conversation, "m1")), Sent)
    await decide(core, cast, "held", "release")
    assert await unread(core, cast["lin"], conversation) == 2, "what Mi said meanwhile, and what was let go after it"
    await held(core, cast["mi"], conversation, "k2")
    await decide(core, cast, "held", "release")
    assert await unread(core, cast["mi"], conversation) == 2, "Lin's, let go while she was away, and her own"
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    core.hub.tap(lambda _conversation, frame: heard.put_nowait(frame))
    core.mark_read(conversation, cast.id("mi"), 3)
    await asyncio.wait_for(heard.get(), 10)
    await held(core, cast["mi"], conversation, "k3")
    await decide(core, cast, "held", "release")
    assert await unread(core, cast["mi"], conversation) == 0, "who has read everything before it has read it, too"


async def test_what_had_waited_says_so_also_once_it_is_recalled_or_deleted(core: Core, cast: Cast) -> None:
    conversation = await direct(core, cast)
    await held(core, cast["lin"], conversation, "k1")
    await decide(core, cast, "held", "release")
    seq = 2
    assert (await see(core, cast["mi"], conversation, seq))["released"] is True
    await core.run(lambda unit: acts.delete_for_me(unit, cast["mi"], conversation_id=conversation, seq=seq))
    await core.run(lambda unit: acts.recall(unit, cast["lin"], conversation_id=conversation, seq=seq))
    shown = [await see(core, cast[who], conversation, seq) for who in ("lin", "mi")]
    assert [(one["kind"], one["released"]) for one in shown] == [("recalled", True), ("deleted", True)]


async def test_a_refused_message_costs_credit_and_an_appeal_that_is_granted_brings_both_back(
    core: Core, cast: Cast
) -> None:
    conversation = await direct(core, cast)
    await held(core, cast["lin"], conversation, "k1")
    await decide(core, cast, "held", "confirm")
    again = await core.send(request(cast["lin"], conversation, "k1", "一起去网络赌场吧"))
    assert isinstance(again, CoreError)
    assert again.data["rule"] == "screening"
    assert (await standing(core, cast, "lin"))["score"] == 100 + RULES.credit_violation
    await core.run(
        lambda unit: actions.appeal_message(
            unit, cast["lin"], conversation_id=conversation, client_msg_id="k1", text="说的是电影"
        )
    )
    await decide(core, cast, "appeal", "grant")
    assert isinstance(await core.send(request(cast["lin"], conversation, "k1", "一起去网络赌场吧")), Sent)
    now = await standing(core, cast, "lin")
    assert now["score"] == 100
    credit = now["credit"]
    assert isinstance(credit, list)
    assert [(entry["delta"], entry["reason"]) for entry in credit] == [(20, "overturned"), (-20, "violation")]


async def report(core: Core, cast: Cast, who: str, conversation_id: int) -> None:
    await core.run(
        lambda unit: actions.report(
            unit,
            cast[who],
            conversation_id=conversation_id,
            account_id=cast.id("gray"),
            reason="harassment",
            text="一直骂人",
            message_ids=[],
        )
    )


async def test_level_2_freezes_sending_for_a_day_and_an_appeal_ends_it(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    with_lin = await direct(core, cast, of="gray", to="lin")
    with_mi = await direct(core, cast, of="gray", to="mi")
    with_qiao = await direct(core, cast, of="gray", to="qiao")
    await report(core, cast, "lin", with_lin)
    await decide(core, cast, "report", "confirm")
    await report(core, cast, "mi", with_mi)
    assert accepted(await flood(core, cast["gray"], with_mi, 1, name="a")) == 1, "two reporters are too few"
    with pytest.raises(CoreError, match="already_exists"):
        await report(core, cast, "mi", with_mi)
    await report(core, cast, "qiao", with_qiao)
    frozen = await flood(core, cast["gray"], with_mi, 1, name="b")
    assert rules_of(frozen) == {"level_2"}
    assert isinstance(frozen[0], CoreError)
    assert frozen[0].data["unlock_at"] == format_time(START_US + DAY_US)
    assert accepted(await flood(core, cast["lin"], with_lin, 1)) == 1, "receiving stays"
    clock.advance(seconds=24 * 3600)
    assert accepted(await flood(core, cast["gray"], with_mi, 1, name="c")) == 1
    clock.advance(seconds=-3600)
    sanction = await core.read(lambda c: store.list_sanctions(c, cast.id("gray"))[0])
    await core.run(lambda unit: actions.appeal_sanction(unit, cast["gray"], sanction_id=sanction.id, text="是误会"))
    await decide(core, cast, "appeal", "grant")
    assert accepted(await flood(core, cast["gray"], with_mi, 1, name="d")) == 1
    overturned = await core.read(lambda c: store.find_sanction(c, sanction.id))
    assert overturned is not None
    assert overturned.overturned_by == cast.id("operator")


async def test_level_3_bans_on_the_whole_platform_and_an_error_is_recorded_as_such(core: Core, cast: Cast) -> None:
    with_lin = await direct(core, cast, of="gray", to="lin")
    service = await core.run(lambda unit: open_service(unit, cast["gray"], enterprise_id=cast.enterprise_id))
    await report(core, cast, "lin", with_lin)
    await decide(core, cast, "report", "ban")
    for conversation in (with_lin, service):
        assert rules_of(await flood(core, cast["gray"], conversation, 1, name="x")) == {"level_3"}
    sanction = await core.read(lambda c: store.list_sanctions(c, cast.id("gray"))[0])
    await core.run(lambda unit: actions.appeal_sanction(unit, cast["gray"], sanction_id=sanction.id, text="不是我"))
    await decide(core, cast, "appeal", "grant")
    assert accepted(await flood(core, cast["gray"], with_lin, 1, name="y")) == 1
    assert (await standing(core, cast, "gray"))["score"] == 100


async def test_only_verified_enterprises_add_words_and_these_hold_in_their_conversations_only(
    core: Core, cast: Cast
) -> None:
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    conversation = await direct(core, cast)

    def add(unit: Unit) -> None:
        words.add_words(unit, cast["boss"], enterprise_id=cast.enterprise_id, words=["龙井村老茶行"], category="rival")

    await core.run(add)
    words.forget(core, cast.enterprise_id)
    there = await core.send(request(cast["lin"], service, "s1", "龙井村老茶行更便宜"))
    here = await core.send(request(cast["lin"], conversation, "s1", "龙井村老茶行更便宜"))
    assert isinstance(there, Waiting)
    assert there.rule == "enterprise_words"
    assert isinstance(here, Sent)


async def test_a_rule_in_shadow_mode_only_notes_whom_it_would_meet_and_how_often_it_would_err(
    settings: Settings, clock: FakeClock
) -> None:
    watched = settings.model_copy(update={"safety": Safety(shadow="level_1 screening")})
    core = Core(watched, clock=clock)
    await core.start()
    try:
        cast = await make_cast(core)
        conversation = await direct(core, cast)
        assert accepted(await flood(core, cast["lin"], conversation, 60)) == 60
        with_gray = await direct(core, cast, of="mi", to="gray")
        assert isinstance(await core.send(request(cast["mi"], with_gray, "w", "去网络赌场")), Sent)
        shadow = await core.read(lambda c: views.shadow_of(c, "level_1", before_id=2**62, limit=9))
        assert [(one["account"]["name"], one["hits"]) for one in shadow] == [("林小姐", 10)]
        await core.run(
            lambda unit: actions.label_shadow(unit, cast["operator"], sanction_id=int(shadow[0]["id"]), right=False)
        )
        now_us = clock.now_us()
        reports = {
            one["rule"]: one
            for one in await core.read(lambda c: views.rules_report(c, now_us=now_us, rules=watched.safety))
        }
        assert reports["level_1"]["mode"] == "shadow"
        assert reports["level_1"]["shadow"]["false_positive_rate"] == 1.0
        assert reports["screening"]["shadow"]["sanctioned"] == 1
        assert (await standing(core, cast, "lin"))["sanctions"] == []
    finally:
        await core.close()


async def test_a_fast_sender_is_folded_in_every_listing_until_his_rate_falls(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    with_mi, other = await direct(core, cast), await direct(core, cast, of="gray", to="mi")
    group = await core.run(lambda unit: create_group(unit, cast["lin"], title="茶友", member_ids=[cast.id("mi")]))
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    for place in (with_mi, group, service):
        await flood(core, cast["lin"], place, RULES.fold_messages)
    await flood(core, cast["gray"], other, 1)

    async def folded(who: str) -> tuple[set[int], set[int], int]:
        async with Web(core) as web:
            shown = (await web.get(cast.tokens[who], "/v1/conversations"))["items"]
            box = (await web.get(cast.tokens[who], "/v1/conversations?box=folded"))["items"]
            unread = await web.get(cast.tokens[who], "/v1/unread")
        marked = {int(one["id"]) for one in shown if one["own"]["folded"]}
        return marked, {int(one["id"]) for one in box}, unread["folded"]

    assert await folded("mi") == ({with_mi}, {with_mi}, RULES.fold_messages), "groups have a rate of their own"
    assert await folded("lin") == (set(), set(), 0), "his own list he has to himself"
    member = await core.run(lambda unit: summarise(unit.connection, cast.id("mi"), [with_mi, other], core.moment()))
    assert [one.own.folded for one in member] == [True, False], "the welcome says the same"
    until = format_time(clock.now_us() + round(RULES.fold_window_s * SECOND_US))
    assert [one.own.folded_until for one in member] == [until, None]
    assert [one.alert for one in member] == ["folded", "ring"]
    clock.advance(seconds=RULES.fold_window_s)
    assert await folded("mi") == (set(), set(), 0)
