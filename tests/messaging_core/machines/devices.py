"""The rules of connecting, for every state machine: from anywhere in the log, through either node, again and again."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.messaging_core.machines.device import Device
from tests.messaging_core.machines.nodes import close_node, open_node
from tests.messaging_core.machines.world import World

place = st.integers(0, 7)
node_number = st.integers(0, 1)


class Connecting(World):
    """Devices come and go; nodes sweep and restart."""

    @rule(on=node_number, at=place)
    def connect_fresh(self, on: int, at: int) -> None:
        """Connect a device that knows nothing."""

        async def work() -> None:
            self.connect(on, Device(self.id(at % len(self.people))))
            await self.check()

        self.run(work())

    @precondition(lambda self: self.offline)
    @rule(on=node_number, at=place, back=st.lists(st.integers(0, 6), max_size=4), forget=st.booleans())
    def reconnect(self, on: int, at: int, back: list[int], forget: bool) -> None:
        """Connect a device again, with its cursors or from anywhere before them."""
        device = self.offline.pop(at % len(self.offline))
        steps = itertools.chain(back, itertools.repeat(0))
        for conversation_id in list(device.copies):
            device.rewind(conversation_id, max(0, device.copies[conversation_id].cursor - next(steps)))
        if forget and device.copies:
            del device.copies[min(device.copies)]

        async def work() -> None:
            self.connect(on, device)
            await self.check()

        self.run(work())

    @precondition(lambda self: self.connections())
    @rule(at=place)
    def go_offline(self, at: int) -> None:
        """Lose a connection."""
        found = self.connections()
        _, connection = found[at % len(found)]

        async def work() -> None:
            self.disconnect(connection.device)
            await self.check()

        self.run(work())
        self.offline.append(connection.device)

    @precondition(lambda self: self.connections())
    @rule(at=place, which=place, back=st.integers(0, 5))
    def ask_again(self, at: int, which: int, back: int) -> None:
        """Ask again for what came after a `seq`."""
        found = self.connections()
        node, connection = found[which % len(found)]

        async def work() -> None:
            self.sync(self.nodes.index(node), connection.device, self.pick(at), back=back)
            await self.check()

        self.run(work())

    def sync(self, on: int, device: Device, conversation_id: int, *, back: int = 0) -> None:
        """Have a device ask for what came after its cursor, or before it."""
        held = device.copies.get(conversation_id)
        if held is None:
            return
        device.asked_again = True
        after = max(held.start, held.cursor - back)
        connection = next(connection for _, connection in self.connections() if connection.device is device)
        self.nodes[on].sync(connection, conversation_id, after)

    @rule(on=node_number)
    def sweep(self, on: int) -> None:
        """Run a node's sweep."""

        async def work() -> None:
            await self.sweep_node(on)
            await self.check()

        self.run(work())

    @rule(on=node_number, at=place, seq=st.integers(1, 12), seconds=st.integers(0, 400))
    def wake_again(self, on: int, at: int, seq: int, seconds: int) -> None:
        """A wake-up comes twice, or late; time passes."""
        conversation_id = self.pick(at)
        self.clock.advance(seconds=seconds)

        async def work() -> None:
            self.nodes[on].core.hub.look(conversation_id, min(seq, self.chats[conversation_id].last_seq))
            await self.check()

        self.run(work())

    @rule(on=node_number)
    def restart(self, on: int) -> None:
        """A node stops and starts; its devices are told to come back."""

        async def work() -> None:
            node = self.nodes[on]
            gone = [connection.device for connection in node.connections]
            await close_node(node)
            self.nodes[on] = await open_node(self.url, number=on, clock=self.clock, bus=self.bus)
            assert all([told["code"] for told in device.told[-1:]] == ["server_stopping"] for device in gone)
            self.offline += gone
            await self.check()

        self.run(work())
