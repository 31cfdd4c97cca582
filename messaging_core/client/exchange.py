"""What is said over one connection after another: frames in, frames out. No sockets here, and no reconnecting."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from .control import Control, ControlFrame
from .errors import ApiError, ClientError, ConnectionLost
from .feed import Feed
from .frames import (
    Ack,
    AnyServerFrame,
    ConversationAdded,
    ErrorFrame,
    Event,
    Limits,
    Own,
    Ping,
    Pong,
    Read,
    ReadCursor,
    Sync,
    Synced,
    Watch,
    Welcome,
)
from .link import Link
from .models import Account
from .outbox import Outbox
from .replica import Applied
from .replicas import Replicas

logger = logging.getLogger(__name__)

# A refusal "for now" that lasts longer than this is an answer for people, not a pause for the outbox.
_PATIENCE_MS = 30_000
_FIRST_PAUSE_MS = 500


class Exchange:
    """Applies what the server says, and writes what waits. Belongs to one client; outlives its connections.

    A `/` in the `ref` of a frame cannot be part of a client_msg_id, so errors of sends and of others never mix.
    """

    def __init__(self, *, outbox: Outbox, replicas: Replicas, feed: Feed, on_wanting: Callable[[], None]) -> None:
        self.outbox = outbox
        self.replicas = replicas
        self.feed = feed
        self.account: Account | None = None
        self.limits = Limits()
        self.connected = False
        self.caught_up = asyncio.Event()
        """Set while connected, once everything that was missed has come."""
        self._unsynced: set[str] = set()
        self._on_wanting = on_wanting
        self._control = Control()
        self._wake = asyncio.Event()
        self._watched: tuple[str, ...] | None = None
        self._unsent_reads: dict[str, int] = {}
        self._pings: dict[str, asyncio.Future[None]] = {}
        self._pinged = 0
        self._syncs: dict[str, list[asyncio.Future[None]]] = {}

    def begin(self, welcome: Welcome) -> None:
        """Start with a fresh connection: what it told, and what it must be told again."""
        self.account = welcome.account
        self.limits = welcome.limits
        opening = self.replicas.welcome(welcome)
        self._unsynced = self.replicas.syncing | set(opening.syncs)
        for lost in opening.reads:
            self._unsent_reads.setdefault(lost.conversation_id, lost.msg_no)
        for conversation_id, msg_no in self._unsent_reads.items():
            self._put_read(conversation_id, msg_no)
        self._unsent_reads.clear()
        if self._watched is not None:
            self._control.put(Watch(account_ids=list(self._watched), ref="watch/"))
        self.connected = True
        for conversation_id in opening.syncs:
            self._ask_for_missing(conversation_id)
        self._wake.set()
        if not self._unsynced:
            self.caught_up.set()
        if self.replicas.wanting:
            self._on_wanting()
        self.feed.publish(welcome)

    async def talk(self, link: Link) -> None:
        """Read and write until the connection is lost; always raises."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.write(link), name="kefu-client-writer")
                while True:
                    self.handle(await link.read())
        except BaseExceptionGroup as both:
            # The reader's and the writer's ends of one broken connection; anything else tells more than that.
            others = [error for error in both.exceptions if not isinstance(error, ConnectionLost)]
            raise (others or both.exceptions)[0] from None

    def handle(self, frame: AnyServerFrame) -> None:
        """Apply a frame and hand it on; an event that is not the next one of its conversation is not handed on."""
        handler = self._HANDLERS.get(type(frame))
        if handler is None or handler(self, frame):
            self.feed.publish(frame)

    async def write(self, link: Link) -> None:
        """Write whatever waits, for as long as the connection lives."""
        loop = asyncio.get_running_loop()
        while True:
            for frame in self._control.take(loop.time()):
                await link.write(frame)
            while (send := self.outbox.take(loop.time())) is not None:
                await link.write(send)
            now_s = loop.time()
            waits = [wait for wait in (self._control.wait_s(now_s), self.outbox.wait_s(now_s)) if wait is not None]
            try:
                async with asyncio.timeout(min(waits) if waits else None):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    def end(self, lost: ClientError) -> None:
        """Note that the connection is gone."""
        self.connected = False
        self.caught_up.clear()
        self._control.clear()
        self.outbox.rewind()
        _fail(self._pings.values(), lost)
        self._pings.clear()

    def close(self, error: ClientError) -> None:
        """Give everyone who waits this error."""
        self.end(error)
        self.outbox.close(error)
        for waiters in self._syncs.values():
            _fail(waiters, error)
        self._syncs.clear()

    def wake(self) -> None:
        """Look at the outbox."""
        self._wake.set()

    def read(self, conversation_id: str, msg_no: int | None) -> None:
        """Mark as read here at once, and there as soon as there is a connection."""
        replica = self.replicas.get(conversation_id)
        if replica is not None:
            if not replica.mark_read(msg_no):
                return
            msg_no = replica.read_msg_no
        elif msg_no is None:
            raise KeyError(conversation_id)
        if self.connected:
            self._put_read(conversation_id, msg_no)
        else:
            self._unsent_reads[conversation_id] = max(msg_no, self._unsent_reads.get(conversation_id, 0))

    def say(self, frame: ControlFrame) -> None:
        """Queue a frame that only this connection needs."""
        if self.connected:
            self._control.put(frame)
            self._wake.set()

    def watch(self, account_ids: tuple[str, ...]) -> None:
        """Choose whose presence is wanted, on this connection and the next ones."""
        self._watched = account_ids
        self.say(Watch(account_ids=list(account_ids), ref="watch/"))

    async def ping(self) -> None:
        """Wait until the server has answered a ping; raise ConnectionLost when it cannot."""
        if not self.connected:
            raise ConnectionLost(0, "not connected")
        self._pinged += 1
        ref = f"ping/{self._pinged}"
        self._pings[ref] = waiter = asyncio.get_running_loop().create_future()
        self.say(Ping(ref=ref))
        try:
            await waiter
        finally:
            self._pings.pop(ref, None)

    async def sync(self, conversation_id: str) -> None:
        """Wait until everything that the server has now was applied; raise KeyError for an unheld conversation."""
        self.replicas[conversation_id]
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._syncs.setdefault(conversation_id, []).append(waiter)
        self._ask_for_missing(conversation_id)
        await waiter

    def _put_read(self, conversation_id: str, msg_no: int) -> None:
        self._control.put(Read(conversation_id=conversation_id, msg_no=msg_no, ref=f"read/{conversation_id}"))
        self._wake.set()

    def _ask_for_missing(self, conversation_id: str) -> None:
        after_seq = self.replicas.begin_sync(conversation_id) if self.connected else None
        if after_seq is not None:
            self.say(_sync(conversation_id, after_seq))

    def _on_event(self, frame: Event) -> bool:
        applied = self.replicas.apply(frame)
        if self.replicas.wanting:
            self._on_wanting()
        if applied is Applied.GAP:
            self._ask_for_missing(frame.conversation_id)
        message = frame.message
        if applied is Applied.NEW and message is not None and message.released:
            replica = self.replicas[frame.conversation_id]
            if replica.read_by_sending(message):  # how far we have read may still be on its way to the server
                self._put_read(frame.conversation_id, message.msg_no)
        return applied is Applied.NEW

    def _on_synced(self, frame: Synced) -> bool:
        try:
            after_seq = self.replicas.synced(frame)
        except LookupError as error:
            logger.error("%s; connecting anew", error)
            raise ConnectionLost(0, str(error)) from error
        if after_seq is not None:
            self.say(_sync(frame.conversation_id, after_seq))
            return False
        self._settle_sync(frame.conversation_id, None)
        return True

    def _on_conversation(self, frame: ConversationAdded) -> bool:
        summary = frame.conversation
        replica = self.replicas.add(summary)
        if replica.behind:
            self._ask_for_missing(summary.id)
        if replica.read_msg_no > summary.read_msg_no:  # we were here before, and the server forgot how far we read
            self._put_read(summary.id, replica.read_msg_no)
        return True

    def _on_cursor(self, frame: ReadCursor) -> bool:
        replica = self.replicas.get(frame.conversation_id)
        if replica is not None:
            replica.move_cursor(frame.account_id, frame.msg_no)
        return True

    def _on_own(self, frame: Own) -> bool:
        replica = self.replicas.get(frame.conversation_id)
        if replica is not None:
            replica.set_own(frame.own)
        return True

    def _on_ack(self, frame: Ack) -> bool:
        self.outbox.acknowledge(frame)
        self._wake.set()
        return True

    def _on_pong(self, frame: Pong) -> bool:
        waiter = self._pings.get(frame.ref or "")
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        return False

    def _on_error(self, frame: ErrorFrame) -> bool:
        conversation_id = str(frame.data.get("conversation_id", ""))
        sort, slash, target = (frame.ref or "").partition("/")
        if frame.code == "cursor_ahead" and conversation_id:
            self.replicas.drop(conversation_id)
            self.replicas.wanting[conversation_id] = None
            self._settle_sync(conversation_id, None)
            self._on_wanting()
        elif conversation_id in self._unsynced and not frame.ref and "client_msg_id" not in frame.data:
            # The answer to a cursor of hello: this was never our conversation.
            self.replicas.leave(conversation_id)
            self._settle_sync(conversation_id, None)
        elif slash:
            self._on_control_error(sort, target, frame.to_error())
        else:
            self._on_send_error(conversation_id, frame)
        return True

    def _on_send_error(self, conversation_id: str, frame: ErrorFrame) -> None:
        client_msg_id = str(frame.data.get("client_msg_id") or frame.ref or "")
        error = frame.to_error()
        meant = [
            send
            for send in self.outbox.flying()
            if client_msg_id in ("", send.client_msg_id) and conversation_id in ("", send.conversation_id)
        ]
        for send in meant:
            pause_s = _pause_s(error, self.outbox.attempts(send.conversation_id, send.client_msg_id))
            if pause_s is not None:
                until_s = asyncio.get_running_loop().time() + pause_s
                self.outbox.postpone(send.conversation_id, send.client_msg_id, until_s=until_s)
            elif client_msg_id:  # an error that names no message must not settle one
                self.outbox.refuse(send.conversation_id, send.client_msg_id, error)
        self._wake.set()

    def _on_control_error(self, sort: str, target: str, error: ApiError) -> None:
        pause_s = _pause_s(error, 0)
        replica = self.replicas.get(target)
        if sort == "sync" and (pause_s is None or replica is None):
            self.replicas.stop_sync(target)
            self._settle_sync(target, error)
        if sort == "ping":
            _fail([waiter for ref, waiter in self._pings.items() if ref == f"ping/{target}"], error)
        if pause_s is None:
            return
        at_s = asyncio.get_running_loop().time() + pause_s
        if sort == "sync" and replica is not None:
            self._control.put(_sync(target, replica.last_seq), not_before_s=at_s)
        elif sort == "read" and replica is not None:
            again = Read(conversation_id=target, msg_no=replica.read_msg_no, ref=f"read/{target}")
            self._control.put(again, not_before_s=at_s)
        elif sort == "watch" and self._watched is not None:
            self._control.put(Watch(account_ids=list(self._watched), ref="watch/"), not_before_s=at_s)
        self._wake.set()

    def _settle_sync(self, conversation_id: str, error: ClientError | None) -> None:
        self._unsynced.discard(conversation_id)
        if not self._unsynced:
            self.caught_up.set()
        for waiter in self._syncs.pop(conversation_id, ()):
            if not waiter.done():
                if error is None:
                    waiter.set_result(None)
                else:
                    waiter.set_exception(error)

    _HANDLERS: ClassVar[dict[type, Callable[[Exchange, Any], bool]]] = {
        Event: _on_event,
        Ack: _on_ack,
        Synced: _on_synced,
        ConversationAdded: _on_conversation,
        ReadCursor: _on_cursor,
        Own: _on_own,
        Pong: _on_pong,
        ErrorFrame: _on_error,
    }


def _sync(conversation_id: str, after_seq: int) -> Sync:
    return Sync(conversation_id=conversation_id, after_seq=after_seq, ref=f"sync/{conversation_id}")


def _pause_s(error: ApiError, attempts: int) -> float | None:
    """Return how long to wait before the same frame makes sense again; None when it is refused for good."""
    told_ms = error.retry_after_ms
    if not error.transient or (told_ms is not None and told_ms > _PATIENCE_MS):
        return None
    pause_ms = told_ms if told_ms is not None else min(_PATIENCE_MS, _FIRST_PAUSE_MS * 2 ** min(attempts, 10))
    return pause_ms / 1000 * random.uniform(1.0, 1.25)


def _fail(waiters: Iterable[asyncio.Future[None]], error: ClientError) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)
