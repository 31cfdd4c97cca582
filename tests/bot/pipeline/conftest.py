"""The demo shop's bot without a server: real models, the shop on paper, turns made by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.decision import Decision
from bot.dialogue.state import DialogueState
from bot.encoding.encoder import Vectors
from bot.encoding.use import UseEncoder
from bot.models import BotModels
from bot.pipeline import Pipeline
from bot.settings import BotSettings
from bot.turn import CustomerMessage, Line, Turn
from tests.bot.paper_shop import PaperShop
from tests.support.clock import START_US
from tests.support.demo_models import demo_models

ACCOUNTS = {number: f"C1{number:03d}" for number in range(1, 14)}
STRANGER = 99


class DirectEncoder:
    """Encodes on the loop: tests need no thread."""

    def __init__(self, encoder: UseEncoder) -> None:
        self._encoder = encoder

    async def encode(self, text: str) -> Vectors:
        return self._encoder.encode([text])[0]


class Conversation:
    """A customer who writes, and what the bot decides; keeps state and history from turn to turn."""

    def __init__(self, pipeline: Pipeline, *, customer: int = STRANGER, settings: BotSettings | None = None) -> None:
        self.pipeline = pipeline
        self.customer = customer
        self.settings = settings or BotSettings(auto_reply=True, deadline_ms=10_000)
        self.state = DialogueState()
        self.history: list[Line] = []
        self.turns = 0

    async def say(self, *texts: str, kind: str = "text", body: dict[str, Any] | None = None) -> Decision:
        """Write one turn of messages and return the decision."""
        decision = await self.pipeline.decide(self.turn(*texts, kind=kind, body=body))
        self.state = decision.state
        self.history += [Line("person", text, START_US) for text in texts]
        self.history += [Line("bot", said(decision), START_US)] if decision.replies else []
        return decision

    def turn(self, *texts: str, kind: str = "text", body: dict[str, Any] | None = None) -> Turn:
        """Return a turn with these messages, without deciding it."""
        self.turns += 1
        messages = tuple(
            CustomerMessage(self.turns * 100 + place, place + 1, kind, text, body or {"text": text}, START_US)
            for place, text in enumerate(texts)
        )
        return Turn(
            id=self.turns, enterprise_id=1, conversation_id=1, session_id=1, session_state="bot", assignment_version=1,
            customer_id=self.customer, customer_name="Lin", messages=messages, history=tuple(self.history[-20:]),
            state=self.state, settings=self.settings, now_us=START_US,
        )  # fmt: skip


def said(decision: Decision) -> str:
    """Return all words of a decision's replies."""
    return "\n".join(str(reply.body.get("text") or reply.body.get("title") or "") for reply in decision.replies)


@pytest.fixture(scope="session")
def paper_shop() -> PaperShop:
    """The demo shop, up and never acted on."""
    return PaperShop(accounts=ACCOUNTS)


@pytest.fixture(scope="session")
def models(encoder: UseEncoder, paper_shop: PaperShop) -> BotModels:
    """The demo shop's models."""
    return demo_models(encoder, DirectEncoder(encoder), paper_shop.faq_rows)


@pytest.fixture(scope="session")
def pipeline(models: BotModels, paper_shop: PaperShop) -> Pipeline:
    """The bot of the demo shop; what is loaded at the first turn would make that one late on a busy machine."""
    pipeline = Pipeline(models, paper_shop)
    asyncio.run(Conversation(pipeline).say("在吗"))
    return pipeline


@pytest.fixture
def customer(pipeline: Pipeline) -> Conversation:
    """A visitor whom the shop does not know."""
    return Conversation(pipeline)
