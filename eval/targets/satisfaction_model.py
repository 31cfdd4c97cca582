"""Our model of satisfaction, trained on an outside set when it starts: a copy for measuring, which nobody ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError, SuiteError
from eval.public.registry import read_public
from eval.targets.encoders import remembering, tier_encoder
from eval.targets.target import Target
from eval.understanding.satisfaction_model import LABELS, OneTurnModel, SatisfactionModel, Turn, read_turns


class SatisfactionModelOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`train` is an outside set of turns with its `options`; `chinese` reads the customer's turn alone, by its
    characters.

    `tier` e5 sets the quality encoder beside the default one, prepared in the folder `models`.
    """

    train: str
    chinese: bool
    options: dict[str, Any] = {}
    tier: str = "default"
    models: str = ""


class SatisfactionModelTarget(Target[SatisfactionModelOptions]):
    """Answers with the likeliest label and the chance that the customer is dissatisfied."""

    options: ClassVar[type[msgspec.Struct]] = SatisfactionModelOptions

    async def start(self) -> None:
        given, shared = self.given, self.setting.shared_folder
        if self.setting.bench_data is None:
            raise SuiteError("no_bench_data", file=given.train)
        encoder = tier_encoder(given.tier, Path(given.models) if given.models else shared / "models")
        rows = read_public(given.train, self.setting.bench_data, given.options, place=given.train)
        learned = [_turn(row["turns"], row["label"]) for row, _ in rows]
        if not learned:
            raise SuiteError("no_training")
        kept = remembering(encoder, shared)
        self._model: OneTurnModel | SatisfactionModel = (
            OneTurnModel(kept).fit(learned) if given.chinese else SatisfactionModel(kept).fit(learned)
        )

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        turns = asked.get("turns")
        if not isinstance(turns, list) or not turns or turns[-1].get("role") != "user":
            raise SampleError("bad_sample", "turns do not end with the customer's")
        chances = self._model.chances([_turn(turns, "neutral")])[0]
        return {"label": LABELS[int(chances.argmax())], "dissatisfied": float(chances[0])}

    def describe(self) -> dict[str, str]:
        return {"model": "one turn" if self.given.chinese else "words, vectors and trees", "tier": self.given.tier}


def _turn(turns: Sequence[Mapping[str, str]], label: str) -> Turn:
    """The last of some turns, with what the model reads of the others."""
    return read_turns([{"turns": [*turns[:-1], {**turns[-1], "label": label}]}])[-1]
