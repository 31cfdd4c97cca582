"""What is written correctly and will still trouble a model: small intents, the same utterance twice, loose marks."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import median

from intents.model import Example, Intent, Pack, Place
from intents.problems import Problem

# With fewer examples an intent is learned by luck.
_FEW = 5
# An intent with so many times the median's examples drowns its neighbours, one with so few is drowned.
_UNEVEN = 8
_MARKS = re.compile(r"[\W_]+")
# Words that change no meaning: two utterances that differ only in these are the same to a model.
_FILLERS = re.compile(
    r"请问一下|请问|麻烦|你好|您好|亲|一下|那个|呢|吗|嘛|啊|呀|哦|哈|吧|了|的|please|could you|can you|hi"
)
_PERSONAL = (
    ("phone", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
    (
        "id_card",
        re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dxX](?!\d)"),
    ),
    ("bank_card", re.compile(r"(?<!\d)62\d{14,17}(?!\d)")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE)),
)
_PRICE = re.compile(r"[¥￥$]\s*\d|\d+(?:\.\d+)?\s*(?:元|块钱|块(?![茶饼])|rmb)|\d(?:\.\d)?\s*折", re.IGNORECASE)
_DATE = re.compile(r"20\d{2}\s*[-/年]\s*\d{1,2}|\d{1,2}\s*月\s*\d{1,2}\s*[日号]")


def find_quality_problems(pack: Pack) -> list[Problem]:
    """Return the findings that need no model; each names both places where two are in conflict."""
    return [
        *_sizes(pack),
        *_twins(pack),
        *_marks(pack),
        *_personal(pack),
        *_typed_facts(pack),
    ]


def _sizes(pack: Pack) -> Iterator[Problem]:
    counts = [len(intent.examples) for intent in pack.intents.values() if intent.examples]
    middle = median(counts) if counts else 0
    for intent in pack.intents.values():
        count = len(intent.examples)
        place = intent.places[0] if intent.places else Place("", 1, 1)
        data = {"name": intent.name, "count": str(count), "few": str(_FEW), "median": f"{middle:g}"}
        if 0 < count < _FEW:
            yield Problem("intent_tiny", place, data)
        elif count and (count > _UNEVEN * middle or count * _UNEVEN < middle):
            yield Problem("imbalance", place, data)


def _twins(pack: Pack) -> Iterator[Problem]:
    """Find the same utterance (or the same but for fillers) in two intents; the later one is reported."""
    same: dict[str, tuple[Intent, Example]] = {}
    nearly: dict[str, tuple[Intent, Example]] = {}
    rows = [(intent, example) for intent in pack.intents.values() for example in intent.examples]
    for intent, example in sorted(rows, key=lambda row: row[1].place):
        plain = _MARKS.sub("", example.text.lower())
        bare = _FILLERS.sub("", plain)
        for code, key, seen in (("same_in_two", plain, same), ("nearly_in_two", bare, nearly)):
            if not key:
                continue
            other = seen.setdefault(key, (intent, example))
            if other[0].base != intent.base:
                data = {
                    "name": intent.name,
                    "rival": other[0].name,
                    "text": other[1].text,
                    "where": f"{other[1].place.file}:{other[1].place.line}",
                }
                yield Problem(code, example.place, data, example.source or example.text)
                break


def _marks(pack: Pack) -> Iterator[Problem]:
    """Find words that are marked as one thing here and another there, or marked in most places and not in this."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[tuple[str, str], Example] = {}
    examples = [example for intent in pack.intents.values() for example in intent.examples]
    for example in examples:
        for entity in example.entities:
            word = example.text[entity.start : entity.end]
            names[word][entity.entity] += 1
            first.setdefault((word, entity.entity), example)
    for word, found in sorted(names.items()):
        if len(found) > 1 and len(word) > 1:
            usual, rare = found.most_common()[0][0], found.most_common()[-1][0]
            other, example = first[word, usual], first[word, rare]
            if not _same_span(example, word):
                data = {"text": word, "name": rare, "rival": usual, "where": f"{other.place.file}:{other.place.line}"}
                yield Problem("entity_two_names", example.place, data, example.source or example.text)
    known = {word: next(iter(found)) for word, found in names.items() if len(found) == 1 and found.total() >= 3}
    yield from _unmarked(examples, {word: name for word, name in known.items() if len(word) > 1}, first)


def _same_span(example: Example, word: str) -> bool:
    """Several entities on one span are meant."""
    spans = [(one.start, one.end) for one in example.entities if example.text[one.start : one.end] == word]
    return len(spans) > len(set(spans))


def _unmarked(
    examples: list[Example], known: dict[str, str], first: dict[tuple[str, str], Example]
) -> Iterator[Problem]:
    if not known:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, known), key=len, reverse=True)))
    for example in examples:
        # Where nothing is marked nobody meant to mark: only half-marked utterances disagree.
        if not example.entities:
            continue
        for match in pattern.finditer(example.text):
            if all(match.end() <= one.start or match.start() >= one.end for one in example.entities):
                other = first[match[0], known[match[0]]]
                data = {
                    "text": match[0],
                    "name": known[match[0]],
                    "where": f"{other.place.file}:{other.place.line}",
                }
                yield Problem("entity_unmarked", example.place, data, example.source or example.text)


def _personal(pack: Pack) -> Iterator[Problem]:
    for intent in pack.intents.values():
        for example in intent.examples:
            for kind, pattern in _PERSONAL:
                match = pattern.search(example.text)
                if match:
                    yield Problem("personal_data", example.place, {"kind": kind, "text": match[0]}, example.text)
                    break


def _typed_facts(pack: Pack) -> Iterator[Problem]:
    for response in pack.responses.values():
        for variant in response.variants:
            for code, pattern in (("answer_price", _PRICE), ("answer_date", _DATE)):
                match = pattern.search(variant.text or "")
                if match:
                    data = {"name": response.name, "text": match[0]}
                    yield Problem(code, variant.place, data, (variant.text or "")[:80])
