"""Rows of outside sets: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.training.example import Mark, TrainingExample
from kefu.base.errors import ConfigError


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) one by one; blank lines are skipped.

    Raises ConfigError with file:line for what is no JSON object, has no text, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line, content in enumerate(file, start=1):
                if content.strip():
                    yield line, _row(content, f"{path}:{line}")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: 不是 UTF-8，请另存为 UTF-8 · is not UTF-8 ({error.reason} at byte {error.start})"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: 读不了 · cannot be read ({error.strerror})") from error


def read_examples(path: Path) -> Iterator[TrainingExample]:
    """Yield the training examples of a file; `"intent": null` is out of scope, a missing intent an error."""
    for line, row in read_rows(path):
        place = f"{path.name}:{line}"
        if "intent" not in row or not isinstance(row["intent"], str | None) or row["intent"] == "":
            raise ConfigError(
                f'{path}:{line}: 缺少 "intent"（意图名，域外写 null）· needs "intent", a name or null for out of scope'
            )
        yield TrainingExample(row["text"], row["intent"], place, _marks(row, f"{path}:{line}"))


def read_texts(path: Path | None) -> Iterator[str]:
    """Yield the texts of a file of messages, `{"text"}` a line, whatever else the rows hold; nothing without a file."""
    if path is not None:
        for _, row in read_rows(path):
            yield row["text"]


def _marks(row: dict[str, Any], place: str) -> tuple[Mark, ...]:
    """Read `"entities": [{"start", "end", "entity", "role"?, "group"?}]`."""
    marks = []
    for entry in row.get("entities") or ():
        try:
            mark = Mark(
                entry["start"], entry["end"], entry["entity"], entry.get("role") or "", entry.get("group") or ""
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise ConfigError(
                f'{place}: 实体要有 "start"、"end"、"entity" · an entity needs "start", "end" and "entity"'
            ) from error
        if not (isinstance(mark.start, int) and isinstance(mark.end, int) and 0 <= mark.start < mark.end):
            raise ConfigError(f"{place}: 实体的结束在开始之前 · an entity ends before it starts")
        marks.append(mark)
    return tuple(marks)


def _row(content: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(content)
    except ValueError as error:
        raise ConfigError(f"{place}: 不是 JSON，每行要是一个对象 · is not JSON ({error})") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ConfigError(f'{place}: 缺少文字 "text" · needs "text", a string')
    return row
