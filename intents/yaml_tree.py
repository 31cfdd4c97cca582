"""YAML as a small tree with positions, on top of ruamel.yaml's composer (YAML 1.2, as Rasa sets it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from intents.model import Json
from intents.source import Source
from kefu.base.errors import KefuError

MAX_DEPTH = 40
MAX_WEIGHT = 1_000_000  # leaves, long texts more than once, after every alias is followed
_HEADER = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")
_VARIABLE = re.compile(r"\$\{[^}]*\}")  # Rasa puts an environment variable here, or rejects the file
_CORE = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf. `kind` is str, int, float, bool, null or timestamp; `style` is `|`, `>`, a quote, or empty."""

    kind: str
    text: str
    style: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in their order; of a key that stands twice the first one counts."""

    pairs: tuple[tuple[Scalar, Tree], ...]
    line: int
    column: int

    def find(self, key: str) -> Tree | None:
        """Return the value of a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def find_key(self, key: str) -> Scalar | None:
        """Return the key itself with its place, or None."""
        return next((name for name, _ in self.pairs if name.text == key), None)


Tree: TypeAlias = Scalar | Sequence | Mapping


class BrokenYamlError(KefuError):
    """The text is no YAML; code and place as for a Problem."""

    def __init__(self, code: str, line: int, column: int, words: str) -> None:
        super().__init__(words)
        self.code, self.line, self.column, self.words = code, line, column, words


def parse_yaml(source: Source, first: int = 1, last: int | None = None) -> Tree | None:
    """Parse lines `first` to `last` (from 1, both included); None when they are empty; raise BrokenYamlError."""
    text = "\n".join(source.lines[first - 1 : last])
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yaml.max_depth = MAX_DEPTH + 1  # seen while it is read: a file that opens thousands of brackets costs no seconds
    yaml.composer.warn_double_anchors = False
    try:
        node = yaml.compose(text)
        return None if node is None else _Builder(source, first).build(node, 0)
    except MarkedYAMLError as error:
        raise _broken(error, first) from error
    except RecursionError as error:
        raise BrokenYamlError("yaml_deep", first, 1, "") from error
    except (YAMLError, ValueError) as error:
        # ValueError: a number such as `0b` that the resolver takes for an integer.
        raise BrokenYamlError("yaml_broken", first, 1, str(error)) from error


_REASONS = (
    ("maximum depth", "yaml_deep"),
    ("'\\t'", "yaml_tab"),
    ("undefined alias", "yaml_alias"),
    ("mapping values are not allowed", "yaml_colon"),
    ("could not find expected ':'", "yaml_colon_missing"),
    ("sequence entries are not allowed", "yaml_dash_here"),
    ("end of stream", "yaml_quote"),
    ("single document", "yaml_documents"),
    ("block end", "yaml_indent"),
    ("but found", "yaml_indent"),
)


def _broken(error: MarkedYAMLError, first: int) -> BrokenYamlError:
    words = " ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    code = next((code for sign, code in _REASONS if sign in words), "yaml_broken")
    # A quote that never closes is found at the end of the file; what helps is where it opened.
    if code == "yaml_quote" and error.context_mark is not None:
        mark = error.context_mark
    if mark is None:
        return BrokenYamlError(code, first, 1, words)
    return BrokenYamlError(code, first + mark.line, mark.column + 1, words)


class _Builder:
    """Turns ruamel's nodes into our tree; aliases become the same tree object."""

    def __init__(self, source: Source, first: int) -> None:
        self._source = source
        self._first = first
        self._done: dict[int, Tree] = {}
        self._weights: dict[int, int] = {}
        self._open: set[int] = set()

    def build(self, node: Node, depth: int) -> Tree:
        line, column = self._first + node.start_mark.line, node.start_mark.column + 1
        if depth > MAX_DEPTH or id(node) in self._open:
            raise BrokenYamlError("yaml_deep", line, column, "")
        if id(node) not in self._done:
            self._open.add(id(node))
            self._done[id(node)] = self._new(node, depth, line, column)
            self._open.discard(id(node))
            self._weights[id(node)] = 1 + self._weigh(node)
            # A few lines of aliases of aliases can stand for billions of leaves.
            if self._weights[id(node)] > MAX_WEIGHT:
                raise BrokenYamlError("yaml_deep", line, column, "")
        return self._done[id(node)]

    def _weigh(self, node: Node) -> int:
        if isinstance(node, SequenceNode):
            return sum(self._weights.get(id(one), 0) for one in node.value)
        if isinstance(node, MappingNode):
            return sum(self._weights.get(id(one), 0) for pair in node.value for one in pair)
        return len(node.value) // 50

    def _new(self, node: Node, depth: int, line: int, column: int) -> Tree:
        tag = str(node.tag)
        if isinstance(node, SequenceNode) and tag == _CORE + "seq":
            return Sequence(tuple(self.build(one, depth + 1) for one in node.value), line, column)
        if isinstance(node, MappingNode) and tag == _CORE + "map":
            return Mapping(tuple(self._pairs(node, depth, set())), line, column)
        kind = tag.removeprefix(_CORE)
        if isinstance(node, ScalarNode) and kind in ("str", "int", "float", "bool", "null", "timestamp"):
            if node.style in ("|", ">"):
                line = self._header(line)
            if not node.style and _VARIABLE.search(node.value):
                self._source.report("environment_variable", line, column, text=node.value)
            return Scalar(kind, node.value, node.style or "", line, column)
        self._source.report("yaml_tag", line, column, tag=tag.removeprefix(_CORE))
        return Scalar("tag", node.value if isinstance(node, ScalarNode) else "", "", line, column)

    def _header(self, line: int) -> int:
        """Return the line of a block's `|`: an anchor or a tag may stand on a line of its own before it."""
        for number in range(line, min(line + 4, len(self._source.lines))):
            if _HEADER.search(self._source.lines[number - 1]):
                return number
        return line

    def _pairs(self, node: MappingNode, depth: int, seen: set[str]) -> Iterator[tuple[Scalar, Tree]]:
        merged: list[Node] = []
        for key_node, value_node in node.value:
            if str(key_node.tag) == _CORE + "merge":
                # A scalar cannot be merged in: it is refused below, where it stands.
                merged += value_node.value if isinstance(value_node, SequenceNode) else [value_node]
                continue
            key = self.build(key_node, depth + 1)
            if not isinstance(key, Scalar):
                self._source.report("yaml_key", key.line, key.column)
                continue
            if key.text in seen:
                self._source.report("yaml_key_twice", key.line, key.column, key=key.text)
                # At the top a second `nlu:` still holds the trainer's work.
                if depth > 0:
                    continue
            seen.add(key.text)
            yield key, self.build(value_node, depth + 1)
        for other in merged:
            if depth > MAX_DEPTH or not isinstance(other, MappingNode):
                raise BrokenYamlError("yaml_broken", self._first + other.start_mark.line, 1, "<<")
            for pair in _Builder(Source(self._source.file, ""), self._first)._pairs(other, depth + 1, set()):
                # What stands in the mapping itself wins over what is merged in.
                if pair[0].text not in seen:
                    seen.add(pair[0].text)
                    yield pair


def plain_value(tree: Tree) -> Json:
    """Return a tree as plain values; dates stay as written, so that everything fits JSON."""
    if isinstance(tree, Sequence):
        return [plain_value(one) for one in tree.items]
    if isinstance(tree, Mapping):
        return {key.text: plain_value(value) for key, value in tree.pairs}
    return _scalar_value(tree)


def _scalar_value(leaf: Scalar) -> Json:
    text = leaf.text.replace("_", "").lower()
    if leaf.kind == "null":
        return None
    if leaf.kind == "bool":
        return text == "true"
    try:
        if leaf.kind == "int":
            sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
            base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
            return sign * int(digits[2:] if base != 10 else digits, base)
        if leaf.kind == "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        # Thousands of digits: a text to everybody but the resolver.
        return leaf.text
    return leaf.text
