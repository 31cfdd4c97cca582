"""Turns: one outcome for what a customer has said, however it came."""

from __future__ import annotations

import asyncio

from bot.turns.store import find_state
from kefu.base.texts import text
from messaging_core.api import Actor, Unit, create_account, hand_back, set_bot, take
from messaging_core.messages.acts import recall
from tests.bot.worker.deciders import call_human, keep_silent
from tests.bot.worker.stories import all_have_turns
from tests.bot.worker.world import Shop
from tests.messaging_core.integrations.helpers import until
from tests.support.clock import FakeClock


async def test_a_question_is_answered_and_the_turn_kept_with_evidence_ledger_and_state(shop: Shop) -> None:
    conversation = await shop.ask()
    seq = await shop.say(conversation, "龙井多少钱")
    await shop.hears(conversation, "您说：龙井多少钱")
    (turn,) = await shop.turns(conversation)
    assert (turn.outcome, turn.act, turn.reason, turn.intent) == ("replied", "reply", "echo", "echo")
    assert (turn.first_seq, turn.last_seq, turn.enterprise_id) == (seq, seq, shop.cast.enterprise_id)
    messages = await shop.rows("bot_turn_messages", turn_id=turn.id)
    assert sorted((row.origin, row.seq) for row in messages) == [("bot", seq + 1), ("person", seq)]
    (evidence,) = await shop.rows("bot_evidence", turn_id=turn.id)
    assert (evidence.kind, evidence.source, evidence.text, evidence.score) == ("utterance", "test:1", "龙井多少钱", 0.9)
    (promise,) = await shop.rows("bot_ledger", turn_id=turn.id)
    assert (promise.fact_id, promise.value) == ("MT-1/price", "26800")
    assert promise.message_id == next(row.message_id for row in messages if row.origin == "bot")
    state = await shop.core.read(lambda connection: find_state(connection, turn.session_id))
    assert state is not None and state.slots == {"turns": "1"}


async def test_a_message_before_the_commit_joins_the_turn_and_restarts_it(shop: Shop) -> None:
    conversation = await shop.ask()
    shop.decider.wait()
    await shop.say(conversation, "有龙井吗")
    await until(lambda: shop.decider.started == 1, what="the first decision")
    await shop.say(conversation, "要一斤")
    await until(lambda: shop.decider.started == 2, what="the decision anew")
    shop.decider.go()
    await shop.hears(conversation, "您说：有龙井吗\n要一斤")
    (turn,) = await shop.turns(conversation)
    assert turn.restarts == 1
    assert len({one.id for one in shop.decider.turns}) == 1, "the turn keeps its id"


async def test_what_was_taken_back_before_the_answer_is_not_answered(shop: Shop) -> None:
    conversation = await shop.ask()
    shop.decider.wait()
    wrong = await shop.say(conversation, "说错了")
    await until(lambda: shop.decider.started == 1, what="the first decision")
    await shop.core.run(lambda unit: recall(unit, shop.cast["lin"], conversation_id=conversation, seq=wrong))
    shop.decider.go()
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.reason) == ("silent", "recalled")
    await shop.say(conversation, "有龙井吗")
    await shop.hears(conversation, "您说：有龙井吗")


async def test_an_agent_who_takes_over_meanwhile_makes_it_a_recorded_silence(shop: Shop) -> None:
    conversation = await shop.ask()
    shop.decider.wait()
    await shop.say(conversation, "有人吗")
    await until(lambda: shop.decider.started == 1, what="the decision")
    session_id = await shop.session_id(conversation)
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=session_id))
    shop.decider.go()
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.reason) == ("silent", "overtaken_assigned")
    assert await shop.heard(conversation) == []


async def test_after_hand_back_only_what_is_new_is_answered(shop: Shop) -> None:
    conversation = await shop.ask()
    session_id = await shop.session_id(conversation)
    await shop.core.run(lambda unit: take(unit, shop.cast["qiao"], session_id=session_id))
    await shop.say(conversation, "给老乔的话")
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.reason) == ("silent", "agent")
    await shop.core.run(lambda unit: hand_back(unit, shop.cast["qiao"], session_id=session_id))
    await shop.say(conversation, "给机器人的话")
    await shop.hears(conversation, "您说：给机器人的话")


async def test_a_wish_for_a_human_puts_the_session_into_the_queue_and_the_bot_keeps_silent(shop: Shop) -> None:
    conversation = await shop.ask()
    shop.decider.answer = call_human
    await shop.say(conversation, "转人工")
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.handoff_reason, turn.summary) == ("handed_off", "human_wish", "想要人工：转人工")
    await shop.hears(conversation, "帮您转人工")
    await shop.say(conversation, "快点")
    turns = await shop.settled(conversation, 2)
    assert (turns[1].outcome, turns[1].reason) == ("replied", "queue_told")
    await shop.say(conversation, "人呢")
    turns = await shop.settled(conversation, 3)
    assert (turns[2].outcome, turns[2].reason) == ("silent", "queued")
    assert shop.decider.started == 1


async def test_who_waits_is_told_once_in_each_stay_in_the_queue(shop: Shop, clock: FakeClock) -> None:
    conversation = await shop.ask()
    shop.decider.answer = call_human
    notice = text("bot.queued", "zh")
    for stay in (0, 1):
        await shop.say(conversation, "转人工")
        await shop.settled(conversation, 3 * stay + 1)
        for place, words in enumerate(("快点", "人呢"), start=2):
            await shop.say(conversation, words)
            await shop.settled(conversation, 3 * stay + place)
        assert (await shop.heard(conversation)).count(notice) == stay + 1
        session_id = await shop.session_id(conversation)
        await shop.core.run(lambda unit, session_id=session_id: take(unit, shop.cast["qiao"], session_id=session_id))
        await shop.core.run(
            lambda unit, session_id=session_id: hand_back(unit, shop.cast["qiao"], session_id=session_id)
        )
        clock.advance(seconds=60)


async def test_a_bot_that_is_no_member_of_the_conversation_is_refused_and_the_turn_is_a_recorded_silence(
    shop: Shop,
) -> None:
    conversation = await shop.ask()

    def replace_bot(unit: Unit) -> None:
        other = create_account(unit, None, name="新机器人", kind="bot", enterprise_id=shop.cast.enterprise_id)
        set_bot(unit, None, enterprise_id=shop.cast.enterprise_id, bot_account_id=other)

    await shop.core.run(replace_bot)
    await shop.say(conversation, "在吗")
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.reason, turn.error) == ("silent", "refused", "not_a_member")
    assert await shop.rows("bot_ledger") == [], "nothing of the undone outcome stays"


async def test_a_silence_that_was_decided_is_remembered(shop: Shop) -> None:
    shop.decider.answer = keep_silent
    conversation = await shop.ask()
    await shop.say(conversation, "谢谢")
    (turn,) = await shop.settled(conversation, 1)
    assert (turn.outcome, turn.reason) == ("silent", "thanks")
    state = await shop.core.read(lambda connection: find_state(connection, turn.session_id))
    assert state is not None and state.slots == {"thanked": "1"}


async def test_a_burst_of_hundreds_of_messages_is_one_turn_or_several_but_each_is_in_one(shop: Shop) -> None:
    conversation = await shop.ask()
    shop.decider.wait()
    await shop.say(conversation, "零")
    await until(lambda: shop.decider.started == 1, what="the first decision")
    await asyncio.gather(*(shop.say(conversation, f"{number}") for number in range(600)))
    shop.decider.go()
    await until(lambda: all_have_turns(shop, conversation), what="an outcome for all")
    rows = await shop.rows("bot_turn_messages", origin="person")
    assert len(rows) == 601


async def test_many_slow_decisions_do_not_hold_up_one_another(shop: Shop) -> None:
    def add(unit: Unit) -> list[Actor]:
        ids = [create_account(unit, None, name=f"顾客{number}", kind="personal") for number in range(40)]
        return [Actor(id_, "personal", "") for id_ in ids]

    shop.decider.wait()
    for number, customer in enumerate(await shop.core.run(add)):
        shop.cast.actors[f"customer {number}"] = customer
        await shop.say(await shop.ask(f"customer {number}"), "在吗", who=f"customer {number}")
    await until(lambda: shop.decider.started == 40, what="all forty at once")
    shop.decider.go()
