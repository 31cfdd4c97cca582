"""Everything a message names: a pack's patterns and word lists, the tagger, built-in slots, and one overlap rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np

from bot.artefact import Array, Json
from bot.understanding.entities.builtin import SLOTS, find_builtin
from bot.understanding.entities.entity import Entity, Source, Value
from bot.understanding.entities.folding import fold
from bot.understanding.entities.tagger import Kind, Name, Tagger, allowed_steps
from bot.understanding.entities.word_lists import WordLists

_MAX_CHARACTERS = 2_000
_RANK: dict[Source, int] = {"pattern": 0, "lookup": 1, "tagger": 2, "builtin": 3}
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class EntityModel:
    """What a pack teaches: patterns and word lists by entity, synonyms (text to meaning), and the trained tagger."""

    patterns: tuple[tuple[str, str], ...] = ()
    lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    synonyms: Mapping[str, Value] = field(default_factory=dict)
    tagger: Tagger | None = None

    def arrays(self) -> dict[str, Array]:
        """What an artefact keeps as arrays."""
        if self.tagger is None:
            return {}
        # -inf is a rule, not a weight: it is put back by `restore`.
        steps = np.where(np.isfinite(self.tagger.steps), self.tagger.steps, 0).astype(np.float32)
        return {"tagger_weights": self.tagger.weights, "tagger_steps": steps}

    def document(self) -> dict[str, Json]:
        """What an artefact keeps as JSON."""
        lookups: dict[str, Json] = {name: list(terms) for name, terms in self.lookups.items()}
        kinds: list[Json] = []
        features: list[Json] = []
        if self.tagger is not None:
            kinds = [[[name.entity, name.role, name.group] for name in kind] for kind in self.tagger.kinds]
            features = [name for _, name in sorted((place, name) for name, place in self.tagger.features.items())]
        return {
            "patterns": [list(pattern) for pattern in self.patterns],
            "lookups": lookups,
            "synonyms": dict(self.synonyms),
            "kinds": kinds,
            "features": features,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, Array], document: Mapping[str, Any]) -> EntityModel:
        """Rebuild from what `arrays` and `document` returned."""
        tagger = None
        if document["kinds"]:
            kinds: tuple[Kind, ...] = tuple(tuple(Name(*name) for name in kind) for kind in document["kinds"])
            tagger = Tagger(
                kinds=kinds,
                features={name: place for place, name in enumerate(document["features"])},
                weights=arrays["tagger_weights"],
                steps=(arrays["tagger_steps"] + allowed_steps(len(kinds))).astype(np.float32),
            )
        return cls(
            patterns=tuple((name, pattern) for name, pattern in document["patterns"]),
            lookups={name: tuple(terms) for name, terms in document["lookups"].items()},
            synonyms=document["synonyms"],
            tagger=tagger,
        )


class EntityReader:
    """Reads entities; without state between messages, safe to share between threads."""

    def __init__(self, model: EntityModel) -> None:
        self._patterns = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in model.patterns]
        self._lists = WordLists(model.lookups)
        self._synonyms = {fold(text): value for text, value in model.synonyms.items()}
        self._tagger = model.tagger

    def read(self, text: str, *, now: datetime | None = None) -> tuple[Entity, ...]:
        """Return the entities of a text as the customer wrote it, by place.

        `now` (aware) is what 明天 counts from; without it, this moment in China. Only the first 2,000 characters
        are read.
        """
        text = text[:_MAX_CHARACTERS]
        folded = fold(text)
        now = now or datetime.now(UTC).astimezone(_CHINA)
        found = [*self._taught(text, folded), *self._built_in(text, folded, now)]
        return tuple(_resolve(found))

    def _taught(self, text: str, folded: str) -> Iterator[Entity]:
        for name, pattern in self._patterns:
            for match in pattern.finditer(folded):
                if match[0]:
                    yield self._entity(text, match.start(), match.end(), Name(name), "pattern")
        for span in self._lists.find(folded):
            yield self._entity(text, span.start, span.end, Name(span.entity), "lookup")
        if self._tagger is not None:
            for tagged in self._tagger.tag(folded, self._lists.marks(folded)):
                for kind in tagged.kind:
                    yield self._entity(text, tagged.start, tagged.end, kind, "tagger")

    def _entity(self, text: str, start: int, end: int, name: Name, source: Source) -> Entity:
        said = text[start:end]
        value = self._synonyms.get(fold(said), said)
        return Entity(start, end, name.entity, said, value, None, name.role, name.group, source)

    def _built_in(self, text: str, folded: str, now: datetime) -> Iterator[Entity]:
        for span in find_builtin(folded, now):
            said = text[span.start : span.end]
            yield Entity(span.start, span.end, span.entity, said, span.value, span.unit)


def _resolve(found: list[Entity]) -> list[Entity]:
    """Keep the longest spans; of equal spans the first source's, with the tagger's role and group where it agrees."""
    kept: list[Entity] = []
    for entity in sorted(found, key=_order):
        rivals = [other for other in kept if other.start < entity.end and entity.start < other.end]
        if not rivals:
            kept.append(entity)
        elif all((one.start, one.end, one.source) == (entity.start, entity.end, entity.source) for one in rivals):
            # One annotation, or one term in two lists; the same entity twice says nothing new.
            if entity.source != "builtin" and all(one.entity != entity.entity for one in rivals):
                kept.append(entity)
        elif entity.source == "tagger" and (entity.role or entity.group):
            kept = [_with_role(one, entity) for one in kept]
    return sorted(kept, key=lambda one: (one.start, one.end))


def _with_role(kept: Entity, tagged: Entity) -> Entity:
    """A word list knows the word, the tagger its part in the sentence."""
    if (kept.start, kept.end, kept.entity) != (tagged.start, tagged.end, tagged.entity) or kept.role or kept.group:
        return kept
    return Entity(
        kept.start, kept.end, kept.entity, kept.text, kept.value, kept.unit, tagged.role, tagged.group, kept.source
    )


def _order(entity: Entity) -> tuple[int, int, int, int]:
    rank = SLOTS.index(entity.entity) if entity.source == "builtin" else 0
    return entity.start - entity.end, _RANK[entity.source], rank, entity.start
