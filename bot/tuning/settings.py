"""How an encoder is tuned."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from bot.artefact import Json

Method = Literal["auto", "full", "lora", "contrastive"]
_RATES = {"full": 1e-4, "lora": 1e-3, "contrastive": 5e-5}


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """`full` moves every weight but the word vectors, `lora` small matrices beside attention, `contrastive` pulls rows
    of one intent together; `auto` is contrastive up to a median of `few` examples an intent, else full.

    `rate` 0 means the method's own. It stops when `patience` epochs brought nothing on the rows it watches. The tuned
    model is kept only when the gain on held-out rows would come by chance at most `chance` of the time.
    """

    method: Method = "auto"
    epochs: int = 3
    rate: float = 0.0
    batch: int = 16
    patience: int = 1
    few: int = 10
    rank: int = 8
    temperature: float = 0.1
    chance: float = 0.05
    seed: int = 0

    def chosen(self, median: float) -> Method:
        """Return the method for files with so many examples an intent in the middle."""
        if self.method != "auto":
            return self.method
        return "contrastive" if median <= self.few else "full"

    def learning_rate(self, method: Method) -> float:
        """Return the greatest learning rate."""
        return self.rate or _RATES[method]

    def as_json(self) -> dict[str, Json]:
        """All fields by name."""
        return dict(asdict(self))
