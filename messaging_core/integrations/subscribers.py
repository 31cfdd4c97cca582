"""The plug-in door: each subscriber gets every event after its commit, in order per conversation, at least once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from messaging_core.errors import not_found
from messaging_core.integrations import store, webhooks
from messaging_core.integrations.runner import Runner
from messaging_core.integrations.subscriber import Subscriber
from messaging_core.kernel.event_log import Event
from messaging_core.messages import reading_store as messages

if TYPE_CHECKING:
    from messaging_core.core import Core


class Subscribers:
    """All subscribers of this node."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._runners: dict[str, Runner] = {}
        self._started = False

    async def start(self) -> None:
        """Register what was added before the start, and look for what they have missed."""
        self._started = True
        for runner in list(self._runners.values()):
            await runner.start()
        await webhooks.load(self._core)
        await self._count_parked()

    async def stop(self) -> None:
        """Let each finish the event it is at."""
        for runner in self._runners.values():
            await runner.stop()

    async def add(self, subscriber: Subscriber) -> None:
        """Add a subscriber; raise ValueError when its name is taken."""
        if subscriber.name in self._runners:
            raise ValueError(f"subscriber {subscriber.name!r} exists already")
        runner = self._runners[subscriber.name] = Runner(self._core, subscriber)
        if self._started:
            await runner.start()

    async def remove(self, name: str) -> None:
        """Stop a subscriber; its cursors stay."""
        runner = self._runners.pop(name, None)
        if runner is not None:
            await runner.stop()

    def names(self) -> list[str]:
        """Return the names of all subscribers."""
        return list(self._runners)

    def wake(self, events: list[Event]) -> None:
        """Tell the runners what a commit of this node brought."""
        for runner in self._runners.values():
            runner.wake(events)

    def wake_one(self, conversation_id: int) -> None:
        """Tell the runners that another node wrote into a conversation."""
        for runner in self._runners.values():
            runner.look(conversation_id)

    async def sweep(self) -> None:
        """Look for conversations whose wake-up was lost."""
        await webhooks.load(self._core)
        for runner in list(self._runners.values()):
            await runner.sweep()
        await self._count_parked()

    async def retry_parked(self, parked_id: int) -> bool:
        """Hand a parked event to its subscriber again; return whether it was digested."""
        core = self._core
        row = await core.read(lambda connection: store.find_parked(connection, parked_id))
        runner = self._runners.get(row.consumer) if row is not None else None
        if row is None or runner is None:
            raise not_found("parked_event")
        events = await core.read(
            lambda connection: messages.list_events(
                connection, row.conversation_id, after_seq=row.seq - 1, to_seq=row.seq, limit=1
            )
        )
        error = await runner.try_once(events[0])
        if error is not None:
            await core.run(lambda unit: store.note_failure(unit.connection, parked_id, error=error))
            return False
        await core.run(lambda unit: store.delete_parked(unit.connection, parked_id))
        await self._count_parked()
        return True

    async def drop_parked(self, parked_id: int) -> None:
        """Give a parked event up."""
        await self._core.run(lambda unit: store.delete_parked(unit.connection, parked_id))
        await self._count_parked()

    async def _count_parked(self) -> None:
        self._core.metrics.parked.set(await self._core.read(store.count_parked))
