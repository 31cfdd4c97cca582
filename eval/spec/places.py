"""A YAML file as plain values, with the line and column of every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from eval.errors import SuiteError

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values, and where each stands: the key's place for a mapping, the item's for a list."""

    file: str
    value: Any
    lines: dict[Path_, tuple[int, int]]

    def place(self, path: Path_ = ()) -> str:
        """Return file:line:column of the nearest thing that has a place."""
        while path and path not in self.lines:
            path = path[:-1]
        line, column = self.lines.get(path, (1, 1))
        return f"{self.file}:{line}:{column}"


def read_yaml(path: Path) -> Document:
    """Read a YAML file; raise SuiteError with file:line for what is unreadable, not YAML, or says a key twice."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise SuiteError("file_unreadable", place=str(path), why=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise SuiteError("file_not_utf8", place=str(path), byte=error.start) from error
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SuiteError("yaml_broken", place=place, why=error.problem or error.context or "") from error
    except YAMLError as error:
        raise SuiteError("yaml_broken", place=str(path), why=str(error)) from error
    lines: dict[Path_, tuple[int, int]] = {}
    return Document(str(path), _plain(tree, (), lines), lines)


def _plain(node: Any, path: Path_, lines: dict[Path_, tuple[int, int]]) -> Any:
    if isinstance(node, CommentedMap):
        for key in node:
            line, column = node.lc.key(key)
            lines[(*path, str(key))] = (line + 1, column + 1)
        return {str(key): _plain(value, (*path, str(key)), lines) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for number in range(len(node)):
            line, column = node.lc.item(number)
            lines[(*path, number)] = (line + 1, column + 1)
        return [_plain(value, (*path, number), lines) for number, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)
