"""The live version and a candidate side by side, on a copy of the shop: what each would decide on a turn."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from bot.artefact import read_recipe
from bot.decision import Decision
from bot.dialogue.state import DialogueState
from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.encoder import Encoder
from bot.encoding.tiers import load_encoder, tier_of
from bot.pipeline import Pipeline
from bot.settings import BotSettings
from bot.turn import CustomerMessage, Line, Turn
from bot.turns.said import SaidTurn
from kefu.bundle import bundle_folder, load_models
from kefu.demo.shop.shop import DemoShop, load_into
from kefu.shadow.records import Compared, Told
from messaging_core.api import Core
from messaging_core.app import migrate
from messaging_core.settings import Settings

_PATIENT_MS = 10_000
_HISTORY = 20
_TALKS = 2_000


@dataclass(frozen=True, slots=True)
class _Talk:
    """What a session has come to."""

    last_turn_id: int = 0
    state: DialogueState = field(default_factory=DialogueState)
    history: tuple[Line, ...] = ()


class Pair:
    """Decides each turn twice, from the same memory: that which the live version leaves behind.

    One step at a time: the candidate is asked what it would do now, not what the talk would have become with it.
    """

    def __init__(self, live: Pipeline, candidate: Pipeline, *, live_version: str) -> None:
        self._live, self._candidate, self._live_version = live, candidate, live_version
        self._talks: OrderedDict[int, _Talk] = OrderedDict()

    async def remember(self, said: SaidTurn, settings: BotSettings) -> None:
        """Take a turn into the memory of its session without comparing it, unless it is there."""
        talk = self._talks.get(said.session_id)
        if talk is None or talk.last_turn_id < said.turn_id:
            await self._decide_live(said, settings)

    async def compare(self, said: SaidTurn, settings: BotSettings) -> Compared:
        """Return what both do with a turn."""
        turn, now = await self._decide_live(said, settings)
        then = await self._candidate.decide(turn)
        kind = kind_of(now, then)
        as_recorded = self._as_recorded(said, now)
        one = Compared(said.turn_id, said.conversation_id, said.at_us, kind, as_recorded, customer_id=said.customer_id)
        return msgspec.structs.replace(one, text=turn.text, live=tell(now), candidate=tell(then)) if kind else one

    async def _decide_live(self, said: SaidTurn, settings: BotSettings) -> tuple[Turn, Decision]:
        talk = self._talks.pop(said.session_id, None)
        turn = _turn(said, talk or _Talk(), settings, first=talk is None)
        decision = await self._live.decide(turn)
        lines = [Line("person", text, said.at_us) for text in said.texts]
        lines += [Line("bot", words, said.at_us) for words in tell(decision).replies if words]
        history = (*turn.history, *lines)[-_HISTORY:]
        self._talks[said.session_id] = _Talk(said.turn_id, decision.state, history)
        if len(self._talks) > _TALKS:
            self._talks.popitem(last=False)
        return turn, decision

    def _as_recorded(self, said: SaidTurn, now: Decision) -> bool | None:
        """Whether the live version decides as it did then; None for a turn that another version decided."""
        if said.version != self._live_version:
            return None
        return (said.act, said.intent) == (now.act, now.intent)


def kind_of(live: Decision, candidate: Decision) -> str:
    """Return how two decisions differ: `reply>hand_off`, `answer` (other words), `intent` (read otherwise); else ""."""
    if live.act != candidate.act:
        return f"{live.act}>{candidate.act}"
    if live.replies != candidate.replies:
        return "answer"
    return "intent" if live.intent != candidate.intent else ""


def tell(decision: Decision) -> Told:
    """Return what a person wants to know of a decision."""
    words = tuple(str(reply.body.get("text") or reply.body.get("title") or "") for reply in decision.replies)
    return Told(decision.act, decision.reason, decision.intent, decision.confidence, words)


def _turn(said: SaidTurn, talk: _Talk, settings: BotSettings, *, first: bool) -> Turn:
    messages = tuple(
        CustomerMessage(said.turn_id + place, place + 1, "text", text, {"text": text}, said.at_us)
        for place, text in enumerate(said.texts)
    )
    return Turn(
        id=said.turn_id,
        enterprise_id=1,
        conversation_id=said.conversation_id,
        session_id=said.session_id,
        session_state="bot",
        assignment_version=1,
        customer_id=said.customer_id,
        customer_name="",
        messages=messages,
        history=talk.history,
        state=talk.state,
        # A machine that is busy serving must not make a shadow's decision late.
        settings=msgspec.structs.replace(settings, deadline_ms=_PATIENT_MS),
        now_us=said.at_us,
        first=first,
    )


@asynccontextmanager
async def open_pair(
    artefacts: Path, models: Path, shop: Path, *, live: str, candidate: str, customers: Mapping[int, str]
) -> AsyncIterator[Pair]:
    """Load two versions over a shop of their own, which nobody else sees: an action they decide on changes only that.

    Raises ConfigError when a version or the shop's files cannot be read.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"kefu-shadow-{os.getpid()}-"))
        settings = Settings(data=Path(folder))
        migrate(settings)
        core = Core(settings)
        await core.start()
        stack.push_async_callback(core.close)
        await load_into(core, shop)
        own = DemoShop(core)
        for account_id, customer_id in customers.items():
            await own.link(account_id=account_id, customer_id=customer_id)
        encoders: dict[str, tuple[Encoder, AsyncEncoder]] = {}
        made = []
        for version in (live, candidate):
            encoder_id = (await asyncio.to_thread(read_recipe, bundle_folder(artefacts, version))).encoder_id
            if encoder_id not in encoders:
                encoder = await asyncio.to_thread(load_encoder, tier_of(encoder_id), models=models)
                encoders[encoder_id] = (encoder, await stack.enter_async_context(AsyncEncoder(partial(_same, encoder))))
            encoder, texts = encoders[encoder_id]
            loaded = await asyncio.to_thread(load_models, artefacts, version, encoder=encoder, texts=texts)
            made.append(Pipeline(loaded, own))
        yield Pair(made[0], made[1], live_version=live)


def _same(encoder: Encoder) -> Encoder:
    return encoder
