"""Customers' questions from a file, one JSON a line: {"text": ..., "asks": ["price"], "focus": ["MT-1001"]}."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kefu.base.errors import ConfigError
from knowledge_graph.asking.learn import Asked
from knowledge_graph.schema import Schema


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    asks: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()


def read_examples(path: Path, schema: Schema) -> list[Asked]:
    """Read the examples; predicates by name or by label. ConfigError names file and line of what is wrong."""
    labels = {rule.label: name for name, rule in schema.predicates.items()}
    found: list[Asked] = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: 读不了（{error}） · cannot be read") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError as error:
            raise ConfigError(f"{path}:{number}: {error}") from error
        asks = tuple(labels.get(name, name) for name in row.asks)
        unknown = [name for name in asks if name not in schema.predicates]
        if unknown:
            raise ConfigError(f"{path}:{number}: 没有这种属性 {unknown[0]!r} · the schema has no such predicate")
        found.append(Asked(row.text, asks, row.focus))
    return found
