"""stackfaq: 125 questions with answers, 1,249 paraphrased queries."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.public.rows import Row, jsonl

_MOST_CHARS = 400


def stack_queries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield queries with the id of the FAQ that answers them; with `fold` of `folds` only that part."""
    for number, (row, place) in enumerate(jsonl(folder / "stackfaq" / "queries.jsonl")):
        if "fold" not in options or number % int(options.get("folds", 5)) == int(options["fold"]):
            yield {"id": place, "text": row["query"], "relevant": [str(one) for one in row["positives"]]}, place


def stack_entries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the FAQ; with `fold` the queries of the other folds are logged wordings of their entries."""
    logged: dict[str, list[str]] = {}
    if "fold" in options:
        for number, (row, _) in enumerate(jsonl(folder / "stackfaq" / "queries.jsonl")):
            if number % int(options.get("folds", 5)) != int(options["fold"]):
                for faq_id in row["positives"]:
                    logged.setdefault(str(faq_id), []).append(row["query"])
    for row, place in jsonl(folder / "stackfaq" / "faq.jsonl.gz"):
        entry = {
            "id": str(row["faq_id"]),
            "text": row["question"],
            "variants": logged.get(str(row["faq_id"]), []),
            "answer": _answer(row.get("answers", "")),
        }
        yield entry, place


def _answer(given: list[str] | str) -> str:
    """The accepted answer of a list, which may stand as text; the beginning says what it is about."""
    try:
        answers = ast.literal_eval(given) if isinstance(given, str) else given
    except (ValueError, SyntaxError):
        answers = [given]
    return str(answers[0])[:_MOST_CHARS] if answers else ""
