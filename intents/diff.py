"""The difference of two packs in words: what a trainer added, took away, moved or marked anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields

from intents.model import About, Example, Intent, Json, NearMiss, Pack, Response, Slot, Variant
from intents.texts import say
from intents.writer import example_source
from kefu.base.texts import Lang


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `data` fills the places of its sentence."""

    code: str
    data: Mapping[str, str] = field(default_factory=dict)

    def text(self, lang: Lang = "zh") -> str:
        """Return the sentence."""
        empty = say("diff.nothing", lang)
        return say(f"diff.{self.code}", lang, {key: value or empty for key, value in self.data.items()})

    def as_json(self, lang: Lang = "zh") -> dict[str, Json]:
        """Return the change as one object."""
        return {"code": self.code, "text": self.text(lang), "data": {**self.data}}


def diff_packs(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Return the changes that lead from one pack to the other; places, comments and order do not count."""
    return (
        *_diff_intents(old, new),
        *_diff_synonyms(old, new),
        *_diff_lists(
            {name: tuple(dict.fromkeys(terms)) for name, terms in old.lookups.items()},
            {name: tuple(dict.fromkeys(terms)) for name, terms in new.lookups.items()},
            "term",
        ),
        *_diff_lists(_patterns(old), _patterns(new), "pattern"),
        *_diff_responses(old, new),
    )


def _diff_intents(old: Pack, new: Pack) -> Iterator[Change]:
    for name, intent in old.intents.items():
        if name not in new.intents:
            yield Change("intent_removed", {"name": name, "count": str(len(intent.examples))})
    for name, intent in new.intents.items():
        if name not in old.intents:
            yield Change("intent_added", {"name": name, "count": str(len(intent.examples))})
    gone, come = _homes(old, new), _homes(new, old)
    for name in dict.fromkeys([*old.intents, *new.intents]):
        before, after = old.intents.get(name), new.intents.get(name)
        if before is not None and after is not None:
            yield from _diff_about(name, before.about, after.about)
        yield from _diff_examples(name, before, after, gone, come)


def _homes(pack: Pack, other: Pack) -> dict[str, list[str]]:
    """Return text -> intents that have it here and lack it in the other pack."""
    homes: dict[str, list[str]] = {}
    for name, intent in pack.intents.items():
        known = _texts(other.intents.get(name))
        for text in _texts(intent):
            if text not in known:
                homes.setdefault(text, []).append(name)
    return homes


def _texts(intent: Intent | None) -> dict[str, Example]:
    return {example.text: example for example in intent.examples} if intent is not None else {}


def _diff_examples(
    name: str,
    before: Intent | None,
    after: Intent | None,
    gone: Mapping[str, list[str]],
    come: Mapping[str, list[str]],
) -> Iterator[Change]:
    """Tell the examples of one intent; a text that left one intent for one other has moved."""
    old, new = _texts(before), _texts(after)
    for text in old:
        moved = len(gone.get(text, ())) == 1 and len(come.get(text, ())) == 1
        # Of an intent that is gone as a whole, only what found a new home is worth a line.
        if text not in new and not moved and after is not None:
            yield Change("example_removed", {"name": name, "text": text})
    for text, example in new.items():
        if text not in old:
            if len(gone.get(text, ())) == 1 and len(come.get(text, ())) == 1:
                yield Change("example_moved", {"old": gone[text][0], "new": name, "text": text})
            elif before is not None:
                yield Change("example_added", {"name": name, "text": example_source(example)})
        elif old[text].entities != example.entities:
            data = {"name": name, "old": example_source(old[text]), "new": example_source(example)}
            yield Change("example_marked", data)
        elif old[text].metadata != example.metadata:
            yield Change("example_metadata", {"name": name, "text": text})


def _diff_about(name: str, old: About, new: About) -> Iterator[Change]:
    for key in (one.name for one in fields(About) if one.name != "raw"):
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield Change("about_changed", {"name": name, "key": key, "old": _words(before), "new": _words(after)})


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(_words(one) for one in value)
    if isinstance(value, Slot):
        return f"{value.name}: {value.prompt}"
    if isinstance(value, NearMiss):
        return f"{value.text} ({value.intent})" if value.intent else value.text
    return "" if value is None else str(value)


def _diff_synonyms(old: Pack, new: Pack) -> Iterator[Change]:
    for text in dict.fromkeys([*old.synonyms, *new.synonyms]):
        before, after = old.synonyms.get(text), new.synonyms.get(text)
        data = {"text": text, "old": str(before), "new": str(after)}
        if before is None:
            yield Change("synonym_added", data)
        elif after is None:
            yield Change("synonym_removed", data)
        elif before != after:
            yield Change("synonym_changed", data)


def _patterns(pack: Pack) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in pack.patterns:
        found[one.name] = (*found.get(one.name, ()), one.pattern)
    return found


def _diff_lists(old: Mapping[str, Iterable[str]], new: Mapping[str, Iterable[str]], what: str) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        before, after = dict.fromkeys(old.get(name, ())), dict.fromkeys(new.get(name, ()))
        for text in before:
            if text not in after:
                yield Change(f"{what}_removed", {"name": name, "text": text})
        for text in after:
            if text not in before:
                yield Change(f"{what}_added", {"name": name, "text": text})


def _diff_responses(old: Pack, new: Pack) -> Iterator[Change]:
    for name in dict.fromkeys([*old.responses, *new.responses]):
        before, after = old.responses.get(name), new.responses.get(name)
        if before is None and after is not None:
            yield Change("response_added", {"name": name, "count": str(len(after.variants))})
        elif after is None and before is not None:
            yield Change("response_removed", {"name": name, "count": str(len(before.variants))})
        elif before is not None and after is not None:
            yield from _diff_variants(before, after)


def _diff_variants(before: Response, after: Response) -> Iterator[Change]:
    old = {_said(one): one for one in before.variants}
    new = {_said(one): one for one in after.variants}
    for text in old:
        if text not in new:
            yield Change("variant_removed", {"name": after.name, "text": text})
    for text, variant in new.items():
        if text not in old:
            yield Change("variant_added", {"name": after.name, "text": text})
        elif old[text].raw != variant.raw:
            yield Change("variant_changed", {"name": after.name, "text": text})


def _said(variant: Variant) -> str:
    return variant.text if variant.text is not None else str(variant.raw)
