"""lastfm_kg by the protocol of the KGCN line: 6 : 2 : 2, seed 555."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.errors import SuiteError
from eval.public.rows import Row, lines

_STRANGERS = 20
Pairs = npt.NDArray[np.int64]


def lastfm_users(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield test users with their held-out items and candidates: those items, and a draw that he never heard.

    For each held-out item 20 are drawn from all, and up to 20 more among those of its degree, marked `alike`: only the
    figure among equals reads these. `degree` is an item's number of listeners in train; train and valid items of the
    user are no candidates. With `part` (train, valid, or both: history) that part's pairs instead, `{user, item}`.
    """
    path = folder / "lastfm_kg" / "interactions.tsv"
    pairs = np.array(list(_pairs(path)), dtype=np.int64).reshape(-1, 2)
    generator = np.random.default_rng(int(options.get("seed", 555)))
    order = generator.permutation(len(pairs))
    cut, end = int(len(pairs) * 0.6), int(len(pairs) * 0.8)
    train, valid, test = (pairs[part] for part in (order[:cut], order[cut:end], order[end:]))
    parts = {"train": train, "valid": valid, "history": np.concatenate([train, valid])}
    if "part" in options:
        for user, item in parts[options["part"]].tolist():
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
        drawn = _draw(generator, others, _STRANGERS * len(relevant))
        alike = [_draw(generator, others[degree[others] == degree[item]], _STRANGERS) for item in relevant]
        equals = sorted({item for found in alike for item in found} - {*drawn})
        candidates: list[dict[str, Any]] = [
            {"item": str(item), "degree": int(degree[item])} for item in [*relevant, *drawn]
        ]
        candidates += [{"item": str(item), "degree": int(degree[item]), "alike": True} for item in equals]
        row = {"id": f"u{user}", "user": str(user), "candidates": candidates, "relevant": [str(i) for i in relevant]}
        yield row, path.name


def lastfm_links(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield what the graph says of each item, both ways: `{item, relation, value}`."""
    home = folder / "lastfm_kg"
    items = max((item for _, item in _pairs(home / "interactions.tsv")), default=-1) + 1
    path = home / "triples.tsv"
    for number, line in lines(path):
        place = f"{path}:{number}"
        cells = line.split()
        if number == 1:
            continue
        try:
            head, relation, tail = cells
            ours = [(head, relation, tail)] if int(head) < items else []
            ours += [(tail, f"{relation}^", head)] if int(tail) < items else []
        except ValueError as error:
            raise SuiteError("row_broken", place=place, why=str(error)) from error
        for item, name, value in ours:
            yield {"item": item, "relation": name, "value": value}, place


def _draw(generator: np.random.Generator, items: Pairs, count: int) -> list[int]:
    found: list[int] = generator.choice(items, size=min(len(items), count), replace=False).tolist()
    return found


def _pairs(path: Path) -> Iterator[tuple[int, int]]:
    for number, line in lines(path):
        cells = line.split()
        try:
            if number > 1:
                yield int(cells[0]), int(cells[1])
        except (IndexError, ValueError) as error:
            raise SuiteError("row_broken", place=f"{path}:{number}", why=str(error)) from error
