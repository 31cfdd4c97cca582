"""The door's promise: every event after its commit, in order per conversation, at least once, across restarts."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from messaging_core.api import Core, Delivery, open_direct
from messaging_core.errors import StorageUnavailable
from messaging_core.integrations import store
from messaging_core.messages import reading_store as messages
from messaging_core.settings import Settings
from tests.messaging_core.integrations.helpers import Recorder, ask, say, until
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock


async def last_seq(core: Core, conversation_id: int) -> int:
    events = await core.read(lambda c: messages.list_events(c, conversation_id, after_seq=0, to_seq=None, limit=1000))
    return events[-1].seq


async def test_every_event_arrives_after_its_commit_and_in_order(core: Core, cast: Cast) -> None:
    uncommitted: list[int] = []

    async def look(delivery: Delivery) -> None:
        event = delivery.event
        found = await core.read(
            lambda c: messages.list_events(c, event.conversation_id, after_seq=event.seq - 1, to_seq=event.seq, limit=1)
        )
        if not found:
            uncommitted.append(event.seq)

    recorder = Recorder(before=look)
    await core.subscribers.add(recorder)
    conversations = [await ask(core, cast, who) for who in ("lin", "mi", "gray")]
    writers = [
        say(core, cast[who], conversation, f"{n}")
        for n in range(20)
        for who, conversation in zip(("lin", "mi", "gray"), conversations, strict=True)
    ]
    await asyncio.gather(*writers)
    for conversation in conversations:
        last = await last_seq(core, conversation)
        await until(partial(recorder.has, conversation, last), what=f"{last} events")
        assert recorder.seqs(conversation) == list(range(1, last + 1))
    assert uncommitted == []


async def test_events_of_one_conversation_never_overlap_and_those_of_several_do(core: Core, cast: Cast) -> None:
    busy: dict[int, int] = {}
    together = asyncio.Event()

    async def hold(delivery: Delivery) -> None:
        conversation_id = delivery.event.conversation_id
        assert busy.get(conversation_id, 0) == 0, "two events of one conversation at once"
        busy[conversation_id] = 1
        if sum(busy.values()) == 2:
            together.set()
        await asyncio.wait_for(together.wait(), 10)
        busy[conversation_id] = 0

    recorder = Recorder(before=hold, kinds=frozenset({"message.sent"}))
    await core.subscribers.add(recorder)
    first, second = await ask(core, cast, "lin"), await ask(core, cast, "mi")
    for n in range(3):
        await say(core, cast["lin"], first, f"{n}")
        await say(core, cast["mi"], second, f"{n}")
    await until(lambda: len(recorder.got) == 6, what="all six messages")
    assert await core.read(store.count_parked) == 0


async def test_a_subscriber_gets_only_its_kinds_and_its_enterprise(core: Core, cast: Cast) -> None:
    texts = Recorder("texts", kinds=frozenset({"message.sent"}))
    shop = Recorder("shop", enterprise_id=cast.enterprise_id)
    for subscriber in (texts, shop):
        await core.subscribers.add(subscriber)
    private = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    sent = await say(core, cast["lin"], private, "悄悄话")
    service = await ask(core, cast)
    last = (await say(core, cast["lin"], service, "在吗")).seq
    await until(lambda: (service, last) in texts.got and (service, last) in shop.got, what="the last message")
    assert texts.got == [(private, sent.seq), (service, last)]
    assert shop.seqs(private) == []
    assert shop.seqs(service) == list(range(1, last + 1))


async def test_another_nodes_wake_up_does_not_open_a_foreign_conversation(core: Core, cast: Cast) -> None:
    """What the broker tells is a conversation's number alone: whose it is must be looked up."""
    shop = Recorder("shop", enterprise_id=cast.enterprise_id)
    await core.subscribers.add(shop)
    private = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await say(core, cast["lin"], private, "悄悄话")
    core.subscribers.wake_one(private)
    service = await ask(core, cast)
    core.subscribers.wake_one(service)
    await until(lambda: shop.seqs(service), what="the shop's own conversation")
    await core.subscribers.stop()
    assert shop.seqs(private) == []


async def test_a_new_subscriber_starts_now_or_at_the_start_as_it_asks(core: Core, cast: Cast, clock: FakeClock) -> None:
    conversation = await ask(core, cast)
    before = (await say(core, cast["lin"], conversation, "昨天的事")).seq
    clock.advance(seconds=60)
    history, fresh = Recorder("history", from_start=True), Recorder("fresh")
    for subscriber in (history, fresh):
        await core.subscribers.add(subscriber)
    now = (await say(core, cast["lin"], conversation, "今天的事")).seq
    await until(lambda: now in history.seqs(conversation) and now in fresh.seqs(conversation), what="the new message")
    assert history.seqs(conversation) == list(range(1, now + 1))
    assert fresh.seqs(conversation) == list(range(before + 1, now + 1))


async def test_a_restarted_core_goes_on_where_the_old_one_was(settings: Settings, clock: FakeClock) -> None:
    first, recorder = Core(settings, clock=clock), Recorder()
    await first.start()
    try:
        cast = await make_cast(first)
        await first.subscribers.add(recorder)
        conversation = await ask(first, cast)
        last = (await say(first, cast["lin"], conversation, "一")).seq
        await until(lambda: last in recorder.seqs(conversation), what="the first message")
        await first.subscribers.remove(recorder.name)
        await say(first, cast["lin"], conversation, "没人在听")
    finally:
        await first.close()
    second, again = Core(settings, clock=clock), Recorder()
    await second.start()
    try:
        await second.subscribers.add(again)
        last = (await say(second, cast["lin"], conversation, "三")).seq
        await until(lambda: last in again.seqs(conversation), what="the last message after the restart")
    finally:
        await second.close()
    heard = recorder.seqs(conversation) + again.seqs(conversation)
    assert sorted(set(heard)) == list(range(1, last + 1)), "something was skipped"
    assert again.seqs(conversation) == sorted(again.seqs(conversation))


async def test_an_event_whose_handling_was_cut_off_comes_again_after_the_restart(
    settings: Settings, clock: FakeClock
) -> None:
    first, reached = Core(settings, clock=clock), asyncio.Event()

    async def hang(_delivery: Delivery) -> None:
        reached.set()
        await asyncio.Event().wait()

    await first.start()
    try:
        cast = await make_cast(first)
        await first.subscribers.add(Recorder(kinds=frozenset({"message.sent"}), before=hang))
        conversation = await ask(first, cast)
        seq = (await say(first, cast["lin"], conversation, "一")).seq
        await asyncio.wait_for(reached.wait(), 10)
    finally:
        await first.close()
    second, again = Core(settings, clock=clock), Recorder(kinds=frozenset({"message.sent"}))
    await second.start()
    try:
        await second.subscribers.add(again)
        await until(lambda: again.seqs(conversation) == [seq], what="the event that was cut off")
    finally:
        await second.close()


async def test_the_sweep_finds_what_nobody_was_woken_for(core: Core, cast: Cast, settings: Settings) -> None:
    recorder = Recorder(kinds=frozenset({"message.sent"}))
    await core.subscribers.add(recorder)
    if settings.is_sqlite:
        core.hub._listeners.clear()  # SQLite has one node: the lost wake-up is made by hand
        writer = core
    else:
        writer = Core(settings, clock=core.clock)  # a second node without a broker: nobody hears of its commits
        await writer.start()
    try:
        conversation = await ask(writer, cast)
        seq = (await say(writer, cast["lin"], conversation, "听得到吗")).seq
    finally:
        if writer is not core:
            await writer.close()
    assert recorder.got == []
    await core.subscribers.sweep()
    await until(lambda: recorder.got == [(conversation, seq)], what="what the sweep found")


async def test_a_sweep_that_could_not_read_looks_as_far_back_the_next_time(
    core: Core, cast: Cast, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(kinds=frozenset({"message.sent"}))
    await core.subscribers.add(recorder)
    core.hub._listeners.clear()
    conversation = await ask(core, cast)
    seq = (await say(core, cast["lin"], conversation, "数据库要停了")).seq

    async def unavailable(_query: object) -> None:
        raise StorageUnavailable("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(core, "read", unavailable)
        for _ in range(3):  # half an hour without the database
            with pytest.raises(StorageUnavailable):
                await core.subscribers._runners[recorder.name].sweep()
            clock.advance(seconds=600)
    clock.advance(seconds=600)
    await core.subscribers.sweep()
    await until(lambda: recorder.got == [(conversation, seq)], what="what waited through the outage")
