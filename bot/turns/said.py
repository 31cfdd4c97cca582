"""What customers said and the bot decided upon, turn by turn in the order of their ids: what a shadow reads."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from bot.turns.tables import bot_turn_messages, bot_turns
from messaging_core.api import AnyRow, find_message_words

_NOBODY_DECIDED = "{}"
"""The versions of a turn whose outcome was certain beforehand: an agent had it, it was outside the hours ..."""


class SaidTurn(msgspec.Struct, frozen=True):
    """A turn that the bot decided; `texts` in the order they were written, the rest as it was recorded."""

    turn_id: int
    conversation_id: int
    session_id: int
    customer_id: int
    at_us: int
    act: str
    intent: str | None
    version: str
    texts: tuple[str, ...]


def list_said(connection: Connection, *, enterprise_id: int, after_id: int, limit: int) -> list[SaidTurn]:
    """Return at most `limit` turns of sessions, with ids above `after_id`, that the bot decided, in their order.

    A turn gets its id when it is opened and is seen when it is committed, so a lower id may come later: who follows
    looks a few seconds back. `texts` is empty where nothing was said in words.
    """
    query = (
        select(bot_turns)
        .where(
            bot_turns.c.enterprise_id == enterprise_id,
            bot_turns.c.id > after_id,
            bot_turns.c.versions != _NOBODY_DECIDED,
            bot_turns.c.session_id != 0,  # what was asked in a community is decided without a session and its memory
        )
        .order_by(bot_turns.c.id)
        .limit(limit)
    )
    rows = list(connection.execute(query))
    seqs = _seqs(connection, [row.id for row in rows])
    return [_said(connection, row, seqs.get(row.id, [])) for row in rows]


def _seqs(connection: Connection, turn_ids: list[int]) -> dict[int, list[int]]:
    columns = bot_turn_messages.c
    query = (
        select(columns.turn_id, columns.seq)
        .where(columns.turn_id.in_(turn_ids), columns.origin == "person")
        .order_by(columns.turn_id, columns.seq)
    )
    found: dict[int, list[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.turn_id, []).append(row.seq)
    return found


def _said(connection: Connection, row: AnyRow, seqs: list[int]) -> SaidTurn:
    words = find_message_words(connection, row.conversation_id, seqs)
    return SaidTurn(
        turn_id=row.id,
        conversation_id=row.conversation_id,
        session_id=row.session_id,
        customer_id=row.customer_id,
        at_us=row.started_at,
        act=row.act,
        intent=row.intent,
        version=msgspec.json.decode(row.versions).get("bot", ""),
        texts=tuple(text for text in words if text.strip()),
    )
