"""The things that frames and HTTP answers are made of. Fields the server adds later are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

Item = TypeVar("Item")


class Account(Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who can talk: a person, an enterprise, a bot or an anonymous visitor."""

    id: str
    kind: str
    name: str
    enterprise_id: str | None = None
    verified: bool = False
    staff_role: str | None = None


class ReplyTo(Struct, frozen=True, kw_only=True, gc=False):
    """The message that is answered; its words are looked up by `seq`, for it may have been recalled."""

    seq: int
    message_id: str
    sender_id: str


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """A message as it is now. `origin` is `person`, `agent`, `bot` or `system`.

    Its kind is `recalled` once it was taken back, `deleted` when the reader has deleted it for himself.
    """

    id: str
    client_msg_id: str | None
    sender_id: str | None
    origin: str
    kind: str
    v: int
    body: dict[str, Any]
    seq: int
    msg_no: int
    at: datetime
    reply_to: ReplyTo | None = None
    mentions: list[str] = []
    mention_all: bool = False
    forwarded: bool = False
    released: bool = False
    """Whether it had waited before it was numbered: its sender need not have read what stands before it."""
    folded_ms: int = 0
    """Its sender writes too fast: for so long from `at` on the lists of the others fold the conversation away."""
    edited_at: datetime | None = None
    message_class: str | None = field(default=None, name="class")
    """`system` or `marketing`; None: interactive."""
    reactions: dict[str, list[str]] = {}
    """Emoji -> the accounts that set it, in order."""


class GroupView(Struct, frozen=True, kw_only=True, gc=False):
    """How a group is run; `pins` are the `seq` of pinned messages."""

    announcement_only: bool = False
    silenced_until: datetime | None = None
    join_approval: bool = False
    notice: str = ""
    notice_at: datetime | None = None
    pins: list[int] = []


class OwnView(Struct, frozen=True, kw_only=True, gc=False):
    """How one keeps a conversation in one's list; of two the one with the higher `version` is true.

    `folded` and `folded_until` have no version: they follow from the messages.
    """

    version: int = 0
    pinned_at: datetime | None = None
    muted: bool = False
    archived_msg_no: int | None = None
    folded: bool = False
    folded_until: datetime | None = None
    """When it unfolds by itself, if it is folded because the other side writes too fast."""
    draft: str = ""
    draft_at: datetime | None = None


class ServiceSession(Struct, frozen=True, kw_only=True, gc=False):
    """Who answers a customer now: `state` is `bot`, `queued`, `agent` or `closed`."""

    id: str
    state: str
    assignment_version: int
    agent_id: str | None = None
    agent_name: str | None = None


class Conversation(Struct, frozen=True, kw_only=True, gc=False):
    """A conversation as one of its members sees it (the summary of `welcome` and of the HTTP lists)."""

    id: str
    kind: str
    title: str
    created_at: datetime
    last_seq: int
    last_msg_no: int
    read_msg_no: int
    unread: int
    member_count: int
    joined_seq: int = 1
    role: str | None = None
    enterprise_id: str | None = None
    peer: Account | None = None
    last_message: Message | None = None
    session: ServiceSession | None = None
    group: GroupView | None = None
    silenced_until: datetime | None = None
    mentions: list[int] = []
    own: OwnView = OwnView()
    alert: str | None = None
    """How the last message shows itself: `banner`, `ring`, `badge` (no sound) or `folded`; None: one's own, or none."""

    @property
    def archived(self) -> bool:
        """Return whether it is put away: nothing was said since, or it is muted."""
        at = self.own.archived_msg_no
        return at is not None and (self.own.muted or self.last_msg_no <= at)


class Member(Struct, frozen=True, kw_only=True, gc=False):
    """A member of a conversation with his read cursor."""

    account_id: str
    name: str
    role: str
    kind: str | None = None
    read_msg_no: int = 0
    nickname: str | None = None
    silenced_until: datetime | None = None


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list; pass `next_cursor` on to get the next one, `None` ends it."""

    items: list[Item]
    next_cursor: str | None = None
