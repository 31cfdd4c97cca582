"""Nodes that edges have narrowed down to a few, gathered class by class instead of column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from knowledge_graph.arrays import BaseArrays
from knowledge_graph.asking.question import Bound, Extreme
from knowledge_graph.base import Ints
from knowledge_graph.schema import Schema


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rising node numbers; `parts` are those that lie within all bounds so far and `places` their wholes' places."""

    nodes: Ints
    parts: Ints | None = None
    places: Ints | None = None


class Narrowing:
    """Applies bounds and an order to a few nodes of one kind."""

    def __init__(self, arrays: BaseArrays, schema: Schema, target: str) -> None:
        self._arrays = arrays
        self._schema = schema
        self._target = target
        self._edge = next((edge for edge, whole in schema.part_of.values() if whole == target), None)

    def bounded(self, nodes: Ints, bounds: tuple[Bound, ...]) -> Narrowed:
        """Keep the nodes that lie within every bound, those about parts holding for one and the same part."""
        for bound in bounds:
            if self._is_own(bound.predicate):
                nodes = nodes[self._inside(nodes, bound)]
        kept = Narrowed(nodes)
        for bound in bounds:
            if not self._is_own(bound.predicate):
                kept = self._with_parts(kept)
                if kept.parts is not None and kept.places is not None:
                    inside = self._inside(kept.parts, bound)
                    kept = replace(kept, parts=kept.parts[inside], places=kept.places[inside])
        if kept.places is None:
            return kept
        left = np.unique(kept.places)
        return Narrowed(kept.nodes[left], kept.parts, np.searchsorted(left, kept.places))

    def measures(self, kept: Narrowed, extreme: Extreme) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """What each node is ordered by, the least first; infinite where nothing is known."""
        best = np.full(len(kept.nodes), np.inf)
        if self._is_own(extreme.predicate):
            holders, places = kept.nodes, np.arange(len(kept.nodes))
        else:
            kept = self._with_parts(kept)
            if kept.parts is None or kept.places is None:
                return best
            holders, places = kept.parts, kept.places
        values, at = self._arrays.values_of(extreme.predicate, holders)
        np.minimum.at(best, places[at], -values if extreme.most else values)
        return best

    def _with_parts(self, kept: Narrowed) -> Narrowed:
        if kept.parts is not None or self._edge is None:
            return kept
        parts, places = self._arrays.parts_of(self._edge, kept.nodes)
        return replace(kept, parts=parts, places=places)

    def _inside(self, holders: Ints, bound: Bound) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        values, at = self._arrays.values_of(bound.predicate, holders)
        low, high = (-np.inf if bound.low is None else bound.low), (np.inf if bound.high is None else bound.high)
        inside = np.zeros(len(holders), dtype=bool)
        inside[at[(values >= low) & (values <= high)]] = True
        return inside

    def _is_own(self, predicate: str) -> bool:
        return self._target in self._schema.predicates[predicate].of
