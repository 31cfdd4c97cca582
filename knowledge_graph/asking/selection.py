"""Which nodes satisfy a question, and the facts to show of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowledge_graph.arrays import BaseArrays, Floats, Mask
from knowledge_graph.asking.narrowing import Narrowing
from knowledge_graph.asking.question import Bound, Extreme, Test
from knowledge_graph.asking.sizes import meant
from knowledge_graph.base import Ints
from knowledge_graph.model import Fact, Row

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

_DEPTH = 6
# Up to here nodes are gathered one class at a time; above, whole columns are read.
_FEW = 50_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Which nodes are meant; `among` narrows to some, `extreme` orders them."""

    target: str
    includes: tuple[Test, ...] = ()
    excludes: tuple[Test, ...] = ()
    without: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    among: tuple[str, ...] | None = None
    extreme: Extreme | None = None


class Selection:
    """Looks at one version of a graph as of one time."""

    def __init__(self, graph: KnowledgeGraph, *, at_us: int) -> None:
        self.graph = graph
        self.at_us = at_us
        self.schema = graph.schema
        self._arrays = BaseArrays(graph.base, at_us=at_us)

    def parts(self, whole: str) -> list[str]:
        """The parts of a node: the sizes of a product."""
        node = self.graph.find_node(whole)
        if node is None:
            return []
        return [
            part
            for edge, kind in dict.fromkeys(self.schema.part_of.values())
            if kind == node.kind
            for part in self.graph.subjects(edge, whole, at_us=self.at_us)
        ]

    def wholes(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """Parts by the node that they are part of; a node that is no part stands for itself."""
        found: dict[str, list[str]] = {}
        for id in ids:
            node = self.graph.find_node(id)
            edge = None if node is None else self.schema.part_of.get(node.kind)
            owners = [id] if edge is None else self.graph.targets(id, edge[0], at_us=self.at_us)
            for owner in owners:
                found.setdefault(owner, []).append(id)
        return found

    def facts(self, node: str, predicate: str, *, parts: Sequence[str] | None = None) -> tuple[Fact, ...]:
        """What is said of a node, of its parts (all, or those named), or of the whole that it is part of."""
        here = self.graph.find_node(node)
        rule = self.schema.predicates[predicate]
        if here is None:
            return ()
        if here.kind in rule.of:
            found = self.graph.facts(node, predicate, at_us=self.at_us)
            if rule.both_ways:
                back = self.graph.subjects(predicate, node, at_us=self.at_us)
                known = {fact.value for fact in found}
                more = (self.graph.facts(one, predicate, at_us=self.at_us) for one in back if one not in known)
                found += tuple(fact for facts in more for fact in facts if fact.value == node)
            return found
        edge = self.schema.part_of.get(here.kind)
        if edge is not None and edge[1] in rule.of:
            owners = self.graph.targets(node, edge[0], at_us=self.at_us)
            return tuple(fact for owner in owners for fact in self.graph.facts(owner, predicate, at_us=self.at_us))
        chosen = self.parts(node) if parts is None else parts
        return tuple(fact for part in chosen for fact in self.graph.facts(part, predicate, at_us=self.at_us))

    def row(
        self, node: str, predicates: Sequence[str], *, parts: Sequence[str] | None = None, path: tuple[str, ...] = ()
    ) -> Row:
        """A row with what was asked for; a size in front of each part's number tells them apart."""
        here = self.graph.find_node(node)
        facts = [fact for predicate in predicates for fact in self.facts(node, predicate, parts=parts)]
        return Row(node, here.name if here else node, tuple(dict.fromkeys(facts)), path)

    def expand(self, test: Test) -> list[str]:
        """The target with everything below it: a class and its sub-classes."""
        found, front = [test.target], [test.target]
        kind = self.schema.predicates[test.predicate].unit
        below = [name for name, rule in self.schema.predicates.items() if rule.acyclic and rule.unit == kind]
        for _ in range(_DEPTH):
            front = [
                sub for name in below for top in front for sub in self.graph.subjects(name, top, at_us=self.at_us)
                if sub not in found
            ]  # fmt: skip
            found += front
            if not front:
                break
        return found

    def meant(self, test: Test) -> list[str]:
        """The values that satisfy a test: a class with what is below it, a text with what goes further."""
        if self.schema.is_edge(test.predicate):
            return self.expand(test)
        return [test.target, *self.schema.predicates[test.predicate].wider.get(test.target, ())]

    def passes(self, id: str, wish: Wish) -> bool:
        """Whether one node satisfies everything."""
        node = self.graph.find_node(id)
        if node is None or node.kind != wish.target or id in wish.without or not self.alive(id):
            return False
        if any(self._has(id, test) for test in wish.excludes):
            return False
        if not all(any(self._has(id, test) for test in group) for group in self.alternatives(wish.includes)):
            return False
        return not wish.bounds or self.inside(id, wish.bounds) != []

    def alternatives(self, tests: Sequence[Test]) -> list[list[Test]]:
        """Tests of one predicate that has a single value are alternatives (红茶或乌龙); all else must hold together."""
        groups: list[list[Test]] = []
        for name in dict.fromkeys(test.predicate for test in tests):
            same = [test for test in tests if test.predicate == name]
            groups += [[test] for test in same] if self.schema.predicates[name].many else [same]
        return groups

    def _has(self, id: str, test: Test) -> bool:
        allowed = self.meant(test)
        return any(fact.value in allowed for fact in self.graph.facts(id, test.predicate, at_us=self.at_us))

    def find(self, wish: Wish, *, limit: int) -> tuple[list[str], int]:
        """Return the first `limit` nodes that satisfy everything, in the order asked for, and how many there are.

        The base is asked in whole columns; what the overlay touches is looked at node by node.
        """
        touched = self._touched()
        few = self._few(wish)
        if few is not None:
            return self._of_few(wish, few, touched, limit=limit)
        mask = self._mask(wish)
        numbers = self.graph.base.nodes.numbers
        known = [numbers[id] for id in touched if id in numbers]
        mask[known] = False
        ids = self.graph.base.nodes.ids
        extra = [id for id in touched if self.passes(id, wish)]
        if wish.extreme is None:
            places = np.flatnonzero(mask)
            chosen = [ids[number] for number in places[:limit].tolist()]
            return (chosen + extra)[:limit], len(places) + len(extra)
        values = self._measures(wish)
        values[~mask] = np.nan
        places = np.flatnonzero(~np.isnan(values))
        sign = -1.0 if wish.extreme.most else 1.0
        order = places[np.argsort(sign * values[places], kind="stable")][:limit]
        scored = [(sign * float(values[number]), ids[number]) for number in order.tolist()]
        scored += self._scored(wish, extra)
        scored.sort(key=lambda one: one[0])
        return [id for _, id in scored[:limit]], len(places) + len(scored) - len(order)

    def _few(self, wish: Wish) -> Ints | None:
        """The nodes that pass every edge test that is asked for; None when they are many, or nothing narrows them."""
        base, groups = self.graph.base, self.alternatives(wish.includes)
        plain = wish.among is None and not self.schema.kinds[wish.target].alive
        if not groups or not plain or not all(self.schema.is_edge(t.predicate) for group in groups for t in group):
            return None
        found: Ints | None = None
        for group in groups:
            numbers = [base.nodes.numbers.get(id) for test in group for id in self.expand(test)]
            known = [number for number in numbers if number is not None]
            if sum(len(base.rows_to(number, group[0].predicate)) for number in known) > _FEW:
                return None
            nodes = self._arrays.few(group[0].predicate, known)
            found = nodes if found is None else np.intersect1d(found, nodes, assume_unique=True)
        assert found is not None
        of_kind = base.nodes.kinds[found] == self.schema.kind_rank[wish.target]
        return np.asarray(found[of_kind], dtype=np.int64)

    def _of_few(self, wish: Wish, nodes: Ints, touched: list[str], *, limit: int) -> tuple[list[str], int]:
        """`find` for nodes that the edge tests have narrowed down."""
        ids, numbers = self.graph.base.nodes.ids, self.graph.base.nodes.numbers
        barred = [numbers[id] for id in (*wish.without, *touched) if id in numbers]
        nodes = nodes[~np.isin(nodes, barred)]
        if wish.excludes:
            nodes = nodes[[not any(self._has(ids[n], test) for test in wish.excludes) for n in nodes.tolist()]]
        narrowing = Narrowing(self._arrays, self.schema, wish.target)
        kept = narrowing.bounded(nodes, wish.bounds)
        extra = [id for id in touched if self.passes(id, wish)]
        if wish.extreme is None:
            chosen = [ids[number] for number in kept.nodes[:limit].tolist()]
            return (chosen + extra)[:limit], len(kept.nodes) + len(extra)
        best = narrowing.measures(kept, wish.extreme)
        order = np.argsort(best, kind="stable")[: int(np.isfinite(best).sum())]
        scored = [(float(best[place]), ids[kept.nodes[place]]) for place in order[:limit].tolist()]
        more = self._scored(wish, extra)
        scored = sorted([*scored, *more], key=lambda one: one[0])
        return [id for _, id in scored[:limit]], len(order) + len(more)

    def _scored(self, wish: Wish, extra: Sequence[str]) -> list[tuple[float, str]]:
        """Nodes of the overlay with the number that orders them, the least first."""
        assert wish.extreme is not None
        sign = -1.0 if wish.extreme.most else 1.0
        scored: list[tuple[float, str]] = []
        for id in extra:
            facts = self.facts(id, wish.extreme.predicate, parts=self.inside(id, wish.bounds) if wish.bounds else None)
            number = self.measure(facts, most=wish.extreme.most)
            if number is not None:
                scored.append((sign * number, id))
        return scored

    def _touched(self) -> list[str]:
        """Main nodes of which something stands in the overlay, or of whose parts something does."""
        overlay = self.graph.overlay
        seen = dict.fromkeys((*overlay.nodes, *(subject for subject, _ in overlay.facts), *sorted(overlay.removed)))
        found = dict.fromkeys(seen)
        for id in seen:
            found |= dict.fromkeys(self.wholes([id]))
            number = self.graph.base.nodes.numbers.get(id)
            for edge in {edge for edge, _ in self.schema.part_of.values()} if number is not None else ():
                owner = int(self.graph.base.owner_by_part(edge)[number])
                if owner >= 0:
                    found[self.graph.base.nodes.ids[owner]] = None
        return list(found)

    def _mask(self, wish: Wish) -> Mask:
        base, arrays = self.graph.base, self._arrays
        mask = arrays.of_kind(wish.target)
        if wish.among is not None:
            named = np.zeros(len(mask), dtype=bool)
            named[[base.nodes.numbers[id] for id in wish.among if id in base.nodes.numbers]] = True
            mask &= named
        needed = self.schema.kinds[wish.target].alive
        if needed:
            there = np.zeros(len(mask), dtype=bool)
            there[base.columns.subject[arrays.rows(needed)]] = True
            mask &= there
        for group in self.alternatives(wish.includes):
            mask &= np.logical_or.reduce([self._test_mask(test) for test in group])
        for test in wish.excludes:
            mask &= ~self._test_mask(test)
        mask[[base.nodes.numbers[id] for id in wish.without if id in base.nodes.numbers]] = False
        parts, edge = self._part_mask(wish)
        if parts is not None and edge is not None:
            mask &= arrays.wholes_of(edge, parts)
        for bound in wish.bounds:
            if wish.target in self.schema.predicates[bound.predicate].of:
                mask &= arrays.between(bound.predicate, bound.low, bound.high)
        return mask

    def _test_mask(self, test: Test) -> Mask:
        if not self.schema.is_edge(test.predicate):
            said = [self._arrays.saying(test.predicate, value) for value in self.meant(test)]
            return np.asarray(np.logical_or.reduce(said), dtype=bool)
        numbers = self.graph.base.nodes.numbers
        return self._arrays.leading_to(test.predicate, [numbers[id] for id in self.expand(test) if id in numbers])

    def _part_mask(self, wish: Wish) -> tuple[Mask | None, str | None]:
        """The parts that lie within every bound that is about parts, and the edge to their wholes."""
        edge = next((edge for edge, whole in self.schema.part_of.values() if whole == wish.target), None)
        bounds = [b for b in wish.bounds if wish.target not in self.schema.predicates[b.predicate].of]
        if edge is None or not bounds:
            return None, edge
        masks = [self._arrays.between(bound.predicate, bound.low, bound.high) for bound in bounds]
        return np.logical_and.reduce(masks), edge

    def _measures(self, wish: Wish) -> Floats:
        assert wish.extreme is not None
        predicate = wish.extreme.predicate
        if wish.target in self.schema.predicates[predicate].of:
            return self._arrays.measure(predicate, most=wish.extreme.most, parts=None, edge=None)
        parts, edge = self._part_mask(wish)
        return self._arrays.measure(predicate, most=wish.extreme.most, parts=parts, edge=edge)

    def alive(self, id: str) -> bool:
        """Whether a node is there at the time; kinds that do not end always are."""
        node = self.graph.find_node(id)
        if node is None:
            return False
        needed = self.schema.kinds[node.kind].alive
        return not needed or bool(self.graph.facts(id, needed, at_us=self.at_us))

    def inside(self, node: str, bounds: Sequence[Bound], *, parts: Sequence[str] | None = None) -> list[str] | None:
        """The parts of a node that lie within all bounds; None when the node itself does, no bound being of parts."""
        here = self.graph.find_node(node)
        chosen = list(self.parts(node) if parts is None else parts)
        own = True
        for bound in bounds:
            if here is not None and here.kind in self.schema.predicates[bound.predicate].of:
                if not any(within(fact, bound) for fact in self.graph.facts(node, bound.predicate, at_us=self.at_us)):
                    return []
                continue
            own = False
            chosen = [
                part for part in chosen
                if any(within(fact, bound) for fact in self.graph.facts(part, bound.predicate, at_us=self.at_us))
            ]  # fmt: skip
        return None if own else chosen

    def sized(self, node: str, plain: str) -> list[str] | None:
        """The parts of a node whose label the words mean; None when the words choose none, [] when none fits."""
        named = [name for name, rule in self.schema.predicates.items() if rule.tells]
        labels = {
            part: str(fact.value)
            for name in named
            for part in self.parts(node)
            for fact in self.graph.facts(part, name, at_us=self.at_us)
        }
        return meant(plain, labels) if labels else None

    def measure(self, facts: Iterable[Fact], *, most: bool) -> float | None:
        """The number that orders a row: its largest or smallest, a text by its place in the schema's order."""
        found: list[float] = []
        for fact in facts:
            order = self.schema.predicates[fact.predicate].order
            if isinstance(fact.value, int | float):
                found.append(float(fact.value))
            elif fact.value in order:
                found.append(float(order.index(fact.value)))
        return None if not found else (max(found) if most else min(found))


def within(fact: Fact, bound: Bound) -> bool:
    """Whether a number lies within a bound."""
    if not isinstance(fact.value, int | float):
        return False
    return (bound.low is None or fact.value >= bound.low) and (bound.high is None or fact.value <= bound.high)
