"""The workloads without deliveries to many: connections that stand idle, and sends that are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from eval.load.measure import Measure, Workload
from eval.load.meter import Meter
from eval.load.server import Target
from eval.load.stats import latency
from eval.load.workloads import close_all, ping_pong
from eval.load.world import IDS_PER_CLIENT, Client, Wire, World, now

_MESSAGES_AT_A_STEP = 20
_USED_UP = 20
_WARMING = 50


async def connections(world: World, target: Target, *, steps: Sequence[int]) -> list[Measure]:
    """Open idle connections up to each step; show memory, CPU of connecting and of idling, and a pair's latency.

    `mb_per_1000` compares with the same server before the first idle connection, but after a few that have come and
    gone: pools, caches and first imports are no cost of a connection.
    """
    quiet_s = 3 * world.settle_s
    close_all(await world.open_all(target.groups, _WARMING))
    await asyncio.sleep(world.settle_s)
    sender, receiver = pair = await world.open_all(target.direct, 2)
    await ping_pong(world, sender, receiver, _MESSAGES_AT_A_STEP, first_id=0)
    await asyncio.sleep(quiet_s)
    world.dropped = 0
    base_mb = target.watched.memory_mb()
    clients: list[Client] = list(pair)
    measures: list[Measure] = []
    for number, step in enumerate(steps, start=1):
        before = len(clients)
        cpu_s, start = target.watched.cpu_s(), now()
        clients += await world.open_all(target.groups, step, start=before)
        seconds = (now() - start) / 1e9
        await asyncio.sleep(quiet_s)
        connect_cpu_s = target.watched.cpu_s() - cpu_s
        memory_mb = target.watched.memory_mb()
        idle_from_s = target.watched.cpu_s()
        await asyncio.sleep(quiet_s)
        idle_cpu_s = target.watched.cpu_s() - idle_from_s
        first_id = number * _MESSAGES_AT_A_STEP
        accepted, delivered = await ping_pong(world, sender, receiver, _MESSAGES_AT_A_STEP, first_id=first_id)
        opened = len(clients) - before
        measures.append(
            Measure(
                target=target.name,
                workload="connections",
                operation="connection",
                size=step,
                wanted=_MESSAGES_AT_A_STEP,
                delivered=len(delivered),
                seconds=round(seconds, 3),
                per_s=round(opened / seconds, 1),
                accept=latency(accepted),
                deliver=latency(delivered),
                cpu_us_per_op=round(connect_cpu_s * 1e6 / opened, 1),
                memory_mb=round(memory_mb, 1),
                mb_per_1000=round((memory_mb - base_mb) * 1000 / (step - len(pair)), 1),
                idle_cpu_percent=round(idle_cpu_s / quiet_s * 100, 1),
                dropped=world.dropped,
            )
        )
    close_all(clients)
    return measures


async def refused_sends(
    world: World, target: Target, wire: Wire, *, workload: Workload, clients: int, messages: int, room: str
) -> Measure:
    """Send what the server must refuse, each client in a closed loop.

    A first round of sends, not measured, uses up what a limit lets pass; `delivered` counts the refusals.
    """
    senders = await world.open_all(wire, clients)
    durations: list[int] = []

    async def ask(client: Client, first: int, count: int) -> None:
        for number in range(first, first + count):
            start = now()
            await client.send_group(number * IDS_PER_CLIENT + client.index)
            durations.append(now() - start)

    for client in senders:
        await client.join(room)
    await asyncio.gather(*[ask(client, 0, _USED_UP) for client in senders])
    durations.clear()
    world.refused = 0
    with Meter(world, target.watched) as meter:
        await asyncio.gather(*[ask(client, _USED_UP, messages) for client in senders])
    close_all(senders)
    return Measure(
        target=target.name,
        workload=workload,
        operation="refusal",
        size=clients,
        wanted=len(durations),
        delivered=world.refused,
        seconds=round(meter.seconds, 3),
        per_s=round(len(durations) / meter.seconds, 1),
        accept=latency(durations),
        cpu_us_per_op=round(meter.cpu_s * 1e6 / len(durations), 2),
        server_cpu_share=meter.server_share,
        load_cpu_share=meter.load_share,
        others_cpu_share=meter.others_share,
    )
