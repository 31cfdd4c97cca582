"""Greeting, hours, and a bot that is turned off: what depends on settings and session rather than on words."""

from __future__ import annotations

import pytest

from bot.settings import BotSettings, Hours
from kefu.base.texts import text
from messaging_core.api import Core, SendRequest, Sent, close, find_session, open_direct, take
from messaging_core.settings import Settings
from tests.bot.worker.deciders import Deciding
from tests.bot.worker.world import SETTINGS, Shop
from tests.messaging_core.integrations.helpers import say, until
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock

# One database is enough here: what both must bear is in test_turns.py and the state machine.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GREETING = "您好，我是小月，由 AI 为您解答。"
GREETS = BotSettings(auto_reply=True, greeting=GREETING, deadline_ms=10_000)
# The clock stands at 16:00 in Shanghai, on a Sunday.
NIGHTS = Hours(days=((("22:00", "06:00"),),) * 7)


async def test_each_session_is_greeted_once_by_the_bot(core: Core, cast: Cast) -> None:
    shop = await Shop(core, cast).open(GREETS)
    conversation = await shop.ask()
    await shop.hears(conversation, GREETING)
    assert await shop.ask() == conversation
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, GREETING, "您说：在吗")
    session_id = await shop.session_id(conversation)
    await core.run(lambda unit: close(unit, cast["lin"], session_id=session_id))
    await shop.say(conversation, "又来了")
    await until(lambda: _said(shop, conversation, 4), what="greeting and answer of the second session")
    assert sorted((await shop.heard(conversation))[2:]) == sorted([GREETING, "您说：又来了"])


async def _said(shop: Shop, conversation: int, count: int) -> bool:
    return len(await shop.heard(conversation)) == count


async def test_a_greeting_is_not_said_again_after_a_restart(settings: Settings, clock: FakeClock) -> None:
    first = Core(settings, clock=clock)
    await first.start()
    try:
        cast = await make_cast(first)
        shop = await Shop(first, cast).open(GREETS)
        conversation = await shop.ask()
        await shop.hears(conversation, GREETING)
    finally:
        await first.close()
    second = Core(settings, clock=clock)
    await second.start()
    try:
        again = await Shop(second, cast, shop.decider).open(GREETS)
        await again.say(conversation, "在吗")
        await again.hears(conversation, GREETING, "您说：在吗")
    finally:
        await second.close()


async def test_the_bots_messages_say_that_they_are_the_bots(core: Core, cast: Cast) -> None:
    shop = await Shop(core, cast).open(GREETS)
    conversation = await shop.ask()
    await shop.say(conversation, "在吗")
    await shop.hears(conversation, GREETING, "您说：在吗")
    origins = {
        event["origin"] for event in await shop.messages(conversation) if event["sender_id"] == str(cast.id("bot"))
    }
    assert origins == {"bot"}


async def test_outside_its_hours_the_customer_is_told_once_and_waits_for_a_human(core: Core, cast: Cast) -> None:
    off = BotSettings(auto_reply=True, greeting=GREETING, hours=NIGHTS, off_hours_text="现在由客服接待，请稍等。")
    shop = await Shop(core, cast).open(off)
    conversation = await shop.ask()
    for number, words in enumerate(("在吗", "有人吗"), start=1):
        await shop.say(conversation, words)
        await shop.settled(conversation, number)
    assert await shop.heard(conversation) == ["现在由客服接待，请稍等。", text("bot.queued", "zh")]
    turns = await shop.turns(conversation)
    assert [(turn.outcome, turn.reason) for turn in turns] == [("handed_off", "hours"), ("replied", "queue_told")]
    assert shop.decider.started == 0


async def test_inside_its_hours_it_answers(core: Core, cast: Cast, clock: FakeClock) -> None:
    shop = await Shop(core, cast).open(BotSettings(auto_reply=True, hours=NIGHTS))
    clock.advance(seconds=7 * 3600)
    conversation = await shop.ask()
    await shop.say(conversation, "夜里好")
    await shop.hears(conversation, "您说：夜里好")


async def test_what_was_said_while_it_was_off_is_not_answered_later(shop: Shop) -> None:
    await shop.put(BotSettings(auto_reply=False))
    conversation = await shop.ask()
    seq = await shop.say(conversation, "有人吗")
    await until(lambda: shop.digested(conversation, seq), what="the worker has passed it over")
    await shop.put(SETTINGS)
    assert await shop.turns(conversation) == []
    assert await shop.heard(conversation) == []


async def test_a_session_that_the_bot_had_when_it_was_turned_off_goes_to_the_queue(shop: Shop) -> None:
    conversation = await shop.ask()
    await shop.say(conversation, "一")
    await shop.hears(conversation, "您说：一")
    await shop.put(BotSettings(auto_reply=False))
    await shop.say(conversation, "二")
    await shop.hears(conversation, "您说：一", text("bot.handed_over", "zh"))
    session = await shop.core.read(lambda connection: find_session(connection, conversation))
    assert session is not None and session.state == "queued"
    assert (await shop.turns(conversation))[1].handoff_reason == "settings"


async def test_new_settings_hold_from_the_next_turn_on(shop: Shop) -> None:
    conversation = await shop.ask()
    await shop.say(conversation, "一")
    await shop.settled(conversation, 1)
    await shop.put(BotSettings(auto_reply=True, name="阿月"))
    await shop.say(conversation, "二")
    turns = await shop.settled(conversation, 2)
    assert [turn.settings_version for turn in turns] == [1, 2]
    assert [turn.settings.name for turn in shop.decider.turns] == ["小月", "阿月"]


async def test_agents_bots_and_private_talk_never_trigger_it(shop: Shop) -> None:
    core, cast = shop.core, shop.cast
    conversation = await shop.ask()
    session_id = await shop.session_id(conversation)
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session_id))
    seq = await shop.say(conversation, "您好，我是老乔", who="qiao")
    private = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await say(core, cast["lin"], private, "悄悄话")
    await until(lambda: shop.digested(conversation, seq), what="the worker has seen the agent's words")
    assert shop.decider.started == 0
    assert await shop.rows("bot_turns") == []


async def test_a_turn_knows_the_customer_the_history_and_the_memory(shop: Shop) -> None:
    conversation = await shop.ask()
    await shop.say(conversation, "一")
    await shop.hears(conversation, "您说：一")
    await shop.say(conversation, "二")
    await shop.settled(conversation, 2)
    first, second = shop.decider.turns
    assert (first.first, second.first) == (True, False)
    assert second.customer_name == "林小姐"
    assert [(line.origin, line.text) for line in second.history] == [("person", "一"), ("bot", "您说：一")]
    assert second.state.slots == {"turns": "1"}


async def test_a_card_without_words_is_a_turn_with_an_empty_text(shop: Shop) -> None:
    conversation = await shop.ask()
    outcome = await shop.core.send(
        SendRequest(
            actor=shop.cast["lin"],
            conversation_id=conversation,
            client_msg_id="card",
            kind="product_card",
            v=1,
            body=b'{"product_id":"MT-1001","title":"\xe9\xbe\x99\xe4\xba\x95"}',
            settle=lambda _request, _outcome: None,
        )
    )
    assert isinstance(outcome, Sent)
    await shop.settled(conversation, 1)
    (turn,) = shop.decider.turns
    assert (turn.text, turn.messages[0].kind, turn.messages[0].body["product_id"]) == ("", "product_card", "MT-1001")


@pytest.mark.parametrize("who", ["lin", "mi"])
async def test_conversations_have_turns_and_memories_of_their_own(core: Core, cast: Cast, who: str) -> None:
    shop = await Shop(core, cast, Deciding()).open()
    other = "mi" if who == "lin" else "lin"
    conversations = {name: await shop.ask(name) for name in (who, other)}
    shop.decider.wait()
    for name, conversation in conversations.items():
        await shop.say(conversation, f"我是{name}", who=name)
    await until(lambda: shop.decider.started == 2, what="both at once")
    shop.decider.go()
    for name, conversation in conversations.items():
        await shop.hears(conversation, f"您说：我是{name}")
