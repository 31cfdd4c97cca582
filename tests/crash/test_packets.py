"""200 people grab red packets at once, over the wire, and the server is killed in between; on both databases."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from messaging_core.api import Core, Unit, add_members, create_account, create_group, issue_token
from messaging_core.client import ApiError, HttpApi, NetworkError
from messaging_core.commerce import store
from messaging_core.commerce.actions import send_packet
from messaging_core.commerce.wallet import top_up
from messaging_core.identity.policy import Actor
from messaging_core.settings import Settings
from tests.support.postgres import TestPostgres
from tests.support.server_process import ServerProcess
from tests.support.tables import migrate

PEOPLE, PACKETS, SHARES, KILLS = 200, 5, 60, 2
TOTAL_FEN = 60_000
DEADLINE_S = 300.0


@dataclass(slots=True)
class Crowd:
    """Who grabs what, and what each was told."""

    tokens: dict[int, str] = field(default_factory=dict)
    packets: list[int] = field(default_factory=list)
    told: dict[tuple[int, int], int] = field(default_factory=dict)
    """Amounts by (account, packet)."""
    late: set[tuple[int, int]] = field(default_factory=set)
    """Who was told that a packet is empty."""
    tries: Counter[str] = field(default_factory=Counter)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a server with all tables, on each of the two databases."""
    (tmp_path / "data").mkdir()
    server: TestPostgres | None = None
    url = f"sqlite:///{tmp_path / 'data' / 'kefu.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.create()
    made = Settings(data=tmp_path / "data", database=url)
    migrate(made)
    yield made
    if server is not None:
        server.drop(url)


async def gather(settings: Settings) -> Crowd:
    """Make 200 people in one group, and packets with fewer shares than people."""
    core, crowd = Core(settings), Crowd()
    await core.start()

    def action(unit: Unit) -> None:
        ids = [create_account(unit, None, name=f"茶友{n}", kind="personal") for n in range(PEOPLE)]
        sender = Actor(ids[0], "personal", "茶友0")
        crowd.tokens = {id_: issue_token(unit, None, account_id=id_).secret for id_ in ids}
        group = create_group(unit, sender, title="茶友群", member_ids=ids[1:50])
        add_members(unit, sender, conversation_id=group, account_ids=ids[50:])
        top_up(unit, None, account_id=ids[0], amount_fen=PACKETS * TOTAL_FEN)
        for number in range(PACKETS):
            packet_id, _ = send_packet(
                unit,
                sender,
                conversation_id=group,
                client_msg_id=f"p{number}",
                total_fen=TOTAL_FEN,
                shares=SHARES,
                split="random",
                note="手慢无",
            )
            crowd.packets.append(packet_id)

    await core.run(action)
    await core.close()
    return crowd


async def grab(url: str, crowd: Crowd, account_id: int, *, again: bool = False) -> None:
    """Open every packet, in an order of one's own, until each has given an answer; `again`: also those that have."""
    order = list(crowd.packets)
    random.Random(account_id).shuffle(order)
    async with HttpApi(url, crowd.tokens[account_id], timeout_s=30) as http:
        for packet_id in order:
            key = (account_id, packet_id)
            while again or (key not in crowd.told and key not in crowd.late):
                try:
                    amount = (await http.open_packet(str(packet_id))).amount_fen
                    assert crowd.told.setdefault(key, amount) == amount, "one claim, two amounts"
                    assert key not in crowd.late, "it was said to be empty"
                    crowd.tries["opened"] += 1
                except NetworkError:
                    crowd.tries["no answer"] += 1
                    await asyncio.sleep(0.1)
                    continue
                except ApiError as refusal:
                    if refusal.code in ("storage_unavailable", "overloaded", "rate_limited"):
                        await asyncio.sleep(0.1)
                        continue
                    assert refusal.code == "packet_empty", refusal
                    assert key not in crowd.told, "what was given is gone"
                    crowd.late.add(key)
                    crowd.tries["too late"] += 1
                break


async def storm(server: ServerProcess, crowd: Crowd) -> None:
    """Let everybody grab at once; kill the server each time a third of the shares is known to be taken."""
    grabbing = [asyncio.create_task(grab(server.url, crowd, account_id)) for account_id in crowd.tokens]
    everybody = asyncio.gather(*grabbing)
    async with asyncio.timeout(DEADLINE_S):
        for number in range(1, KILLS + 1):
            while len(crowd.told) < number * PACKETS * SHARES // (KILLS + 1) and not everybody.done():
                await asyncio.sleep(0.002)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await everybody
        await asyncio.gather(*[grab(server.url, crowd, account_id, again=True) for account_id in crowd.tokens])


async def check_books(settings: Settings, crowd: Crowd) -> None:
    """Compare what everybody was told with the claims, the wallets and the ledger."""
    core = Core(settings)
    await core.start()

    def read(connection: Connection) -> tuple[dict[tuple[int, int], int], dict[int, int], list[int]]:
        claims = {(row.account_id, row.packet_id): row.amount_fen for row in connection.execute(select(store.claims))}
        held = {row.id: row.balance_fen for row in connection.execute(select(store.wallets))}
        sums = [
            int(connection.execute(select(func.sum(column))).scalar_one())
            for column in (store.wallets.c.balance_fen, store.ledger.c.amount_fen)
        ]
        return claims, held, sums

    claims, held, sums = await core.read(read)
    await core.close()
    assert claims == crowd.told
    assert sums == [0, 0]
    for packet_id in crowd.packets:
        shares = [amount for (_, packet), amount in claims.items() if packet == packet_id]
        assert (len(shares), sum(shares), held[packet_id]) == (SHARES, TOTAL_FEN, 0)
        assert all(100 <= share <= 20_000 for share in shares)
    for account_id in crowd.tokens:
        assert held.get(account_id, 0) == sum(amount for (who, _), amount in claims.items() if who == account_id)


@pytest.mark.slow
async def test_200_people_grab_at_once_and_kill_9_in_between_costs_no_fen(settings: Settings) -> None:
    crowd = await gather(settings)
    server = ServerProcess(
        settings.data,
        database=settings.database,
        settings={"KEFU_LIMITS__REQUESTS_PER_S": "100000", "KEFU_LIMITS__REQUESTS_BURST": "100000"},
    )
    began = time.monotonic()
    server.start()
    try:
        await storm(server, crowd)
    finally:
        server.kill()
    await check_books(settings, crowd)
    print(f"{settings.database[:6]}: {PEOPLE} people, {PACKETS} packets of {SHARES} shares, {KILLS} kills, ", end="")
    print(f"{dict(crowd.tries)}, {time.monotonic() - began:.1f} s")
