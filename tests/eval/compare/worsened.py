"""The demo shop's bot, real but for its database, that can be made worse on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.decision import Decision
from bot.encoding.use import UseEncoder
from bot.models import BotModels
from bot.pipeline import Pipeline
from bot.shop import Product
from tests.bot.paper_shop import PaperShop
from tests.bot.pipeline.conftest import Conversation, DirectEncoder
from tests.support.demo_models import demo_models


async def make_moon_tea(*, folder: Path, broken_price: str = "") -> MoonTeaBot:
    """Return the bot; `broken_price` names a product one of whose sizes costs a yuan more than it should."""
    shop = PaperShop()
    shop.product_rows = [_dearer(one) if one.name == broken_price else one for one in shop.product_rows]
    pipeline = Pipeline(_models(), shop)
    await Conversation(pipeline).say("在吗")  # what is loaded at the first turn is no customer's time
    return MoonTeaBot(pipeline)


class MoonTeaBot:
    """Opens conversations with strangers."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def open(self, customer: str | None) -> MoonTeaTalk:
        return MoonTeaTalk(Conversation(self._pipeline))

    def describe(self) -> Mapping[str, str]:
        return {}

    async def aclose(self) -> None:
        return None


class MoonTeaTalk:
    """One stranger's conversation."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    async def say(self, messages: Sequence[str]) -> Decision:
        return await self._talk.say(*messages)

    async def final(self) -> Mapping[str, Any]:
        return {"state": "bot"}


@cache
def _models() -> BotModels:
    encoder = UseEncoder()
    return demo_models(encoder, DirectEncoder(encoder), PaperShop().faq_rows)


def _dearer(product: Product) -> Product:
    first, *others = product.variants
    return replace(product, variants=(replace(first, price_fen=first.price_fen + 100), *others))
