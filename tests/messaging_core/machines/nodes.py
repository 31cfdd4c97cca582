"""Nodes in one process: real cores, a bus between them that can lose and hold, reads that come back when told to."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from messaging_core.api import Actor, Core
from messaging_core.delivery import hub
from messaging_core.delivery.link import Block, Link
from messaging_core.errors import CoreError
from messaging_core.kernel.broker import Handler
from messaging_core.kernel.database import Database, Done, Work
from messaging_core.kernel.open import open_database
from messaging_core.settings import Delivery, Groups, Marketing, Messages, Safety, Settings
from tests.messaging_core.machines.desk_model import REPLY_WINDOW_H
from tests.messaging_core.machines.device import Device
from tests.support.clock import FakeClock

T = TypeVar("T")
GROUP_LIMIT = 4
hub._REPAIR_AFTER_S = 0.0  # a gap is looked at in the next turn of the loop, so that stories repeat exactly


class SlowDatabase:
    """A database whose reads, while `holding`, come back one by one when they are let go: stale by then."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self._tickets = itertools.count()
        self.dialect = inner.dialect
        self.holding = False
        self.reading = 0
        """Reads that the database is at."""
        self._held: dict[int, asyncio.Future[None]] = {}

    async def start(self) -> None:
        """See Database.start."""
        await self._inner.start()

    async def close(self) -> None:
        """See Database.close."""
        await self._inner.close()

    def submit(self, work: Work[Any], done: Done) -> None:
        """See Database.submit."""
        self._inner.submit(work, done)

    async def read(self, work: Work[T]) -> T:
        """See Database.read."""
        ticket = next(self._tickets)
        self.reading += 1
        try:
            result = await self._inner.read(work)
        finally:
            self.reading -= 1
        if self.holding:
            gate = self._held[ticket] = asyncio.get_running_loop().create_future()
            await gate
        return result

    async def peek(self, work: Work[T]) -> T:
        """Read without being held."""
        return await self._inner.read(work)

    def let_go(self, place: int) -> None:
        """Let one held read come back; `place` counts from the eldest, round and round."""
        if self._held:
            gate = self._held.pop(sorted(self._held)[place % len(self._held)])
            if not gate.done():
                gate.set_result(None)

    def release(self) -> None:
        """Hold nothing any more."""
        self.holding = False
        while self._held:
            self.let_go(0)


class Bus:
    """The broker between nodes. It may hold what it is given, and lose wake-ups."""

    def __init__(self) -> None:
        self.nodes: list[BusBroker] = []
        self.holding = False
        self.losing = False
        self.waiting: list[tuple[BusBroker, str, bytes]] = []

    def post(self, sender: BusBroker, subject: str, payload: bytes) -> None:
        """Take a message for all nodes but its sender."""
        if self.losing and subject == "wake":
            return
        for node in self.nodes:
            if node is not sender:
                self.waiting.append((node, subject, payload))
        if not self.holding:
            self.deliver()

    def deliver(self) -> None:
        """Bring everybody what waits."""
        waiting, self.waiting = self.waiting, []
        for node, subject, payload in waiting:
            asyncio.get_running_loop().call_soon(node.hear, subject, payload)


class BusBroker:
    """One node's end of the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._handlers: dict[str, Handler] = {}

    async def start(self) -> None:
        """Come on the bus."""
        self._bus.nodes.append(self)

    async def close(self) -> None:
        """Leave the bus."""
        self._bus.nodes.remove(self)
        self._bus.waiting = [message for message in self._bus.waiting if message[0] is not self]

    def publish(self, subject: str, payload: bytes) -> None:
        """See Broker.publish."""
        self._bus.post(self, subject, payload)

    def subscribe(self, subject: str, handler: Handler) -> None:
        """See Broker.subscribe."""
        self._handlers[subject] = handler

    def hear(self, subject: str, payload: bytes) -> None:
        """Take a message of another node."""
        self._handlers[subject](payload)


class DeviceCarrier:
    """Brings a link's frames to a device at once."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.closed_with: int | None = None

    def write(self, block: Block) -> int:
        """See Carrier.write."""
        for frame in block.frames:
            try:
                self._device.take(frame)
            except Exception as error:  # it must not reach the core, and it must be seen
                self._device.wrongs.append(f"{error!r} at {frame.decode()}")
        return 0

    async def drained(self) -> None:
        """See Carrier.drained."""

    def close(self, code: int) -> None:
        """See Carrier.close."""
        self.closed_with = code


@dataclass(slots=True, eq=False)
class Connection:
    """A device on a node."""

    device: Device
    link: Link
    cursors: dict[int, int]
    ready: bool = False


@dataclass(slots=True)
class Node:
    """One core and what is connected to it."""

    core: Core
    database: SlowDatabase
    connections: list[Connection] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def connect(self, actor: Actor, device: Device, cursors: dict[int, int]) -> Connection:
        """Connect a device; the frames come when the reads come back."""
        carrier = DeviceCarrier(device)
        link = Link(actor=actor, carrier=carrier, session_id=1, lang="zh", lag_limit=1 << 40)
        connection = Connection(device, link, cursors)
        self.connections.append(connection)
        self.spawn(self._converse(connection))
        return connection

    async def _converse(self, connection: Connection) -> None:
        # As transport.websocket does it.
        core, link = self.core, connection.link
        opening = await core.catch_up.open(link, connection.cursors)
        welcome = {"type": "welcome", "conversations": opening.summaries}
        link.push_frames([msgspec.json.encode(welcome)])
        await core.catch_up.replay(link, opening)
        connection.ready = True

    def disconnect(self, connection: Connection) -> None:
        """Lose a connection."""
        self.connections.remove(connection)
        self.core.hub.remove_link(connection.link)

    def sync(self, connection: Connection, conversation_id: int, after_seq: int) -> None:
        """Ask for what came after a `seq`."""

        async def ask() -> None:
            try:
                await self.core.catch_up.sync(connection.link, conversation_id, after_seq)
            except CoreError as refusal:
                connection.device.told.append({"code": refusal.code})

        self.spawn(ask())

    def spawn(self, work: Any) -> None:
        """Run something beside the machine's next steps."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)


async def open_node(url: str, *, number: int, clock: FakeClock, bus: Bus) -> Node:
    """Start a node on a migrated database. Its sweep and its jobs run only when they are called."""
    settings = Settings(
        database=url,
        sqlite_synchronous="NORMAL",
        node=number,
        postgres_pool=3,
        groups=Groups(ordinary_members=GROUP_LIMIT, ordinary_invites=GROUP_LIMIT),
        delivery=Delivery(sweep_s=3600.0, replay_page=3),
        safety=Safety(daily_cap=10**9, window_s=1e-6, group_window_s=1e-6, fold_window_s=1e-9, credit_violation=0),
        marketing=Marketing(reply_window_h=REPLY_WINDOW_H, jitter_s=0),
        # A story may last days; who may act how long is a pure rule with tests of its own.
        messages=Messages(recall_s=10**8, edit_s=10**8, admin_recall_h=10**5),
    )
    database = SlowDatabase(open_database(settings))
    core = Core(settings, clock=clock, database=database, broker=BusBroker(bus))
    await core.start()
    await core.jobs.stop()  # first, before it has done what is due
    await core.sweep.stop()
    return Node(core, database)


async def close_node(node: Node) -> None:
    """End a node and see that nothing of it failed."""
    node.database.release()
    await finish(node)
    await node.core.close()


async def finish(node: Node) -> None:
    """Raise what any task of a node has raised."""
    done = await asyncio.gather(*node.tasks, return_exceptions=True)
    node.tasks.clear()
    for result in done:
        if isinstance(result, BaseException):
            raise result


async def calm(nodes: list[Node]) -> None:
    """Wait until nothing moves any more: everything has ended, or waits for a read that is held."""
    deadline = asyncio.get_running_loop().time() + 10.0
    calm_turns = 0
    while calm_turns < 5:
        await asyncio.sleep(0)
        calm_turns += 1
        for node in nodes:
            core = node.core
            if node.database.reading or core._sends._busy or core._reads._busy:
                calm_turns = 0
                await asyncio.sleep(0.0002)
        assert asyncio.get_running_loop().time() < deadline, "the nodes do not come to rest"


async def settle(nodes: list[Node]) -> None:
    """Wait until every task has ended; raise what a machine's task raised."""
    own = asyncio.current_task()
    for _ in range(100):
        await calm(nodes)
        for node in nodes:
            await finish(node)
        others = [task for task in asyncio.all_tasks() if task is not own and not task.done()]
        parked = [feed for node in nodes for feed in node.core.hub.feeds.values() if feed.parked or feed.repairing]
        if not others and not parked:
            return
        await asyncio.wait(others, timeout=0.1) if others else await asyncio.sleep(0.001)
    raise AssertionError("the nodes do not come to rest")
