"""The offline queue: messages wait here until the server has acknowledged or refused them.

Pure: no I/O but the journal it is given, and the time is passed in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from .errors import ApiError, ClientError, OutboxFull
from .frames import Ack, Send

Key = tuple[str, str]
"""Conversation id and client_msg_id."""


class Journal(Protocol):
    """Where entries survive a restart of the process."""

    def load(self) -> list[Send]: ...

    def added(self, send: Send) -> None: ...

    def settled(self, send: Send) -> None: ...

    def close(self) -> None: ...


class Entry:
    """A message that is not settled yet, and those who wait for its acknowledgement."""

    __slots__ = ("_result", "_waiters", "attempts", "send")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.attempts = 0
        self._result: Ack | ClientError | None = None
        self._waiters: list[asyncio.Future[None]] = []

    async def wait(self) -> Ack:
        """Wait for the acknowledgement; raise what settled it otherwise. Cancelling gives up waiting, not sending."""
        if self._result is None:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        if isinstance(self._result, Ack):
            return self._result
        assert self._result is not None, "only _finish wakes"
        raise self._result

    def _finish(self, result: Ack | ClientError) -> None:
        self._result = result
        for waiter in self._waiters:
            if not waiter.done():  # done: its owner was cancelled
                waiter.set_result(None)
        self._waiters.clear()


class _Lane:
    """The unsettled messages of one conversation, oldest first: those on the wire, then those that wait."""

    __slots__ = ("flying", "paused_until", "waiting")

    def __init__(self) -> None:
        self.flying: dict[str, Entry] = {}
        self.waiting: deque[Entry] = deque()
        self.paused_until = 0.0


class Outbox:
    """Unsettled messages, in order within each conversation, at most `limit` in all.

    At most `window` messages of a conversation are on the wire at once. With 1 the order holds whatever happens; with
    more, a message that is refused for a moment (rate, overload) may be overtaken by those already behind it.
    """

    __slots__ = ("_entries", "_journal", "_lanes", "_limit", "_paused", "_ready", "_window")

    def __init__(self, *, limit: int = 1000, window: int = 1, journal: Journal | None = None) -> None:
        if limit < 1 or window < 1:
            raise ValueError("limit and window of an outbox are at least 1")
        self._limit = limit
        self._window = window
        self._journal = journal
        self._entries: dict[Key, Entry] = {}
        self._lanes: dict[str, _Lane] = {}
        self._ready: dict[str, None] = {}  # an ordered set: conversations that may have something to send
        self._paused: dict[str, None] = {}

    def load(self) -> None:
        """Take in what the journal holds from the last time; call it once, before the first `add`."""
        for send in self._journal.load() if self._journal is not None else ():
            self._admit(Entry(send))

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the unsettled messages in the order they were added."""
        return iter(list(self._entries.values()))

    def add(self, send: Send) -> Entry:
        """Take a message and return its entry, the same one for the same message; raise OutboxFull at the limit.

        The same client_msg_id with other content is refused as the server would (ApiError client_msg_id_reused).
        """
        known = self._entries.get((send.conversation_id, send.client_msg_id))
        if known is not None:
            if known.send != send:
                raise ApiError("client_msg_id_reused", 409, "This client_msg_id waits with other content.")
            return known
        if len(self._entries) >= self._limit:
            raise OutboxFull(f"{self._limit} messages wait already")
        if self._journal is not None:
            self._journal.added(send)
        entry = Entry(send)
        self._admit(entry)
        return entry

    def take(self, now_s: float) -> Send | None:
        """Return the next message to put on the wire and mark it as flying; None when all wait or fly."""
        self._wake(now_s)
        while self._ready:
            conversation_id = next(iter(self._ready))
            lane = self._lanes[conversation_id]
            if lane.waiting and len(lane.flying) < self._window and lane.paused_until <= now_s:
                entry = lane.waiting.popleft()
                lane.flying[entry.send.client_msg_id] = entry
                return entry.send
            del self._ready[conversation_id]
        return None

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until a paused conversation may go on; None when none is paused."""
        if not self._paused:
            return None
        return max(0.0, min(self._lanes[lane].paused_until for lane in self._paused) - now_s)

    def acknowledge(self, ack: Ack) -> bool:
        """Settle the message of this acknowledgement; return False when it is not (or no longer) here."""
        return self._settle((ack.conversation_id, ack.client_msg_id), ack)

    def refuse(self, conversation_id: str, client_msg_id: str, error: ClientError) -> bool:
        """Settle a message with an error; return False when it is not here."""
        return self._settle((conversation_id, client_msg_id), error)

    def postpone(self, conversation_id: str, client_msg_id: str, *, until_s: float) -> bool:
        """Put a message back to the front of its conversation, which pauses until then; False when not flying."""
        lane = self._lanes.get(conversation_id)
        entry = lane.flying.pop(client_msg_id, None) if lane is not None else None
        if lane is None or entry is None:
            return False
        entry.attempts += 1
        lane.waiting.appendleft(entry)
        lane.paused_until = max(lane.paused_until, until_s)
        self._paused[conversation_id] = None
        return True

    def attempts(self, conversation_id: str, client_msg_id: str) -> int:
        """Return how often the message was postponed."""
        entry = self._entries.get((conversation_id, client_msg_id))
        return entry.attempts if entry is not None else 0

    def flying(self) -> list[Send]:
        """Return what is on the wire."""
        return [entry.send for lane in self._lanes.values() for entry in lane.flying.values()]

    def rewind(self) -> None:
        """Take everything off the wire: the connection is gone, and what flew is sent again, in order."""
        for conversation_id, lane in self._lanes.items():
            lane.waiting.extendleft(reversed(lane.flying.values()))
            lane.flying.clear()
            lane.paused_until = 0.0
            self._ready[conversation_id] = None
        self._paused.clear()

    def close(self, error: ClientError) -> None:
        """Give everyone who waits this error; the journal keeps the messages for the next start."""
        for entry in self._entries.values():
            entry._finish(error)
        if self._journal is not None:
            self._journal.close()

    def _admit(self, entry: Entry) -> None:
        send = entry.send
        self._entries[send.conversation_id, send.client_msg_id] = entry
        lane = self._lanes.get(send.conversation_id)
        if lane is None:
            lane = self._lanes[send.conversation_id] = _Lane()
        lane.waiting.append(entry)
        self._ready[send.conversation_id] = None

    def _settle(self, key: Key, result: Ack | ClientError) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        conversation_id, client_msg_id = key
        lane = self._lanes[conversation_id]
        if lane.flying.pop(client_msg_id, None) is None:
            lane.waiting.remove(entry)
        if lane.waiting:
            self._ready[conversation_id] = None
        elif not lane.flying:
            del self._lanes[conversation_id]
            self._ready.pop(conversation_id, None)
            self._paused.pop(conversation_id, None)
        if self._journal is not None:
            self._journal.settled(entry.send)
        entry._finish(result)
        return True

    def _wake(self, now_s: float) -> None:
        for conversation_id in [name for name in self._paused if self._lanes[name].paused_until <= now_s]:
            del self._paused[conversation_id]
            self._ready[conversation_id] = None
