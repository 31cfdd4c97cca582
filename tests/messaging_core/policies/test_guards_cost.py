"""What the rules about people cost the send path: a constant number of statements, all by index."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from messaging_core.api import Actor, Core, SendRequest, Sent, Unit, create_account, open_direct, send_batch
from tests.support.cast import Cast
from tests.support.statements import heard, plan_of

# As many rows as SQLite takes in one statement of a size (kernel/bulk.py).
MANY = 16


async def test_a_batch_of_many_conversations_asks_as_often_as_one_and_never_scans(core: Core, cast: Cast) -> None:
    def prepare(unit: Unit) -> list[int]:
        friends = [create_account(unit, None, name=f"茶友{n}", kind="personal") for n in range(MANY)]
        return [open_direct(unit, cast["lin"], account_id=friend) for friend in friends]

    places = await core.run(prepare)

    def send(unit: Unit, places: list[int], key: str) -> tuple[list[Any], list[tuple[str, Any]]]:
        with heard(unit.connection) as asked:
            outcomes = send_batch(unit, [_request(cast["lin"], place, key) for place in places])
        if unit.dialect == "sqlite":
            for statement, parameters in asked:
                # What may be walked through from end to end: the batch itself.
                batches = {*re.findall(r"WITH (\w+)\(", statement)}
                walks = [line for line in plan_of(unit.connection, statement, parameters) if line.startswith("SCAN")]
                allowed = {*batches, "given"}
                assert all("CONSTANT ROW" in walk or walk.split()[1] in allowed for walk in walks), (statement, walks)
        return outcomes, asked

    await core.run(lambda unit: send(unit, places[:1], "m0"))  # a sender's first message makes his row
    one, few = await core.run(lambda unit: send(unit, places[1:2], "m1"))
    many, as_few = await core.run(lambda unit: send(unit, places, "m2"))
    assert all(isinstance(outcome, Sent) for outcome in (*one, *many))
    assert [text.split()[:3] for text, _ in as_few] == [text.split()[:3] for text, _ in few]


async def test_a_sender_who_writes_too_fast_costs_no_more_statements(core: Core, cast: Cast) -> None:
    place = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))

    def send(unit: Unit, key: str) -> tuple[list[str], bool]:
        with heard(unit.connection) as asked:
            outcomes = send_batch(unit, [_request(cast["lin"], place, key)])
        assert isinstance(outcomes[0], Sent)
        return [text.split("VALUES")[0] for text, _ in asked], unit.events[-1].hushed_until_us > unit.now_us

    await core.run(lambda unit: send(unit, "m0"))  # a sender's first message makes his row
    sent = [await core.run(lambda unit, key=key: send(unit, f"m{key}")) for key in range(1, 10)]
    assert [hushed for _, hushed in sent] == [False] * 8 + [True]
    assert sent[-1][0] == sent[0][0]


def _request(actor: Actor, place: int, key: str) -> SendRequest:
    return SendRequest(
        actor=actor,
        conversation_id=place,
        client_msg_id=key,
        kind="text",
        v=1,
        body=msgspec.json.encode({"text": "在吗"}),
        settle=lambda _request, _outcome: None,
    )
