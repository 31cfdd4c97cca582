"""Sending: numbers without gaps, one message a client id, refusals that change nothing."""

from __future__ import annotations

import asyncio

import msgspec

from messaging_core.api import Actor, Core, SendRequest, Sent, create_group, open_direct, remove_member
from messaging_core.errors import CoreError
from messaging_core.messages import reading_store as messages
from messaging_core.messages.model import Outcome
from tests.support.cast import Cast


def text_request(actor: Actor, conversation_id: int, client_msg_id: str, text: str) -> SendRequest:
    return SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind="text",
        v=1,
        body=msgspec.json.encode({"text": text}),
        settle=lambda _request, _outcome: None,
    )


async def send(core: Core, actor: Actor, conversation_id: int, client_msg_id: str, text: str = "你好") -> Outcome:
    return await core.send(text_request(actor, conversation_id, client_msg_id, text))


async def test_messages_take_the_next_numbers_without_gaps(core: Core, cast: Cast) -> None:
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    outcomes = await asyncio.gather(
        *[send(core, cast["lin" if n % 2 else "mi"], conversation, f"c{n}") for n in range(50)]
    )
    sent = [outcome for outcome in outcomes if isinstance(outcome, Sent)]
    assert sorted(outcome.seq for outcome in sent) == list(range(2, 52))
    assert sorted(outcome.msg_no for outcome in sent) == list(range(1, 51))
    events = await core.read(lambda c: messages.list_events(c, conversation, after_seq=0, to_seq=None, limit=100))
    assert [event.seq for event in events] == list(range(1, 52))


async def test_the_same_client_id_gives_the_same_message(core: Core, cast: Cast) -> None:
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    first, twin = await asyncio.gather(
        send(core, cast["lin"], conversation, "c1"), send(core, cast["lin"], conversation, "c1")
    )
    later = await send(core, cast["lin"], conversation, "c1")
    assert isinstance(first, Sent)
    assert isinstance(twin, Sent)
    assert isinstance(later, Sent)
    assert first.message_id == twin.message_id == later.message_id
    assert [outcome.duplicate for outcome in (first, twin, later)].count(False) == 1


async def test_a_client_id_with_other_content_is_refused_and_changes_nothing(core: Core, cast: Cast) -> None:
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await send(core, cast["lin"], conversation, "c1", "一")
    refused = await send(core, cast["lin"], conversation, "c1", "二")
    assert isinstance(refused, CoreError)
    assert refused.code == "client_msg_id_reused"
    events = await core.read(lambda c: messages.list_events(c, conversation, after_seq=0, to_seq=None, limit=9))
    assert len(events) == 2


async def test_a_refused_send_does_not_fail_its_neighbours_in_the_batch(core: Core, cast: Cast) -> None:
    conversation = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    good, foreign, unknown, also_good = await asyncio.gather(
        send(core, cast["lin"], conversation, "c1"),
        send(core, cast["gray"], conversation, "c2"),
        send(core, cast["lin"], 99, "c3"),
        send(core, cast["mi"], conversation, "c4"),
    )
    assert isinstance(good, Sent)
    assert isinstance(also_good, Sent)
    assert {good.seq, also_good.seq} == {2, 3}
    for refused in (foreign, unknown):
        assert isinstance(refused, CoreError)
        assert refused.code == "not_a_member"


async def test_who_was_removed_from_a_group_cannot_send(core: Core, cast: Cast) -> None:
    group = await core.run(
        lambda unit: create_group(unit, cast["lin"], title="茶友群", member_ids=[cast.id("mi"), cast.id("gray")])
    )
    await core.run(lambda unit: remove_member(unit, cast["lin"], conversation_id=group, account_id=cast.id("gray")))
    refused = await send(core, cast["gray"], group, "c1")
    assert isinstance(refused, CoreError)
    assert refused.code == "not_a_member"


async def test_who_was_removed_still_gets_the_acknowledgement_that_was_lost_on_the_way(core: Core, cast: Cast) -> None:
    group = await core.run(lambda unit: create_group(unit, cast["lin"], title="茶友群", member_ids=[cast.id("mi")]))
    first = await send(core, cast["mi"], group, "c1")
    await core.run(lambda unit: remove_member(unit, cast["lin"], conversation_id=group, account_id=cast.id("mi")))
    again = await send(core, cast["mi"], group, "c1")
    assert isinstance(first, Sent)
    assert isinstance(again, Sent), "refused, though it stands in the conversation"
    assert (again.message_id, again.seq, again.duplicate) == (first.message_id, first.seq, True)
