"""Words that point back to what was spoken of: 这个, 第二款, 那个大的."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from knowledge_graph.fold import fold
from knowledge_graph.model import Candidate, Mention
from knowledge_graph.numerals import parse_number

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

_ORDINAL = re.compile(r"第([一二三四五六七八九十\d]{1,2})(?:个|款|种|样)")
_PRONOUN = re.compile(r"(?:刚才|刚刚|上面|前面)?(?:说的)?(?:这|那|这一|那一)(?:个|款|种|茶|盒|罐|饼)|它|他家|前者")
_THIS = re.compile("(?:这|那|该|此)一?(?:家|个|座|间|处|所)?")
_THIS_END = re.compile("(?:这|那|该)一?(?:家|个|座|间|处|所)$")
_NOUN = 3
_LATTER = re.compile("后者")
_BESIDE = re.compile("[和跟与同比]$")
_SURE = 0.9


def point_back(
    graph: KnowledgeGraph, text: str, mentions: Sequence[Mention], focus: Sequence[str]
) -> tuple[Mention, ...]:
    """Return the mentions with those added that point back to `focus` (node ids, the latest first)."""
    known = [id for id in focus if graph.find_node(id) is not None]
    if not known:
        return tuple(mentions)
    named = [(one.end, one.candidates[0].node_id) for one in mentions if _is_named(graph, one)]
    kinds = [*_of_kinds(graph, text, known, named), *_by_pointers(graph, text, known, named)]
    mentions = [one for one in mentions if not _is_pointed_at(text, one, kinds)]
    plain = list(fold(text))
    for mention in mentions:
        plain[mention.start : mention.end] = " " * (mention.end - mention.start)
    masked = "".join(plain)
    found = list(mentions)
    labels = tuple(graph.schema.kinds[kind].label for kind in graph.schema.part_of)
    for start, end, ids in (
        *_ordinals(masked, known, parts=labels),
        *kinds,
        *_sizes(graph, masked, known),
        *_pronouns(masked, known, mentions, named),
    ):
        if not any(start < one.end and one.start < end for one in found):
            found.append(
                Mention(start, end, text[start:end], tuple(_candidate(graph, id, text[start:end]) for id in ids), False)
            )
    return tuple(sorted(found, key=lambda mention: mention.start))


def _is_named(graph: KnowledgeGraph, mention: Mention) -> bool:
    """Whether the text itself surely names a node that questions are about."""
    best = mention.candidates[0] if mention.candidates else None
    return best is not None and best.kind in graph.schema.mains and best.score >= _SURE and not mention.ambiguous


def _before(named: Sequence[tuple[int, str]], start: int) -> list[str]:
    """Nodes that the text named before a place, the latest first."""
    return [id for end, id in reversed(named) if end <= start]


def _by_pointers(
    graph: KnowledgeGraph, text: str, known: Sequence[str], named: Sequence[tuple[int, str]]
) -> list[tuple[int, int, list[str]]]:
    """The schema's own words that point: 那里, 这家店."""
    words = sorted(graph.schema.pointers, key=len, reverse=True)
    if not words:
        return []
    found = re.finditer("|".join(map(re.escape, words)), fold(text))
    return [(match.start(), match.end(), [*_before(named, match.start()), *known][:1]) for match in found]


def _of_kinds(
    graph: KnowledgeGraph, text: str, known: Sequence[str], named: Sequence[tuple[int, str]]
) -> list[tuple[int, int, list[str]]]:
    """这家酒店, 该景点: what was spoken of last of that kind; of a kind that nobody spoke of, nothing."""
    found: list[tuple[int, int, list[str]]] = []
    folded = fold(text)
    for kind, rule in graph.schema.kinds.items():
        nouns = [word for word in (rule.label, *rule.words) if len(word) > 1]
        if not nouns:
            continue
        either = "|".join(sorted(map(re.escape, nouns), key=len, reverse=True))
        for match in re.finditer(f"{_THIS.pattern}(?:{either})", folded):
            latest = [id for id in (*_before(named, match.start()), *known) if _kind(graph, id) == kind]
            if latest:
                found.append((match.start(), match.end(), latest[:1]))
    return found


def _is_pointed_at(text: str, mention: Mention, kinds: Sequence[tuple[int, int, list[str]]]) -> bool:
    """Whether a piece of a name is only the noun of 这家酒店 or 这个剧场."""
    if mention.candidates and mention.candidates[0].score >= _SURE:
        return False
    if any(start < mention.end and mention.start < end for start, end, _ in kinds):
        return True
    before = text[: mention.start]
    return _THIS_END.search(before) is not None and len(mention.text) <= _NOUN


def _kind(graph: KnowledgeGraph, id: str) -> str:
    node = graph.find_node(id)
    return node.kind if node is not None else ""


def back_mention(graph: KnowledgeGraph, id: str) -> Mention:
    """A mention of a node that the text leaves out; its span is empty."""
    return Mention(0, 0, "", (_candidate(graph, id, ""),), False)


def _ordinals(masked: str, known: Sequence[str], *, parts: tuple[str, ...]) -> list[tuple[int, int, list[str]]]:
    """The second of what was spoken of; 第二个规格 is none of it but a part."""
    places = ((match, parse_number(match[1])) for match in _ORDINAL.finditer(masked))
    return [
        (match.start(), match.end(), [known[int(place) - 1]])
        for match, place in places
        if place is not None and 1 <= place <= len(known) and not masked.startswith(parts, match.end())
    ]


def _pronouns(
    masked: str, known: Sequence[str], mentions: Sequence[Mention], named: Sequence[tuple[int, str]]
) -> list[tuple[int, int, list[str]]]:
    """It: what the same text named before, else what was spoken of last; beside a name (肉桂和它) always the latter.

    Right before a name (这个大红袍) it points at nothing else.
    """
    starts = {mention.start for mention in mentions}
    found: list[tuple[int, int, list[str]]] = []
    for match in _PRONOUN.finditer(masked):
        if match.end() in starts:
            continue
        beside = _BESIDE.search(masked[: match.start()]) is not None
        latest = [] if beside else _before(named, match.start())
        found.append((match.start(), match.end(), [*latest, *known][:1]))
    if len(known) > 1:
        found += [(match.start(), match.end(), [known[1]]) for match in _LATTER.finditer(masked)]
    return found


def _sizes(graph: KnowledgeGraph, masked: str, known: Sequence[str]) -> list[tuple[int, int, list[str]]]:
    """那个大的, 小包装的: the largest or smallest part of what was spoken of last."""
    found: list[tuple[int, int, list[str]]] = []
    for name, rule in graph.schema.predicates.items():
        if not rule.size:
            continue
        for words, last in ((rule.more, True), (rule.less, False)):
            either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
            if not either:
                continue
            for match in re.finditer(rf"(?:这个|那个|要)?最?(?:{either})(?:的|装|包装)(?:那个|那款|呢)?", masked):
                parts = _parts_by(graph, known[0], name)
                if len(parts) > 1:
                    found.append((match.start(), match.end(), [parts[-1] if last else parts[0]]))
    return found


def _parts_by(graph: KnowledgeGraph, whole: str, predicate: str) -> list[str]:
    """The parts of a node in the order of a number; parts without it are left out."""
    node = graph.find_node(whole)
    sized: list[tuple[int, str]] = []
    for edge, kind in graph.schema.part_of.values():
        if node is not None and node.kind == kind:
            for part in graph.subjects(edge, whole):
                sized += [(int(fact.value), part) for fact in graph.facts(part, predicate)]
    return [part for _, part in sorted(sized)]


def _candidate(graph: KnowledgeGraph, id: str, matched: str) -> Candidate:
    node = graph.find_node(id)
    assert node is not None
    return Candidate(id, node.kind, node.name, _SURE, matched)
