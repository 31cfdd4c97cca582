"""The hub: after a commit, its events reach the live links of the members on this node; other nodes are woken.

Order of things for a link: it is registered first and reads second, so nothing can fall between (see catch_up).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import groupby
from operator import attrgetter

import msgspec
import structlog

from messaging_core.delivery.feed import Feed
from messaging_core.delivery.link import Block, Link
from messaging_core.errors import StorageUnavailable
from messaging_core.identity.privacy_policy import Quiet
from messaging_core.kernel.broker import Broker, InProcessBroker
from messaging_core.kernel.event_log import MEMBER_JOINED, MEMBER_LEFT, Event

log = structlog.get_logger("kefu.delivery")

ReadEvents = Callable[[int, int], Awaitable[list[Event]]]
Attach = Callable[[Link, int], None]

_REPAIR_AFTER_S = 0.02
# A push to a crowd costs milliseconds of the loop: afterwards its feed rests, and what is committed meanwhile goes out
# together. So no group keeps the loop to itself, and under load each write carries more.
_CROWD = 32
# A push only queues; the system calls behind it take about twice as long again.
_REST = 3.0
_REST_MAX_S = 0.005
_CURSOR = b'{"type":"cursor",'
_by_conversation = attrgetter("conversation_id")


class Wake(msgspec.Struct, array_like=True):
    """What another node is told of a conversation: its newest `seq`, and who came in."""

    conversation_id: int
    seq: int
    joined: list[int] = []


class _Cursor(msgspec.Struct):
    """What is looked at in a `cursor` frame."""

    account_id: str
    msg_no: int


class Hub:
    """All links and feeds of this node.

    Args:
        broker: wakes the other nodes.
        read_events: returns the committed events of a conversation after a `seq`.
        timer: seconds that pass, for what a push has cost.
    """

    def __init__(
        self, *, broker: Broker, read_events: ReadEvents, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._broker = broker
        self._read_events = read_events
        self._timer = timer
        self._alone = isinstance(broker, InProcessBroker)
        self._listeners: list[Callable[[list[Event]], None]] = []
        self._taps: list[Callable[[int, bytes], None]] = []
        self._wake_listeners: list[Callable[[int, int], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.feeds: dict[int, Feed] = {}
        self.links: dict[int, set[Link]] = {}
        self.attach: Attach = lambda link, conversation_id: None
        self.on_presence: Callable[[int, bool], None] = lambda account_id, online: None
        self.on_wake: Callable[[int], None] = lambda conversation_id: None
        broker.subscribe("wake", self._woken)
        broker.subscribe("ephemeral", self._on_ephemeral)
        broker.subscribe("account", self._on_account)
        broker.subscribe("quiet", self._on_quiet)

    # --- links -----------------------------------------------------------------------------------------------

    def add_link(self, link: Link) -> None:
        """Register a link; the first of an account makes it present."""
        links = self.links.setdefault(link.actor.account_id, set())
        links.add(link)
        if len(links) == 1:
            self.on_presence(link.actor.account_id, True)

    def remove_link(self, link: Link) -> None:
        """Forget a link and its places in feeds."""
        link.closed = True
        account_id = link.actor.account_id
        links = self.links.get(account_id)
        if links is not None and link in links:
            links.discard(link)
            if not links:
                del self.links[account_id]
                self.on_presence(account_id, False)
        for conversation_id in tuple(link.conversations):
            self.leave(link, conversation_id)

    def enter(self, link: Link, conversation_id: int) -> None:
        """Register a link in a feed, not yet live; one that has gone meanwhile stays out."""
        if link.closed or conversation_id in link.conversations:
            return
        feed = self.feeds.get(conversation_id)
        if feed is None:
            feed = self.feeds[conversation_id] = Feed(conversation_id)
        link.conversations.add(conversation_id)
        feed.coming[link] = {}
        feed.refs += 1

    def leave(self, link: Link, conversation_id: int) -> None:
        """Take a link out of a feed."""
        feed = self.feeds.get(conversation_id)
        if feed is None or conversation_id not in link.conversations:
            return
        link.conversations.discard(conversation_id)
        feed.drop(link)
        feed.coming.pop(link, None)
        feed.refs -= 1
        if feed.refs <= 0:
            del self.feeds[conversation_id]
        if conversation_id in link.returning and not link.closed:
            self._bring(link, conversation_id)
        link.returning.discard(conversation_id)

    # --- events ----------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[list[Event]], None]) -> None:
        """Have `listener` called with the events of each commit of this node (subscribers' wake-up)."""
        self._listeners.append(listener)

    def tap(self, listener: Callable[[int, bytes], None]) -> None:
        """Have `listener` called with each frame without `seq` (typing, cursor) and its conversation."""
        self._taps.append(listener)

    def listen_to_nodes(self, listener: Callable[[int, int], None]) -> None:
        """Have `listener` called with a conversation and its newest `seq` when another node has written into it."""
        self._wake_listeners.append(listener)

    def publish(self, events: list[Event]) -> None:
        """Tell what a commit of this node brought. Called on the event loop, after the commit."""
        if not events:
            return
        wakes: list[Wake] = []
        for conversation_id, group in groupby(events, _by_conversation):
            batch = list(group)
            self._deliver(conversation_id, batch)
            if not self._alone:
                joined = [account for event in batch for account in _who_came(event)]
                wakes.append(Wake(conversation_id, batch[-1].seq, joined))
        if wakes:
            self._broker.publish("wake", msgspec.json.encode(wakes))
        for listener in self._listeners:
            listener(events)

    def _deliver(self, conversation_id: int, batch: list[Event]) -> None:
        feed = self.feeds.get(conversation_id)
        if feed is not None and feed.waiting is not None:
            feed.waiting += batch
        elif feed is None or len(feed.live) < _CROWD:
            self._push(conversation_id, batch)
        elif (rest_s := feed.rests_until - self._timer()) > 0:
            feed.waiting = batch
            asyncio.get_running_loop().call_later(rest_s, self._push_crowd, feed)
        else:
            feed.waiting = batch
            self._push_crowd(feed)

    def _push_crowd(self, feed: Feed) -> None:
        batch, feed.waiting = feed.waiting, None
        began = self._timer()
        self._push(feed.conversation_id, batch or [])
        ended = self._timer()
        feed.rests_until = ended + min(_REST * (ended - began), _REST_MAX_S)

    def _push(self, conversation_id: int, batch: list[Event]) -> None:
        for event in batch:
            for account_id in _who_came(event):
                self.bring(account_id, conversation_id)
        feed = self.feeds.get(conversation_id)
        due = feed.accept(batch) if feed is not None else batch
        for event in due:
            # Who came is followed at once and who left in its turn: he must get what was said before.
            if event.kind == MEMBER_LEFT and event.account_id is not None:
                for link in tuple(self.links.get(event.account_id, ())):
                    self.leave(link, conversation_id)
        if feed is not None and feed.parked is not None:
            self._repair_soon(feed)

    def bring(self, account_id: int, conversation_id: int) -> None:
        """Have a conversation brought to the links of somebody who came in."""
        for link in tuple(self.links.get(account_id, ())):
            self._bring(link, conversation_id)

    def _bring(self, link: Link, conversation_id: int) -> None:
        if link.early is not None:
            link.early.add(conversation_id)
        elif conversation_id in link.catching_up:
            link.catching_up[conversation_id].again = True
        elif conversation_id in link.conversations:
            link.returning.add(conversation_id)
        else:
            self.attach(link, conversation_id)

    def push_ephemeral(self, conversation_id: int, frame: bytes, *, but: Link | None = None) -> None:
        """Send a frame without `seq` (typing, cursor) to the live links of a conversation, on all nodes.

        Who is on the way to live gets the cursors when he is there.
        """
        self._push_here(conversation_id, frame, but)
        if not self._alone:
            self._broker.publish("ephemeral", b"%d " % conversation_id + frame)

    def push_typing(self, conversation_id: int, account_id: int, *, on: bool, but: Link | None = None) -> None:
        """Tell that somebody has begun or ceased to write."""
        words = "true" if on else "false"
        frame = f'{{"type":"typing","conversation_id":"{conversation_id}","account_id":"{account_id}","on":{words}}}'
        self.push_ephemeral(conversation_id, frame.encode(), but=but)

    def _push_here(self, conversation_id: int, frame: bytes, but: Link | None) -> None:
        for tap in self._taps:
            tap(conversation_id, frame)
        feed = self.feeds.get(conversation_id)
        if feed is None:
            return
        if feed.coming and frame.startswith(_CURSOR):
            cursor = msgspec.json.decode(frame, type=_Cursor)
            feed.keep_cursor(int(cursor.account_id), cursor.msg_no, frame)
        if not feed.live:
            return
        block = Block([frame])
        for link in tuple(feed.live):
            if link is not but:
                link.push(block)

    def _on_ephemeral(self, payload: bytes) -> None:
        conversation_id, _, frame = payload.partition(b" ")
        self._push_here(int(conversation_id), frame, None)

    def push_account(self, account_id: int, frame: bytes) -> None:
        """Send a frame without `seq` to all links of one account, on all nodes."""
        self._push_account_here(account_id, frame)
        if not self._alone:
            self._broker.publish("account", b"%d " % account_id + frame)

    def _push_account_here(self, account_id: int, frame: bytes) -> None:
        for link in tuple(self.links.get(account_id, ())):
            if link.early is None:
                link.push_frames([frame])
            elif link.held is not None:
                link.held.append(frame)  # its welcome comes first, and may be older than this

    def _on_account(self, payload: bytes) -> None:
        account_id, _, frame = payload.partition(b" ")
        self._push_account_here(int(account_id), frame)

    def set_quiet(self, account_id: int, encoded: bytes) -> None:
        """Have all links of one account, on all nodes, know its do-not-disturb hours."""
        self._set_quiet_here(account_id, encoded)
        if not self._alone:
            self._broker.publish("quiet", b"%d " % account_id + encoded)

    def _set_quiet_here(self, account_id: int, encoded: bytes) -> None:
        for link in tuple(self.links.get(account_id, ())):
            link.quiet, link.quiet_told = msgspec.json.decode(encoded, type=Quiet | None), True

    def _on_quiet(self, payload: bytes) -> None:
        account_id, _, encoded = payload.partition(b" ")
        self._set_quiet_here(int(account_id), encoded)

    # --- other nodes -----------------------------------------------------------------------------------------

    def _woken(self, payload: bytes) -> None:
        for wake in msgspec.json.decode(payload, type=list[Wake]):
            self.look(wake.conversation_id, wake.seq)
            for account_id in wake.joined:
                self.bring(account_id, wake.conversation_id)
            self.on_wake(wake.conversation_id)
            for listener in self._wake_listeners:
                listener(wake.conversation_id, wake.seq)

    def look(self, conversation_id: int, seq: int) -> None:
        """Make sure that the live links of a conversation have all up to `seq` (wake-ups and the sweep)."""
        feed = self.feeds.get(conversation_id)
        if feed is None or feed.head >= seq:
            return
        if not feed.live:
            feed.head = seq
            return
        feed.heard = max(feed.heard, seq)
        if not feed.repairing:
            self._spawn(self._repair(feed))

    def _repair_soon(self, feed: Feed) -> None:
        feed.heard = max(feed.heard, *(feed.parked or (0,)))
        if not feed.repairing:
            # Most gaps close by themselves within a turn of the loop: another commit of ours is being told.
            asyncio.get_running_loop().call_later(_REPAIR_AFTER_S, lambda: self._spawn(self._repair(feed)))

    async def _repair(self, feed: Feed) -> None:
        """Read what the live links miss of what was heard of, until they have it."""
        if feed.repairing:
            return
        feed.repairing = True
        try:
            while feed.live and feed.head < feed.heard:
                aim = feed.heard
                events = await self._read_events(feed.conversation_id, feed.head)
                for event in events:
                    self._push(feed.conversation_id, [event])
                if not events and feed.heard == aim:
                    break  # the log ends before what was heard of; what is heard meanwhile is looked for again
        except StorageUnavailable as error:
            log.warning("delivery.repair_failed", conversation_id=feed.conversation_id, why=error.why)
        finally:
            feed.repairing = False

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for repairs under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _who_came(event: Event) -> tuple[int, ...]:
    if event.kind == MEMBER_JOINED and event.account_id is not None:
        return (event.account_id,)
    return event.joined
