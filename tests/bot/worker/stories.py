"""What must be true of a conversation with the bot, read from the log and the bot's tables alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from bot.turns.store import find_state
from kefu.base.texts import text
from messaging_core.api import AnyRow, Event, list_events
from tests.bot.worker.world import Shop


async def read_log(shop: Shop, conversation_id: int) -> list[Event]:
    """Return all events of a conversation."""
    return await shop.core.read(
        lambda connection: list_events(connection, conversation_id, after_seq=0, to_seq=None, limit=100_000)
    )


def said(event: Event) -> dict[str, Any]:
    """Return an event's message, or an empty one."""
    return msgspec.json.decode(event.message, type=dict[str, Any]) if event.message is not None else {}


async def all_have_turns(shop: Shop, conversation_id: int) -> bool:
    """Return whether every message of the customer is in a turn."""
    log = await read_log(shop, conversation_id)
    asked = {said(event)["id"] for event in log if said(event).get("origin") == "person"}
    rows = await shop.rows("bot_turn_messages", conversation_id=conversation_id, origin="person")
    return asked == {str(row.message_id) for row in rows}


async def check_story(shop: Shop, conversation_id: int, *, greeting: str) -> None:
    """Check a conversation that is at rest."""
    log = await read_log(shop, conversation_id)
    turns = await shop.turns(conversation_id)
    rows = await shop.rows("bot_turn_messages", conversation_id=conversation_id)
    _check_each_message_has_one_turn(log, turns, rows)
    _check_each_turn_has_one_outcome(log, turns, rows, greeting=greeting)
    _check_who_spoke_when(log)
    for turn in turns:
        if turn.outcome == "replied":
            _check_answered_in_its_own_time(log, turn, rows, turns)
    await _check_memory(shop, conversation_id, turns)


def _check_each_message_has_one_turn(log: list[Event], turns: list[AnyRow], rows: list[AnyRow]) -> None:
    owners = {row.seq: row.turn_id for row in rows if row.origin == "person"}
    asked = [event.seq for event in log if said(event).get("origin") == "person"]
    assert sorted(owners) == asked, "a message has no turn, or two"
    for turn in turns:
        own = [seq for seq in asked if owners[seq] == turn.id]
        assert own == [seq for seq in asked if turn.first_seq <= seq <= turn.last_seq], "a turn has a hole"
        assert own, "a turn without a message"


def _check_each_turn_has_one_outcome(
    log: list[Event], turns: list[AnyRow], rows: list[AnyRow], *, greeting: str
) -> None:
    spoken = [said(event) for event in log if said(event).get("origin") == "bot"]
    replies = [message for message in spoken if not message["client_msg_id"].startswith("greeting:")]
    assert sorted(int(message["id"]) for message in replies) == sorted(
        row.message_id for row in rows if row.origin == "bot"
    ), "a reply that no turn has, or one that was never sent"
    by_turn = Counter(int(message["client_msg_id"].split(":")[0]) for message in replies)
    queued = Counter(event.kind for event in log)["session.queued"]
    for turn in turns:
        keys = {message["client_msg_id"] for message in replies if message["client_msg_id"].startswith(f"{turn.id}:")}
        assert keys == {f"{turn.id}:{place}" for place in range(by_turn[turn.id])}
        assert (by_turn[turn.id] > 0) == (turn.outcome != "silent"), "outcome and replies differ"
    assert sum(turn.outcome == "handed_off" for turn in turns) <= queued
    assert set(by_turn) <= {turn.id for turn in turns}
    greeted = [message["client_msg_id"] for message in spoken if message["client_msg_id"].startswith("greeting:")]
    assert len(greeted) == len(set(greeted)), "a session was greeted twice"
    assert {message["body"]["text"] for message in spoken if message["client_msg_id"] in greeted} <= {greeting}


def _check_who_spoke_when(log: list[Event]) -> None:
    state, told = "closed", False
    for event in log:
        if event.kind.startswith("session."):
            state, told = msgspec.json.decode(event.data or b"{}")["state"], False
        elif said(event).get("origin") == "bot":
            waits = state == "queued" and said(event)["body"]["text"] == text("bot.queued", "zh")
            assert state == "bot" or (waits and not told), f"the bot spoke while the session was {state}"
            told = told or waits


def _check_answered_in_its_own_time(log: list[Event], turn: AnyRow, rows: list[AnyRow], turns: list[AnyRow]) -> None:
    """Between a turn's first message and its reply the session took no step; after its last nobody asked more.

    What was handed over beside the runner may have been answered by a turn of its own before this one was.
    """
    reply = min(row.seq for row in rows if row.turn_id == turn.id and row.origin == "bot")
    before = {one.id for one in turns if one.id != turn.id and one.committed_at <= turn.committed_at}
    before &= {row.turn_id for row in rows if row.origin == "bot" and row.seq < reply}
    answered = {row.seq for row in rows if row.origin == "person" and row.turn_id in before}
    for event in log:
        if turn.first_seq < event.seq < reply:
            assert not event.kind.startswith("session."), "answered although the session had changed hands"
        if turn.last_seq < event.seq < reply and event.seq not in answered:
            assert said(event).get("origin") != "person", "a message before the commit did not join the turn"


async def _check_memory(shop: Shop, conversation_id: int, turns: list[AnyRow]) -> None:
    """The memory counts the echoes of its session, and each has its promise: all were committed with the reply."""
    for session_id in {turn.session_id for turn in turns}:
        echoes = [turn for turn in turns if turn.session_id == session_id and turn.reason == "echo"]
        state = await shop.core.read(lambda c, id_=session_id: find_state(c, id_))  # type: ignore[misc]
        counted = int(state.slots.get("turns", "0")) if state is not None else 0
        assert counted == len(echoes), "memory and turns differ"
    promises = Counter(row.turn_id for row in await shop.rows("bot_ledger", conversation_id=conversation_id))
    assert promises == Counter(turn.id for turn in turns if turn.reason == "echo")
    evidence = {row.turn_id for row in await shop.rows("bot_evidence", enterprise_id=shop.cast.enterprise_id)}
    assert {turn.id for turn in turns if turn.reason not in ("thanks", "human_wish")} <= evidence
