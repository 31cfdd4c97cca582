"""The demo shop's bot for the evaluation: the real pipeline, the real shop, without a server."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from bot.artefact import read_recipe
from bot.decision import Decision, Reply
from bot.dialogue.state import DialogueState
from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.tiers import load_encoder, tier_of
from bot.pipeline import Pipeline
from bot.settings import BotSettings
from bot.turn import CustomerMessage, Line, Turn
from eval.targets.kept import kept
from intents.loader import list_files
from kefu.base.clock import parse_time
from kefu.bundle import bundle_folder, load_models
from kefu.demo.shop.load import hash_shop
from kefu.demo.shop.shop import DemoShop, load_into
from kefu.training import train_bot
from messaging_core.api import Core
from messaging_core.app import migrate
from messaging_core.settings import Settings

# The demo shop's orders and promotions stand as they did at this moment.
_NOW = "2026-11-22T08:00:00Z"
_PATIENT_MS = 10_000


class DemoTalk:
    """One customer's conversation; it remembers what the worker would store."""

    def __init__(self, pipeline: Pipeline, customer: int) -> None:
        self._pipeline, self._customer = pipeline, customer
        self._settings = BotSettings(auto_reply=True, deadline_ms=_PATIENT_MS)
        self._state = DialogueState()
        self._history: list[Line] = []
        self._turns = 0
        self._at_us = parse_time(_NOW)
        self._queued = False

    async def say(self, messages: Sequence[str]) -> Decision:
        """Say one turn's messages; while a human is awaited the bot is asked as ever, as its own worker does."""
        self._turns += 1
        self._at_us += 20_000_000
        turn = Turn(
            id=self._turns,
            enterprise_id=1,
            conversation_id=1,
            session_id=1,
            session_state="queued" if self._queued else "bot",
            assignment_version=1,
            customer_id=self._customer,
            customer_name="",
            messages=tuple(
                CustomerMessage(self._turns * 100 + n, self._turns * 100 + n, "text", text, {"text": text}, self._at_us)
                for n, text in enumerate(messages)
            ),
            history=tuple(self._history[-20:]),
            state=self._state,
            settings=self._settings,
            now_us=self._at_us,
            first=self._turns == 1,
        )
        decision = await self._pipeline.decide(turn)
        self._state = decision.state
        self._queued = self._queued or decision.act == "hand_off"
        self._history += [Line("person", text, self._at_us) for text in messages]
        self._history += [Line("bot", text, self._at_us) for reply in decision.replies if (text := _words(reply))]
        return decision

    async def final(self) -> Mapping[str, Any]:
        """Return the session's state."""
        return {"state": "queued" if self._queued else "bot", "turns": self._turns}


class DemoBot:
    """The demo shop's bot over a database of its own that is gone with it."""

    def __init__(self, core: Core, shop: DemoShop, folder: tempfile.TemporaryDirectory[str]) -> None:
        self._core, self._shop, self._folder = core, shop, folder
        self._accounts: dict[str, int] = {}
        self._texts: AsyncEncoder | None = None
        self._version = ""

    async def load(self, artefacts: Path, version: str) -> None:
        """Load a bundle and make the pipeline."""
        tier = tier_of(read_recipe(bundle_folder(artefacts, version)).encoder_id)
        encoder = await asyncio.to_thread(load_encoder, tier, models=artefacts.parent / "models")
        self._texts = await AsyncEncoder(lambda: encoder).__aenter__()
        models = await asyncio.to_thread(load_models, artefacts, version, encoder=encoder, texts=self._texts)
        self._pipeline, self._version = Pipeline(models, self._shop), version
        # What is loaded and compiled at the first turn is no sample's time, and must not make it late.
        await DemoTalk(self._pipeline, 1).say(["在吗"])

    async def open(self, customer: str | None) -> DemoTalk:
        """Begin a conversation; a customer of the shop is linked to an account of his own."""
        if not customer:
            return DemoTalk(self._pipeline, 1)
        if customer not in self._accounts:
            account = 1_000 + len(self._accounts)
            await self._shop.link(account_id=account, customer_id=customer)
            self._accounts[customer] = account
        return DemoTalk(self._pipeline, self._accounts[customer])

    def describe(self) -> Mapping[str, str]:
        """Return the bundle's version."""
        return {"model": self._version}

    async def aclose(self) -> None:
        """End the encoder's worker and the database."""
        if self._texts is not None:
            await self._texts.close()
        await self._core.close()
        self._folder.cleanup()


async def moon_tea(*, folder: Path, pack: str = "", shop: str = "") -> DemoBot:
    """Return Moon Tea's bot; what was trained is kept in `folder` and not trained again.

    `pack` and `shop` name other folders than those that ship with us: what a trainer changed, or broke on purpose.
    """
    pack_folder = Path(pack) if pack else Path(str(resources.files("intents") / "packs" / "retail_zh"))
    shop_data = Path(shop) if shop else Path(str(resources.files("kefu") / "demo" / "shop_data"))
    own = tempfile.TemporaryDirectory(prefix=f"kefu-eval-{os.getpid()}-")
    settings = Settings(data=Path(own.name))
    migrate(settings)
    core = Core(settings)
    await core.start()
    await load_into(core, shop_data)
    bot = DemoBot(core, DemoShop(core), own)
    try:
        faq = await DemoShop(core).faq()
        shared = folder / "models"
        key = [[file.name, file.read_text("utf-8-sig")] for file in list_files(pack_folder)]
        version = await asyncio.to_thread(
            kept,
            shared / "known",
            ["moon_tea", key, hash_shop(shop_data)],
            lambda: (
                train_bot(
                    pack_folder, faq, artefacts=shared, cache=folder / "vectors", progress=lambda *_: None
                ).version
            ),
        )
        await bot.load(shared, version)
    except BaseException:
        await bot.aclose()
        raise
    return bot


def _words(reply: Reply) -> str:
    return str(reply.body.get("text") or reply.body.get("title") or "")
