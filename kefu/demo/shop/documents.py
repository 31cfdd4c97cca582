"""YAML files of the shop: a tree with lines, and getters that say what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from intents.source import text_source
from intents.yaml_tree import BrokenYamlError, Mapping, Scalar, Sequence, Tree, parse_yaml
from kefu.base.clock import parse_time
from kefu.demo.shop.problems import Problems
from kefu.demo.shop.rows import read_text

Value = int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping of a file. A getter that finds nothing usable notes a problem and returns something harmless."""

    file: str
    tree: Mapping
    problems: Problems

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return self.tree.line

    def trouble(self, code: str, *, line: int | None = None, **data: object) -> None:
        """Note a problem of this entry."""
        self.problems.add(self.file, line or self.line, code, **data)

    def line_of(self, key: str) -> int:
        """Return where a key stands, the entry's own line when it is missing."""
        found = self.tree.find_key(key)
        return found.line if found is not None else self.line

    def text(self, key: str) -> str:
        """Return a text that must not be empty."""
        node = self._need(key)
        if isinstance(node, Scalar) and node.kind != "null" and node.text.strip():
            return node.text.strip()
        if node is not None:
            self._wrong(key, "text")
        return ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        node = self._need(key)
        if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
            return tuple(item.text.strip() for item in node.items if isinstance(item, Scalar))
        if node is not None:
            self._wrong(key, "list")
        return ()

    def time_us(self, key: str, default: int | None = None) -> int:
        """Return a time in microseconds since 1970; `default` when the key is not there."""
        if default is not None and self.tree.find(key) is None:
            return default
        text = self.text(key)
        try:
            return parse_time(text) if text else 0
        except ValueError:
            self._wrong(key, "time")
            return 0

    def value(self, key: str) -> Value:
        """Return a number, a text or a list of texts, as YAML reads it."""
        node = self._need(key)
        if isinstance(node, Sequence):
            return self.texts(key)
        if isinstance(node, Scalar) and node.kind == "int":
            return int(node.text, 0)
        if isinstance(node, Scalar) and node.kind == "float":
            return float(node.text)
        if isinstance(node, Scalar) and node.kind in ("str", "timestamp") and node.text.strip():
            return node.text.strip()
        if node is not None:
            self._wrong(key, "value")
        return ""

    def entries(self, key: str) -> list[Entry]:
        """Return a list of mappings."""
        node = self._need(key)
        if not isinstance(node, Sequence):
            if node is not None:
                self._wrong(key, "list")
            return []
        found = []
        for item in node.items:
            if isinstance(item, Mapping):
                found.append(Entry(self.file, item, self.problems))
            else:
                self.problems.add(self.file, item.line, "wrong_shape", key=key, wanted=_shape("mapping"))
        return found

    def entry(self, key: str) -> Entry | None:
        """Return a mapping below this one."""
        node = self._need(key)
        if isinstance(node, Mapping):
            return Entry(self.file, node, self.problems)
        if node is not None:
            self._wrong(key, "mapping")
        return None

    def _need(self, key: str) -> Tree | None:
        node = self.tree.find(key)
        if node is None:
            self.trouble("key_missing", key=key)
        return node

    def _wrong(self, key: str, wanted: str) -> None:
        self.trouble("wrong_shape", line=self.line_of(key), key=key, wanted=_shape(wanted))


def read_document(folder: Traversable, file: str, problems: Problems) -> Entry | None:
    """Return a file's outermost mapping; None, and a problem, when there is none."""
    text = read_text(folder, file, problems)
    if text is None:
        return None
    source = text_source(text, file)
    try:
        tree = parse_yaml(source)
    except BrokenYamlError as error:
        problems.add(file, error.line, "yaml", reason=error.words)
        return None
    if not isinstance(tree, Mapping):
        problems.add(file, 1, "wrong_shape", key=file, wanted=_shape("mapping"))
        return None
    return Entry(file, tree, problems)


def _shape(name: str) -> str:
    # A problem's data is language-free but for this word; both languages are shown.
    from kefu.texts import say

    return f"{say(f'shape.{name}', 'zh')} ({say(f'shape.{name}', 'en')})"
