"""Sets of labelled texts: smp2017_ecdt, banking77, clinc150, jddc_intent."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.public.rows import Row, jsonl


def labelled(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield `{text, intent}` of `files` (relative to the data folder); `per_class` draws so many of each with `seed`.

    The intent named in `foreign` becomes null: out of scope.
    """
    rows: list[Row] = []
    for name in options["files"]:
        for told, place in jsonl(folder / str(name)):
            intent = None if told["intent"] == options.get("foreign") else told["intent"]
            rows.append(({"text": told["text"], "intent": intent, "id": place}, place))
    if "per_class" not in options:
        yield from rows
        return
    by_class: dict[str | None, list[Row]] = {}
    for row in rows:
        by_class.setdefault(row[0]["intent"], []).append(row)
    for intent, members in by_class.items():
        drawn = sorted(members, key=lambda row: row[1])
        random.Random(f"{options.get('seed', 0)}/{intent}").shuffle(drawn)
        yield from drawn[: int(options["per_class"])]


def clinc_test(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield clinc150's test: 4,500 in scope and 1,000 out of scope (intent null)."""
    return labelled(folder, {"files": ["clinc150/test.jsonl", "clinc150/oos_test.jsonl"], "foreign": "oos"})
