"""Make the mood head from our own texts: python -m bot.training.fit_mood writes the file that the package ships."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.training.folds import stratified_folds
from bot.understanding.mood.mood import MoodHead, mood_features
from intents.loader import load_pack

LABELS = ("neutral", "annoyed", "angry", "pleased")
_MOOD = "bot.understanding.mood"
# Intents of the template pack that are about feeling; every other utterance of it is neutral.
_FELT = {"complaint": None, "praise": "pleased", "thanks": "pleased", "chitchat": None, "ask_human": None}
_STRENGTH = 1.0


def mood_texts() -> list[tuple[str, str]]:
    """Return (text, label) of our own texts and the template pack, sorted."""
    folder = resources.files(_MOOD).joinpath("texts")
    rows = {
        (line.strip(), label)
        for label in LABELS
        for line in folder.joinpath(f"{label}.txt").read_text("utf-8").splitlines()
        if line.strip()
    }
    with resources.as_file(resources.files("intents").joinpath("packs/retail_zh")) as pack:
        for intent in load_pack(pack).intents.values():
            label = _FELT.get(intent.base, "neutral")
            if label is not None:
                rows |= {(example.text, label) for example in intent.examples}
    return sorted(rows)


def fit_mood(rows: Sequence[tuple[str, str]]) -> MoodHead:
    """Fit both regressions; the sides weigh the same, so that neutral texts, of which there are most, do not win."""
    features = [mood_features(text)[0] for text, _ in rows]
    names = sorted({name for found in features for name in found})
    columns = {name: column for column, name in enumerate(names)}
    ends = np.cumsum([0, *map(len, features)])
    places = np.array([columns[name] for found in features for name in found], dtype=np.int64)
    matrix = sparse.csr_matrix((np.ones(len(places)), places, ends), shape=(len(rows), len(names)))
    labels = np.array([label for _, label in rows])
    displeased, displeased_bias = _fit(matrix, np.isin(labels, ("annoyed", "angry")), names)
    pleased, pleased_bias = _fit(matrix, labels == "pleased", names)
    return MoodHead(displeased, displeased_bias, pleased, pleased_bias)


def held_out(rows: Sequence[tuple[str, str]], *, folds: int = 5) -> list[tuple[str, str, float, float]]:
    """Return (text, label, displeasure, pleasure), each judged by a head that had not seen the text."""
    fold = stratified_folds(np.array([LABELS.index(label) for _, label in rows]), folds=folds, seed=0)
    judged = []
    for index in range(folds):
        head = fit_mood([row for row, place in zip(rows, fold, strict=True) if place != index])
        for (text, label), place in zip(rows, fold, strict=True):
            if place == index:
                names = mood_features(text)[0]
                judged.append((text, label, head.displeasure(names), head.pleasure(names)))
    return judged


def _fit(matrix: sparse.csr_matrix, target: npt.NDArray[np.bool_], names: list[str]) -> tuple[dict[str, float], float]:
    model = LogisticRegression(
        C=_STRENGTH, solver="liblinear", l1_ratio=1.0, class_weight="balanced", random_state=0, tol=1e-2, max_iter=2_000
    )
    model.fit(matrix, target)
    kept = {
        name: round(float(weight), 4) for name, weight in zip(names, model.coef_[0], strict=True) if abs(weight) > 1e-3
    }
    return kept, round(float(model.intercept_[0]), 4)


def head_json(head: MoodHead) -> str:
    """Return the head as the shipped file's text."""
    content = {
        "displeased": head.displeased,
        "displeased_bias": head.displeased_bias,
        "pleased": head.pleased,
        "pleased_bias": head.pleased_bias,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=0) + "\n"


def main() -> int:
    """Write the head beside the code that reads it; run it in a checkout."""
    rows = mood_texts()
    judged = held_out(rows)
    for label in LABELS:
        scores = [displeasure for _, own, displeasure, _ in judged if own == label]
        print(f"{label}: {len(scores)} texts, displeased {np.mean([score >= 0.5 for score in scores]):.3f}")
    target = Path(str(resources.files(_MOOD).joinpath("head.json")))
    target.write_text(head_json(fit_mood(rows)), encoding="utf-8")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
