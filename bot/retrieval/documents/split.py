"""From blocks to passages: each under its headings, none too long to be quoted, nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.retrieval.documents.passage import SENTENCE, Block, Passage
from bot.understanding.normalise import normalise

_SHINGLE = 5


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """`most_chars`: the longest passage; `least_chars`: shorter ones join their neighbour under the same headings.

    `same_from`: the share of common runs of characters from which two passages say the same.
    """

    most_chars: int = 240
    least_chars: int = 60
    same_from: float = 0.9


def split(document: str, blocks: Iterable[Block], settings: SplitSettings | None = None) -> list[Passage]:
    """Return the passages of a document in their order; what stands there twice is kept once."""
    settings = settings or SplitSettings()
    return without_twins(_passages(document, blocks, settings), settings)


def without_twins(passages: Iterable[Passage], settings: SplitSettings | None = None) -> list[Passage]:
    """Return the passages without those that nearly repeat an earlier one."""
    settings = settings or SplitSettings()
    kept: list[Passage] = []
    seen: dict[str, list[frozenset[str]]] = {}
    for passage in passages:
        plain = normalise(passage.text)
        runs = frozenset(plain[start : start + _SHINGLE] for start in range(max(1, len(plain) - _SHINGLE + 1)))
        rivals = [other for run in list(runs)[:8] for other in seen.get(run, ())]
        if any(len(runs & other) >= settings.same_from * len(runs | other) for other in rivals):
            continue
        for run in runs:
            seen.setdefault(run, []).append(runs)
        kept.append(passage)
    return kept


def _passages(document: str, blocks: Iterable[Block], settings: SplitSettings) -> Iterator[Passage]:
    headings: list[tuple[int, str]] = []
    gathered: list[str] = []
    place = ""

    def told() -> Iterator[Passage]:
        if gathered:
            yield Passage(document, tuple(text for _, text in headings), "\n".join(gathered), place)
            gathered.clear()

    for block in blocks:
        if block.level:
            yield from told()
            while headings and headings[-1][0] >= block.level:
                headings.pop()
            headings.append((block.level, block.text))
            continue
        for piece in _pieces(block.text, settings.most_chars):
            length = sum(map(len, gathered))
            full = length + len(piece) > settings.most_chars
            if gathered and (full or length >= settings.least_chars):
                yield from told()
            if not gathered:
                place = block.place
            gathered.append(piece)
    yield from told()


def _pieces(text: str, most: int) -> Iterator[str]:
    """Whole sentences as long as they fit; a sentence that is longer by itself is cut."""
    part = ""
    for sentence in filter(None, (one.strip() for one in SENTENCE.split(text))):
        for start in range(0, len(sentence), most):
            cut = sentence[start : start + most]
            if part and len(part) + len(cut) > most:
                yield part
                part = ""
            part = f"{part}{cut}" if not part or part[-1] in "。！？；" else f"{part} {cut}"
    if part:
        yield part
