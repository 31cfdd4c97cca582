"""Subscribers that move their own cursor, and those that look at one sort of conversation alone."""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy import select

from messaging_core.api import (
    Actor,
    Core,
    Delivery,
    Event,
    Quote,
    SendRequest,
    Unit,
    find_session,
    open_direct,
    send_batch,
)
from messaging_core.integrations.store import consumer_cursors
from tests.messaging_core.integrations.helpers import Recorder, ask, message_of, say, until
from tests.messaging_core.policies import talk
from tests.support.cast import Cast


class Answering:
    """Answers each person's message and moves its cursor past its own answer, in one transaction."""

    name = "answering"
    enterprise_id: int | None = None
    kinds: frozenset[str] | None = frozenset({"message.sent"})
    from_start = False

    def __init__(self, core: Core, bot: Actor) -> None:
        self._core, self._bot = core, bot
        self.handled: list[int] = []

    async def handle(self, delivery: Delivery) -> None:
        """See Subscriber.handle."""
        event = delivery.event
        self.handled.append(event.seq)
        if message_of(event.message)["origin"] == "person":
            await self._core.run(lambda unit: self._answer(unit, delivery))

    def _answer(self, unit: Unit, delivery: Delivery) -> None:
        session = find_session(unit.connection, delivery.event.conversation_id)
        assert session is not None
        answer = SendRequest(
            actor=self._bot,
            conversation_id=delivery.event.conversation_id,
            client_msg_id=f"answer.{delivery.event.seq}",
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": "在的"}),
            settle=lambda _request, _outcome: None,
            assignment_version=session.assignment_version,
        )
        send_batch(unit, [answer])
        delivery.advance(unit, to_seq=unit.events[-1].seq)


async def cursors(core: Core, consumer: str) -> dict[int, int]:
    """Return a consumer's stored cursors by conversation."""
    query = select(consumer_cursors.c.conversation_id, consumer_cursors.c.seq).where(
        consumer_cursors.c.consumer == consumer
    )
    return {row.conversation_id: row.seq for row in await core.read(lambda c: c.execute(query).all())}


async def test_what_a_subscriber_wrote_and_passed_over_does_not_come_back_to_it(core: Core, cast: Cast) -> None:
    answering = Answering(core, cast["bot"])
    await core.subscribers.add(answering)
    conversation = await ask(core, cast)
    asked = []
    for text in ("一", "二", "三"):
        asked.append((await say(core, cast["lin"], conversation, text)).seq)
        await until(lambda: len(answering.handled) == len(asked), what="its handling")
        await until(lambda: _passed(core, conversation, asked[-1] + 1), what="the cursor past the answer")
    await core.subscribers.sweep()
    assert answering.handled == asked
    assert asked == [asked[0], asked[0] + 2, asked[0] + 4], "each was answered before the next"


async def _passed(core: Core, conversation: int, seq: int) -> bool:
    return (await cursors(core, Answering.name)).get(conversation, 0) >= seq


class ServiceRecorder(Recorder):
    """Keeps the events of service conversations."""

    service_only: Literal[True] = True


async def test_a_service_subscriber_never_touches_other_conversations(core: Core, cast: Cast) -> None:
    recorder = ServiceRecorder("service", kinds=frozenset({"message.sent"}))
    await core.subscribers.add(recorder)
    private = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await say(core, cast["lin"], private, "悄悄话")
    core.subscribers.wake_one(private)
    service = await ask(core, cast)
    seq = (await say(core, cast["lin"], service, "在吗")).seq
    await core.subscribers.sweep()
    await until(lambda: recorder.has(service, seq), what="the service message")
    assert recorder.seqs(private) == []
    assert set(await cursors(core, "service")) == {service}


class CommunityRecorder(Recorder):
    """Keeps what calls somebody in the groups of enterprises."""

    communities_only: Literal[True] = True

    def wants(self, event: Event) -> bool:
        return b'"mentions":' in (event.message or b"")


async def test_a_community_subscriber_looks_at_nothing_but_what_it_wants_in_communities(core: Core, cast: Cast) -> None:
    recorder = CommunityRecorder("community", kinds=frozenset({"message.sent"}))
    await core.subscribers.add(recorder)
    ordinary = await talk.tea_group(core, cast)
    service = await ask(core, cast)
    group = await talk.tea_group(core, cast, community=True)
    for place in (ordinary, service, group):
        await say(core, cast["lin"], place, "在吗")
        core.subscribers.wake_one(place)
    called = await talk.say(core, cast["lin"], group, "@小助手", quote=Quote(mentions=(cast.id("bot"),)))
    await until(lambda: recorder.has(group, called.seq), what="the call")
    await core.subscribers.sweep()
    assert recorder.seqs(group) == [called.seq]
    assert recorder.seqs(ordinary) == recorder.seqs(service) == []
    assert set(await cursors(core, "community")) == {group}
