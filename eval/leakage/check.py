"""Texts of a suite among the texts that a model learned from: exact, near, and in meaning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.encoding.encoder import Encoder
from bot.training.example import TrainingExample
from bot.understanding.normalise import normalise
from eval.run.log import Leak
from eval.samples.model import Sample
from eval.spec.model import Leakage

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class LeakageResult:
    """What was found, and whether it fails the run."""

    leaks: tuple[Leak, ...]
    fails: bool


def find_leaks(
    samples: Sequence[Sample], training: Sequence[TrainingExample], rules: Leakage, encoder: Encoder | None
) -> LeakageResult:
    """Return each text of the suite with the training text nearest to it, the strictest kind only.

    Texts shorter than `rules.shortest` are left out. Without an encoder nothing is compared in meaning.
    """
    known: dict[str, TrainingExample] = {}
    for example in training:
        known.setdefault(normalise(example.text), example)
    asked = [(text, plain, sample) for sample in samples for text, plain in _texts(sample, rules.shortest)]
    leaks: list[Leak] = []
    rest: list[tuple[str, str, Sample]] = []
    near = _NearIndex(list(known), shortest=rules.shortest) if rules.near != "off" else None
    for text, plain, sample in asked:
        if plain in known and rules.exact != "off":
            leaks.append(_leak("exact", text, sample, known[plain], 1.0))
            continue
        found = near.find(plain, rules.near_bar) if near is not None else None
        if found is not None:
            leaks.append(_leak("near", text, sample, known[found[0]], found[1]))
        else:
            rest.append((text, plain, sample))
    if rules.semantic != "off" and encoder is not None and rest and known:
        leaks += _in_meaning(rest, known, rules.semantic_bar, encoder)
    modes = {"exact": rules.exact, "near": rules.near, "semantic": rules.semantic}
    return LeakageResult(tuple(leaks[:_SHOWN]), any(modes[leak.kind] == "fail" for leak in leaks))


def _texts(sample: Sample, shortest: int) -> list[tuple[str, str]]:
    said = [sample.input.get("text"), *(sample.input.get("messages") or ())]
    for step in sample.input.get("steps") or ():
        words = step.get("say") or ()
        said += [words] if isinstance(words, str) else words
    plain = [(text, normalise(text)) for text in said if isinstance(text, str)]
    return [(text, folded) for text, folded in plain if len(folded) >= shortest]


def _leak(kind: str, text: str, sample: Sample, known: TrainingExample, score: float) -> Leak:
    return Leak(kind, text, sample.place, known.text, known.place or "", round(score, 4))


def _in_meaning(
    rest: Sequence[tuple[str, str, Sample]], known: dict[str, TrainingExample], bar: float, encoder: Encoder
) -> list[Leak]:
    texts = list(known)
    vectors = encoder.encode(texts)
    asked = encoder.encode([plain for _, plain, _ in rest])
    found = []
    for row, (text, _, sample) in enumerate(rest):
        similarity = vectors @ asked[row]
        best = int(np.argmax(similarity))
        if similarity[best] >= bar:
            found.append(_leak("semantic", text, sample, known[texts[best]], float(similarity[best])))
    return found


class _NearIndex:
    """Finds the text with the highest Jaccard index over character trigrams, by an inverted list."""

    def __init__(self, texts: Sequence[str], *, shortest: int) -> None:
        self._texts = [text for text in texts if len(text) >= shortest]
        self._grams = [_grams(text) for text in self._texts]
        self._lists: dict[str, list[int]] = defaultdict(list)
        for number, grams in enumerate(self._grams):
            for gram in grams:
                self._lists[gram].append(number)

    def find(self, text: str, bar: float) -> tuple[str, float] | None:
        grams = _grams(text)
        shared = Counter(number for gram in grams for number in self._lists.get(gram, ()))
        best: tuple[str, float] | None = None
        for number, count in shared.items():
            score = count / (len(grams) + len(self._grams[number]) - count)
            if score >= bar and (best is None or score > best[1]):
                best = (self._texts[number], score)
        return best


def _grams(text: str) -> frozenset[str]:
    padded = f"\x02{text}\x03"
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
