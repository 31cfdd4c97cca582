"""Every name, alias and piece of a name as one Aho-Corasick automaton with postings."""

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

Numbers = npt.NDArray[np.int32]

_PIECES = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:\.\d+)?")
_LETTERS_DIGITS = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_MARKS = re.compile(r"[\W_]+")
_HAN = "\u3400"
# A piece that more nodes share than this proposes none of them, it only speaks for those that rarer pieces propose.
COMMON = 2_000
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
    """Names and pieces of names as patterns; the postings of pattern p are `nodes[starts[p]:starts[p + 1]]`."""

    patterns: list[str]
    automaton: ahocorasick_rs.AhoCorasick
    wholes: int
    """The first so many patterns are whole names; a piece that is spelt like one is `twin[p]` of it."""
    twin: dict[int, int]
    starts: npt.NDArray[np.int64]
    nodes: Numbers
    lengths: dict[int, int]
    """How many characters the pieces of a name have, by node; only nodes that are found by pieces."""

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


class _Gather:
    def __init__(self, dull: frozenset[str]) -> None:
        self._dull = dull
        self._whole: dict[str, int] = {}
        self._piece: dict[str, int] = {}
        self._whole_of, self._whole_node = array("i"), array("i")
        self._piece_of, self._piece_node = array("i"), array("i")
        self._lengths: dict[int, int] = {}

    def read(self, named: Iterable[Named]) -> _Gather:
        for node in named:
            for spelling in spellings((node.name, *node.aliases)):
                if len(spelling) > 1 or node.single:
                    self._whole_of.append(self._whole.setdefault(spelling, len(self._whole)))
                    self._whole_node.append(node.number)
            if node.pieces:
                self._read_pieces(node)
        return self

    def _read_pieces(self, node: Named) -> None:
        runs = _PIECES.findall(fold(node.name))
        parts = pieces_of(runs)
        self._lengths[node.number] = sum(map(len, parts))
        for part in {*parts, *short_forms(runs, parts)}:
            if len(part) > 1 and part not in self._dull:
                self._piece_of.append(self._piece.setdefault(part, len(self._piece)))
                self._piece_node.append(node.number)

    def lexicon(self) -> Lexicon:
        whole_starts, whole_nodes = _postings(self._whole_of, self._whole_node, len(self._whole))
        starts, nodes = _postings(self._piece_of, self._piece_node, len(self._piece))
        wholes = len(self._whole)
        twin: dict[int, int] = {}
        patterns = list(self._whole)
        all_starts = [whole_starts]
        for place, piece in enumerate(self._piece):
            known = self._whole.get(piece)
            if known is not None:
                twin[known] = wholes + place
        patterns += self._piece
        all_starts.append(starts[1:] + whole_starts[-1])
        # Patterns that are spelt alike may stand twice: of the two the automaton reports the first, the whole name.
        longest = ahocorasick_rs.AhoCorasick(
            patterns or ["\0"], store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )
        return Lexicon(
            patterns, longest, wholes, twin, np.concatenate(all_starts), np.concatenate([whole_nodes, nodes]),
            self._lengths,
        )  # fmt: skip


def _postings(owners: array[int], numbers: array[int], count: int) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Group node numbers by pattern: starts, and nodes that rise within each pattern."""
    owner = np.frombuffer(owners, dtype=np.int32) if len(owners) else np.zeros(0, dtype=np.int32)
    number = np.frombuffer(numbers, dtype=np.int32) if len(numbers) else np.zeros(0, dtype=np.int32)
    order = np.lexsort((number, owner))
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.int64)
    return starts, number[order].copy()


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
