"""Floors to beat: TF-IDF with a linear model, and popularity. No figure is shown without the simplest rival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from eval.errors import SuiteError
from eval.public.registry import read_public
from eval.targets.target import Target

_CONTEXT = 4
"""Of a dialogue it reads no more turns than these, the last ones."""


class FloorOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`answers` is the field to learn and to give; `train` an outside set with its `options`."""

    answers: Literal["intent", "label", "flagged"]
    train: str
    options: dict[str, Any] = {}


class FloorTarget(Target[FloorOptions]):
    """Character n-grams of one to three, logistic regression, trained when it starts."""

    options: ClassVar[type[msgspec.Struct]] = FloorOptions

    async def start(self) -> None:
        if self.setting.bench_data is None:
            raise SuiteError("no_bench_data", file=self.given.train)
        rows = read_public(self.given.train, self.setting.bench_data, self.given.options, place=self.given.train)
        texts, answers = zip(*((_text(row), row[self.given.answers]) for row, _ in rows), strict=True)
        features = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        self._model = make_pipeline(features, LogisticRegression(C=4.0, max_iter=400, class_weight=None))
        self._model.fit(texts, [str(answer) for answer in answers])

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        chances = self._model.predict_proba([_text(asked)])[0]
        names = [str(name) for name in self._model.classes_]
        best = int(np.argmax(chances))
        if self.given.answers == "flagged":
            return {"flagged": names[best] == "True", "score": float(chances[names.index("True")])}
        if self.given.answers == "label":
            return {"label": names[best], "dissatisfied": float(chances[names.index("dissatisfied")])}
        return {"intent": names[best], "confidence": float(chances[best])}

    def describe(self) -> dict[str, str]:
        return {"model": "tfidf char 1-3 + logistic regression"}


def _text(row: Mapping[str, Any]) -> str:
    if "turns" in row:
        return "\n".join(f"{turn['role'][0]}: {turn['text']}" for turn in row["turns"][-_CONTEXT:])
    return str(row["text"])


class PopularityOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`train` gives pairs of user and item."""

    train: str
    options: dict[str, Any] = {}
    length: int = 100


class PopularityTarget(Target[PopularityOptions]):
    """Recommends what most others have, without what the user has already."""

    options: ClassVar[type[msgspec.Struct]] = PopularityOptions

    async def start(self) -> None:
        if self.setting.bench_data is None:
            raise SuiteError("no_bench_data", file=self.given.train)
        rows = read_public(self.given.train, self.setting.bench_data, self.given.options, place=self.given.train)
        self._counts: Counter[str] = Counter()
        self._known: dict[str, set[str]] = {}
        for row, _ in rows:
            self._counts[row["item"]] += 1
            self._known.setdefault(row["user"], set()).add(row["item"])
        self._ranked = [item for item, _ in self._counts.most_common()]

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        known = self._known.get(str(asked["user"]), set())
        ranking = [item for item in self._ranked if item not in known][: self.given.length]
        candidates = asked.get("candidates") or ()
        scores = {str(one["item"]): float(self._counts[str(one["item"])]) for one in candidates}
        return {"ranking": ranking, "scores": scores}

    def describe(self) -> dict[str, str]:
        return {"model": "popularity"}
