"""What the HTTP API answers about messages that stand, for `/openapi.json`."""

from __future__ import annotations

from typing import Any

from messaging_core.transport.answers import Answer, Count, Id, OneMessage, Time

__all__ = ["Forwarded", "OneMessage", "Readers", "ToldNotice", "Versions"]


class Version(Answer):
    """What a message was before an edit."""

    kind: str
    v: int
    body: dict[str, Any]
    replaced_at: Time


class Versions(Answer):
    """What a message was, the oldest first."""

    items: list[Version]


class Reader(Answer):
    """Somebody who has read a message."""

    account_id: Id
    name: str


class Readers(Answer):
    """Who has read a message, and how many members could."""

    items: list[Reader]
    next_cursor: str | None
    read_count: Count
    member_count: Count


class ForwardedMessage(Answer):
    """A message that was forwarded."""

    message_id: Id
    seq: int
    msg_no: int


class Forwarded(Answer):
    """What was forwarded, in order."""

    items: list[ForwardedMessage]
    duplicate: bool


class Notice(Answer):
    """A system notice that was taken, and how many people it is for."""

    id: Id
    recipients: Count


class ToldNotice(Answer):
    """A system notice that was taken."""

    notice: Notice
