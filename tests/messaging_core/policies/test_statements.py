"""What a send asks of the database: as many statements for a batch as for one, and none that grows with history."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from messaging_core.api import Actor, Core, SendRequest, Sent, create_account, create_group, open_direct, send_batch
from messaging_core.kernel.unit import Unit
from messaging_core.messages.store import _requests
from messaging_core.safety.store import _read_senders, lock_senders
from messaging_core.settings import Settings
from tests.support.cast import Cast
from tests.support.statements import heard, plan_of
from tests.support.talkative import TALKATIVE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"safety": TALKATIVE})


def text(actor: Actor, conversation_id: int, key: str) -> SendRequest:
    body = msgspec.json.encode({"text": "你好"})
    return SendRequest(actor, conversation_id, key, "text", 1, body, lambda _request, _outcome: None)


def count(unit: Unit, requests: list[SendRequest]) -> int:
    with heard(unit.connection) as said:
        outcomes = send_batch(unit, requests)
    assert all(isinstance(outcome, Sent) for outcome in outcomes), outcomes
    return len(said)


async def test_a_batch_costs_as_many_statements_as_one_message_and_a_group_of_500_as_one_of_three(
    core: Core, cast: Cast
) -> None:
    lin = cast["lin"]

    def crowd(unit: Unit) -> int:
        ids = [create_account(unit, None, name=f"茶友{n}", kind="personal") for n in range(499)]
        return create_group(unit, cast["boss"], title="社群", member_ids=ids, enterprise_id=cast.enterprise_id)

    direct = await core.run(lambda unit: open_direct(unit, lin, account_id=cast.id("mi")))
    small = await core.run(lambda unit: create_group(unit, lin, title="三人", member_ids=[cast.id("mi")]))
    large = await core.run(crowd)
    await core.run(lambda unit: count(unit, [text(lin, direct, "warm"), text(cast["boss"], large, "warm")]))
    one = await core.run(lambda unit: count(unit, [text(lin, direct, "one")]))
    many = await core.run(lambda unit: count(unit, [text(lin, direct, f"m{n}") for n in range(16)]))
    assert many == one
    to_three = await core.run(lambda unit: count(unit, [text(lin, small, "one")]))
    to_many = await core.run(lambda unit: count(unit, [text(cast["boss"], large, "one")]))
    assert to_many <= to_three + 1, "the enterprise's terms are asked for besides"


async def test_no_read_of_a_send_scans_a_table(core: Core, cast: Cast) -> None:
    direct = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    lin = cast.id("lin")
    await asyncio.gather(*[core.send(text(cast["lin"], direct, f"h{n}")) for n in range(200)])

    def plans(unit: Unit) -> list[str]:
        lock_senders(unit.connection, [lin])
        found: list[str] = []
        for bulk, row in ((_requests, (0, direct, lin, "x")), (_read_senders, (lin,))):
            with heard(unit.connection) as said:
                bulk.read(unit.connection, [row])
            found += [line for statement in said for line in plan_of(unit.connection, *statement)]
        return found

    found = await core.run(plans)
    assert found
    scans = [line for line in found if re.search(r"SCAN (?!request|sender|given|\d+ CONSTANT|CONSTANT)|Seq Scan", line)]
    assert scans == []
