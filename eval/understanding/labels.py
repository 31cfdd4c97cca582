"""Are planted label errors found, and how long does a check of many utterances take?

In each set one label in twenty (at least 120) is replaced by another one at random. Recall is over the planted rows;
precision counts a finding as right only when it was planted, though the sets have errors of their own.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from bot.training.example import clean_examples
from bot.training.label_errors import find_label_errors
from bot.training.semantic_checks import find_semantic_problems
from eval.understanding import goals
from eval.understanding.goals import Figure, named
from eval.understanding.sets import BANKING, SMP, Place, read_set
from intents.loader import load_pack
from intents.quality import find_quality_problems

_SEEDS = (0, 1, 2)
_UTTERANCES = 10_000


def measure_labels(place: Place) -> Iterator[Figure]:
    """Plant errors three times in each set; then check a folder of 10,000 utterances."""
    encoder = place.encoder()
    for name in (SMP, BANKING):
        texts = clean_examples(read_set(place.data / name, ("train",)))
        intents = sorted({text.intent or "" for text in texts})
        labels = np.array([intents.index(text.intent or "") for text in texts], dtype=np.int64)
        recalls, precisions, count = [], [], max(120, len(labels) // 20)
        with threadpool_limits(limits=1):
            vectors = encoder.encode([text.text for text in texts])
            for seed in _SEEDS:
                generator = np.random.default_rng(seed)
                planted = generator.permutation(len(labels))[:count]
                wrong = labels.copy()
                wrong[planted] += generator.integers(1, len(intents), len(planted))
                wrong %= len(intents)
                found = {one.row for one in find_label_errors(vectors, wrong).suspects}
                right = found & set(planted.tolist())
                recalls.append(len(right) / len(planted))
                precisions.append(len(right) / max(len(found), 1))
        more = f"{count} planted, mean of {len(_SEEDS)} seeds"
        yield Figure(named(goals.LABEL_RECALL, name), statistics.mean(recalls), (min(recalls), max(recalls)), more)
        yield Figure(
            named(goals.LABEL_PRECISION, name), statistics.mean(precisions), (min(precisions), max(precisions)), more
        )
    yield _check(place)


def _check(place: Place) -> Figure:
    """Time what `kefu intents check` does: read, look at the content, look with the encoder."""
    rows = read_set(place.data / BANKING, ("train",))[:_UTTERANCES]
    by_intent: dict[str, list[str]] = {}
    for row in rows:
        by_intent.setdefault(row.intent or "", []).append(" ".join(row.text.split()))
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sorted(by_intent.items()):
        lines += [f"- intent: {intent.replace('/', '_')}", "  examples: |", *(f"    - {text}" for text in texts)]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "all.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        find_semantic_problems(load_pack(Path(folder)), place.encoder)
        began, cpu = time.perf_counter(), time.process_time()
        pack = load_pack(Path(folder))
        find_quality_problems(pack)
        find_semantic_problems(pack, place.encoder)
    more = f"CPU s; by the clock {time.perf_counter() - began:.1f} s, {len(rows)} utterances"
    return Figure(goals.CHECK, time.process_time() - cpu, None, more)
