"""The `examples` of an item: a block of `-` lines, or for intents a list of `{text, metadata}`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intents.annotations import parse_annotations
from intents.model import Example, Json, Place
from intents.source import MAX_EXAMPLE_CHARS, Source
from intents.yaml_tree import Mapping, Scalar, Sequence, Tree, plain_value

_STRIP = "\n\r "


@dataclass(frozen=True, slots=True)
class Line:
    """One `-` line without its dash, and where its text starts."""

    text: str
    line: int
    column: int


def read_block(source: Source, block: Scalar) -> Iterator[Line]:
    """Yield the `-` lines of a block; whatever else stands there is reported and skipped."""
    if block.style == ">":
        source.report("examples_folded", block.line, block.column)
    literal = block.style == "|"
    blank: tuple[int, int] | None = None
    blanks = 0
    for index, text in enumerate(block.text.splitlines()):
        line, column = (block.line + 1 + index, 1) if literal else (block.line, block.column)
        if line in source.dropped:
            continue
        if literal:
            column = _margin(source.lines[line - 1]) + 1
        if text.startswith("-"):
            bare = text[1:].strip(_STRIP)
            offset = len(text) - len(text[1:].lstrip(_STRIP)) if literal and bare else 0
            yield from _checked(source, bare, line, column + offset)
        elif not text.strip():
            blank, blanks = blank or (line, 1), blanks + 1
        else:
            source.report(_skipped(text), line, column)
    if blank is not None:
        source.report("blank_line", *blank, count=str(blanks))


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _skipped(text: str) -> str:
    if text.startswith("#"):
        return "comment_line"
    return "dash_deeper" if text.lstrip().startswith("-") else "dash_missing"


def _checked(source: Source, text: str, line: int, column: int) -> Iterator[Line]:
    if len(text) > MAX_EXAMPLE_CHARS:
        source.report("example_too_long", line, column, size=str(len(text)), limit=str(MAX_EXAMPLE_CHARS))
        return
    if not text:
        source.report("empty_example", line, column)
    elif text != text.strip():
        source.report("space_kept", line, column)
    yield Line(text, line, column)


def read_examples(source: Source, tree: Tree | None, intent: str, at: Scalar) -> tuple[Example, ...]:
    """Return the examples of an intent; `at` is where a missing block is reported."""
    examples: list[Example] = []
    if isinstance(tree, Sequence):
        for entry in tree.items:
            examples += _read_entry(source, entry)
    elif isinstance(tree, Scalar) and tree.kind == "str":
        for line in read_block(source, tree):
            examples += _make(source, line, None)
    elif isinstance(tree, Mapping) or (tree is not None and tree.kind != "null"):
        source.report("examples_shape", tree.line, tree.column, name=intent)
        return ()
    told = source.was_cut(tree.line) if isinstance(tree, Scalar) else isinstance(tree, Sequence) and bool(tree.items)
    if not examples and not told:
        source.report("examples_empty", at.line, at.column, name=intent)
    return tuple(examples)


def _read_entry(source: Source, entry: Tree) -> Iterator[Example]:
    """Read one `{text, metadata}`; an empty mapping is nothing, a missing text an empty example, as in Rasa."""
    if not isinstance(entry, Mapping):
        source.report("example_bare", entry.line, entry.column)
        return
    for key, _ in entry.pairs:
        if key.text not in ("text", "metadata"):
            source.report("unknown_key", key.line, key.column, key=key.text, cure_key="text, metadata")
    if not entry.pairs:
        source.report("empty_item", entry.line, entry.column)
        return
    text = entry.find("text")
    metadata = entry.find("metadata")
    if text is None:
        source.report("empty_example", entry.line, entry.column)
        yield Example("", metadata=_value(metadata), place=Place(source.file, entry.line, entry.column))
        return
    if not isinstance(text, Scalar) or text.kind != "str":
        source.report("example_no_text", text.line, text.column)
        return
    # The text of a block starts on the line after its `|`.
    block = text.style in ("|", ">") and text.line < len(source.lines)
    line, column = (text.line + 1, _margin(source.lines[text.line]) + 1) if block else (text.line, text.column)
    for checked in _checked(source, text.text.strip(_STRIP), line, column):
        yield from _make(source, checked, _value(metadata))


def _value(tree: Tree | None) -> Json:
    return None if tree is None else plain_value(tree)


def _make(source: Source, line: Line, metadata: Json) -> Iterator[Example]:
    parsed = parse_annotations(line.text)
    for fault in (*parsed.errors, *parsed.hints):
        before = line.text[: fault.start]
        # In a text of several lines the column counts in the line where the fault stands.
        row = before.count("\n")
        column = line.column + fault.start if row == 0 else len(before) - before.rfind("\n")
        source.report(fault.code, line.line + row, column, written=fault.written, reason=fault.reason)
    if not parsed.errors:
        yield Example(parsed.text, parsed.entities, metadata, line.text, Place(source.file, line.line, line.column))
