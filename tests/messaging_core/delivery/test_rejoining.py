"""Coming in again while this node is still reading that one has left."""

from __future__ import annotations

from messaging_core.api import Actor, add_members, create_group, remove_member
from messaging_core.settings import Settings
from tests.messaging_core.machines.device import Device
from tests.messaging_core.machines.nodes import Bus, calm, close_node, open_node, settle
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock


async def test_a_member_who_is_back_before_his_leaving_was_heard_of_is_let_in(
    settings: Settings, clock: FakeClock
) -> None:
    bus = Bus()
    nodes = [await open_node(settings.database_url, number=n, clock=clock, bus=bus) for n in (0, 1)]
    try:
        cast: Cast = await make_cast(nodes[0].core)
        lin: Actor = cast["lin"]
        run = nodes[0].core.run
        group = await run(lambda unit: create_group(unit, lin, title="群", member_ids=[cast.id("mi")]))
        device = Device(cast.id("mi"))  # the only one in this conversation on its node
        nodes[1].connect(cast["mi"], device, {})
        await settle(nodes)
        nodes[1].database.holding = True
        await run(lambda unit: remove_member(unit, lin, conversation_id=group, account_id=cast.id("mi")))
        await calm(nodes)  # node 1 has read the event that removed him, and is not told yet what it read
        await run(lambda unit: add_members(unit, lin, conversation_id=group, account_ids=[cast.id("mi")]))
        await calm(nodes)
        nodes[1].database.release()
        await settle(nodes)
        assert device.copies[group].cursor == 3
        assert not device.wrongs
    finally:
        for node in nodes:
            await close_node(node)
