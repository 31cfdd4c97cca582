"""Runs one subscriber: conversations side by side, events of one conversation one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from kefu.base.clock import MINUTE_US, SECOND_US
from messaging_core.errors import CoreError, StorageUnavailable
from messaging_core.integrations import store
from messaging_core.integrations.subscriber import CommunitySubscriber, Delivery, ServiceSubscriber, Subscriber
from messaging_core.kernel.event_log import Event
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store as messages

if TYPE_CHECKING:
    from messaging_core.core import Core

log = structlog.get_logger("kefu.subscribers")
T = TypeVar("T")
_SIDE_BY_SIDE = 16
_PAGE = 100
_LEASE_US = 30 * SECOND_US
_BEHIND_MAX = 1000
_FOREIGN_MAX = 100_000


@dataclass(slots=True)
class _Lease:
    """The right to serve one conversation, and the cursor, which nobody else moves meanwhile."""

    cursor: int
    until_us: int


class Runner:
    """One subscriber's worker on this node. A lease per conversation keeps two nodes from serving it at once."""

    def __init__(self, core: Core, subscriber: Subscriber) -> None:
        self._core = core
        self._subscriber = subscriber
        community = subscriber if isinstance(subscriber, CommunitySubscriber) else None
        self._glance = community.wants if community is not None else None
        self._only: store.Only = (
            "service" if isinstance(subscriber, ServiceSubscriber) else "community" if community is not None else None
        )
        self._foreign: set[int] = set()
        """Conversations of which it was found that the subscriber never looks at them."""
        self._fresh: dict[int, Event] = {}
        """The next event of a conversation, as its commit told it: it need not be read from the log."""
        self._leases: dict[int, _Lease] = {}
        """What this node has; a lease with half its time left is not asked for again."""
        self._slots = asyncio.Semaphore(getattr(subscriber, "side_by_side", _SIDE_BY_SIDE))
        self._dirty: set[int] = set()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._owed: set[int] = set()
        """Conversations that the database or a bug kept from being served; the next sweep takes them up."""
        self._leasing: set[asyncio.Task[Any]] = set()
        """Leases on their way into the database: they arrive there even if whoever asked was cut off."""
        self._stopping = False
        self._since_us = 0

    async def start(self) -> None:
        """Register the subscriber and look for all that it has missed."""
        core, subscriber = self._core, self._subscriber
        now_us = 0 if subscriber.from_start else core.clock.now_us()
        await core.run(
            lambda unit: store.register(
                unit.connection, name=subscriber.name, enterprise_id=subscriber.enterprise_id, from_at=now_us
            )
        )
        self._since_us = await core.read(lambda connection: store.get_from_at(connection, consumer=subscriber.name))
        await self.sweep()

    async def stop(self) -> None:
        """Cut off what is at hand, which comes again at the next start, and give the leases back."""
        self._stopping = True
        for task in tuple(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), *self._leasing, return_exceptions=True)
        core, name = self._core, self._subscriber.name
        try:
            await core.run(
                lambda unit: store.release(unit.connection, consumer=name, node=core.node, now_us=unit.now_us)
            )
        except StorageUnavailable as error:  # they end by themselves
            log.warning("subscriber.leases_kept", name=name, why=error.why)

    def wake(self, events: list[Event]) -> None:
        """Look at the conversations of these events."""
        subscriber = self._subscriber
        for event in events:
            if subscriber.enterprise_id is not None and event.enterprise_id != subscriber.enterprise_id:
                continue
            if self._only is not None and event.enterprise_id is None:
                continue
            lease = self._leases.get(event.conversation_id)
            if lease is not None and event.seq <= lease.cursor:
                continue  # the subscriber wrote it, in the transaction that moved its cursor
            if self._wants(event):
                idle = event.conversation_id not in self._tasks
                self.look(event.conversation_id)
                if idle and lease is not None and event.seq == lease.cursor + 1:
                    self._fresh[event.conversation_id] = event

    def _wants(self, event: Event) -> bool:
        """What a member does for himself alone is nobody else's business."""
        kinds = self._subscriber.kinds
        if event.only_for is not None or (kinds is not None and event.kind not in kinds):
            return False
        return self._glance is None or self._glance(event)

    def look(self, conversation_id: int) -> None:
        """Serve a conversation, now or right after what is being served of it."""
        # There is more than the one event now, and the log has it all.
        self._fresh.pop(conversation_id, None)
        if self._stopping or conversation_id in self._foreign:
            return
        self._dirty.add(conversation_id)
        if conversation_id not in self._tasks:
            task = asyncio.get_running_loop().create_task(
                self._serve(conversation_id), name=f"subscriber:{self._subscriber.name}"
            )
            self._tasks[conversation_id] = task

    async def sweep(self) -> None:
        """Find conversations in which something waits, and keep the leases of those at hand."""
        await self._renew()
        since_us, now_us = self._since_us, self._core.clock.now_us()
        behind = await self._core.read(
            lambda connection: store.list_behind(
                connection,
                consumer=self._subscriber.name,
                enterprise_id=self._subscriber.enterprise_id,
                only=self._only,
                since_us=since_us,
                limit=_BEHIND_MAX,
            )
        )
        if len(behind) < _BEHIND_MAX:  # else there is more: look from the same time again
            self._since_us = max(since_us, now_us - 10 * MINUTE_US)
        owed, self._owed = self._owed, set()
        for conversation_id in owed.union(behind):
            self.look(conversation_id)

    async def _renew(self) -> None:
        core, at_hand = self._core, list(self._tasks)
        now_us = core.clock.now_us()
        self._leases = {
            id_: lease for id_, lease in self._leases.items() if lease.until_us > now_us or id_ in self._tasks
        }
        if at_hand:
            until_us = now_us + _LEASE_US
            kept = await self._lease(
                lambda unit: store.renew(
                    unit.connection,
                    consumer=self._subscriber.name,
                    node=core.node,
                    conversation_ids=at_hand,
                    lease_until=until_us,
                )
            )
            for conversation_id in kept:
                if conversation_id in self._leases:
                    self._leases[conversation_id].until_us = until_us

    async def _serve(self, conversation_id: int) -> None:
        try:
            while conversation_id in self._dirty and not self._stopping:
                self._dirty.discard(conversation_id)
                await self._serve_pages(conversation_id)
        except StorageUnavailable as error:
            self._owed.add(conversation_id)
            log.warning("subscriber.storage_unavailable", name=self._subscriber.name, why=error.why)
        except CoreError as error:
            self._owed.add(conversation_id)
            log.error("subscriber.refused", name=self._subscriber.name, code=error.code)
        except Exception as error:
            self._owed.add(conversation_id)
            self._core.refusal(error, doing=f"subscriber:{self._subscriber.name}")
        finally:
            self._tasks.pop(conversation_id, None)
            if conversation_id in self._dirty and not self._stopping:
                self.look(conversation_id)

    async def _serve_pages(self, conversation_id: int) -> None:
        while (lease := await self._claim(conversation_id)) and await self._serve_page(conversation_id, lease):
            pass

    async def _claim(self, conversation_id: int) -> _Lease | None:
        core, subscriber = self._core, self._subscriber
        now_us = core.clock.now_us()
        lease = self._leases.get(conversation_id)
        if lease is not None and lease.until_us - now_us > _LEASE_US // 2:
            return lease
        until_us = now_us + _LEASE_US
        cursor = await self._lease(
            lambda unit: store.claim(
                unit.connection,
                consumer=subscriber.name,
                enterprise_id=subscriber.enterprise_id,
                only=self._only,
                conversation_id=conversation_id,
                node=core.node,
                now_us=unit.now_us,
                lease_until=until_us,
            )
        )
        if cursor is None or cursor == store.NEVER:
            self._leases.pop(conversation_id, None)
            if cursor == store.NEVER:
                if len(self._foreign) >= _FOREIGN_MAX:
                    self._foreign.clear()
                self._foreign.add(conversation_id)
            return None
        lease = self._leases[conversation_id] = _Lease(cursor, until_us)
        return lease

    async def _lease(self, action: Callable[[Unit], T]) -> T:
        """Take or keep leases; `stop` waits for it, or what it gives back would be taken again behind its back."""
        leasing = asyncio.get_running_loop().create_task(self._core.run(action), name="subscriber-lease")
        self._leasing.add(leasing)
        leasing.add_done_callback(self._leasing.discard)
        return await asyncio.shield(leasing)

    async def _serve_page(self, conversation_id: int, lease: _Lease) -> bool:
        """Digest the events after the cursor; return whether there may be more."""
        core, name, after = self._core, self._subscriber.name, lease.cursor
        fresh = self._fresh.pop(conversation_id, None)
        if fresh is not None and fresh.seq == after + 1:
            page = [fresh]
        else:
            page = await core.read(
                lambda connection: messages.list_events(
                    connection, conversation_id, after_seq=after, to_seq=None, limit=_PAGE
                )
            )
        for event in page:
            # The subscriber may have moved its cursor past what was read.
            if event.seq > lease.cursor and self._wants(event):
                await self._handle(event)
        if page and page[-1].seq > lease.cursor:
            last = page[-1].seq
            await core.run(
                lambda unit: store.advance(unit.connection, consumer=name, conversation_id=conversation_id, seq=last)
            )
            lease.cursor = last
        # What comes after a page that is not full wakes us.
        return len(page) == _PAGE

    def _moved(self, conversation_id: int, seq: int) -> None:
        lease = self._leases.get(conversation_id)
        if lease is not None:
            lease.cursor = max(lease.cursor, seq)

    async def _handle(self, event: Event) -> None:
        """Try an event, try again with growing pauses, park it at last."""
        settings = self._core.settings.delivery
        error: str | None = None
        for attempt in range(settings.subscriber_retries):
            if attempt:
                # The slot is free meanwhile: a conversation that fails holds up no other.
                await asyncio.sleep(settings.subscriber_backoff_s * 2 ** (attempt - 1))
            error = await self.try_once(event)
            if error is None:
                return
        log.error(
            "subscriber.parked",
            name=self._subscriber.name,
            conversation_id=event.conversation_id,
            seq=event.seq,
            error=error,
        )
        await self._core.run(
            lambda unit: store.park(
                unit.connection,
                id=unit.new_id(),
                consumer=self._subscriber.name,
                enterprise_id=event.enterprise_id,
                conversation_id=event.conversation_id,
                seq=event.seq,
                attempts=settings.subscriber_retries,
                error=error or "",
                parked_at=unit.now_us,
            )
        )

    async def try_once(self, event: Event) -> str | None:
        """Hand an event to the subscriber; return None, or what it raised.

        That the database is away is not the event's fault: StorageUnavailable is raised, and nothing is parked for it.
        """
        async with self._slots:
            try:
                moved = partial(self._moved, event.conversation_id)
                await self._subscriber.handle(Delivery(self._subscriber.name, event, moved))
            except StorageUnavailable:
                raise
            except Exception as error:  # a plug-in may raise anything; it is told to the operator
                log.warning("subscriber.failed", name=self._subscriber.name, seq=event.seq, error=repr(error))
                return repr(error)
        return None
