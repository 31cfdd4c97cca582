"""Whole-column questions on a base: which nodes pass, and in which order, on arrays instead of node by node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from knowledge_graph.base import LITERAL, Base, Ints

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class BaseArrays:
    """Looks at a base as of a time; masks and measures have one entry a node."""

    def __init__(self, base: Base, *, at_us: int | None) -> None:
        self._base = base
        self._at_us = at_us
        self._count = len(base.nodes.ids)

    def rows(self, predicate: str) -> Ints:
        """The rows of a predicate that hold; predicates that always hold are not looked at twice."""
        rows = self._base.rows_with(predicate)
        if self._at_us is None or self._base.timeless(predicate):
            return rows
        return self._base.valid(rows, self._at_us)

    def few(self, predicate: str, targets: Sequence[int]) -> Ints:
        """The nodes whose edge leads to one of the targets, as rising numbers."""
        base = self._base
        rows = [base.valid(base.rows_to(target, predicate), self._at_us) for target in targets]
        if not rows:
            return np.zeros(0, dtype=np.int64)
        return np.unique(base.columns.subject[np.concatenate(rows)]).astype(np.int64)

    def parts_of(self, edge: str, wholes: Ints) -> tuple[Ints, Ints]:
        """The parts of some nodes, and the place of each part's whole among them."""
        starts, ordered = self._base.starts_to(edge)
        rows, places = _ranges(starts[wholes], starts[wholes + 1])
        return self._base.columns.subject[ordered[rows]].astype(np.int64), places

    def values_of(self, predicate: str, nodes: Ints) -> tuple[Floats, Ints]:
        """The numbers of some nodes, and the place of each number's node among them."""
        rows, subjects = self._base.rows_with(predicate), self._base.subjects_of(predicate)
        found, places = _ranges(np.searchsorted(subjects, nodes), np.searchsorted(subjects, nodes, side="right"))
        rows = rows[found]
        if self._at_us is not None and not self._base.timeless(predicate):
            columns = self._base.columns
            hold = (columns.valid_from[rows] <= self._at_us) & (columns.valid_to[rows] > self._at_us)
            rows, places = rows[hold], places[hold]
        return self._ranked(predicate, rows), places

    def of_kind(self, kind: str) -> Mask:
        """The nodes of a kind."""
        return np.asarray(self._base.nodes.kinds == self._base.schema.kind_rank[kind])

    def leading_to(self, predicate: str, targets: Sequence[int]) -> Mask:
        """The nodes whose edge leads to one of the targets."""
        mask = np.zeros(self._count, dtype=bool)
        for target in targets:
            rows = self._base.valid(self._base.rows_to(target, predicate), self._at_us)
            mask[self._base.columns.subject[rows]] = True
        return mask

    def saying(self, predicate: str, value: str) -> Mask:
        """The nodes of which a text is said."""
        mask = np.zeros(self._count, dtype=bool)
        if value in self._base.pool:
            rows = self.rows(predicate)
            wanted = self._base.pool.index(value)
            mask[self._base.columns.subject[rows[self._base.columns.value[rows] == wanted]]] = True
        return mask

    def between(self, predicate: str, low: int | None, high: int | None) -> Mask:
        """The nodes with a number within both bounds."""
        rows = self.rows(predicate)
        columns = self._base.columns
        values = columns.value[rows]
        keep = columns.form[rows] == LITERAL
        if low is not None:
            keep &= values >= low
        if high is not None:
            keep &= values <= high
        mask = np.zeros(self._count, dtype=bool)
        mask[columns.subject[rows[keep]]] = True
        return mask

    def wholes_of(self, edge: str, parts: Mask) -> Mask:
        """The nodes of which a part is in the mask."""
        owner = self._base.owner_by_part(edge)
        owners = owner[parts]
        mask = np.zeros(self._count, dtype=bool)
        mask[owners[owners >= 0]] = True
        return mask

    def measure(self, predicate: str, *, most: bool, parts: Mask | None, edge: str | None) -> Floats:
        """The largest or smallest number of each node, or of its parts in the mask; NaN where there is none."""
        base, rows = self._base, self.rows(predicate)
        subjects = base.columns.subject[rows]
        values = self._ranked(predicate, rows)
        if parts is not None:
            subjects, values = subjects[parts[subjects]], values[parts[subjects]]
        if edge is not None:
            subjects = base.owner_by_part(edge)[subjects]
            subjects, values = subjects[subjects >= 0], values[subjects >= 0]
        found = np.full(self._count, -np.inf if most else np.inf)
        (np.maximum if most else np.minimum).at(found, subjects, values)
        found[~np.isfinite(found)] = np.nan
        return found

    def _ranked(self, predicate: str, rows: Ints) -> Floats:
        """Numbers as they are; texts by their place in the schema's order."""
        base = self._base
        order = base.schema.predicates[predicate].order
        values = base.columns.value[rows]
        if not order:
            return values.astype(np.float64)
        places = {base.pool.index(text): place for place, text in enumerate(order) if text in base.pool}
        return np.array([places.get(value, np.nan) for value in values.tolist()], dtype=np.float64)


def _ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All numbers of several ranges, and for each the place of its range."""
    sizes = ends - starts
    places = np.repeat(np.arange(len(starts)), sizes)
    within = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(starts[places] + within, dtype=np.int64), places
