"""Deciders that raise, hang or return nonsense: the customer is answered, the second time by a human."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.decision import Commitment, Decision, Evidence, Handoff, Reply
from bot.dialogue.state import changed
from bot.settings import BotSettings
from bot.turn import Turn
from bot.turns.store import find_state
from kefu.base.texts import text
from messaging_core.api import Core, find_session
from tests.bot.worker.deciders import echo
from tests.bot.worker.world import Shop
from tests.support.cast import Cast

# One database is enough here: what both must bear is in test_turns.py and the state machine.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FALLBACK, HANDED_OVER = text("bot.fallback", "zh"), text("bot.handed_over", "zh")


def explode(_turn: Turn) -> Decision:
    raise RuntimeError("索引坏了")


def _nonsense(**changes: object) -> object:
    fields: dict[str, object] = {"act": "reply", "reason": "x", "replies": (Reply("text", {"text": "好"}),), **changes}

    def decide(turn: Turn) -> Decision:
        return Decision(state=turn.state, **fields)  # type: ignore[arg-type]

    return decide


NONSENSE = [
    _nonsense(act="silent"),
    _nonsense(act="hand_off"),
    _nonsense(handoff=Handoff("error", "")),
    _nonsense(replies=()),
    _nonsense(replies=(Reply("text", {"text": ""}),)),
    _nonsense(replies=(Reply("text", {"text": object()}),)),
    _nonsense(replies=(Reply("no_such_kind", {}),)),
    _nonsense(replies=(Reply("text", {"text": "好"}),) * 11),
    _nonsense(commitments=(Commitment("price", "f", "1", "2", "3", 1),)),
]


async def fails(shop: Shop, conversation: int) -> None:
    """Two failures in a row: sorry, then a human; both with evidence."""
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, FALLBACK)
    await shop.say(conversation, "人呢")
    turns = await shop.settled(conversation, 2)
    assert [(turn.outcome, turn.handoff_reason) for turn in turns] == [("replied", None), ("handed_off", "error")]
    await shop.hears(conversation, FALLBACK, HANDED_OVER)
    for turn in turns:
        (evidence,) = await shop.rows("bot_evidence", turn_id=turn.id)
        assert evidence.kind == "error" and evidence.source.removeprefix("incident:") in turn.error
    session = await shop.core.read(lambda connection: find_session(connection, conversation))
    assert session is not None and session.state == "queued"
    assert "人呢" in turns[1].summary


async def test_the_second_failure_in_a_row_calls_a_human_and_the_operator_sees_both(shop: Shop) -> None:
    shop.decider.answer = explode
    conversation = await shop.ask()
    with capture_logs() as logs:
        await fails(shop, conversation)
    failed = [line for line in logs if line["event"] == "bot.decision_failed"]
    assert [line["why"] for line in failed] == ["raised", "raised"]
    turns = await shop.turns(conversation)
    assert [turn.error for turn in turns] == [f"raised {line['incident_id']}" for line in failed]
    assert shop.core.metrics.registry.get_sample_value("kefu_bot_failures_total") == 2


async def test_a_late_decider_is_left_behind(core: Core, cast: Cast) -> None:
    shop = await Shop(core, cast).open(BotSettings(auto_reply=True, deadline_ms=50))
    shop.decider.wait()
    conversation = await shop.ask()
    await fails(shop, conversation)
    assert [turn.error.split()[0] for turn in await shop.turns(conversation)] == ["late", "late"]


@pytest.mark.parametrize("number", range(len(NONSENSE)))
async def test_a_decision_that_cannot_be_carried_out_counts_as_a_failure(shop: Shop, number: int) -> None:
    shop.decider.answer = NONSENSE[number]  # type: ignore[assignment]
    conversation = await shop.ask()
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, FALLBACK)
    (turn,) = await shop.turns(conversation)
    assert turn.error.startswith("invalid ")


async def test_a_success_in_between_starts_the_count_anew(shop: Shop) -> None:
    conversation = await shop.ask()
    for number, answer in enumerate((explode, echo, explode), start=1):
        shop.decider.answer = answer
        await shop.say(conversation, f"问{number}")
        await shop.settled(conversation, number)
    await shop.hears(conversation, FALLBACK, "您说：问2", FALLBACK)


async def test_something_cancelled_inside_the_decider_is_a_failure_and_no_restart(shop: Shop) -> None:
    def cancelled(_turn: Turn) -> Decision:
        raise asyncio.CancelledError

    shop.decider.answer = cancelled
    conversation = await shop.ask()
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, FALLBACK)
    (turn,) = await shop.turns(conversation)
    assert turn.restarts == 0


async def test_a_failure_that_the_decider_mended_itself_is_the_operators_business_too(shop: Shop) -> None:
    def mended(turn: Turn) -> Decision:
        evidence = (Evidence("error", "stage:gather", "shop down"),)
        state = changed(turn.state, failures=turn.state.failures + 1)
        return Decision("reply", "stage_failed", (Reply("text", {"text": "稍后再查"}),), state, evidence)

    shop.decider.answer = mended
    conversation = await shop.ask()
    await shop.say(conversation, "我的单呢")
    (turn,) = await shop.settled(conversation, 1)
    assert turn.error == "stage:gather"
    state = await shop.core.read(lambda connection: find_state(connection, turn.session_id))
    assert state is not None and state.failures == 1


async def test_a_bot_that_is_on_without_a_decider_fails_visibly(core: Core, cast: Cast) -> None:
    shop = await Shop(core, cast, decider=None).open()  # type: ignore[arg-type]
    conversation = await shop.ask()
    with capture_logs() as logs:
        await fails(shop, conversation)
    assert "train it or turn it off" in next(line["error"] for line in logs if line["event"] == "bot.decision_failed")
