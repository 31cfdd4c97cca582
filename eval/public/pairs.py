"""Sets of question pairs as retrieval: lcqmc, epidemic_faq_zh."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.public.rows import Row, jsonl

_SMALL_ROWS, _SMALL_QUERIES = 4_000, 1_500


def lcqmc_queries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield queries of positive pairs of differing texts with all candidates that answer them.

    `size: small` takes the first 4,000 test rows and draws 1,500 queries (sorted, shuffled with seed 0); `full` all.
    """
    rows = _lcqmc(folder, options)
    answers: dict[str, set[str]] = {}
    for row in rows:
        if row["label"] == 1 and row["query"] != row["candidate"]:
            answers.setdefault(row["query"], set()).add(row["candidate"])
    queries = sorted(answers)
    if options.get("size", "small") == "small":
        random.Random(0).shuffle(queries)
        queries = queries[:_SMALL_QUERIES]
    for query in queries:
        yield {"id": query, "text": query, "relevant": sorted(answers[query])}, _lcqmc_file(options)


def lcqmc_entries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the unique candidate texts, sorted, each as an entry whose id is its text."""
    for text in sorted({row["candidate"] for row in _lcqmc(folder, options)}):
        yield {"id": text, "text": text}, _lcqmc_file(options)


def _lcqmc_file(options: Mapping[str, Any]) -> str:
    """Test, or the valid part, which weights may be chosen on."""
    return f"lcqmc/{options.get('part', 'test')}.jsonl"


def _lcqmc(folder: Path, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = (row for row, _ in jsonl(folder / _lcqmc_file(options)))
    small = options.get("size", "small") == "small"
    return list(itertools.islice(rows, _SMALL_ROWS)) if small else list(rows)


def epidemic_queries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield each paraphrase with the standard question that it belongs to."""
    for row, place in jsonl(folder / "epidemic_faq_zh" / "faq_train.jsonl"):
        for number, text in enumerate(row["positives"]):
            yield {"id": f"{row['faq_id']}/{number}", "text": text, "relevant": [row["faq_id"]]}, place


def epidemic_entries(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the standard questions."""
    for row, place in jsonl(folder / "epidemic_faq_zh" / "faq_train.jsonl"):
        yield {"id": row["faq_id"], "text": row["question"]}, place
