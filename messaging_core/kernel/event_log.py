"""The log of everything visible in a conversation: `seq` without gaps, written in the transaction of what happens.

An event is a row, but for a message that was sent: there the message itself is the row, told as `message.sent` by
`messages.reading_store`. So the commonest event costs nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select

from kefu.base.clock import format_time
from messaging_core.kernel.bulk import INT, TEXT, Bulk
from messaging_core.kernel.schema import Id, metadata

events = Table(
    "events",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("kind", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("actor_id", Id, nullable=True),
    Column("data", Text, nullable=True),
    Column("at", Id, nullable=False),
    Column("about_seq", Id, nullable=True),
    sqlite_with_rowid=False,
)

EMPTY = msgspec.Raw(b"{}")
MESSAGE_SENT = "message.sent"
MEMBER_JOINED = "member.joined"
MEMBER_LEFT = "member.left"
HIDDEN = "hidden"
MESSAGE_DELETED = "message.deleted"
PRIVATE = frozenset({MESSAGE_DELETED})
"""Kinds that only their actor sees; the others get a tombstone in their place."""


@dataclass(slots=True)
class Event:
    """One visible change. `data` and `message` are encoded JSON.

    `message` is what was sent, or what the change of a message (`about_seq`) has made of it.
    """

    conversation_id: int
    seq: int
    kind: str
    at_us: int
    actor_id: int | None = None
    enterprise_id: int | None = None
    message_id: int | None = None
    message: bytes | None = None
    data: bytes | None = None
    v: int = 1
    account_id: int | None = None
    """For member events: whose membership changed, so that his sockets join or leave."""
    joined: tuple[int, ...] = ()
    """For `conversation.created`: its first members."""
    about_seq: int | None = None
    """For the change of a message: where that stands."""
    hushed_until_us: int = 0
    """Until when a message comes without a sound, because its sender writes too fast; special follows hear it."""

    @property
    def only_for(self) -> int | None:
        """Return the one account that may see this; None: every member may."""
        return self.actor_id if self.kind in PRIVATE else None

    def frame_for(self, account_id: int) -> bytes:
        """Return the event as its frame for one reader: what only another may see is a tombstone."""
        if self.kind not in PRIVATE or self.actor_id == account_id:
            return self.frame()
        data = encode_data({"to_seq": self.seq, "private": True})
        return Event(self.conversation_id, self.seq, HIDDEN, self.at_us, data=data).frame()

    def frame(self, *, alert: str | None = None) -> bytes:
        """Return the event as its frame on the wire; `alert`: how it shows itself, where its class does not say it."""
        head = (
            f'{{"type":"event","conversation_id":"{self.conversation_id}","seq":{self.seq},"kind":"{self.kind}",'
            f'"v":{self.v},"at":"{format_time(self.at_us)}","actor_id":'
        )
        actor = f'"{self.actor_id}"' if self.actor_id is not None else "null"
        if self.message is not None:
            data = b',"data":' + self.data if self.data is not None else b""
            sound = b',"alert":"%s"' % alert.encode() if alert is not None else b""
            return b'%s%s,"message":%s%s%s}' % (head.encode(), actor.encode(), self.message, data, sound)
        return b'%s%s,"data":%s}' % (head.encode(), actor.encode(), self.data or b"{}")


_columns = {
    "conversation_id": INT,
    "seq": INT,
    "enterprise_id": INT,
    "kind": TEXT,
    "v": INT,
    "actor_id": INT,
    "data": TEXT,
    "at": INT,
    "about_seq": INT,
}
_insert = Bulk(
    "event",
    _columns,
    lambda new: insert(events).from_select(list(_columns), select(*(new.c[name] for name in _columns))),
)


def insert_events(connection: Connection, batch: list[Event]) -> None:
    """Append events to the log in one statement; a message that was sent is its own event and never comes here."""
    rows = [
        (
            event.conversation_id,
            event.seq,
            event.enterprise_id,
            event.kind,
            event.v,
            event.actor_id,
            event.data.decode() if event.data is not None else None,
            event.at_us,
            event.about_seq,
        )
        for event in batch
    ]
    _insert.write(connection, rows)


def encode_data(data: dict[str, Any]) -> bytes:
    """Return the payload of an event as JSON."""
    return msgspec.json.encode(data)


def hidden(conversation_id: int, *, seq: int, to_seq: int, at_us: int) -> Event:
    """Return the tombstone for the events `seq` to `to_seq` (inclusive) that a member may not see."""
    return Event(conversation_id, seq, HIDDEN, at_us, data=encode_data({"to_seq": to_seq}))
