"""lastfm_kg by the protocol of the KGCN line: 6 : 2 : 2, seed 555."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from eval.errors import SuiteError
from eval.public.rows import Row, lines


def lastfm_users(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield test users with their held-out items and candidates: those items, and as many that he never heard.

    With `part: train` the training pairs instead, as `{user, item}`. `degree` is an item's number of listeners in
    train; train and valid items of the user are no candidates.
    """
    path = folder / "lastfm_kg" / "interactions.tsv"
    pairs = np.array(list(_pairs(path)), dtype=np.int64)
    generator = np.random.default_rng(int(options.get("seed", 555)))
    order = generator.permutation(len(pairs))
    cut, end = int(len(pairs) * 0.6), int(len(pairs) * 0.8)
    train, valid, test = (pairs[part] for part in (order[:cut], order[cut:end], order[end:]))
    if options.get("part") == "train":
        for user, item in np.concatenate([train, valid]).tolist():
            yield {"user": str(user), "item": str(item)}, path.name
        return
    degree = np.bincount(train[:, 1], minlength=int(pairs[:, 1].max()) + 1)
    items = np.unique(pairs[:, 1])
    heard: dict[int, set[int]] = {}
    for user, item in pairs.tolist():
        heard.setdefault(user, set()).add(item)
    wanted: dict[int, list[int]] = {}
    for user, item in test.tolist():
        wanted.setdefault(user, []).append(item)
    for user, relevant in sorted(wanted.items()):
        others = np.setdiff1d(items, np.fromiter(heard[user], dtype=np.int64))
        drawn = generator.choice(others, size=min(len(others), 20 * len(relevant)), replace=False).tolist()
        candidates = [{"item": str(item), "degree": int(degree[item])} for item in [*relevant, *drawn]]
        row = {"id": f"u{user}", "user": str(user), "candidates": candidates, "relevant": [str(i) for i in relevant]}
        yield row, path.name


def _pairs(path: Path) -> Iterator[tuple[int, int]]:
    for number, line in lines(path):
        cells = line.split()
        try:
            if number > 1:
                yield int(cells[0]), int(cells[1])
        except (IndexError, ValueError) as error:
            raise SuiteError("row_broken", place=f"{path}:{number}", why=str(error)) from error
