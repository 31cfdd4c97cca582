"""What a text asks for, learned from questions that customers really asked: a linear model over its characters.

A word of the schema may be told (评分4.5分以上), praised (时间挺合适) or asked for; only examples tell which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from knowledge_graph.asking.cues import cues_of
from knowledge_graph.fold import fold
from knowledge_graph.model import Mention
from knowledge_graph.schema import Schema

_LONGEST = 4
_FIRST_KIND, _FIRST_CUE = 0xE000, 0xE400
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class AskModel:
    """For each label of `labels` (a predicate) weights of runs of 1 to 4 signs; `least` is the chance that counts."""

    labels: tuple[str, ...]
    grams: Mapping[str, int]
    rarity: npt.NDArray[np.float32]
    """How rare each gram is among the examples (idf)."""
    weights: npt.NDArray[np.float32]
    """One row a gram, one column a label."""
    bias: npt.NDArray[np.float32]
    least: float

    def chances(self, signs: str) -> dict[str, float]:
        """Return for each label the chance in [0, 1] that the text (as `signs_of` writes it) asks for it."""
        counts: dict[int, int] = {}
        for gram in grams_of(signs):
            number = self.grams.get(gram)
            if number is not None:
                counts[number] = counts.get(number, 0) + 1
        rows = np.fromiter(counts, dtype=np.int64, count=len(counts))
        values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        values = values * self.rarity[rows]
        length = float(np.linalg.norm(values)) or 1.0
        scores = (values / length) @ self.weights[rows] + self.bias
        return dict(zip(self.labels, (1 / (1 + np.exp(-scores))).tolist(), strict=True))


def grams_of(signs: str) -> list[str]:
    """All runs of one to four signs."""
    return [signs[i : i + n] for n in range(1, _LONGEST + 1) for i in range(len(signs) - n + 1)]


def signs_of(text: str, mentions: Sequence[Mention], *, schema: Schema, about: str = "") -> str:
    """Write a text for the model: what is surely named becomes its kind, numbers become 0, the schema's words follow.

    `about` is the kind of what was spoken of last, empty when nothing was.
    """
    plain = list(fold(text))
    for mention in mentions:
        if mention.candidates and mention.candidates[0].score >= _SURE and mention.end > mention.start:
            mark = chr(_FIRST_KIND + schema.kind_rank[mention.candidates[0].kind])
            plain[mention.start : mention.end] = [mark] + [""] * (mention.end - mention.start - 1)
    said = _NUMBER.sub("0", "".join(plain))
    places = {name: place for place, name in enumerate(schema.predicates)}
    cues = dict.fromkeys(places[cue.name] for cue in cues_of(schema).find(said) if cue.role == "wanted")
    spoken = chr(_FIRST_KIND + schema.kind_rank[about]) if about in schema.kind_rank else "-"
    return f"{spoken}\n^{said}$\n" + "\n".join(chr(_FIRST_CUE + place) for place in cues)


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    labels: tuple[str, ...]
    grams: list[str]
    rarity: list[float]
    weights: list[list[float]]
    bias: list[float]
    least: float


def to_json(model: AskModel) -> bytes:
    """Write a model as JSON."""
    grams = sorted(model.grams, key=lambda gram: model.grams[gram])
    weights = [[round(one, 3) for one in row] for row in model.weights.tolist()]
    rarity = [round(one, 3) for one in model.rarity.tolist()]
    return msgspec.json.encode(_Stored(1, model.labels, grams, rarity, weights, model.bias.tolist(), model.least))


def from_json(raw: bytes) -> AskModel:
    """Read a model; msgspec.DecodeError when it is damaged."""
    stored = msgspec.json.decode(raw, type=_Stored)
    weights = np.array(stored.weights, dtype=np.float32).reshape(len(stored.grams), len(stored.labels))
    return AskModel(
        stored.labels,
        {gram: number for number, gram in enumerate(stored.grams)},
        np.array(stored.rarity, dtype=np.float32),
        weights,
        np.array(stored.bias, dtype=np.float32),
        stored.least,
    )
