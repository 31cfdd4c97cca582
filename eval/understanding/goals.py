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


_RASA_SMP = "Rasa LR .913, Rasa DIET .853, nlp.js .824, TF-IDF .894"
SMP_FULL = Goal("smp2017 accuracy", 0.952, 0.962, _RASA_SMP)
SMP_F1 = Goal("smp2017 macro-F1", None, None, "official best .941")
SMP_FEW = Goal("smp2017 10 a class, mean of 3 seeds", 0.875, 0.90, "TF-IDF .759")
SMP_MESSAGES = Goal("smp2017 10 a class, the other training rows as unlabelled messages", 0.875, 0.90)
SMP_ECE = Goal("smp2017 expected calibration error", 0.03, 0.03, least=False)
BANKING_FULL = Goal("banking77 accuracy", 0.935, 0.943, "Rasa LR .884, nlp.js .838, BERT .937")
BANKING_FEW = Goal("banking77 10-shot accuracy", 0.85, 0.875, "nlp.js .664, CPFT .872, ICDA .898")
BANKING_MESSAGES = Goal("banking77 10-shot, the other training rows as unlabelled messages", 0.85, 0.875)
CLINC_INSIDE = Goal("clinc150 in-scope accuracy without rejection", 0.955, 0.968, "TF-IDF .929, BERT .969")
CLINC_KEPT = Goal(
    "clinc150 in-scope accuracy at out-of-scope recall >= .90",
    0.92,
    0.95,
    "BERT .962 at recall .523, Rasa .915 at .453",
)
CLINC_RECALL = Goal("clinc150 out-of-scope recall at that threshold", 0.90, 0.90, "BERT .523, Rasa .453")
CLINC_AUROC = Goal("clinc150 out-of-scope AUROC", 0.984, 0.987, "BERT .942, SNGP .969")
CLINC_ECE = Goal("clinc150 expected calibration error", 0.03, 0.03, least=False)
TRAINING = Goal(
    "seconds to train banking77, 10,003 rows, vectors not cached", 30, 120, "Rasa LR 99 CPU s, DIET over an hour",
    least=False,
)  # fmt: skip
WARM = Goal("seconds to a new model after one edited line, banking77", 5, 5, least=False)
WARM_ACCURACY = Goal("banking77 accuracy of that model", None, None)
LATENCY = Goal("one message in process, p50 ms", 4, 12, "Rasa 12-58, nlp.js .1-.2 at .506-.838 accuracy", least=False)
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
USS_MWOZ = Goal("uss_en MWOZ satisfaction, accuracy per turn", 0.59, 0.59, "floor .495, USDA .529, ASAP .581")
USS_SGD = Goal("uss_en SGD satisfaction, accuracy per turn", 0.65, 0.65, "floor .578, USDA .625, ASAP .648")
USS_JDDC = Goal("uss_jddc dissatisfied turn, AUC, 5 folds by dialogue", 0.83, 0.83, "floor .80")
USS_OFFER = Goal("uss_jddc caught within 2 turns at .10 false alarms a turn", 0.60, 0.60, "trial .46")
MEMORY = Goal("{}: peak memory, MB", None, None)


def named(goal: Goal, name: str) -> Goal:
    """Return a goal whose name is said of a set or a part."""
    return Goal(goal.name.format(name), goal.default, goal.quality, goal.peers, goal.least)
