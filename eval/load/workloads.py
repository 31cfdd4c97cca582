"""The workloads with messages. Each opens its clients, warms nothing, measures once and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from eval.load.measure import Measure
from eval.load.meter import Counter, Meter
from eval.load.server import Target
from eval.load.stats import latency
from eval.load.world import IDS_PER_CLIENT, Client, RawClient, World, now

_STORED_SENDS = 300


async def _timed(send: Awaitable[None], durations_ns: list[int]) -> None:
    start = now()
    await send
    durations_ns.append(now() - start)


def close_all(clients: list[Client]) -> None:
    """Drop the connections of all clients."""
    for client in clients:
        client.close()


async def one_to_one(world: World, target: Target, *, users: int, messages: int, timeout_s: float) -> Measure:
    """Let each user send to the other of its pair, the next message once the last is accepted."""
    clients = await world.open_all(target.direct, users)
    await asyncio.sleep(world.settle_s)
    total = users * messages
    accepted: list[int] = []
    counter = Counter(world, total)

    def on_mark(client: RawClient, mark_id: int, sent_ns: int) -> None:
        if mark_id // IDS_PER_CLIENT != client.index:
            counter.add(sent_ns)

    async def talk(client: Client) -> None:
        for number in range(messages):
            await _timed(client.send_direct(client.index ^ 1, client.index * IDS_PER_CLIENT + number), accepted)

    world.on_mark = on_mark
    with Meter(world, target.watched) as meter:
        await asyncio.wait_for(asyncio.gather(*[talk(client) for client in clients]), timeout_s)
        accepted_s = meter.elapsed_s()
        await counter.wait()
    result = Measure(
        target=target.name,
        workload="one_to_one",
        size=users,
        wanted=total,
        delivered=len(counter.durations_ns),
        seconds=round(meter.seconds, 3),
        per_s=round(total / accepted_s, 1),
        deliveries_per_s=round(len(counter.durations_ns) / meter.seconds, 1),
        accept=latency(accepted),
        deliver=latency(counter.durations_ns),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / total, 2),
        server_cpu_share=meter.server_share,
        load_cpu_share=meter.load_share,
        others_cpu_share=meter.others_share,
        memory_mb=round(target.watched.memory_mb(), 1),
        dropped=world.dropped,
    )
    close_all(clients)
    return result


async def ping_pong(
    world: World, sender: Client, receiver: Client, messages: int, *, first_id: int
) -> tuple[list[int], list[int]]:
    """Send one message after the other, each once the last has been delivered; return accept and deliver times."""
    delivered: list[int] = []
    accepted: list[int] = []
    arrival = world.loop.create_future()

    def on_mark(client: RawClient, mark_id: int, sent_ns: int) -> None:
        if client.index == receiver.index and not arrival.done():
            delivered.append(now() - sent_ns)
            arrival.set_result(None)

    world.on_mark = on_mark
    world.started_ns = now()
    for number in range(messages):
        arrival = world.loop.create_future()
        await _timed(sender.send_direct(receiver.index, first_id + number), accepted)
        await asyncio.wait_for(arrival, 20)
    return accepted, delivered


async def unloaded(world: World, target: Target, *, messages: int) -> Measure:
    """Measure the latency of a single pair that nobody disturbs."""
    sender, receiver = clients = await world.open_all(target.direct, 2)
    await asyncio.sleep(world.settle_s / 2)
    with Meter(world, target.watched) as meter:
        accepted, delivered = await ping_pong(world, sender, receiver, messages, first_id=0)
    close_all(clients)
    return Measure(
        target=target.name,
        workload="unloaded",
        size=2,
        wanted=messages,
        delivered=len(delivered),
        seconds=round(meter.seconds, 3),
        accept=latency(accepted),
        deliver=latency(delivered),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / messages, 1),
    )


async def _members(world: World, target: Target, room: str, count: int) -> list[Client]:
    clients = await world.open_all(target.groups, count)
    for client in clients:
        await client.join(room)
    await asyncio.sleep(2 * world.settle_s)
    return clients


async def fan_out(
    world: World, target: Target, *, room: str, members: int, messages: int, senders: int, timeout_s: float
) -> Measure:
    """Let some members of a group send in closed loops while all of them listen."""
    clients = await _members(world, target, room, members)
    active = clients[:senders]
    each = max(1, messages // len(active))
    total = members * each * len(active)
    accepted: list[int] = []
    counter = Counter(world, total)
    world.on_mark = lambda client, mark_id, sent_ns: counter.add(sent_ns)

    async def talk(client: Client) -> None:
        for number in range(each):
            await _timed(client.send_group(number * IDS_PER_CLIENT + client.index), accepted)

    with Meter(world, target.watched) as meter:
        await asyncio.wait_for(asyncio.gather(*[talk(client) for client in active]), timeout_s)
        await counter.wait()
    result = _fan_out_measure(target, meter, counter, accepted, members=members)
    close_all(clients)
    return result


async def fan_out_lock(
    world: World, target: Target, *, room: str, members: int, messages: int, timeout_s: float
) -> Measure:
    """Send to a group, the next message once every member has the last; shows the time to the last member."""
    clients = await _members(world, target, room, members)
    accepted: list[int] = []
    to_last: list[int] = []
    counter = Counter(world, members * messages)
    missing = members
    complete = world.loop.create_future()

    def on_mark(client: RawClient, mark_id: int, sent_ns: int) -> None:
        nonlocal missing
        counter.add(sent_ns)
        missing -= 1
        if missing == 0 and not complete.done():
            to_last.append(now() - sent_ns)
            complete.set_result(None)

    world.on_mark = on_mark
    with Meter(world, target.watched) as meter:
        for number in range(messages):
            missing = members
            complete = world.loop.create_future()
            await _timed(clients[0].send_group(number * IDS_PER_CLIENT), accepted)
            await asyncio.wait_for(complete, timeout_s)
    result = _fan_out_measure(target, meter, counter, accepted, members=members, to_last=to_last)
    close_all(clients)
    return result


def _fan_out_measure(
    target: Target,
    meter: Meter,
    counter: Counter,
    accepted: list[int],
    *,
    members: int,
    to_last: list[int] | None = None,
) -> Measure:
    delivered = len(counter.durations_ns)
    return Measure(
        target=target.name,
        workload="fan_out" if to_last is None else "fan_out_lock",
        operation="delivery",
        size=members,
        wanted=counter.due,
        delivered=delivered,
        seconds=round(meter.seconds, 3),
        per_s=round(len(accepted) / meter.seconds, 1),
        deliveries_per_s=round(delivered / meter.seconds, 1),
        accept=latency(accepted),
        deliver=latency(counter.durations_ns),
        to_last=latency(to_last) if to_last is not None else None,
        cpu_us_per_op=round(meter.cpu_s * 1e6 / max(1, delivered), 2),
        server_cpu_share=meter.server_share,
        load_cpu_share=meter.load_share,
        others_cpu_share=meter.others_share,
        memory_mb=round(target.watched.memory_mb(), 1),
        dropped=meter.world.dropped,
    )


async def fill(
    world: World, target: Target, *, room: str, messages: int, senders: int, window: int, timeout_s: float
) -> Measure:
    """Store messages in a group as fast as they go, `window` sends unanswered; stops early when the time is up."""
    clients = await world.open_all(target.groups, senders)
    for client in clients:
        await client.join(room)
    numbers = iter(range(messages))
    stored = 0

    async def talk() -> None:
        nonlocal stored
        for number in numbers:
            turn, who = divmod(number, senders)
            await clients[who].send_group(turn * IDS_PER_CLIENT + who)
            stored += 1
            if meter.elapsed_s() > timeout_s:
                return

    with Meter(world, target.watched) as meter:
        await asyncio.gather(*[talk() for _ in range(window)])
    close_all(clients)
    return Measure(
        target=target.name,
        workload="fill",
        size=stored,
        seconds=round(meter.seconds, 3),
        per_s=round(stored / meter.seconds, 1),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / max(1, stored), 2),
        server_cpu_share=meter.server_share,
        load_cpu_share=meter.load_share,
        others_cpu_share=meter.others_share,
    )


async def history(world: World, target: Target, *, room: str, pages: int, size: int, middle: bool = False) -> Measure:
    """Read a group's history of `size` messages page by page backwards, from the newest or from the middle on."""
    assert target.archive is not None
    pager = await target.archive.open_pager(world, room)
    await asyncio.sleep(world.settle_s / 2)
    durations: list[int] = []
    before: str | None = str(size // 2) if middle else None
    with Meter(world, target.watched) as meter:
        for _ in range(pages):
            start = now()
            before = await asyncio.wait_for(pager.page(before), 60)
            durations.append(now() - start)
            if before is None:
                break
    pager.close()
    return Measure(
        target=target.name,
        workload="deep_history" if middle else "history",
        operation="page of 50",
        size=size,
        seconds=round(meter.seconds, 3),
        per_s=round(len(durations) / meter.seconds, 1),
        deliver=latency(durations),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / len(durations), 1),
        server_cpu_share=meter.server_share,
        load_cpu_share=meter.load_share,
        others_cpu_share=meter.others_share,
    )


async def stored_sends(world: World, target: Target, *, room: str, size: int) -> Measure:
    """Send to a group of two that already has `size` messages, one after the other."""
    sender, receiver = clients = await world.open_all(target.groups, 2)
    await sender.join(room)
    accepted: list[int] = []
    counter = Counter(world, _STORED_SENDS)

    def on_mark(client: RawClient, mark_id: int, sent_ns: int) -> None:
        if client.index == receiver.index:
            counter.add(sent_ns)

    world.on_mark = on_mark
    with Meter(world, target.watched) as meter:
        for number in range(_STORED_SENDS):
            await _timed(sender.send_group(number * IDS_PER_CLIENT), accepted)
        await counter.wait()
    close_all(clients)
    return Measure(
        target=target.name,
        workload="stored_messages",
        size=size,
        wanted=_STORED_SENDS,
        delivered=len(counter.durations_ns),
        seconds=round(meter.seconds, 3),
        per_s=round(_STORED_SENDS / meter.seconds, 1),
        accept=latency(accepted),
        deliver=latency(counter.durations_ns),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / _STORED_SENDS, 1),
        memory_mb=round(target.watched.memory_mb(), 1),
    )
