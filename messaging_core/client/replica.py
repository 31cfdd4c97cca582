"""The state of one conversation, kept by applying its events. Pure: no I/O and no clock."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

import msgspec

from .folding import fold, hasten, take_over
from .frames import HIDDEN, Event
from .models import Account, Conversation, GroupView, Member, Message, OwnView, ServiceSession

logger = logging.getLogger(__name__)
_HELD_EVENTS = 1000
_MENTIONS_SHOWN = 100
Held = TypeVar("Held", GroupView, Member)


class Applied(Enum):
    """What `apply` did with an event."""

    NEW = "new"
    DUPLICATE = "duplicate"
    GAP = "gap"


_LOUD = {"system": "banner", "marketing": "folded"}
"""How classes show themselves; others ring."""


class Replica:
    """What this client knows of a conversation: applying its events equals fetching it again.

    Two positions are kept. `last_seq` is the last event applied. The summary (title, role, session, count of members)
    may come from a fetch that was ahead of the events, or not have come yet: `needs_summary`. Numbers (`last_msg_no`,
    `read_msg_no`) only grow, so they are taken from whoever knows more. `messages` holds the latest `keep` ones that
    arrived, by `seq`; older ones come with `add_history`.
    """

    __slots__ = (
        "_floor",
        "_held",
        "_keep",
        "_mentions",
        "_recalled",
        "_self_id",
        "_stale_until",
        "_summary_seq",
        "alert",
        "conversation_id",
        "created_at",
        "cursors",
        "enterprise_id",
        "group",
        "joined_seq",
        "kind",
        "known_seq",
        "last_message",
        "last_msg_no",
        "last_seq",
        "member_count",
        "members",
        "members_seq",
        "messages",
        "needs_summary",
        "own",
        "peer",
        "read_msg_no",
        "role",
        "session",
        "silenced_until",
        "title",
    )

    def __init__(self, conversation_id: str, *, self_id: str, last_seq: int = 0, keep: int = 200) -> None:
        self.conversation_id = conversation_id
        self.last_seq = last_seq
        self.known_seq = last_seq
        """The highest `seq` that is known to exist; above `last_seq` something is missing."""
        self.last_msg_no = 0
        self.read_msg_no = 0
        self.kind = ""
        self.title = ""
        self.enterprise_id: str | None = None
        self.created_at = datetime.fromtimestamp(0, UTC)
        self.role: str | None = None
        self.joined_seq = 1
        self.member_count = 0
        self.peer: Account | None = None
        self.session: ServiceSession | None = None
        self.group: GroupView | None = None
        self.silenced_until: datetime | None = None
        self.own = OwnView()
        self._mentions: set[int] = set()
        self._recalled: set[int] = set()
        self.last_message: Message | None = None
        self.alert: str | None = None
        """How the last message showed itself when it came; None: it is one's own, or there is none."""
        self.messages: list[Message] = []
        self.members: dict[str, Member] | None = None
        """By account id; None until they were fetched (`set_members`)."""
        self.members_seq = 0
        """The `seq` of the last change of members that was applied."""
        self.cursors: dict[str, int] = {}
        """The read cursors of the others, as far as they were seen."""
        self.needs_summary = True
        self._self_id = self_id
        self._keep = keep
        self._floor: int | None = None  # without a summary only what arrives from now on is known to be unread
        self._held: list[Event] = []  # changes of the summary that wait for it
        self._stale_until = last_seq  # a summary older than this does not help
        self._summary_seq = -1

    @property
    def unread(self) -> int:
        """Return the exact number of unread messages; a lower bound while `needs_summary`."""
        return max(0, self.last_msg_no - max(self.read_msg_no, self._floor or 0))

    @property
    def mentions(self) -> list[int]:
        """Return `msg_no` of the unread messages that call us, the newest of them."""
        read = max(self.read_msg_no, self._floor or 0)
        return sorted(number for number in self._mentions if number > read)[-_MENTIONS_SHOWN:]

    @property
    def left(self) -> bool:
        """Return whether we are known to be no member any more."""
        return self.role is None and not self.needs_summary

    @property
    def behind(self) -> bool:
        """Return whether events are known to exist that were not applied."""
        return self.known_seq > self.last_seq

    def apply(self, event: Event) -> Applied:
        """Apply the event if it is the next one; pass over a known one; report a gap and change nothing else."""
        end = event.end_seq
        if end <= self.last_seq:
            return Applied.DUPLICATE
        if end > self.known_seq:
            self.known_seq = end
        if event.seq > self.last_seq + 1:
            return Applied.GAP
        self.last_seq = end
        if event.message is not None and event.message.seq != event.seq:
            self._change_message(event.message)
        elif event.message is not None:
            self._take_message(event.message, alert=event.alert)
        elif event.kind == HIDDEN:
            if not (event.data or {}).get("private"):  # what another does for himself alone changes nothing here
                self._forget_summary(end)
        else:
            self._take_change(event)
        return Applied.NEW

    def adopt(self, summary: Conversation) -> None:
        """Take over a summary from the server, at whatever `seq` it was made."""
        self.last_msg_no = max(self.last_msg_no, summary.last_msg_no)
        self.read_msg_no = max(self.read_msg_no, summary.read_msg_no)
        self.set_own(summary.own)
        if summary.last_seq < (self._stale_until if self.needs_summary else max(self.last_seq, self._summary_seq)):
            return
        self.kind, self.title, self.enterprise_id = summary.kind, summary.title, summary.enterprise_id
        self.created_at, self.role, self.joined_seq = summary.created_at, summary.role, summary.joined_seq
        self.member_count, self.peer, self.session = summary.member_count, summary.peer, summary.session
        self.group, self.silenced_until = summary.group, summary.silenced_until
        self._summary_seq = summary.last_seq
        self.needs_summary = False
        self._floor = 0
        held, self._held = self._held, []
        for event in held:
            if event.seq > summary.last_seq:
                self._change_summary(event)
        message, ahead = summary.last_message, summary.last_seq >= self.last_seq
        self._mentions = set(summary.mentions) if ahead else self._mentions | set(summary.mentions) - self._recalled
        last = self.last_message
        if message is not None and (last is None or message.seq > last.seq or (ahead and message.seq == last.seq)):
            self.last_message, self.alert = message, summary.alert
            if message.seq <= self.last_seq and not self.messages and self._keep:
                self.messages.append(message)
        self._fold()

    def set_own(self, own: OwnView) -> None:
        """Take over how one keeps the conversation in one's list, unless something newer is known."""
        self.own = take_over(self.own, own)
        self._fold()

    def unfold(self, at: datetime) -> bool:
        """Note that it is `at`: what was folded because the other side wrote too fast may lie open again.

        Return whether anything has changed. Without being told the time, a replica keeps it folded.
        """
        until = self.own.folded_until
        if until is None or at < until:
            return False
        self.own = msgspec.structs.replace(self.own, folded_until=None)
        self._fold()
        return True

    def _fold(self) -> None:
        self.own = fold(self.own, last=self.last_message, role=self.role, enterprise_id=self.enterprise_id)

    def leave(self) -> None:
        """Note that the server has no summary for us any more: we are no longer a member."""
        self.role = None
        self.needs_summary = False
        self._held.clear()

    def move_cursor(self, account_id: str, msg_no: int) -> None:
        """Move a read cursor forward; one that lies behind changes nothing."""
        if account_id == self._self_id:
            self.read_msg_no = max(self.read_msg_no, msg_no)
            return
        self.cursors[account_id] = max(self.cursors.get(account_id, 0), msg_no)
        member = self.members.get(account_id) if self.members is not None else None
        if self.members is not None and member is not None and member.read_msg_no < msg_no:
            self.members[account_id] = msgspec.structs.replace(member, read_msg_no=msg_no)

    def read_by_sending(self, message: Message) -> bool:
        """Return whether a message that has been applied is our own and the last that we have read."""
        return message.sender_id == self._self_id and self.read_msg_no == message.msg_no

    def _read_by_sending(self, message: Message) -> None:
        """Move the sender's cursor: who writes has read. What had waited was written before what came meanwhile."""
        if message.sender_id is None:
            return
        own = message.sender_id == self._self_id
        if own and message.released and message.seq <= self._summary_seq:
            return  # the summary says what was read, also after it
        read = self.read_msg_no if own else self.cursors.get(message.sender_id, -1)
        if not message.released or read >= message.msg_no - 1:
            self.move_cursor(message.sender_id, message.msg_no)

    def mark_read(self, msg_no: int | None = None) -> bool:
        """Move one's own cursor to `msg_no`, or to the last message; return whether it moved."""
        target = self.last_msg_no if msg_no is None else min(msg_no, self.last_msg_no)
        moved = target > self.read_msg_no
        self.read_msg_no = max(self.read_msg_no, target)
        return moved

    def set_members(self, members: Iterable[Member]) -> None:
        """Take over the fetched list of members. Fetch again if `members_seq` has moved meanwhile."""
        self.members = {member.account_id: member for member in members}
        for member in self.members.values():
            self.move_cursor(member.account_id, member.read_msg_no)

    def add_history(self, messages: Iterable[Message]) -> None:
        """Put older messages, from a fetched page, in front of those held."""
        held = {message.seq for message in self.messages}
        missing = [message for message in messages if message.seq not in held and message.seq <= self.last_seq]
        self.messages = sorted([*missing, *self.messages], key=lambda message: message.seq)

    def find_message(self, message_id: str) -> Message | None:
        """Return a held message by its id."""
        return next((message for message in reversed(self.messages) if message.id == message_id), None)

    def summary(self) -> Conversation:
        """Return the state in the form in which the server would give it."""
        return Conversation(
            id=self.conversation_id,
            kind=self.kind,
            title=self.title,
            enterprise_id=self.enterprise_id,
            created_at=self.created_at,
            role=self.role,
            joined_seq=self.joined_seq,
            last_seq=self.last_seq,
            last_msg_no=self.last_msg_no,
            read_msg_no=self.read_msg_no,
            unread=self.unread,
            member_count=self.member_count,
            peer=self.peer,
            last_message=self.last_message,
            session=self.session,
            group=self.group,
            silenced_until=self.silenced_until,
            mentions=self.mentions,
            own=self.own,
            alert=self.alert,
        )

    def _change_message(self, message: Message) -> None:
        """Put what a message has become in its place; one that is not held any more changes nothing."""
        if message.kind == "recalled":
            self._mentions.discard(message.msg_no)
            self._recalled.add(message.msg_no)
        if self.last_message is not None and self.last_message.seq == message.seq:
            self.last_message = message
            self._fold()
        at = bisect_left(self.messages, message.seq, key=lambda held: held.seq)
        if at < len(self.messages) and self.messages[at].seq == message.seq:
            self.messages[at] = message

    def _take_message(self, message: Message, *, alert: str | None) -> None:
        if self._floor is None:
            self._floor = message.msg_no - 1
        self.last_msg_no = max(self.last_msg_no, message.msg_no)
        if message.mention_all or self._self_id in message.mentions:
            self._mentions.add(message.msg_no)
        self._read_by_sending(message)
        if self.last_message is None or message.seq >= self.last_message.seq:
            self.last_message = message
            loud = _LOUD.get(message.message_class or "", "ring")
            self.alert = None if message.sender_id == self._self_id else alert or loud
        if message.sender_id != self._self_id:
            self.own = hasten(self.own, message)
        self._fold()
        if not self._keep:
            return
        at = bisect_left(self.messages, message.seq, key=lambda held: held.seq)
        if at == len(self.messages) or self.messages[at].seq != message.seq:
            self.messages.insert(at, message)
        if len(self.messages) > self._keep:
            del self.messages[: len(self.messages) - self._keep]

    def _take_change(self, event: Event) -> None:
        try:
            self._change_members(event)
            if self.needs_summary:
                self._hold(event)
            elif event.seq > self._summary_seq:
                self._change_summary(event)
                self._fold()  # it depends on one's role
        except (KeyError, msgspec.ValidationError):
            logger.exception("event %s of conversation %s is malformed", event.kind, self.conversation_id)
            self._forget_summary(event.seq)

    def _hold(self, event: Event) -> None:
        if len(self._held) < _HELD_EVENTS:
            self._held.append(event)
        else:
            self._forget_summary(event.seq)

    def _forget_summary(self, until_seq: int) -> None:
        # What a tombstone covers may have renamed the group or changed its members.
        if self._summary_seq < until_seq:
            self.needs_summary = True
            self.members = None
            self.members_seq = until_seq
            self._floor = None
            self._held.clear()
            self._stale_until = until_seq

    def _change_members(self, event: Event) -> None:
        """Keep the fetched list of members true. Each step may be repeated: the list may be newer than the event."""
        if not event.kind.startswith("member."):
            return
        self.members_seq = event.seq
        if self.members is None:
            return
        data: dict[str, Any] = event.data or {}
        account_id = str(data["account_id"])
        if event.kind == "member.joined":
            self.members[account_id] = msgspec.convert(data, Member)
        elif event.kind == "member.left":
            self.members.pop(account_id, None)
        elif event.kind == "member.role_changed" and account_id in self.members:
            self.members[account_id] = msgspec.structs.replace(self.members[account_id], role=str(data["role"]))
        elif event.kind == "member.changed" and account_id in self.members:
            self.members[account_id] = _changed(self.members[account_id], data)

    def _change_summary(self, event: Event) -> None:
        data: dict[str, Any] = event.data or {}
        if event.kind == "session.closed":
            self.session = None  # a summary shows open sessions only
        elif event.kind.startswith("session."):
            self.session = msgspec.convert({**data, "id": data["session_id"]}, ServiceSession)
        elif event.kind == "conversation.renamed":
            self.title = str(data["title"])
        elif event.kind == "member.joined":
            self.member_count += 1
            if data["account_id"] == self._self_id:
                self.role = str(data["role"])
                self.joined_seq = event.seq
        elif event.kind == "member.left":
            self.member_count -= 1
            if data["account_id"] == self._self_id:
                self.role = None
        elif event.kind == "member.role_changed" and data["account_id"] == self._self_id:
            self.role = str(data["role"])
        elif event.kind == "member.changed" and data["account_id"] == self._self_id and "silenced_until" in data:
            self.silenced_until = msgspec.convert(data["silenced_until"], datetime | None)
        elif self.group is not None:
            self._change_group(event.kind, data)

    def _change_group(self, kind: str, data: dict[str, Any]) -> None:
        assert self.group is not None
        if kind == "group.changed":
            self.group = _changed(self.group, data)
        elif kind == "message.pinned":
            self.group = msgspec.structs.replace(self.group, pins=[*self.group.pins, int(data["message_seq"])])
        elif kind == "message.unpinned":
            rest = [seq for seq in self.group.pins if seq != data["message_seq"]]
            self.group = msgspec.structs.replace(self.group, pins=rest)


def _changed(held: Held, data: dict[str, Any]) -> Held:
    """Return a struct with the fields that an event names, and no others."""
    return msgspec.convert({**msgspec.to_builtins(held), **data}, type(held))
