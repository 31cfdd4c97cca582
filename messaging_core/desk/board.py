"""What a desk page shows, read in one go: sessions with their last words, one conversation, who has read how far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_reader
from messaging_core.desk import store
from messaging_core.desk.agents import check_serves
from messaging_core.identity.policy import Actor
from messaging_core.messages import reading_store as messages

OPEN_SHOWN = 200
_STEPS_READ = 400


@dataclass(slots=True, frozen=True)
class BoardRow:
    """A session and the last message of its conversation, decoded; None when nothing was said yet."""

    session: store.SessionRow
    last_message: dict[str, Any] | None
    unread: int
    """Messages that the actor has not read; 0 where he is no member."""


@dataclass(slots=True, frozen=True)
class Talk:
    """A page of a conversation, newest last, and how far its members have read."""

    messages: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    """The session's steps in the same stretch, as `event` frames."""
    more: bool
    read: dict[int, int]
    """`msg_no` by account."""
    names: dict[int, str]
    """Of the present members."""


def read_board(connection: Connection, actor: Actor, *, limit: int = OPEN_SHOWN) -> list[BoardRow]:
    """Return the open sessions: who waits first, in order of arrival, then the others, the latest first."""
    enterprise_id = check_serves(actor)
    waiting = store.list_queue(connection, enterprise_id, limit=limit)
    rest = store.list_sessions(connection, enterprise_id, state=None, agent_id=None, before_id=2**63 - 1, limit=limit)
    rows = [*waiting, *(row for row in rest if row.state != "queued")]
    return _with_words(connection, actor, rows)


def read_row(connection: Connection, actor: Actor, *, conversation_id: int) -> BoardRow | None:
    """Return the newest session of a conversation, open or closed; None where the actor does not serve."""
    row = store.find_current(connection, conversation_id)
    if row is None or not actor.serves(row.enterprise_id):
        return None
    return _with_words(connection, actor, [row])[0]


def read_closed(connection: Connection, actor: Actor, *, limit: int = 50) -> list[BoardRow]:
    """Return the sessions that were closed last."""
    enterprise_id = check_serves(actor)
    rows = store.list_sessions(
        connection, enterprise_id, state="closed", agent_id=None, before_id=2**63 - 1, limit=limit
    )
    return _with_words(connection, actor, rows)


def _with_words(connection: Connection, actor: Actor, rows: list[store.SessionRow]) -> list[BoardRow]:
    ids = [row.conversation_id for row in rows]
    last = messages.find_last(connection, ids)
    unread = conversations.count_unread(connection, actor.account_id, ids)
    found = []
    for row in rows:
        _, raw = last.get(row.conversation_id, (0, b""))
        found.append(BoardRow(row, msgspec.json.decode(raw) if raw else None, unread.get(row.conversation_id, 0)))
    return found


def read_quoted(connection: Connection, actor: Actor, *, conversation_id: int, seqs: list[int]) -> list[dict[str, Any]]:
    """Return the messages at these `seq` as they read now; those that the actor may not see are left out."""
    from_seq, to_seq = check_reader(connection, actor, conversation_id)
    rows = [
        messages.find_message(connection, conversation_id, seq, viewer=actor.account_id)
        for seq in seqs
        if from_seq <= seq <= (2**62 if to_seq is None else to_seq)
    ]
    return [msgspec.json.decode(messages.encode_shown(row)) for row in rows if row is not None]


def read_talk(
    connection: Connection, actor: Actor, *, conversation_id: int, before_seq: int = 2**62, limit: int = 50
) -> Talk:
    """Return messages before a `seq`; refuse who may not read them."""
    from_seq, _ = check_reader(connection, actor, conversation_id)
    rows = messages.list_before(connection, conversation_id, before_seq=before_seq, from_seq=from_seq, limit=limit)
    members = conversations.list_members(connection, conversation_id)
    found = [msgspec.json.decode(row) for row in reversed(rows)]
    # Before the first message the session was opened; a stretch that goes on upwards begins with its first message.
    start = from_seq - 1 if len(rows) < limit else found[0]["seq"] - 1
    events = messages.list_events(
        connection, conversation_id, after_seq=start, to_seq=min(before_seq - 1, 2**62), limit=_STEPS_READ
    )
    return Talk(
        messages=found,
        steps=[msgspec.json.decode(event.frame()) for event in events if event.kind.startswith("session.")],
        more=len(rows) == limit,
        read={row.account_id: row.read_msg_no for row in members},
        names={row.account_id: row.name for row in members},
    )
