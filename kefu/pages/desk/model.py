"""What a desk page keeps in memory: the sessions it lists, as small values, and which of them is where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from kefu.pages.desk.kinds_view import in_short
from messaging_core.api import BoardRow

Tab = Literal["queue", "mine", "all", "closed"]
TABS: tuple[Tab, ...] = ("queue", "mine", "all", "closed")


@dataclass(slots=True, frozen=True)
class Entry:
    """A session in a list; times in microseconds UTC."""

    session_id: int
    conversation_id: int
    customer_id: int
    customer_name: str
    state: str
    agent_id: int | None
    agent_name: str | None
    reason: str
    summary: str
    opened_at: int
    changed_at: int
    queued_at: int | None
    stars: int | None
    words: str
    said_at: str
    from_customer: bool
    unread: int


def to_entry(row: BoardRow) -> Entry:
    """Return a session as a list shows it."""
    session, said = row.session, row.last_message
    return Entry(
        session_id=session.id,
        conversation_id=session.conversation_id,
        customer_id=session.customer_id,
        customer_name=session.customer_name or "访客",
        state=session.state,
        agent_id=session.agent_id,
        agent_name=session.agent_name,
        reason=session.reason,
        summary=session.summary or "",
        opened_at=session.opened_at,
        changed_at=session.changed_at,
        queued_at=session.queued_at,
        stars=session.stars,
        words=in_short(said["kind"], said["body"]) if said else "",
        said_at=said["at"] if said else "",
        from_customer=said is not None and said["origin"] == "person",
        unread=row.unread,
    )


class Board:
    """The open sessions of an enterprise as one agent sees them."""

    def __init__(self, *, agent_id: int) -> None:
        self._agent_id = agent_id
        self._entries: dict[int, Entry] = {}

    def replace(self, entries: list[Entry]) -> None:
        """Begin anew."""
        self._entries = {entry.conversation_id: entry for entry in entries}

    def put(self, entry: Entry) -> None:
        """Take in a session as it is now; one that is closed is listed no more."""
        if entry.state == "closed":
            self._entries.pop(entry.conversation_id, None)
        else:
            self._entries[entry.conversation_id] = entry

    def find(self, conversation_id: int | None) -> Entry | None:
        """Return a listed session, or None."""
        return self._entries.get(conversation_id) if conversation_id is not None else None

    def hear(self, conversation_id: int, message: Mapping[str, Any], *, is_read: bool) -> bool:
        """Note a new message; False when its session is not listed."""
        entry = self._entries.get(conversation_id)
        if entry is None:
            return False
        own = message["sender_id"] == str(self._agent_id)
        counts = entry.agent_id == self._agent_id and not own and not is_read
        self._entries[conversation_id] = replace(
            entry,
            words=in_short(message["kind"], message["body"]),
            said_at=message["at"],
            from_customer=message["origin"] == "person",
            unread=entry.unread + 1 if counts else 0 if own or is_read else entry.unread,
        )
        return True

    def reword(self, conversation_id: int, message: Mapping[str, Any]) -> None:
        """Note that a message is not what it was: a list shows the last one."""
        entry = self._entries.get(conversation_id)
        if entry is not None and entry.said_at == message["at"]:
            self._entries[conversation_id] = replace(entry, words=in_short(message["kind"], message["body"]))

    def mark_read(self, conversation_id: int) -> None:
        """Note that everything was read."""
        entry = self._entries.get(conversation_id)
        if entry is not None:
            self._entries[conversation_id] = replace(entry, unread=0)

    def queue(self) -> list[Entry]:
        """Return who waits, in order of arrival."""
        waiting = [entry for entry in self._entries.values() if entry.state == "queued"]
        return sorted(waiting, key=lambda entry: (entry.queued_at or 0, entry.session_id))

    def mine(self) -> list[Entry]:
        """Return the agent's own sessions, where somebody spoke last first."""
        own = [entry for entry in self._entries.values() if entry.agent_id == self._agent_id]
        return sorted(own, key=lambda entry: entry.said_at, reverse=True)

    def all(self) -> list[Entry]:
        """Return all open sessions, where somebody spoke last first."""
        return sorted(self._entries.values(), key=lambda entry: entry.said_at, reverse=True)

    def unread(self) -> int:
        """Return how many messages wait in the agent's own sessions."""
        return sum(entry.unread for entry in self._entries.values() if entry.agent_id == self._agent_id)
