"""What is aimed at, tier by tier, and what others reach on the same data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DEFAULT, QUALITY = "default", "e5"
TIERS = (DEFAULT, QUALITY)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure with its goals; None: told for information. `peers` were measured or published on the same data."""

    name: str
    default: float | None
    quality: float | None
    peers: str = ""
    least: bool = True
    """Whether the value must be at least the goal; else at most."""

    def wanted(self, tier: str) -> float | None:
        """Return the goal of a tier."""
        return self.default if tier == DEFAULT else self.quality

    def met(self, tier: str, value: float) -> bool | None:
        """Return whether a value meets the goal; None without a goal."""
        wanted = self.wanted(tier)
        if wanted is None:
            return None
        return bool(value >= wanted if self.least else value <= wanted)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, its 95 % interval where there is one, and what else was seen."""

    goal: Goal
    value: float
    interval: tuple[float, float] | None = None
    more: str = ""

    def as_json(self, tier: str) -> dict[str, Any]:
        """One row of a result file."""
        return {
            "goal": self.goal.name,
            "tier": tier,
            "value": round(float(self.value), 4),
            "interval": [round(end, 4) for end in self.interval] if self.interval else None,
            "wanted": self.goal.wanted(tier),
            "least": self.goal.least,
            "met": self.goal.met(tier, self.value),
            "peers": self.goal.peers,
            "more": self.more,
        }


SMP_MESSAGES = Goal("smp2017 10 a class, the other training rows as unlabelled messages", 0.875, 0.90)
BANKING_MESSAGES = Goal("banking77 10-shot, the other training rows as unlabelled messages", 0.85, 0.875)
TRAINING = Goal(
    "seconds to train banking77, 10,003 rows, vectors not cached", 30, 120, "Rasa LR 99 CPU s, DIET over an hour",
    least=False,
)  # fmt: skip
WARM = Goal("seconds to a new model after one edited line, banking77", 5, 5, least=False)
WARM_ACCURACY = Goal("banking77 accuracy of that model", None, None)
HTTP = Goal("HTTP, 8 clients, distinct texts, requests/s", 300, 100, "Rasa 16-47, nlp.js 460-1,550")
KEPT_2 = Goal("{}: halvings of 100 within a budget of 2 % wrong", 95, 95)
KEPT_5 = Goal("{}: halvings of 100 within a budget of 5 % wrong", 95, 95)
COVER_2 = Goal("{}: answered in scope at 2 %", None, None)
COVER_5 = {
    "clinc150": Goal("clinc150: answered in scope at 5 %", 0.85, 0.85),
    "smp2017_ecdt": Goal("smp2017_ecdt: answered in scope at 5 %", 0.90, 0.90),
}
LABEL_RECALL = Goal("{}: planted label errors found, recall", 0.90, 0.90)
LABEL_PRECISION = Goal("{}: of the findings planted, precision", None, None)
CHECK = Goal("seconds to check 10,000 utterances, vectors cached", 20, 20, least=False)
USS_JDDC = Goal("uss_jddc dissatisfied turn, AUC, 5 folds by dialogue", 0.83, 0.83, "floor .80")
USS_OFFER = Goal("uss_jddc caught within 2 turns at .10 false alarms a turn", 0.60, 0.60, "trial .46")
MEMORY = Goal("{}: peak memory, MB", None, None)


def named(goal: Goal, name: str) -> Goal:
    """Return a goal whose name is said of a set or a part."""
    return Goal(goal.name.format(name), goal.default, goal.quality, goal.peers, goal.least)
