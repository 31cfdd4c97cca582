"""A made-up history of one group as its server would keep it: events, and the summary after any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace as replace_message

from messaging_core.client.frames import Event
from messaging_core.client.models import Conversation, GroupView, Member, Message, ServiceSession

ME = "10"
GROUP = "2"
_START = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Server:
    """The truth about the group, seen by its member ME. Each step returns the next state."""

    events: tuple[Event, ...] = ()
    title: str = "茶友群"
    roles: dict[str, str] = field(default_factory=lambda: {ME: "member", "11": "owner"})
    session: ServiceSession | None = None
    messages: tuple[Message, ...] = ()
    read_msg_no: int = 0
    visible_from: int = 1
    joined_seq: int = 1
    group: GroupView = field(default_factory=GroupView)

    @property
    def last_seq(self) -> int:
        return len(self.events)

    def say(self, sender_id: str, *, released: bool = False) -> Server:
        if sender_id not in self.roles:
            return self
        seq, msg_no = self.last_seq + 1, len(self.messages) + 1
        message = Message(
            id=f"9{seq:04}",
            client_msg_id=f"c-{seq}",
            sender_id=sender_id,
            origin="person",
            kind="text",
            v=1,
            body={"text": f"第 {msg_no} 条"},
            mentions=[ME] if sender_id == "12" else [],
            released=released,
            seq=seq,
            msg_no=msg_no,
            at=_START + timedelta(seconds=seq),
        )
        event = Event(
            conversation_id=GROUP, seq=seq, kind="message.sent", at=message.at, actor_id=sender_id, message=message
        )
        reads = sender_id == ME and not (released and self.read_msg_no < msg_no - 1)
        read = msg_no if reads else self.read_msg_no
        return replace(self, events=(*self.events, event), messages=(*self.messages, message), read_msg_no=read)

    def change(self, how: str) -> Server:
        """Let the last message be recalled, or liked once more, as its event brings it to whoever was there."""
        if not self.messages:
            return self
        last, seq = self.messages[-1], self.last_seq + 1
        if how == "recall":
            after = replace_message(last, kind="recalled", body={"by": last.sender_id}, mentions=[], reactions={})
        else:
            after = replace_message(last, reactions={"👍": [*last.reactions.get("👍", []), str(seq)]})
        event = Event(
            conversation_id=GROUP,
            seq=seq,
            kind="message.recalled" if how == "recall" else "message.reacted",
            at=_START + timedelta(seconds=seq),
            actor_id="11",
            message=after,
        )
        return replace(self, events=(*self.events, event), messages=(*self.messages[:-1], after))

    def set_notice(self, notice: str) -> Server:
        group = replace_message(self.group, notice=notice)
        return replace(self, events=self._with("group.changed", notice=notice), group=group)

    def rename(self, title: str) -> Server:
        return replace(self, events=self._with("conversation.renamed", title=title), title=title)

    def join(self, account_id: str) -> Server:
        if account_id in self.roles:
            return self
        events = self._with("member.joined", account_id=account_id, name=f"名{account_id}", role="member")
        state = replace(self, events=events, roles={**self.roles, account_id: "member"})
        if account_id != ME:
            return state
        # Who comes back sees nothing of what was said before, and has nothing unread.
        seq = len(events)
        return replace(state, joined_seq=seq, visible_from=seq, read_msg_no=len(self.messages))

    def leave(self, account_id: str) -> Server:
        if account_id not in self.roles or account_id == ME:
            return self
        roles = {key: role for key, role in self.roles.items() if key != account_id}
        return replace(self, events=self._with("member.left", account_id=account_id, reason="left"), roles=roles)

    def appoint(self, account_id: str, role: str) -> Server:
        if account_id not in self.roles:
            return self
        events = self._with("member.role_changed", account_id=account_id, role=role)
        return replace(self, events=events, roles={**self.roles, account_id: role})

    def assign(self, state: str) -> Server:
        version = self.last_seq + 1
        kind = {"closed": "session.closed", "agent": "session.assigned"}.get(state, "session.queued")
        events = self._with(
            kind, session_id="700", state=state, assignment_version=version, agent_id=None, agent_name=None
        )
        session = None if state == "closed" else ServiceSession(id="700", state=state, assignment_version=version)
        return replace(self, events=events, session=session)

    def read(self, msg_no: int) -> Server:
        return replace(self, read_msg_no=max(self.read_msg_no, min(msg_no, len(self.messages))))

    def summary(self) -> Conversation:
        """Return what GET /v1/conversations/{id} would."""
        visible = [message for message in self.messages if message.seq >= self.visible_from]
        return Conversation(
            id=GROUP,
            kind="group",
            title=self.title,
            created_at=_START,
            role=self.roles[ME],
            joined_seq=self.joined_seq,
            last_seq=self.last_seq,
            last_msg_no=len(self.messages),
            read_msg_no=self.read_msg_no,
            unread=len(self.messages) - self.read_msg_no,
            member_count=len(self.roles),
            last_message=visible[-1] if visible else None,
            session=self.session,
            group=self.group,
            mentions=[one.msg_no for one in visible if ME in one.mentions and one.msg_no > self.read_msg_no],
            alert="ring" if visible and visible[-1].sender_id != ME else None,
        )

    def members(self) -> dict[str, str]:
        """Return the role of each member."""
        return dict(self.roles)

    def member_list(self) -> list[Member]:
        """Return what the list of members would."""
        return [Member(account_id=key, name=f"名{key}", role=role) for key, role in self.roles.items()]

    def after(self, seq: int) -> list[Event]:
        """Return what a sync after `seq` brings: a tombstone for what ME may not see, then the events."""
        if seq + 1 >= self.visible_from:
            return list(self.events[seq:])
        data = {"to_seq": self.visible_from - 1}
        tombstone = Event(conversation_id=GROUP, seq=seq + 1, kind="hidden", at=_START, data=data)
        return [tombstone, *self.events[self.visible_from - 1 :]]

    def _with(self, kind: str, **data: Any) -> tuple[Event, ...]:
        seq = self.last_seq + 1
        at = _START + timedelta(seconds=seq)
        return (*self.events, Event(conversation_id=GROUP, seq=seq, kind=kind, at=at, actor_id="11", data=data))


def play(steps: Sequence[tuple[str, str]], server: Server | None = None) -> list[Server]:
    """Return the states of a server after each step, the first one included."""
    states = [server if server is not None else Server().say("11")]
    for verb, argument in steps:
        states.append(_STEPS[verb](states[-1], argument))
    return states


_STEPS: dict[str, Callable[[Server, str], Server]] = {
    "say": Server.say,
    "release": lambda server, sender_id: server.say(sender_id, released=True),
    "join": Server.join,
    "leave": Server.leave,
    "rename": Server.rename,
    "change": Server.change,
    "notice": Server.set_notice,
    "assign": Server.assign,
    "appoint": lambda server, account_id: server.appoint(account_id, "admin"),
    "read": lambda server, msg_no: server.read(int(msg_no)),
}
