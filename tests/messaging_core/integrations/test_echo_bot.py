"""A third party's bot on the door: one answer a message whatever dies in between, and none after a take-over."""

from __future__ import annotations

import asyncio

import pytest

from messaging_core.api import Core, Delivery, Unit, hand_back, take
from messaging_core.desk import store as desk
from messaging_core.integrations import store
from messaging_core.settings import Settings
from tests.messaging_core.integrations.echo_bot import EchoBot
from tests.messaging_core.integrations.helpers import Recorder, ask, say, texts_of, until
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock


def bot_of(core: Core, cast: Cast) -> EchoBot:
    return EchoBot(core, account_id=cast.id("bot"), enterprise_id=cast.enterprise_id)


async def answers(core: Core, cast: Cast, conversation_id: int) -> list[str]:
    return await texts_of(core, conversation_id, sender_id=cast.id("bot"))


async def until_answered(core: Core, cast: Cast, conversation_id: int, expected: list[str]) -> None:
    async def done() -> bool:
        return len(await answers(core, cast, conversation_id)) >= len(expected)

    await until(done, what=f"{len(expected)} answers")
    assert await answers(core, cast, conversation_id) == expected


async def until_idle(core: Core, name: str) -> None:
    """Wait until the subscriber has digested everything."""

    async def idle() -> bool:
        runner = core.subscribers._runners[name]
        behind = await core.read(
            lambda c: store.list_behind(c, consumer=name, enterprise_id=None, since_us=0, limit=10)
        )
        return not behind and not runner._tasks

    await until(idle, what=f"{name} idle")


async def session_of(core: Core, conversation_id: int) -> desk.SessionRow:
    session = await core.read(lambda connection: desk.find_current(connection, conversation_id))
    assert session is not None
    return session


async def test_the_bot_answers_each_message_once_and_in_order(core: Core, cast: Cast) -> None:
    bot = bot_of(core, cast)
    await core.subscribers.add(bot)
    said: dict[int, list[str]] = {}
    for who in ("lin", "mi"):
        conversation = await ask(core, cast, who)
        said[conversation] = [f"{who} {n}" for n in range(10)]
        for text in said[conversation]:
            await say(core, cast[who], conversation, text)
    for conversation, texts in said.items():
        await until_answered(core, cast, conversation, texts)
    assert bot.refused == []


async def test_what_bots_say_never_triggers_the_bot(core: Core, cast: Cast) -> None:
    bot = bot_of(core, cast)
    conversation = await ask(core, cast)
    version = (await session_of(core, conversation)).assignment_version
    await core.subscribers.add(bot)
    await say(core, cast["bot"], conversation, "我是另一处的机器人", version=version)
    await say(core, cast["lin"], conversation, "你好")
    await until_answered(core, cast, conversation, ["我是另一处的机器人", "你好"])
    await until_idle(core, bot.name)
    assert await answers(core, cast, conversation) == ["我是另一处的机器人", "你好"]


async def test_an_answer_that_an_agent_overtook_is_refused(
    core: Core, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = bot_of(core, cast)
    reached, go_on = asyncio.Event(), asyncio.Event()
    handle = bot.handle

    async def think(delivery: Delivery) -> None:
        if delivery.event.message is not None:
            reached.set()
            await asyncio.wait_for(go_on.wait(), 10)
        await handle(delivery)

    monkeypatch.setattr(bot, "handle", think)
    await core.subscribers.add(bot)
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "我要退货")
    await asyncio.wait_for(reached.wait(), 10)
    session = await session_of(core, conversation)
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    go_on.set()
    await until(lambda: bot.refused, what="the refusal")
    assert bot.refused == ["assignment_changed"]
    assert await answers(core, cast, conversation) == []
    await say(core, cast["lin"], conversation, "还在吗")  # now the agent's: the bot does not even try
    await until_idle(core, bot.name)
    assert bot.refused == ["assignment_changed"]
    await core.run(lambda unit: hand_back(unit, cast["qiao"], session_id=session.id))
    await say(core, cast["lin"], conversation, "机器人呢")
    await until_answered(core, cast, conversation, ["机器人呢"])


class DiesAfterItsWork(EchoBot):
    """Does its work and fails before the door hears of it, `deaths` times."""

    deaths = 1

    async def handle(self, delivery: Delivery) -> None:
        """Answer, then fail."""
        await super().handle(delivery)
        if delivery.event.message is not None and self.deaths:
            self.deaths -= 1
            raise ConnectionResetError("died between its work and the door's own note")


async def test_a_failure_after_the_work_does_not_double_the_answer(core: Core, cast: Cast) -> None:
    bot = DiesAfterItsWork(core, account_id=cast.id("bot"), enterprise_id=cast.enterprise_id)
    await core.subscribers.add(bot)
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "一次")
    await say(core, cast["lin"], conversation, "两次")
    await until_answered(core, cast, conversation, ["一次", "两次"])
    await until_idle(core, bot.name)
    assert bot.deaths == 0
    assert await answers(core, cast, conversation) == ["一次", "两次"]
    assert await core.read(store.count_parked) == 0


class HangsAfterItsWork(EchoBot):
    """Answers, and is never heard of again: as a process that was killed right then."""

    def __init__(self, core: Core, *, account_id: int, enterprise_id: int) -> None:
        super().__init__(core, account_id=account_id, enterprise_id=enterprise_id)
        self.worked = asyncio.Event()

    async def handle(self, delivery: Delivery) -> None:
        """Answer, then hang."""
        await super().handle(delivery)
        if delivery.event.message is not None:
            self.worked.set()
            await asyncio.Event().wait()


class FailsBeforeItsCursor(EchoBot):
    """Fails inside its transaction, after the reply and before the cursor: as a process killed before the commit."""

    def __init__(self, core: Core, *, account_id: int, enterprise_id: int) -> None:
        super().__init__(core, account_id=account_id, enterprise_id=enterprise_id)
        self.failed = asyncio.Event()

    def _answer(self, unit: Unit, delivery: Delivery, text: str) -> None:
        super()._answer(unit, delivery, text)
        self.failed.set()
        raise ConnectionResetError("died before the commit")


async def test_a_core_that_ends_between_the_work_and_the_cursor_answers_once(
    settings: Settings, clock: FakeClock
) -> None:
    first = Core(settings, clock=clock)
    await first.start()
    try:
        cast = await make_cast(first)
        dying = HangsAfterItsWork(first, account_id=cast.id("bot"), enterprise_id=cast.enterprise_id)
        await first.subscribers.add(dying)
        conversation = await ask(first, cast)
        await say(first, cast["lin"], conversation, "一次")
        await asyncio.wait_for(dying.worked.wait(), 10)
    finally:
        await first.close()
    second = Core(settings, clock=clock)
    await second.start()
    try:
        await second.subscribers.add(bot_of(second, cast))
        await say(second, cast["lin"], conversation, "又一次")
        await until_answered(second, cast, conversation, ["一次", "又一次"])
        await until_idle(second, "echo")
        assert await answers(second, cast, conversation) == ["一次", "又一次"]
    finally:
        await second.close()


async def test_a_core_that_ends_before_the_commit_answers_after_the_restart(
    settings: Settings, clock: FakeClock
) -> None:
    slow = settings.delivery.model_copy(update={"subscriber_backoff_s": 120.0})
    first = Core(settings.model_copy(update={"delivery": slow}), clock=clock)
    await first.start()
    try:
        cast = await make_cast(first)
        dying = FailsBeforeItsCursor(first, account_id=cast.id("bot"), enterprise_id=cast.enterprise_id)
        await first.subscribers.add(dying)
        conversation = await ask(first, cast)
        await say(first, cast["lin"], conversation, "一次")
        await asyncio.wait_for(dying.failed.wait(), 10)
        assert await answers(first, cast, conversation) == [], "half of the transaction was kept"
    finally:
        await first.close()
    second = Core(settings, clock=clock)
    await second.start()
    try:
        await second.subscribers.add(bot_of(second, cast))
        await until_answered(second, cast, conversation, ["一次"])
    finally:
        await second.close()


async def test_a_bot_that_was_down_answers_when_it_is_back(core: Core, cast: Cast) -> None:
    bot, listener = bot_of(core, cast), Recorder()
    await core.subscribers.add(bot)
    await core.subscribers.add(listener)
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "在吗")
    await until_answered(core, cast, conversation, ["在吗"])
    await core.subscribers.remove(bot.name)
    seq = (await say(core, cast["lin"], conversation, "还在吗")).seq
    await until(lambda: listener.has(conversation, seq), what="the message at another subscriber")
    await core.subscribers.add(bot_of(core, cast))
    await until_answered(core, cast, conversation, ["在吗", "还在吗"])
