"""Find the nodes that a text names: whole names first, then misspellings, pieces of names, and initials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import rjieba

from knowledge_graph.fold import fold
from knowledge_graph.linking.initials import stands_alone
from knowledge_graph.linking.lexicon import COMMON, Numbers, among
from knowledge_graph.linking.typos import Misspellings
from knowledge_graph.model import CLOSE, Candidate, Mention

_MOST = 8
# A product that has the word only as the head of its name (君山银针, asked for 银针) is as likely meant as the one that
# has it as an alias; initials say less than any name.
_HEAD, _INITIALS = 0.95, 0.8
_PIECE_SHARE = 0.9
_LEAST_PIECES = 0.3
# A single short piece of a long name is a word like any other: 起来 in 老北京动起来展馆.
_LEAST_PIECE = 0.57
_HOLE, _FEW = 4, 8
_NOBODY = np.zeros(0, dtype=np.int32)
_LOOKED_AT = 64
_NO_NOUN = frozenset("adrcpuy")
_GAP = frozenset(" 的·-_/、.")


@dataclass(frozen=True, slots=True)
class Described:
    """What the linker shows of a node; `rank` orders kinds, the main one first."""

    id: str
    kind: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    start: int
    end: int
    numbers: Numbers
    heads: Numbers = field(default_factory=lambda: _NOBODY)
    """Of an alias, the nodes whose names it is the head of."""


class Linker:
    """Immutable once built; `describe` turns a node's number into what is shown, None hides it."""

    def __init__(
        self,
        spelled: Sequence[Misspellings],
        describe: Callable[[int], Described | None],
        *,
        mains: frozenset[str],
        hidden: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self._lexicons = tuple(one.lexicon for one in spelled)
        self._describe = describe
        self._mains = mains
        self._hidden = hidden
        self._typos = tuple(spelled)

    def link(self, text: str) -> tuple[Mention, ...]:
        """Return the mentions in the order of the text; they do not overlap."""
        plain = fold(text)
        whole, pieces, initials = self._matches(plain)
        spans = _longest(whole)
        found: list[Mention] = []
        for span in spans:
            others = [one for one in spans if one is not span]
            free = [piece for piece in pieces if not _touches(piece, others)]
            rivals = _told_apart(span, _beyond(span, _stretch(plain, span, pieces))) if len(span.heads) else _NOBODY
            self._put(found, self._from_whole(text, span, free, plain, rivals=rivals))
        for typos in self._typos:
            names = [(one.start, one.end) for one in found if one.candidates[0].kind in self._mains]
            for start, end, numbers in typos.find(plain, names):
                inside = [one for one in found if one.start < end and start < one.end]
                if len(inside) < 2 and all(
                    start <= one.start and one.end <= end and one.end - one.start < end - start for one in inside
                ):
                    found = [one for one in found if one not in inside]
                    self._put(found, self._mention(text, start, end, numbers))
        free = [span for span in pieces if not _touches(span, found)]
        for group in _groups(plain, _longest(free)):
            self._put(found, self._from_pieces(text, group))
        for span in _longest(initials):
            scored = [(number, _INITIALS) for number in span.numbers.tolist()]
            self._put(found, self._mention(text, span.start, span.end, scored))
        return _merged(plain, text, sorted(found, key=lambda mention: mention.start))

    @staticmethod
    def _put(found: list[Mention], mention: Mention | None) -> None:
        if mention is not None and not _touches(mention, found):
            found.append(mention)

    def _matches(self, plain: str) -> tuple[list[_Span], list[_Span], list[_Span]]:
        """Whole names, pieces of names, and initials that are a word of their own."""
        whole: list[_Span] = []
        pieces: list[_Span] = []
        initials: list[_Span] = []
        for lexicon in self._lexicons:
            seen: set[tuple[int, int]] = set()
            for pattern, start, end in lexicon.automaton.find_matches_as_indexes(plain, overlapping=True):
                if (start, end) in seen or _cuts_a_word(plain, start, end):
                    continue
                seen.add((start, end))
                if pattern >= lexicon.initials:
                    if stands_alone(plain, start, end):
                        self._keep(initials, start, end, lexicon.postings(pattern))
                    continue
                piece: int | None = pattern
                if pattern < lexicon.wholes:
                    heads = lexicon.heads.get(pattern, _NOBODY)
                    self._keep(whole, start, end, lexicon.postings(pattern), heads=heads)
                    piece = lexicon.twin.get(pattern)
                if piece is not None:
                    self._keep(pieces, start, end, lexicon.postings(piece))
        return whole, pieces, initials

    def _keep(self, spans: list[_Span], start: int, end: int, numbers: Numbers, *, heads: Numbers = _NOBODY) -> None:
        numbers, heads = self._shown(numbers), self._shown(heads)
        if len(numbers):
            spans.append(_Span(start, end, numbers, heads))

    def _shown(self, numbers: Numbers) -> Numbers:
        return numbers if self._hidden is None or not len(numbers) else numbers[~self._hidden[numbers]]

    def _from_whole(
        self, text: str, span: _Span, pieces: Sequence[_Span], plain: str, *, rivals: Numbers
    ) -> Mention | None:
        """A whole name with its rivals, of whose names it is the head; nodes that share its pieces follow as less
        likely, those that explain more come first."""
        scored: dict[int, float] = {}
        inside = [p for p in pieces if span.start <= p.start and p.end <= span.end]
        for number, score in self._shares(inside).items():
            scored[number] = min(score, 0.8)
        group = _stretch(plain, span, pieces)
        beyond = _beyond(span, group)
        for number in rivals[:_LOOKED_AT].tolist():
            scored[number] = _HEAD
        for number in span.numbers[:_LOOKED_AT].tolist():
            scored[number] = 1.0
        nodes = _covering(span, group, beyond)
        if not len(nodes):
            return self._mention(text, span.start, span.end, list(scored.items()))
        shares = self._shares(group, nodes=nodes)
        scored = {number: min(score, 0.8) for number, score in scored.items()}
        scored |= {number: 0.8 + 0.18 * share for number, share in shares.items()}
        ends = [piece for piece in group if among(nodes, piece.numbers).any()]
        start, end = (min(p.start for p in ends), max(p.end for p in ends))
        return self._mention(text, min(start, span.start), max(end, span.end), list(scored.items()))

    def _from_pieces(self, text: str, group: Sequence[_Span]) -> Mention | None:
        if all(text[span.start : span.end].isdigit() for span in group):
            return None
        if len(group) == 1 and not _names(text[group[0].start : group[0].end]):
            return None
        least = _LEAST_PIECE if len(group) == 1 else _LEAST_PIECES
        shares = {number: score for number, score in self._shares(group).items() if score >= least}
        return self._mention(text, group[0].start, group[-1].end, list(shares.items()))

    def _shares(self, group: Sequence[_Span], *, nodes: Numbers | None = None) -> dict[int, float]:
        """How much of each node's name, and of what was said, the pieces cover; the best few."""
        proposed = _proposed(group) if nodes is None else nodes
        if not len(proposed):
            return {}
        said = sum({(span.start, span.end): span.end - span.start for span in group}.values())
        covered = np.zeros(len(proposed))
        for span in group:
            covered += (span.end - span.start) * among(proposed, span.numbers)
        if len(proposed) > _LOOKED_AT:
            best = np.argsort(-covered, kind="stable")[:_LOOKED_AT]
            proposed, covered = proposed[best], covered[best]
        return {
            number: _PIECE_SHARE * (0.5 * min(count / self._name_length(number), 1.0) + 0.5 * min(count / said, 1.0))
            for number, count in zip(proposed.tolist(), covered.tolist(), strict=True)
        }

    def _name_length(self, number: int) -> int:
        for lexicon in self._lexicons:
            length = lexicon.lengths.get(number)
            if length:
                return length
        return 1

    def _mention(self, text: str, start: int, end: int, scored: Sequence[tuple[int, float]]) -> Mention | None:
        if len(scored) > _LOOKED_AT:
            scored = sorted(scored, key=lambda one: -one[1])[:_LOOKED_AT]
        candidates: list[tuple[float, int, Candidate]] = []
        for number, score in scored:
            node = self._describe(number)
            if node is not None:
                found = Candidate(node.id, node.kind, node.name, round(min(score, 1.0), 3), text[start:end])
                candidates.append((-found.score, node.rank, found))
        if not candidates:
            return None
        candidates.sort(key=lambda one: (one[0], one[1], len(one[2].name), one[2].node_id))
        best = tuple(candidate for _, _, candidate in candidates[:_MOST])
        rivals = [one for one in best[1:] if one.kind == best[0].kind]
        ambiguous = bool(rivals) and best[0].score - rivals[0].score < CLOSE
        return Mention(start, end, text[start:end], best, ambiguous)


def _stretch(plain: str, span: _Span, pieces: Sequence[_Span]) -> list[_Span]:
    """The longest pieces that stand in a row with a whole name, before and after it."""
    group = [span_of for span_of in _longest(pieces) if not plain[span_of.start : span_of.end].isdigit()]
    start, end = span.start, span.end
    row = [piece for piece in group if piece.start < end and start < piece.end]
    for piece in sorted(group, key=lambda piece: piece.start):
        if piece.start >= end and set(plain[end : piece.start]) <= _GAP:
            row.append(piece)
            end = piece.end
    for piece in sorted(group, key=lambda piece: -piece.end):
        if piece.end <= start and set(plain[piece.end : start]) <= _GAP:
            row.append(piece)
            start = piece.start
    return row


def _beyond(span: _Span, group: Sequence[_Span]) -> list[_Span]:
    """The pieces that say more than a whole name does."""
    return [piece for piece in group if piece.start < span.start or piece.end > span.end]


def _told_apart(span: _Span, beyond: Sequence[_Span]) -> Numbers:
    """Of the names that a word is the head of, those that what stands beside it (福鼎 in 福鼎的银针) leaves."""
    rivals = np.concatenate([span.numbers, span.heads])
    told = [among(rivals, piece.numbers) for piece in beyond]
    narrowed = rivals[np.logical_or.reduce(told)] if told else _NOBODY
    return np.intersect1d(span.heads, narrowed) if len(narrowed) else span.heads


def _covering(span: _Span, group: Sequence[_Span], beyond: Sequence[_Span]) -> Numbers:
    """Nodes whose pieces cover a whole name and more: 双罐 after 明前龙井 names the box, not the tea."""
    if not beyond:
        return _NOBODY
    nodes = np.setdiff1d(_proposed(beyond), span.numbers)
    covered = sum(
        (min(piece.end, span.end) - max(piece.start, span.start)) * among(nodes, piece.numbers)
        for piece in group
        if piece.start < span.end and span.start < piece.end
    )
    return np.asarray(nodes[np.asarray(covered) >= span.end - span.start], dtype=np.int32)


def _proposed(group: Sequence[_Span]) -> Numbers:
    """The nodes of the pieces that few share; when all are common, of the rarest."""
    rare = [span.numbers for span in group if len(span.numbers) <= COMMON]
    if not rare and group:
        rare = [min((span.numbers for span in group), key=len)[:COMMON]]
    return np.unique(np.concatenate(rare)) if rare else _NOBODY


def _names(word: str) -> bool:
    """Whether a word alone may be a name: no verb, adjective, adverb or pronoun (好吃, 便宜, 那里)."""
    tags = [tag for _, tag in rjieba.tag(word)]
    return len(tags) != 1 or tags[0][0] not in _NO_NOUN


def _touches(one: _Span | Mention, others: Sequence[_Span | Mention]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _merged(plain: str, text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Join what only says more of its neighbour: 生普 in 布朗山的生普 is three products alone, and one here."""
    kept: list[Mention] = []
    for mention in mentions:
        last = kept[-1] if kept else None
        if last is not None and set(plain[last.end : mention.start]) <= _GAP:
            for sure, vague in ((last, mention), (mention, last)):
                best = sure.candidates[0]
                if vague.ambiguous and any(one.node_id == best.node_id for one in vague.candidates):
                    whole = text[last.start : mention.end]
                    kept[-1] = Mention(last.start, mention.end, whole, sure.candidates, sure.ambiguous)
                    break
            else:
                kept.append(mention)
            continue
        kept.append(mention)
    return tuple(kept)


def _longest(spans: Sequence[_Span]) -> list[_Span]:
    """Leftmost longest spans that do not overlap; spans of the same place are one."""
    joined: dict[tuple[int, int], _Span] = {}
    for span in spans:
        at = (span.start, span.end)
        known = joined.get(at)
        joined[at] = span if known is None else _joined_spans(known, span)
    kept: list[_Span] = []
    for (start, end), span in sorted(joined.items(), key=lambda item: (item[0][0] - item[0][1], item[0][0])):
        if not any(one.start < end and start < one.end for one in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _joined_spans(one: _Span, other: _Span) -> _Span:
    numbers = np.union1d(one.numbers, other.numbers)
    return _Span(one.start, one.end, numbers, np.setdiff1d(np.union1d(one.heads, other.heads), numbers))


def _groups(plain: str, spans: Sequence[_Span]) -> list[list[_Span]]:
    """Pieces that some node has in common and that stand together: with at most 的 or a mark between them, or with a
    hole (a misspelt part) when the pieces leave few nodes to mean."""
    groups: list[list[_Span]] = []
    shared = np.zeros(0, dtype=np.int32)
    for span in spans:
        between = plain[groups[-1][-1].end : span.start] if groups else ""
        if groups and (set(between) <= _GAP or len(between) <= _HOLE):
            common = shared[among(shared, span.numbers)]
            if len(common) and (set(between) <= _GAP or len(common) <= _FEW):
                shared = common
                groups[-1].append(span)
                continue
        shared = span.numbers
        groups.append([span])
    return groups


def _cuts_a_word(plain: str, start: int, end: int) -> bool:
    """Whether a match begins or ends inside a run of letters or of digits."""
    return _joined(plain, start) or _joined(plain, end)


def _joined(plain: str, place: int) -> bool:
    if not 0 < place < len(plain):
        return False
    left, right = plain[place - 1], plain[place]
    return (left.isascii() and left.isalpha() and right.isascii() and right.isalpha()) or (
        left.isdigit() and right.isdigit()
    )
