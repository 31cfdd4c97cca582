"""Red packets read like the policy: who may send and open, what a share is, when money goes back."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from messaging_core.api import Core, create_group, open_direct, open_service
from messaging_core.commerce import store
from messaging_core.commerce.actions import claim, send_packet
from messaging_core.commerce.policy import draw_share
from messaging_core.commerce.wallet import top_up
from messaging_core.errors import CoreError
from messaging_core.messages import reading_store as messages
from messaging_core.settings import RedPackets
from tests.support.cast import Cast
from tests.support.clock import FakeClock

YUAN = 100


async def fund(core: Core, cast: Cast, name: str, amount_fen: int) -> None:
    await core.run(lambda unit: top_up(unit, cast["operator"], account_id=cast.id(name), amount_fen=amount_fen))


async def balance(core: Core, cast: Cast, name: str) -> int:
    return await core.read(lambda connection: store.balance_of(connection, cast.id(name)))


async def group(core: Core, cast: Cast, *names: str) -> int:
    ids = [cast.id(name) for name in names]
    return await core.run(lambda unit: create_group(unit, cast["lin"], title="茶友群", member_ids=ids))


async def send(
    core: Core,
    cast: Cast,
    conversation: int,
    *,
    total_fen: int,
    shares: int = 1,
    split: str = "equal",
    key: str = "p1",
    note: str = "",
) -> int:
    packet_id, _ = await core.run(
        lambda unit: send_packet(
            unit,
            cast["lin"],
            conversation_id=conversation,
            client_msg_id=key,
            total_fen=total_fen,
            shares=shares,
            split=split,  # type: ignore[arg-type]
            note=note,
        )
    )
    return packet_id


async def claim_as(core: Core, cast: Cast, name: str, packet_id: int) -> int:
    return await core.run(lambda unit: claim(unit, cast[name], packet_id=packet_id))


async def test_a_packet_takes_the_money_at_once_and_gives_it_to_who_opens_it(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    direct = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    packet = await send(core, cast, direct, total_fen=20 * YUAN, note="请你喝茶")
    assert await balance(core, cast, "lin") == 30 * YUAN
    assert await claim_as(core, cast, "mi", packet) == 20 * YUAN
    assert await balance(core, cast, "mi") == 20 * YUAN


async def test_opening_twice_gives_the_same_share_once(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    place = await group(core, cast, "mi", "gray")
    packet = await send(core, cast, place, total_fen=9 * YUAN, shares=3)
    assert [await claim_as(core, cast, "mi", packet) for _ in range(2)] == [3 * YUAN, 3 * YUAN]
    assert await balance(core, cast, "mi") == 3 * YUAN


async def test_a_repeated_send_pays_once_and_other_content_is_refused(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    place = await group(core, cast, "mi")
    first = await send(core, cast, place, total_fen=10 * YUAN, shares=2)
    assert await send(core, cast, place, total_fen=10 * YUAN, shares=2) == first
    assert await balance(core, cast, "lin") == 40 * YUAN
    with pytest.raises(CoreError) as refused:
        await send(core, cast, place, total_fen=12 * YUAN, shares=2)
    assert refused.value.code == "client_msg_id_reused"


async def test_a_wallet_is_never_overdrawn_and_nothing_is_sent(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 5 * YUAN)
    place = await group(core, cast, "mi")
    with pytest.raises(CoreError) as refused:
        await send(core, cast, place, total_fen=6 * YUAN)
    assert (refused.value.code, refused.value.data) == (
        "insufficient_balance",
        {"limit": 5 * YUAN, "used": 6 * YUAN, "have": "5.00", "need": "6.00"},
    )
    events = await core.read(lambda c: messages.list_events(c, place, after_seq=0, to_seq=None, limit=9))
    assert [event.kind for event in events] == ["conversation.created"]


async def test_every_member_gets_exactly_one_share_however_they_crowd(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    names = ("mi", "gray", "qiao", "zhou", "boss")
    place = await group(core, cast, *names)
    packet = await send(core, cast, place, total_fen=10 * YUAN, shares=3, split="random")
    tries = [claim_as(core, cast, name, packet) for name in names for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    winners = {}
    for name, result in zip([name for name in names for _ in range(4)], results, strict=True):
        if isinstance(result, int):
            assert winners.setdefault(name, result) == result
        else:
            assert isinstance(result, CoreError)
            assert result.code == "packet_empty"
    assert len(winners) == 3
    assert sum(winners.values()) == 10 * YUAN
    assert [await balance(core, cast, name) for name in winners] == list(winners.values())


async def test_what_nobody_opened_goes_back_after_a_day_and_only_once(core: Core, cast: Cast, clock: FakeClock) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    place = await group(core, cast, "mi", "gray")
    packet = await send(core, cast, place, total_fen=9 * YUAN, shares=3)
    await claim_as(core, cast, "mi", packet)
    clock.advance(seconds=24 * 3600 - 1)
    await core.jobs.run_due()
    assert await balance(core, cast, "lin") == 41 * YUAN
    clock.advance(seconds=1)
    await asyncio.gather(core.jobs.run_due(), core.jobs.run_due())
    assert await balance(core, cast, "lin") == 47 * YUAN
    with pytest.raises(CoreError) as refused:
        await claim_as(core, cast, "gray", packet)
    assert refused.value.code == "packet_expired"


async def test_only_members_open_and_nobody_his_own_between_two(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    direct = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    packet = await send(core, cast, direct, total_fen=5 * YUAN)
    for name, code in (("gray", "not_found"), ("lin", "forbidden"), ("bot", "forbidden")):
        with pytest.raises(CoreError) as refused:
            await claim_as(core, cast, name, packet)
        assert refused.value.code == code


async def test_a_service_conversation_takes_no_packets(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    place = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    with pytest.raises(CoreError) as refused:
        await send(core, cast, place, total_fen=5 * YUAN)
    assert refused.value.data["reason"] == "no_money_in_service"


@pytest.mark.parametrize(
    ("total_fen", "shares", "split", "reason"),
    [
        (99, 1, "random", "too_small"),
        (20_001, 1, "random", "too_big"),
        (299, 3, "random", "too_small"),
        (1000, 3, "equal", "uneven"),
        (20_000, 101, "random", "too_big"),
    ],
)
async def test_shares_lie_between_one_and_two_hundred_yuan(
    core: Core, cast: Cast, total_fen: int, shares: int, split: str, reason: str
) -> None:
    await fund(core, cast, "lin", 1000 * YUAN)
    place = await group(core, cast, "mi")
    with pytest.raises(CoreError) as refused:
        await send(core, cast, place, total_fen=total_fen, shares=shares, split=split)
    assert refused.value.data["reason"] == reason


@given(data=st.data(), shares=st.integers(1, 100), seed=st.integers(0, 2**32))
def test_random_shares_sum_exactly_and_keep_the_rules(data: st.DataObject, shares: int, seed: int) -> None:
    rules, chance = RedPackets(), random.Random(seed)
    total = data.draw(st.integers(shares * rules.share_min_fen, shares * rules.share_max_fen))
    drawn: list[int] = []
    for left in range(shares, 0, -1):
        rest = total - sum(drawn)
        drawn.append(draw_share(remaining_fen=rest, remaining_shares=left, split="random", rules=rules, chance=chance))
    assert sum(drawn) == total
    assert all(rules.share_min_fen <= share <= rules.share_max_fen for share in drawn)


async def test_balances_and_ledger_sum_to_zero(core: Core, cast: Cast) -> None:
    await fund(core, cast, "lin", 50 * YUAN)
    place = await group(core, cast, "mi", "gray")
    packet = await send(core, cast, place, total_fen=9 * YUAN, shares=3, split="random")
    await claim_as(core, cast, "gray", packet)
    sums = await core.read(
        lambda c: [
            c.execute(select(func.sum(column))).scalar_one()
            for column in (store.wallets.c.balance_fen, store.ledger.c.amount_fen)
        ]
    )
    assert [int(total) for total in sums] == [0, 0]
