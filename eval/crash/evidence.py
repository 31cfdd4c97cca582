"""What was told, by whom and to whom: the material by which a crash run is judged. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from messaging_core.client import Event, Message
from messaging_core.client.frames import HIDDEN

Place: TypeAlias = tuple[str, str]
"""Conversation id and client_msg_id."""


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event as somebody was told it; `seq` to `to_seq` for a tombstone."""

    seq: int
    to_seq: int
    kind: str
    joined: tuple[str, ...] = ()
    left: str = ""
    sender_id: str = ""
    client_msg_id: str = ""
    message_id: str = ""
    msg_no: int = 0
    text: str = ""

    @property
    def is_message(self) -> bool:
        """Return whether this is a message."""
        return self.message_id != ""

    @property
    def is_hidden(self) -> bool:
        """Return whether this is a tombstone."""
        return self.kind == HIDDEN


def line_of_event(event: Event) -> Line:
    """Return what an event says, as far as it is compared."""
    if event.message is not None:
        return line_of_message(event.message, kind=event.kind, seq=event.seq)
    data = event.data or {}
    joined: tuple[str, ...] = ()
    if event.kind == "conversation.created":
        joined = tuple(sorted(member["account_id"] for member in data["members"]))
    elif event.kind == "member.joined":
        joined = (data["account_id"],)
    left = data["account_id"] if event.kind == "member.left" else ""
    return Line(seq=event.seq, to_seq=event.end_seq, kind=event.kind, joined=joined, left=left)


def line_of_message(message: Message, *, kind: str = "message.sent", seq: int | None = None) -> Line:
    """Return what a message says; `seq` is that of the event that brought it."""
    return Line(
        seq=message.seq if seq is None else seq,
        to_seq=message.seq,
        kind=kind,
        sender_id=message.sender_id or "",
        client_msg_id=message.client_msg_id or "",
        message_id=message.id,
        msg_no=message.msg_no,
        text=str(message.body.get("text", "")),
    )


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An acknowledgement; `at_s` is when it was heard, on the monotonic clock."""

    conversation_id: str
    client_msg_id: str
    message_id: str
    seq: int
    msg_no: int
    duplicate: bool = False
    at_s: float = 0.0


class Numbers(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How far a conversation is for one member."""

    last_seq: int
    last_msg_no: int
    read_msg_no: int
    unread: int


@dataclass(slots=True, kw_only=True)
class Witness:
    """What one account said and was told, over all its clients and connections."""

    account_id: str
    begins: dict[str, int] = field(default_factory=dict)
    """Conversation -> the `seq` after which this account's view begins; others begin where it joined."""
    views: dict[str, list[Line]] = field(default_factory=dict)
    """Conversation -> its events in the order in which the client handed them on."""
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    """Conversation -> client_msg_id -> text, in the order of sending."""
    receipts: list[Receipt] = field(default_factory=list)
    """All acknowledgements that left the server, also those that a cut connection swallowed."""
    refused: dict[Place, str] = field(default_factory=dict)
    """Messages that were refused for good -> the error's code."""
    read: dict[str, int] = field(default_factory=dict)
    """Conversation -> how far the server said that this account has read."""
    held: dict[str, Numbers] = field(default_factory=dict)
    """What the client shows in the end, for the conversations it is in."""
    unsettled: list[Place] = field(default_factory=list)
    """What still waits in the outbox in the end."""


@dataclass(slots=True, kw_only=True)
class Stored:
    """What the server has in the end, read over HTTP, and what a fresh client gets from `seq` 0."""

    log: dict[str, list[Line]] = field(default_factory=dict)
    pages: dict[str, list[Line]] = field(default_factory=dict)
    """Conversation -> its messages as the history's pages show them, oldest first."""
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Numbers]] = field(default_factory=dict)
    """Account -> conversation -> the server's summary, for the conversations the account is in."""
    fresh: dict[str, dict[str, list[Line]]] = field(default_factory=dict)
    """Account -> conversation -> what a client that begins at `seq` 0 is told."""
