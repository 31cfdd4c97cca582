"""An intent folder as training examples, and what it says about entities."""

from __future__ import annotations

from collections.abc import Iterator

from bot.training.example import Mark, TrainingExample
from bot.understanding.entities.reader import EntityModel
from intents.model import Pack

OUT_OF_SCOPE = "out_of_scope"


def pack_examples(pack: Pack) -> Iterator[TrainingExample]:
    """Yield a pack's utterances; the intent named `out_of_scope` becomes None, `faq/price` the intent `faq`."""
    for intent in pack.intents.values():
        name = None if intent.base == OUT_OF_SCOPE else intent.base
        for example in intent.examples:
            marks = tuple(
                Mark(one.start, one.end, one.entity, one.role or "", one.group or "") for one in example.entities
            )
            yield TrainingExample(example.text, name, f"{example.place.file}:{example.place.line}", marks)


def pack_entities(pack: Pack) -> EntityModel:
    """Return a pack's patterns, word lists and synonyms; the tagger comes with training."""
    return EntityModel(
        patterns=tuple((pattern.name, pattern.pattern) for pattern in pack.patterns),
        lookups=pack.lookups,
        synonyms=pack.synonyms,
    )
