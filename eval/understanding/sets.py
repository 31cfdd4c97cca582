"""Outside sets on disk: one folder a set, JSON lines in it, rows without intent written as `oos` or null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.encoding.encoder import Encoder
from bot.encoding.tiers import load_encoder
from bot.training.example import TrainingExample
from bot.training.jsonl import read_rows

CLINC, SMP, BANKING = "clinc150", "smp2017_ecdt", "banking77"
WHOLE = {
    CLINC: ("train", "valid", "test", "oos_train", "oos_valid", "oos_test"),
    SMP: ("train", "valid", "test"),
    BANKING: ("train",),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a measure finds its data and its encoder; `cache` keeps vectors from part to part."""

    data: Path
    models: Path
    cache: Path
    tier: str

    def encoder(self, cache: Path | None = None) -> Encoder:
        """Return the tier's encoder with a cache, the common one unless another is named."""
        return load_encoder(self.tier, models=self.models, cache=cache or self.cache)


def read_set(folder: Path, files: Sequence[str]) -> list[TrainingExample]:
    """Read some files of a set; `oos` means out of scope."""
    return [
        TrainingExample(row["text"], None if row["intent"] == "oos" else row["intent"], f"{name}.jsonl:{line}")
        for name in files
        for line, row in read_rows(folder / f"{name}.jsonl")
    ]
