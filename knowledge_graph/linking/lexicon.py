"""Every name, alias, piece of a name and name in initials as one Aho-Corasick automaton with postings."""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import rjieba

from knowledge_graph.fold import fold
from knowledge_graph.linking.heads import heads_of, is_head
from knowledge_graph.linking.initials import initials_of

Numbers = npt.NDArray[np.int32]

_PIECES = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:\.\d+)?")
_LETTERS_DIGITS = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_MARKS = re.compile(r"[\W_]+")
_HAN = "\u3400"
# A piece that more nodes share than this proposes none of them, it only speaks for those that rarer pieces propose.
COMMON = 2_000
# Initials that more nodes share than a customer can be asked about mean none of them.
_MOST_BY_INITIALS = 3
_PAIR = 4


@dataclass(frozen=True, slots=True)
class Named:
    """A node for the lexicon: its number, name, and further names; `pieces` says whether parts of it count."""

    number: int
    name: str
    aliases: tuple[str, ...]
    pieces: bool
    single: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names, pieces of names and initials as patterns; those of pattern p are `nodes[starts[p]:starts[p + 1]]`."""

    patterns: list[str]
    automaton: ahocorasick_rs.AhoCorasick
    wholes: int
    """The first so many patterns are whole names; a piece that is spelt like one is `twin[p]` of it."""
    twin: dict[int, int]
    starts: npt.NDArray[np.int64]
    nodes: Numbers
    lengths: dict[int, int]
    """How many characters the pieces of a name have, by node; only nodes that are found by pieces."""
    initials: int
    """From this pattern on they are names in pinyin initials."""
    heads: dict[int, Numbers]
    """By the pattern of an alias: nodes that do not have it, but other names that it is the head of."""

    @classmethod
    def of(cls, named: Iterable[Named], *, dull: frozenset[str] = frozenset()) -> Lexicon:
        """Build from the nodes that are looked for; `dull` words are pieces of no name."""
        with _collector_off():
            return _Gather(dull).read(named).lexicon()

    def postings(self, pattern: int) -> Numbers:
        """The nodes of a pattern."""
        return self.nodes[self.starts[pattern] : self.starts[pattern + 1]]

    def whole_names(self) -> Sequence[str]:
        """The whole names, in the order of their patterns."""
        return self.patterns[: self.wholes]


class _Patterns:
    """Spellings with the nodes that have them, as they are gathered."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self._owners, self._nodes = array("i"), array("i")

    def put(self, spelling: str, node: int) -> int:
        pattern = self.number.setdefault(spelling, len(self.number))
        self._owners.append(pattern)
        self._nodes.append(node)
        return pattern

    def postings(self) -> tuple[npt.NDArray[np.int64], Numbers]:
        """Where each pattern's nodes begin, and the nodes, which rise within each pattern."""
        owner = np.frombuffer(self._owners, dtype=np.int32) if self._owners else np.zeros(0, dtype=np.int32)
        node = np.frombuffer(self._nodes, dtype=np.int32) if self._nodes else np.zeros(0, dtype=np.int32)
        order = np.lexsort((node, owner))
        starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(self.number)))]).astype(np.int64)
        return starts, node[order].copy()


class _Gather:
    def __init__(self, dull: frozenset[str]) -> None:
        self._dull = dull
        self._whole, self._piece, self._initials = _Patterns(), _Patterns(), _Patterns()
        self._lengths: dict[int, int] = {}
        self._proper: set[int] = set()
        self._aliases: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def read(self, named: Iterable[Named]) -> _Gather:
        for node in named:
            own = spellings((node.name,))
            also = {alias: None for alias in spellings(node.aliases) if alias not in own}
            for spelling in (*own, *also):
                if len(spelling) > 1 or node.single:
                    pattern = self._whole.put(spelling, node.number)
                    if not node.pieces:
                        continue
                    if spelling in own:
                        self._proper.add(pattern)
                    elif is_head(spelling):
                        self._aliases[spelling] = pattern
            if node.pieces:
                self._names[node.number] = next(iter(own), "")
                self._read_pieces(node)
                for letters in initials_of((*own, *also)):
                    self._initials.put(letters, node.number)
        return self

    def _read_pieces(self, node: Named) -> None:
        runs = _PIECES.findall(fold(node.name))
        parts = pieces_of(runs)
        self._lengths[node.number] = sum(map(len, parts))
        for part in {*parts, *short_forms(runs, parts)}:
            if len(part) > 1 and part not in self._dull:
                self._piece.put(part, node.number)

    def lexicon(self) -> Lexicon:
        groups = [self._whole.postings(), self._piece.postings(), self._told_by_initials()]
        wholes = len(self._whole.number)
        twin = {
            known: wholes + place
            for place, piece in enumerate(self._piece.number)
            if (known := self._whole.number.get(piece)) is not None
        }
        patterns = [*self._whole.number, *self._piece.number]
        initials = len(patterns)
        patterns += self._initials.number
        starts, nodes = groups[0]
        for more_starts, more_nodes in groups[1:]:
            starts, nodes = np.concatenate([starts, more_starts[1:] + starts[-1]]), np.concatenate([nodes, more_nodes])
        # Patterns that are spelt alike may stand twice: of these the automaton reports the first, the whole name.
        longest = ahocorasick_rs.AhoCorasick(
            patterns or ["\0"], store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )
        return Lexicon(patterns, longest, wholes, twin, starts, nodes, self._lengths, initials, self._heads(*groups[0]))

    def _told_by_initials(self) -> tuple[npt.NDArray[np.int64], Numbers]:
        """The postings of initials, without those that too many nodes share."""
        starts, nodes = self._initials.postings()
        counts = np.diff(starts)
        few = counts <= _MOST_BY_INITIALS
        kept = [letters for letters, keep in zip(self._initials.number, few.tolist(), strict=True) if keep]
        self._initials.number = {letters: place for place, letters in enumerate(kept)}
        return np.concatenate([[0], np.cumsum(counts[few])]).astype(np.int64), nodes[np.repeat(few, counts)]

    def _heads(self, starts: npt.NDArray[np.int64], nodes: Numbers) -> dict[int, Numbers]:
        """Of an alias that is no product's whole name, the nodes of the names that it is the head of.

        It must stand in their own name: that 玫瑰红茶 is also called 玫瑰滇红 makes it no 滇红.
        """
        found: dict[int, Numbers] = {}
        aliases = {alias: pattern for alias, pattern in self._aliases.items() if pattern not in self._proper}
        words = list(self._whole.number) if aliases else []
        for alias, names in heads_of(self._whole.number, aliases).items():
            others = {number for name in names for number in nodes[starts[name] : starts[name + 1]].tolist()}
            others -= set(nodes[starts[alias] : starts[alias + 1]].tolist())
            kept = sorted(number for number in others if words[alias] in self._names.get(number, ""))
            if kept:
                found[alias] = np.array(kept, dtype=np.int32)
        return found


def among(wanted: Numbers, numbers: Numbers) -> npt.NDArray[np.bool_]:
    """Which of the wanted nodes are in a rising list of nodes."""
    if not len(numbers):
        return np.zeros(len(wanted), dtype=bool)
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.asarray(numbers[places] == wanted)


def spellings(names: Iterable[str]) -> dict[str, None]:
    """Each name folded, and once more without marks between its parts."""
    found: dict[str, None] = {}
    for name in names:
        plain = fold(name).strip()
        for spelling in (plain, _MARKS.sub("", plain)):
            if spelling:
                found[spelling] = None
    return found


def pieces_of(runs: Sequence[str]) -> tuple[str, ...]:
    """The words, and the letters with digits, that the runs of a folded name are made of, each once."""
    found: list[str] = []
    for run in runs:
        if run[0] >= _HAN:
            found.extend(rjieba.cut(run))
        else:
            found.append(run)
    return tuple(dict.fromkeys(found))


def short_forms(runs: Sequence[str], parts: Sequence[str]) -> list[str]:
    """What is said for short: neighbours of which one is a single character, a name's end, letters without digits."""
    found: list[str] = []
    for left, right in zip(parts, parts[1:], strict=False):  # noqa: RUF007 - a list is twice as fast as pairwise here
        if (len(left) == 1 or len(right) == 1) and len(left) + len(right) <= _PAIR:
            found.append(left + right)
    for run in runs:
        if run[0] >= _HAN:
            if len(run) > 2:
                found.append(run[-2:])
            if len(run) > 3:
                found.append(run[-3:])
        elif not run.isalpha():
            found.extend(_LETTERS_DIGITS.findall(run))
    return found


@contextmanager
def _collector_off() -> Iterator[None]:
    """Hold the garbage collector while millions of small objects are made, none of them in a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
