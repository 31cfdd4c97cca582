"""A file taken apart into its sections, also when its YAML is broken somewhere.

A sound file is parsed in one go. When that fails, every item under `nlu:` and every answer under `responses:` is
parsed by itself: what is broken is reported at its place, the rest is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from intents.source import Source
from intents.yaml_tree import BrokenYamlError, Mapping, Scalar, Sequence, Tree, parse_yaml

_TOP_KEY = re.compile(r"""(['"]?)([a-z_0-9]+)\1:(?=\s|$)""")
_DASH = re.compile(r"-(?=\s|$)")
_ITEM = re.compile(r"-\s+(?:intent|synonym|regex|lookup|metadata|examples)\b")
_KEY = re.compile(r"[^\s#\-][^#]*?:(?=\s|$)")
_ANSWER = re.compile(r"utter_[^#]*?:(?=\s|$)")
# In a broken file only these open a section: any other key at the start of a line has slipped there.
_SECTIONS = {
    *("version", "nlu", "responses", "stories", "rules", "intents", "entities", "slots", "actions", "forms"),
    *("e2e_actions", "session_config", "language", "pipeline", "policies", "recipe", "assistant_id"),
}
MAX_REPAIRS = 40  # parses of one item before it is given up


@dataclass(slots=True)
class Document:
    """The sections of a file: `items` under nlu, `answers` under responses, `others` the keys nobody here reads.

    `known` says that there is an nlu or responses section, `sound` that the file is YAML throughout.
    """

    version: Scalar | Sequence | Mapping | None = None
    items: list[Tree] = field(default_factory=list)
    answers: list[tuple[Scalar, Tree]] = field(default_factory=list)
    others: list[Scalar] = field(default_factory=list)
    known: bool = False
    sound: bool = True


def read_document(source: Source) -> Document:
    """Take a file apart; problems go to the source."""
    document = Document()
    found = len(source.problems)
    try:
        tree = parse_yaml(source)
    except BrokenYamlError as error:
        # What the first try reported, the second one finds again.
        del source.problems[found:]
        document.sound = False
        _Salvage(source, document).run(error)
        return document
    if isinstance(tree, Mapping):
        for key, value in tree.pairs:
            _take(source, document, key, value)
    elif tree is not None:
        source.report("root_no_mapping", tree.line, tree.column)
    return document


def _take(source: Source, document: Document, key: Scalar, value: Tree) -> None:
    empty = isinstance(value, Scalar) and value.kind == "null"
    if key.text == "nlu" and key.kind == "str":
        document.known = True
        if isinstance(value, Sequence):
            document.items += value.items
        elif not empty:
            source.report("nlu_no_list", value.line, value.column)
    elif key.text == "responses" and key.kind == "str":
        document.known = True
        if isinstance(value, Mapping):
            document.answers += value.pairs
        else:
            source.report("responses_no_mapping", value.line, value.column)
    elif key.text == "version" and key.kind == "str":
        document.version = value
    else:
        document.others.append(key)


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    first: int
    last: int


class _Salvage:
    """Reads a broken file piece by piece; lines count from 1."""

    def __init__(self, source: Source, document: Document) -> None:
        self._source = source
        self._document = document

    def run(self, error: BrokenYamlError) -> None:
        before = len(self._source.problems)
        documents = 0
        for number, line in enumerate(self._source.lines, 1):
            if (line.startswith("---") and line[3:].strip() in ("", "...")) or line == "...":
                documents += line.startswith("---")
                self._source.drop_line(number)
        for section in self._sections():
            self._read_section(section)
        if len(self._source.problems) == before or error.code == "yaml_documents":
            self._source.report(error.code, error.line, error.column, words=error.words, count="0")

    def _sections(self) -> list[_Section]:
        starts = [
            (number, match[2])
            for number, line in enumerate(self._source.lines, 1)
            if (match := _TOP_KEY.match(line)) and match[2] in _SECTIONS
        ]
        if not starts or any(
            line.strip() and not line.lstrip().startswith("#") for line in self._source.lines[: starts[0][0] - 1]
        ):
            starts.insert(0, (1, ""))
        ends = [number - 1 for number, _ in starts[1:]] + [len(self._source.lines)]
        return [_Section(key, first, last) for (first, key), last in zip(starts, ends, strict=True) if first <= last]

    def _read_section(self, section: _Section) -> None:
        cuts = {"nlu": (_ITEM, _DASH), "responses": (_ANSWER, _KEY)}.get(section.key)
        pieces = self._pieces(section, *cuts) if cuts is not None else []
        if not pieces:
            tree = self._parse(section.first, section.last)
            if isinstance(tree, Mapping):
                for key, value in tree.pairs:
                    _take(self._source, self._document, key, value)
            elif tree is not None:
                self._source.report("root_no_mapping", tree.line, tree.column)
            return
        self._document.known = True
        for first, last in pieces:
            tree = self._parse(first, last)
            if isinstance(tree, Sequence):
                self._document.items += tree.items
            elif isinstance(tree, Mapping) and section.key == "responses":
                self._document.answers += tree.pairs
            elif tree is not None:
                self._source.report("yaml_indent", tree.line, tree.column, words="", count="0")

    def _pieces(self, section: _Section, typical: re.Pattern[str], cut: re.Pattern[str]) -> list[tuple[int, int]]:
        """Return the line ranges of a section's entries: a line at the indent of a typical one opens an entry."""
        inside = range(section.first + 1, section.last + 1)
        bare = {number: self._source.lines[number - 1].lstrip(" ") for number in inside}
        margin = {number: len(self._source.lines[number - 1]) - len(bare[number]) for number in inside}
        sign = next((number for number in inside if typical.match(bare[number])), None)
        sign = sign or next((number for number in inside if cut.match(bare[number])), None)
        if sign is None:
            return []
        starts = [number for number in inside if margin[number] == margin[sign] and cut.match(bare[number])]
        # What stands before the first entry is an entry with a broken head.
        if any(bare[number] and not bare[number].startswith("#") for number in range(section.first + 1, starts[0])):
            starts.insert(0, section.first + 1)
        return list(zip(starts, [start - 1 for start in starts[1:]] + [section.last], strict=True))

    def _parse(self, first: int, last: int) -> Tree | None:
        """Parse a piece; a line that breaks it is reported and left out, as often as that helps."""
        for _ in range(MAX_REPAIRS):
            found = len(self._source.problems)
            try:
                return parse_yaml(self._source, first, last)
            except BrokenYamlError as error:
                del self._source.problems[found:]
                if self._drop_comment(error.line, first, last):
                    continue
                run = self._bad_run(error.line, first, last)
                left_out = len(run) or sum(1 for line in self._source.lines[first - 1 : last] if line.strip())
                self._source.report(error.code, error.line, error.column, words=error.words, count=str(left_out))
                for line in run:
                    self._source.drop_line(line)
                if not run:
                    return None
        return None

    def _drop_comment(self, line: int, first: int, last: int) -> bool:
        """Leave out a comment that stands further left than the examples around it: it cut their block in two."""
        lines = self._source.lines
        above = next((n for n in range(min(line, last) - 1, first, -1) if lines[n - 1].strip()), first)
        comment, text = lines[above - 1], lines[line - 1] if line <= last else ""
        if above == first or not comment.lstrip().startswith("#") or not text.lstrip(" ").startswith("-"):
            return False
        if len(comment) - len(comment.lstrip()) >= len(text) - len(text.lstrip()):
            return False
        self._source.report("comment_in_examples", above)
        self._source.drop_line(above)
        return True

    def _bad_run(self, line: int, first: int, last: int) -> range:
        """Return the example lines from `line` on that share its margin and so its fault; empty for other lines."""
        lines = self._source.lines
        if not first < line <= last or not lines[line - 1].lstrip().startswith("-"):
            return range(0)
        margin = lines[line - 1].partition("-")[0]
        end = line
        while end <= last and lines[end - 1].startswith(margin + "-"):
            end += 1
        return range(line, end)
