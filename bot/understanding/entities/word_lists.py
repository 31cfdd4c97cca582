"""Word lists of a pack, found in texts without spaces: the longest term wins, letters only as whole words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.understanding.entities.entity import Span
from bot.understanding.entities.folding import fold


class WordLists:
    """Terms by their first character, longest first; a term in several lists is found for each."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        owners: dict[str, list[str]] = {}
        for name, terms in lists.items():
            for term in terms:
                folded = fold(term.strip())
                if folded and name not in owners.setdefault(folded, []):
                    owners[folded].append(name)
        self._owners = owners
        self._lengths: dict[str, list[int]] = {}
        for term in owners:
            lengths = self._lengths.setdefault(term[0], [])
            if len(term) not in lengths:
                lengths.append(len(term))
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)

    def find(self, text: str) -> Iterator[Span]:
        """Yield terms of folded text from left to right; they do not overlap, except for one term in two lists."""
        place = 0
        while place < len(text):
            end = self._longest(text, place)
            if end is None:
                place += 1
                continue
            for name in self._owners[text[place:end]]:
                yield Span(place, end, name, text[place:end])
            place = end

    def marks(self, text: str) -> list[str]:
        """Return for each character the list that covers it, '' where none does."""
        marks = [""] * len(text)
        for span in self.find(text):
            for place in range(span.start, span.end):
                marks[place] = marks[place] or span.entity
        return marks

    def _longest(self, text: str, start: int) -> int | None:
        for length in self._lengths.get(text[start], ()):
            end = start + length
            if end <= len(text) and text[start:end] in self._owners and _is_whole(text, start, end):
                return end
        return None


def _is_whole(text: str, start: int, end: int) -> bool:
    """Letters and digits must not run on: ems is not in items."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    cut_left = _is_latin(text[start]) and _is_latin(before)
    cut_right = _is_latin(text[end - 1]) and _is_latin(after)
    return not (cut_left or cut_right)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
