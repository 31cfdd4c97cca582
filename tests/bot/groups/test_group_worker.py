"""The bot in a community: it answers who calls it and what nobody answers, knows no orders, and never talks over."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.decision import Decision, Evidence, Reply
from bot.dialogue.state import DialogueState
from bot.groups.words import replies_of
from bot.groups.worker import GroupBotWorker
from bot.settings import BotSettings
from bot.turn import CustomerMessage, Turn
from bot.turns.said import list_said
from kefu.base.texts import text
from messaging_core.api import Quote, add_members, create_group
from messaging_core.integrations.store import consumer_cursors
from tests.bot.worker.deciders import call_human, echo, keep_silent
from tests.bot.worker.world import SETTINGS, Shop
from tests.messaging_core.integrations.helpers import until
from tests.messaging_core.policies import talk
from tests.support.clock import FakeClock

PRIVATE = text("bot.group_private", "zh")


def choose(turn: Turn) -> Decision:
    """Ask back, with an order among the reasons when one is named."""
    choices = [{"label": "龙井", "say": "龙井多少钱"}, {"label": "普洱", "say": "普洱多少钱"}]
    evidence = (Evidence("order", "order:1", "一笔订单"),) if "订单" in turn.text else ()
    reply = Reply("choices", {"text": "您问哪一款？", "choices": choices})
    return Decision("clarify", "two_close", (reply,), turn.state, evidence)


def track(turn: Turn) -> Decision:
    """Say what holds for everybody's parcel."""
    reply = Reply("text", {"text": "请用下单的账号登录"})
    return Decision("reply", "intent_answer", (reply,), turn.state, intent="track_parcel")


class Community:
    """Moon Tea's community: Lin and Mi, and the bot."""

    def __init__(self, shop: Shop, id_: int) -> None:
        self.shop = shop
        self.id = id_
        self.bot_id = shop.cast.id("bot")

    async def says(self, who: str, words: str, *, to_bot: bool = False, reply_to: int | None = None) -> int:
        """Say something and return its `seq`."""
        quote = Quote(reply_to, (self.bot_id,) if to_bot else ())
        return (await talk.say(self.shop.core, self.shop.cast[who], self.id, words, quote=quote)).seq

    async def digested(self, seq: int) -> None:
        """Wait until the worker has passed an event."""
        query = select(consumer_cursors.c.seq).where(
            consumer_cursors.c.consumer == GroupBotWorker.name, consumer_cursors.c.conversation_id == self.id
        )

        async def passed() -> bool:
            found = await self.shop.core.read(lambda connection: connection.execute(query).scalar_one_or_none())
            return found is not None and found >= seq

        await until(passed, what=f"the worker has passed {seq}")


@pytest_asyncio.fixture
async def community(shop: Shop) -> Community:
    core, cast = shop.core, shop.cast
    await core.subscribers.add(GroupBotWorker(core, lambda _enterprise_id: shop.decider))
    people = [cast.id("lin"), cast.id("mi")]
    id_ = await core.run(
        lambda unit: create_group(unit, cast["boss"], title="茶友", member_ids=people, enterprise_id=cast.enterprise_id)
    )
    await core.run(lambda unit: add_members(unit, cast["boss"], conversation_id=id_, account_ids=[cast.id("bot")]))
    return Community(shop, id_)


async def test_who_calls_the_bot_is_answered_as_a_reply_and_the_turn_is_kept_with_its_promise(
    community: Community,
) -> None:
    shop = community.shop
    await community.says("mi", "大家好")
    seq = await community.says("lin", "@月茶小助手 龙井多少钱", to_bot=True)
    await shop.hears(community.id, "您说：龙井多少钱")
    (said,) = [one for one in await shop.messages(community.id) if one["sender_id"] == str(community.bot_id)]
    assert said["reply_to"]["seq"] == seq
    (turn,) = await shop.settled(community.id, 1)
    assert (turn.outcome, turn.session_id, turn.customer_id, turn.first_seq) == ("replied", 0, 0, seq)
    assert [one.said for one in await shop.rows("bot_ledger", turn_id=turn.id)] == ["您说：龙井多少钱"]
    assert {one.customer_id for one in shop.decider.turns} == {0}, "nobody's orders are looked up"
    followed = await shop.core.read(lambda c: list_said(c, enterprise_id=shop.cast.enterprise_id, after_id=0, limit=10))
    assert followed == [], "a shadow repeats sessions only"


async def test_a_question_that_nobody_answers_is_answered_once_and_never_over_a_human(
    community: Community, clock: FakeClock
) -> None:
    shop = community.shop
    await community.says("lin", "今天发货吗？")
    clock.advance(seconds=61)
    await shop.core.jobs.run_due()
    await shop.hears(community.id, "您说：今天发货吗？")
    asked = await community.says("lin", "明天呢？")
    await community.says("mi", "明天也发")
    clock.advance(seconds=61)
    await shop.core.jobs.run_due()
    called = await community.says("lin", "@月茶小助手 普洱呢？", to_bot=True)
    await shop.hears(community.id, "您说：今天发货吗？", "您说：普洱呢？")
    assert asked not in {turn.first_seq for turn in await shop.turns(community.id)}
    clock.advance(seconds=61)
    await shop.core.jobs.run_due()
    await community.digested(called)
    assert len(await shop.heard(community.id)) == 2


async def test_a_human_who_was_faster_keeps_the_bot_silent_and_that_is_recorded(community: Community) -> None:
    shop = community.shop
    shop.decider.wait()
    asked = await community.says("lin", "@月茶小助手 龙井多少钱", to_bot=True)
    await until(lambda: shop.decider.started == 1, what="the decision")
    await community.says("mi", "268", reply_to=asked)
    shop.decider.go()
    (turn,) = await shop.settled(community.id, 1)
    assert (turn.outcome, turn.reason, turn.error) == ("silent", "refused", "not_allowed")
    assert await shop.heard(community.id) == []


async def test_who_calls_for_a_human_is_sent_to_his_own_conversation_and_a_bot_that_is_off_is_silent(
    community: Community,
) -> None:
    shop = community.shop
    shop.decider.answer = call_human
    await community.says("lin", "@月茶小助手 人工", to_bot=True)
    await shop.hears(community.id, PRIVATE)
    await shop.put(BotSettings(auto_reply=False))
    seq = await community.says("lin", "@月茶小助手 在吗", to_bot=True)
    await community.digested(seq)
    assert len(await shop.turns(community.id)) == 1


@pytest.mark.parametrize(
    ("decide", "asked", "named", "failed", "expected"),
    [
        (echo, "有货吗", True, False, ["您说：有货吗"]),
        (echo, "有货吗", False, False, ["您说：有货吗"]),
        (echo, "有货吗", True, True, [PRIVATE]),
        (echo, "有货吗", False, True, []),
        (call_human, "人工", True, False, [PRIVATE]),
        (call_human, "人工", False, False, []),
        (choose, "多少钱", True, False, ["您问哪一款？\n· 龙井\n· 普洱"]),
        (choose, "多少钱", False, False, []),
        (choose, "我的订单呢", True, False, [PRIVATE]),
        (keep_silent, "谢谢", True, False, []),
        (track, "我的快递呢", True, False, ["请用下单的账号登录", PRIVATE]),
    ],
)
def test_what_of_a_decision_a_community_hears(
    decide: Any, asked: str, named: bool, failed: bool, expected: list[str]
) -> None:
    replies = replies_of(decide(_turn(asked)), named=named, failed=failed, most=3)
    assert [reply.body["text"] for reply in replies] == expected
    assert {reply.kind for reply in replies} <= {"text"}


def _turn(asked: str) -> Turn:
    message = CustomerMessage(1, 1, "text", asked, {"text": asked}, 0)
    return Turn(
        id=1, enterprise_id=1, conversation_id=1, session_id=0, session_state="bot", assignment_version=0,
        customer_id=0, customer_name="", messages=(message,), history=(), state=DialogueState(), settings=SETTINGS,
        now_us=0,
    )  # fmt: skip
