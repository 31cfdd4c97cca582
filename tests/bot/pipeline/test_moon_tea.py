"""The customers' table: at least nine in ten are answered rightly, and hardly anyone is handed off unasked."""

from __future__ import annotations

from bot.pipeline import Pipeline
from tests.bot.paper_shop import PaperShop
from tests.bot.pipeline.conftest import ACCOUNTS, STRANGER, Conversation
from tests.bot.pipeline.moon_tea import ROWS, Row

NUMBER = {customer_id: account for account, customer_id in ACCOUNTS.items()}


async def test_nine_in_ten_customers_are_answered_rightly(pipeline: Pipeline) -> None:
    wrong = []
    unasked = 0
    for row in ROWS:
        act, text = await _ask(pipeline, row)
        right = act in row.acts.split() and all(any(word.strip() in text for word in s.split("/")) for s in row.says)
        unasked += act == "hand_off" and "hand_off" not in row.acts
        if not right:
            wrong.append(f"{row.words} -> {act}: {text[:80]}")
    assert len(ROWS) >= 120
    assert len(wrong) <= len(ROWS) // 10, "\n".join(wrong)
    assert unasked <= len(ROWS) // 20


async def test_the_same_turn_gives_the_same_decision(pipeline: Pipeline, models: object, paper_shop: PaperShop) -> None:
    again = Pipeline(pipeline._models, paper_shop)
    for row in ROWS[::8]:
        turn = Conversation(pipeline).turn(row.words.split(">>")[0].strip())
        assert await pipeline.decide(turn) == await again.decide(turn)


async def _ask(pipeline: Pipeline, row: Row) -> tuple[str, str]:
    talk = Conversation(pipeline, customer=NUMBER.get(row.customer, STRANGER))
    for words in row.words.split(">>"):
        decision = await talk.say(*[part.strip() for part in words.split("|")])
    return decision.act, "\n".join(str(reply.body) for reply in decision.replies)
