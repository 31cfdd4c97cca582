"""From a turn to a decision, stage by stage; whatever fails, the customer gets a sensible outcome."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace

import structlog

from bot.decision import Decision, Evidence, Handoff, Reply
from bot.dialogue.state import changed
from bot.dialogue.wish import Reading, Tracked
from bot.gather.shop_view import ShopView
from bot.handoff.cues import find_cues
from bot.handoff.summary import summarise
from bot.models import BotModels
from bot.pausing import let_messages_through
from bot.replies.wording import Wording
from bot.retrieval.questions import Questions
from bot.shop import Shop, ShopUnavailable
from bot.stages import StageContext, StageSet, build_stages
from bot.turn import Turn

_log = structlog.get_logger("kefu.bot")


class Pipeline:
    """Decides turns of one enterprise with one set of models and one shop; without state between turns.

    `decide` neither sends nor stores anything: the same turn, models and shop answers give the same decision.
    """

    def __init__(self, models: BotModels, shop: Shop) -> None:
        self._models = models
        self._view = ShopView(shop, groups=_groups(models))
        self._built: dict[tuple[tuple[str, str], ...], StageSet] = {}
        self.questions = Questions(models.faq.found)

    def stages(self, chosen: Mapping[str, str]) -> StageSet:
        """Return the stages for a choice of implementations; raise ConfigError for an unknown one."""
        key = tuple(sorted(chosen.items()))
        if key not in self._built:
            self._built[key] = build_stages(StageContext(self._models, self._view), chosen)
        return self._built[key]

    async def warm(self, *, at_us: int) -> None:
        """Read the shop's catalogue and FAQ before the first customer comes; a shop that is down is not waited for."""
        with contextlib.suppress(ShopUnavailable):
            await self._view.catalogue(at_us=at_us)
            await self._view.answer("", at_us=at_us)
            await self._view.likings(at_us=at_us)

    async def decide(self, turn: Turn) -> Decision:
        """Return the outcome of a turn; a stage that raises or is late ends in the fallback, the second time a human.

        Raises ConfigError only for settings that name an unknown stage.
        """
        stages = self.stages(turn.settings.stages)
        progress = _Progress()
        try:
            async with asyncio.timeout(turn.settings.deadline_ms / 1000):
                decision = await self._run(turn, stages, progress)
        except TimeoutError:
            decision = self._fall_back(turn, progress, "late", f"over {turn.settings.deadline_ms} ms")
        except ShopUnavailable as error:
            decision = self._fall_back(turn, progress, "shop_down", str(error))
        except Exception as error:  # a stage may be anybody's: the customer must get an answer whatever it does
            # As text: a renderer that prints locals would hold the loop for seconds and print customers' words.
            _log.error("bot stage failed", stage=progress.stage, turn_id=turn.id, trace=traceback.format_exc(limit=-8))
            decision = self._fall_back(turn, progress, "stage_failed", f"{type(error).__name__}: {error}"[:200])
        return replace(decision, versions={**stages.names, **self._models.versions})

    async def _run(self, turn: Turn, stages: StageSet, progress: _Progress) -> Decision:
        with progress.at("normalise"):
            reading = progress.reading = stages.normalise(turn)
        with progress.at("understand"):
            wishes = await stages.understand(reading)
        # Each stage takes milliseconds of the loop on which messages move.
        await let_messages_through()
        with progress.at("track"):
            tracked = progress.tracked = await stages.track(turn, reading, wishes)
        with progress.at("decide"):
            verdict = stages.decide.before(turn, tracked)
        if verdict is None:
            await let_messages_through()
            with progress.at("gather"):
                findings = await stages.gather(turn, tracked)
            with progress.at("decide"):
                verdict = stages.decide(turn, tracked, findings)
        with progress.at("compose"):
            return stages.compose(turn, tracked, verdict)

    def _fall_back(self, turn: Turn, progress: _Progress, reason: str, why: str) -> Decision:
        """Say honestly what is wrong; call a human the second time, or at once when one was wanted."""
        tracked = progress.tracked or Tracked(
            progress.reading or Reading((), "nothing"), (), turn.state, find_cues(turn.text)
        )
        wording = Wording(turn.id, [line.text for line in turn.history if line.origin == "bot"])
        evidence = (Evidence("error", f"stage:{progress.stage}", why),)
        state = changed(tracked.state, failures=turn.state.failures + 1, pending=None)
        wanted = "human_wish" in tracked.cues
        if wanted or turn.state.failures >= 1:
            kind = "human_wish" if wanted else "error"
            summary = summarise(turn, tracked, reason=kind, product_name=self._view.name_of)
            notice = Reply("text", {"text": wording.say("human.notice" if wanted else "human.error")})
            handoff = Handoff("human_wish" if wanted else "error", summary)
            return Decision("hand_off", reason, (notice,), changed(state, failures=0), evidence, handoff=handoff)
        text = wording.say("trouble.shop_down" if reason == "shop_down" else "trouble.stage")
        return Decision("reply", reason, (Reply("text", {"text": text}),), state, evidence, offer_human=True)


class _Progress:
    """How far a decision has come: what the fallback may use, and which stage failed."""

    def __init__(self) -> None:
        self.stage = "normalise"
        self.reading: Reading | None = None
        self.tracked: Tracked | None = None

    @contextlib.contextmanager
    def at(self, stage: str) -> Iterator[None]:
        self.stage = stage
        yield


def _groups(models: BotModels) -> dict[str, str]:
    """Return the pack's words for kinds of goods with what they mean."""
    kinds = {word: str(models.pack.synonyms.get(word, word)) for word in models.pack.lookups.get("category", ())}
    for word, meaning in models.pack.synonyms.items():
        if str(meaning) in kinds.values():
            kinds.setdefault(word, str(meaning))
    return kinds
