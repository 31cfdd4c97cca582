"""Change an intent file in place: what is not touched stays byte for byte, comments and order included."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Values
from collections.abc import Sequence as Rows
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from intents.model import Example, Intent, IntentFile, Json
from intents.problems import has_errors
from intents.reader import read_text
from intents.source import Source, text_source
from intents.writer import HEAD, intent_lines
from intents.yaml_text import load_piece, name_text, quoted, round_trip, value_lines
from intents.yaml_tree import BrokenYamlError, Mapping, Scalar, Sequence, Tree, parse_yaml
from kefu.base.errors import KefuError


class EditError(KefuError):
    """The change cannot be made: no such intent or line, a broken file, or a text that would break it."""


@dataclass(frozen=True, slots=True)
class _Range:
    """Lines `first` to `last`, from 1, both included."""

    first: int
    last: int


class FileEditor:
    """One file being changed. Each change either holds (the file reads without errors) or raises EditError."""

    def __init__(self, text: str, name: str = "intents.yml") -> None:
        self._name = name
        self._bom = text.startswith("\ufeff")
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        if has_errors(self.content().problems):
            raise EditError(f"{name} has errors; correct them first")

    @property
    def text(self) -> str:
        """The file as it stands now, with its own line ends and BOM."""
        return ("\ufeff" if self._bom else "") + self._newline.join(self._lines)

    def content(self) -> IntentFile:
        """Return what the file says now."""
        return read_text("\n".join(self._lines), self._name)

    def add_examples(self, intent: str, sources: Rows[str]) -> None:
        """Add examples (with annotations) at the end of the last block of an intent."""

        def change() -> None:
            item = self._items("intent", intent)[-1]
            block = item.find("examples")
            rows = self._key_range(item, "examples") if block is not None else None
            if isinstance(block, Scalar) and block.style == "|" and rows is not None:
                new = [" " * self._block_margin(block, item) + f"- {source}".rstrip(" ") for source in sources]
            elif isinstance(block, Sequence) and block.items and rows is not None:
                margin = self._lines[block.items[0].line - 1].index("-")
                new = [" " * margin + f"- text: {quoted(source)}" for source in sources]
            else:
                raise EditError(f"the examples of {intent!r} are not a block of lines")
            self._lines[rows.last : rows.last] = new

        self._keep(change, [intent, *sources])

    def remove_example(self, line: int) -> None:
        """Remove the example of a block that stands in a line (from 1)."""
        self._keep(lambda: self._lines.__delitem__(self._example_line(line)), [])

    def replace_example(self, line: int, source: str) -> None:
        """Write another example (with annotations) in place of the one in a line (from 1)."""

        def change() -> None:
            index = self._example_line(line)
            margin = self._lines[index].partition("-")[0]
            self._lines[index] = margin + f"- {source}".rstrip(" ")

        self._keep(change, [source])

    def add_intent(self, intent: Intent) -> None:
        """Add an intent as the last item under `nlu:`."""

        def change() -> None:
            root = self._root()
            items = root.find("nlu") if root is not None else None
            if isinstance(items, Sequence) and items.items:
                rows = self._key_range(root, "nlu") if root is not None else _Range(0, 0)
                margin = self._lines[items.items[0].line - 1].index("-")
                new = ["", *(" " * margin + line if line else "" for line in intent_lines(intent))]
                self._lines[rows.last : rows.last] = new
            elif items is None:
                head = [HEAD] if root is None else []
                at = len(self._lines) - (self._lines[-1] == "")
                self._lines[at:at] = [*head, *([""] if at else []), "nlu:", *intent_lines(intent)]
            else:
                raise EditError("nlu: is empty or not written as a list of items")

        self._keep(change, [intent.name, *(example.source or example.text for example in intent.examples)])

    def remove_intent(self, name: str) -> None:
        """Remove all blocks of an intent; the comment right above a block goes with it."""

        def change() -> None:
            for item in reversed(self._items("intent", name)):
                rows = self._item_range(item)
                first = rows.first
                while first > 1 and self._lines[first - 2].lstrip().startswith("#"):
                    first -= 1
                last = rows.last + (rows.last < len(self._lines) - 1 and not self._lines[rows.last].strip())
                del self._lines[first - 1 : last]

        self._keep(change, [])

    def rename_intent(self, old: str, new: str) -> None:
        """Give an intent another name, in this file only; its answer `utter_<old>` is renamed with it."""

        def change() -> None:
            for item in self._items("intent", old):
                self._replace_scalar(item.find("intent"), new)
            root = self._root()
            answers = root.find("responses") if root is not None else None
            key = answers.find_key(f"utter_{old}") if isinstance(answers, Mapping) else None
            if key is not None:
                self._replace_scalar(key, f"utter_{new}")

        self._keep(change, [new])

    def set_metadata(self, intent: str, values: Values[str, Json]) -> None:
        """Set keys of an intent's metadata; None removes a key. Comments and the other keys stay."""

        def change() -> None:
            item = self._items("intent", intent)[0]
            margin = item.column - 1
            if item.find("metadata") is None:
                kept: dict[str, Json] = {key: value for key, value in values.items() if value is not None}
                at = self._key_range(item, "intent").last
                self._lines[at:at] = value_lines({"metadata": kept}, margin) if kept else []
                return
            rows = self._key_range(item, "metadata")
            piece = load_piece(self._lines[rows.first - 1 : rows.last])
            metadata = piece["metadata"]
            if metadata is None:
                metadata = piece["metadata"] = CommentedMap()
            if not isinstance(metadata, CommentedMap):
                raise EditError(f"the metadata of {intent!r} is not written as keys and values")
            for key, value in values.items():
                if value is None:
                    metadata.pop(key, None)
                else:
                    metadata[key] = round_trip(value)
            self._lines[rows.first - 1 : rows.last] = value_lines(piece, margin) if metadata else []

        self._keep(change, [])

    def set_response(self, name: str, variants: Rows[Json]) -> None:
        """Set the wordings of an answer (entries as under `responses:`); none at all removes the answer."""

        def change() -> None:
            root = self._root()
            answers = root.find("responses") if root is not None else None
            if isinstance(answers, Mapping) and answers.find(name) is not None:
                rows = self._key_range(answers, name)
                self._lines[rows.first - 1 : rows.last] = self._changed(rows, name, variants, answers.column - 1)
            elif variants:
                margin = answers.column - 1 if isinstance(answers, Mapping) else 2
                new = value_lines({name: list(variants)}, margin)
                at = len(self._lines) - (self._lines[-1] == "")
                if root is not None and answers is not None:
                    at = self._key_range(root, "responses").last
                else:
                    new = ["", "responses:", *new]
                self._lines[at:at] = new

        self._keep(change, [])

    def _changed(self, rows: _Range, name: str, variants: Rows[Json], margin: int) -> list[str]:
        if not variants:
            return []
        piece = load_piece(self._lines[rows.first - 1 : rows.last])
        old = piece[name]
        if not isinstance(old, CommentedSeq):
            raise EditError(f"the answer {name!r} is not written as a list")
        # Entries that stay the same keep their comments.
        for index, variant in enumerate(variants):
            if index >= len(old):
                old.append(round_trip(variant))
            elif old[index] != variant:
                old[index] = round_trip(variant)
        del old[len(variants) :]
        return value_lines(piece, margin)

    def _keep(self, change: Callable[[], None], texts: Rows[str]) -> None:
        """Make a change and look at the result; put everything back when it does not read well."""
        if any("\n" in text or "\r" in text for text in texts):
            raise EditError("a name or example must be one line")
        before = list(self._lines)
        try:
            change()
            broken = [one for one in self.content().problems if one.severity == "error"]
        except (BrokenYamlError, ValueError, IndexError) as error:
            self._lines = before
            raise EditError(str(error)) from error
        except EditError:
            self._lines = before
            raise
        if broken:
            self._lines = before
            raise EditError(f"{broken[0].place}: {broken[0].text('en')}")

    def _source(self) -> Source:
        return text_source("\n".join(self._lines), self._name)

    def _root(self) -> Mapping | None:
        tree = parse_yaml(self._source())
        return tree if isinstance(tree, Mapping) else None

    def _items(self, kind: str, name: str) -> list[Mapping]:
        root = self._root()
        nlu = root.find("nlu") if root is not None else None
        found = [
            item
            for item in (nlu.items if isinstance(nlu, Sequence) else ())
            if isinstance(item, Mapping) and isinstance(one := item.find(kind), Scalar) and one.text.strip() == name
        ]
        if not found:
            raise EditError(f"no {kind} {name!r} in {self._name}")
        return found

    def _example_line(self, line: int) -> int:
        """Return the index of a line that holds an example of a block."""
        examples: list[Example] = [one for intent in self.content().intents for one in intent.examples]
        text = self._lines[line - 1].lstrip() if 0 < line <= len(self._lines) else ""
        if not text.startswith("-") or text.startswith("- text:") or all(one.place.line != line for one in examples):
            raise EditError(f"no example of a block in line {line}")
        return line - 1

    def _block_margin(self, block: Scalar, item: Mapping) -> int:
        for line in self._lines[block.line :]:
            if line.strip():
                margin = len(line) - len(line.lstrip(" "))
                return margin if margin > item.column - 1 else item.column + 1
        return item.column + 1

    def _item_range(self, item: Mapping) -> _Range:
        last = max(self._key_range(item, key.text).last for key, _ in item.pairs)
        return _Range(item.line, last)

    def _key_range(self, parent: Mapping, name: str) -> _Range:
        """Return the lines of a key with its value: up to the first line that stands no deeper than the key."""
        key = parent.find_key(name)
        if key is None or self._lines[key.line - 1][: key.column - 1].strip(" -"):
            raise EditError(f"{name!r} does not stand on a line of its own")
        last = end = key.line
        for number in range(key.line + 1, len(self._lines) + 1):
            line = self._lines[number - 1]
            margin = len(line) - len(line.lstrip(" "))
            bare = line.strip()
            # A list may stand as far left as its key.
            outside = margin < key.column - 1 or (margin == key.column - 1 and not bare.startswith("-"))
            if bare and outside and not bare.startswith("#"):
                break
            if bare and outside:
                continue
            end = number if bare else end
            last = end
        return _Range(key.line, last)

    def _replace_scalar(self, scalar: Tree | None, text: str) -> None:
        if not isinstance(scalar, Scalar) or scalar.style in ("|", ">"):
            raise EditError("the name is not written on one line")
        index, column = scalar.line - 1, scalar.column - 1
        line = self._lines[index]
        written = scalar.text
        if scalar.style:
            closing = line.index(scalar.style, column + 1)
            written = line[column : closing + 1]
        if not line.startswith(written, column):
            raise EditError("the name is not written on one line")
        self._lines[index] = line[:column] + name_text(text) + line[column + len(written) :]
