"""What a model learns from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from bot.understanding.entities.reader import EntityModel
from bot.understanding.hybrid import KnownText
from bot.understanding.normalise import normalise


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A taught entity: a span of an example's text as written, in code points, and what it names."""

    start: int
    end: int
    entity: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A sentence and its intent; None means out of scope. `place` (file:line) comes back as evidence."""

    text: str
    intent: str | None
    place: str | None = None
    marks: tuple[Mark, ...] = ()


def clean_examples(examples: Iterable[TrainingExample]) -> list[KnownText]:
    """Normalise, drop empty texts, and keep one of each (text, intent), in an order that depends on nothing else."""
    kept: dict[tuple[str, str | None], KnownText] = {}
    for example in examples:
        text = normalise(example.text)
        if not text:
            continue
        known = KnownText(text, example.intent, example.place)
        other = kept.get((text, example.intent))
        if other is None or (known.place or "") < (other.place or ""):
            kept[text, example.intent] = known
    return sorted(kept.values(), key=lambda known: (known.intent is None, known.text, known.intent or ""))


def data_hash(
    texts: Iterable[KnownText],
    examples: Iterable[TrainingExample] = (),
    entities: EntityModel | None = None,
    unlabelled: Iterable[str] = (),
) -> str:
    """Return a hash of cleaned examples, of the marks in the raw ones, of what else is said about entities, and of the
    messages without labels."""
    rows = [[known.text, known.intent, known.place] for known in texts]
    marked = sorted({(example.text, example.marks) for example in examples if example.marks})
    marks = [[text, [list(astuple(mark)) for mark in found]] for text, found in marked]
    lists = (
        [
            sorted(entities.patterns),
            sorted((name, sorted(terms)) for name, terms in entities.lookups.items()),
            sorted((text, str(value)) for text, value in entities.synonyms.items()),
        ]
        if entities
        else []
    )
    whole = json.dumps([rows, marks, lists, list(unlabelled)], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
