"""What customers really asked: the questions that were missed or got a thumb, for a trainer to adopt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, or_, select

from bot.turns.tables import bot_evidence, bot_feedback, bot_turn_messages, bot_turns
from messaging_core.api import find_message_words

Why = Literal["missed", "down", "up"]
MISSES = ("not_understood", "not_held", "faq_close", "two_close", "out_of_scope")
_MOST_TURNS = 500
_MOST_CHARS = 200


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A text that customers wrote `times` times; `entry` is the FAQ entry that was answered or came nearest."""

    text: str
    why: Why
    times: int
    entry: str | None
    turn_id: int


def list_asked(
    connection: Connection, *, enterprise_id: int, since_us: int = 0, limit: int = 100
) -> list[AskedQuestion]:
    """Return what was missed or judged, most often asked first; texts of several messages or too long are left out."""
    turns = (
        select(bot_turns.c.id, bot_turns.c.reason, bot_feedback.c.value)
        .outerjoin(bot_feedback, bot_feedback.c.turn_id == bot_turns.c.id)
        .where(bot_turns.c.enterprise_id == enterprise_id, bot_turns.c.committed_at >= since_us)
        .where(or_(bot_turns.c.reason.in_(MISSES), bot_feedback.c.value.is_not(None)))
        .order_by(bot_turns.c.id.desc())
        .limit(_MOST_TURNS)
    )
    why: dict[int, Why] = {}
    for row in connection.execute(turns):
        why[row.id] = row.value or "missed"
    said = _texts(connection, list(why))
    entries = _entries(connection, list(why))
    found: dict[tuple[str, Why], AskedQuestion] = {}
    for turn_id, text in said.items():
        key = (text, why[turn_id])
        before = found.get(key)
        times = before.times + 1 if before is not None else 1
        entry = entries.get(turn_id) or (before.entry if before is not None else None)
        found[key] = AskedQuestion(text, why[turn_id], times, entry, turn_id)
    return sorted(found.values(), key=lambda one: (-one.times, -one.turn_id))[:limit]


def _texts(connection: Connection, turn_ids: list[int]) -> dict[int, str]:
    columns = bot_turn_messages.c
    query = select(columns.turn_id, columns.conversation_id, columns.seq)
    by_turn: dict[int, list[tuple[int, int]]] = {}
    for row in connection.execute(query.where(columns.turn_id.in_(turn_ids), columns.origin == "person")):
        by_turn.setdefault(row.turn_id, []).append((row.conversation_id, row.seq))
    told: dict[int, str] = {}
    for turn_id, places in by_turn.items():
        if len(places) == 1:
            words = find_message_words(connection, places[0][0], [places[0][1]])
            if words and 0 < len(words[0].strip()) <= _MOST_CHARS:
                told[turn_id] = words[0].strip()
    return told


def _entries(connection: Connection, turn_ids: list[int]) -> dict[int, str]:
    """The FAQ entry of each turn that came first in its evidence."""
    query = (
        select(bot_evidence.c.turn_id, bot_evidence.c.source)
        .where(bot_evidence.c.turn_id.in_(turn_ids), bot_evidence.c.kind == "faq")
        .order_by(bot_evidence.c.turn_id, bot_evidence.c.place.desc())
    )
    return {row.turn_id: str(row.source).removeprefix("faq:") for row in connection.execute(query)}
