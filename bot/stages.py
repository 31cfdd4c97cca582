"""The stages of the pipeline: their protocols, and the table of named, versioned implementations.

`BotSettings.stages` chooses by stage and name; third parties add theirs as entry points of the group `kefu.bot_stages`,
named `<stage>.<name>.v<n>`, whose object is a factory that takes a `StageContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol

from bot.decision import Decision
from bot.dialogue.decide import RuleDecider, Verdict
from bot.dialogue.read import ReadMessages
from bot.dialogue.slots import SlotReader
from bot.dialogue.track import MemoryTracker
from bot.dialogue.understand import HybridUnderstanding
from bot.dialogue.unheld import KnownWords
from bot.dialogue.wish import Reading, Tracked, Wish
from bot.gather.documents import DocumentAnswers
from bot.gather.faq import FaqAnswers
from bot.gather.finding import Finding
from bot.gather.fixed import FixedAnswers
from bot.gather.gather import KnowledgeGatherer
from bot.gather.shop_view import ShopView
from bot.models import BotModels
from bot.replies.compose import GuardedComposer
from bot.turn import Turn
from kefu.base.errors import ConfigError

GROUP = "kefu.bot_stages"
STAGES = ("normalise", "understand", "track", "gather", "decide", "compose")


class Normalise(Protocol):
    """Turns messages into words."""

    def __call__(self, turn: Turn) -> Reading:
        """Return the turn's words, or what came instead; never raises for what a customer may send."""
        ...


class Understand(Protocol):
    """Reads wishes out of words."""

    async def __call__(self, reading: Reading) -> tuple[Wish, ...]:
        """Return the wishes in their order; none for a turn without words."""
        ...


class Track(Protocol):
    """Resolves wishes against the memory."""

    async def __call__(self, turn: Turn, reading: Reading, wishes: tuple[Wish, ...]) -> Tracked:
        """Return one `Asked` a wish, and the memory with what was said."""
        ...


class Gather(Protocol):
    """Finds answers."""

    async def __call__(self, turn: Turn, tracked: Tracked) -> tuple[Finding, ...]:
        """Return at least one finding; raise ShopUnavailable when the shop is needed and down."""
        ...


class Decide(Protocol):
    """Chooses what to do."""

    def before(self, turn: Turn, tracked: Tracked) -> Verdict | None:
        """Return a verdict that needs no answers (a human is wanted), else None."""
        ...

    def __call__(self, turn: Turn, tracked: Tracked, findings: tuple[Finding, ...]) -> Verdict:
        """Return the verdict over what was found."""
        ...


class Compose(Protocol):
    """Writes the replies."""

    def __call__(self, turn: Turn, tracked: Tracked, verdict: Verdict) -> Decision:
        """Return the decision; no reply may state a number that no ground holds."""
        ...


@dataclass(frozen=True, slots=True)
class StageContext:
    """What a factory may build its stage from."""

    models: BotModels
    view: ShopView


Factory = Callable[[StageContext], Any]

BUILT_IN: Mapping[str, Factory] = {
    "normalise.messages.v1": lambda context: ReadMessages(),
    "understand.hybrid_head.v1": lambda context: HybridUnderstanding(context.models),
    "track.memory.v1": lambda context: MemoryTracker(
        context.view, SlotReader(context.models.pack), KnownWords(context.models.pack)
    ),
    "gather.knowledge.v1": lambda context: KnowledgeGatherer(
        context.view,
        FaqAnswers(context.models.faq),
        FixedAnswers(context.models.pack),
        DocumentAnswers(context.models.documents),
    ),
    "decide.rules.v1": lambda context: RuleDecider(),
    "compose.guarded.v1": lambda context: GuardedComposer(context.view.name_of),
}
DEFAULTS: Mapping[str, str] = {name.partition(".")[0]: name for name in BUILT_IN}


@dataclass(frozen=True, slots=True)
class StageSet:
    """One implementation of each stage; `names` are for evidence."""

    normalise: Normalise
    understand: Understand
    track: Track
    gather: Gather
    decide: Decide
    compose: Compose
    names: Mapping[str, str]


def build_stages(context: StageContext, chosen: Mapping[str, str]) -> StageSet:
    """Build the stages that `chosen` names (`{"understand": "hybrid_head.v1"}`), the defaults for the others.

    Raises ConfigError for an unknown stage or implementation, with those that exist.
    """
    names = name_stages(chosen)
    table = {**installed(), **BUILT_IN}
    made = {stage: table[name](context) for stage, name in names.items()}
    return StageSet(**made, names={stage: name.partition(".")[2] for stage, name in names.items()})


def name_stages(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the full name of the implementation of each stage; raises ConfigError like `build_stages`."""
    unknown = set(chosen) - set(STAGES)
    if unknown:
        wrong = ", ".join(sorted(unknown))
        raise ConfigError(f"stages: 没有 {wrong} 这个阶段，可以写 {', '.join(STAGES)} · {wrong} is no stage")
    table = {**installed(), **BUILT_IN}
    names = {stage: f"{stage}.{chosen[stage]}" if stage in chosen else DEFAULTS[stage] for stage in STAGES}
    for stage, name in names.items():
        if name not in table:
            known = sorted(other.removeprefix(f"{stage}.") for other in table if other.startswith(f"{stage}."))
            others = ", ".join(known)
            wrong = repr(chosen[stage])
            raise ConfigError(f"stages.{stage}: 没有安装 {wrong}，有 {others} · {wrong} is not installed")
    return names


@cache
def installed() -> Mapping[str, Factory]:
    """Return the implementations that other packages bring."""
    return {entry.name: entry.load() for entry in entry_points(group=GROUP)}
