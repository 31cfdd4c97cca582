"""A few changes over a version make the next one, in memory that the changes take; the version before stays whole."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge_graph.base import fact_id
from knowledge_graph.build import GraphRefused, build, made_aliases, made_id
from knowledge_graph.checks import fact_problem, node_problem
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.model import Fact, Value
from knowledge_graph.overlay import Overlay
from knowledge_graph.records import FactRecord, NodeRecord, Problem, Record
from knowledge_graph.schema import ANY_UNIT

_DEPTH = 64
# An overlay is written whole with every change: with more entries than both, it is folded into a new base.
_OVERLAY_LEAST = 1_000
_OVERLAY_SHARE = 0.1  # of the base's facts


@dataclass(frozen=True, slots=True)
class Changes:
    """`put` are new or changed records; the facts that are put of a subject and predicate replace all it had.

    `cleared` are (subject, predicate) of which nothing is said any more, `removed` are nodes.
    """

    put: Sequence[Record] = ()
    cleared: Sequence[tuple[str, str]] = ()
    removed: Sequence[str] = ()


def revise(graph: KnowledgeGraph, changes: Changes) -> KnowledgeGraph:
    """Return the next version; raise GraphRefused with every wrong record, the version before is never touched."""
    revision = _Revision(graph, changes)
    if revision.problems:
        raise GraphRefused(tuple(revision.problems))
    return revision.graph()


def is_due(graph: KnowledgeGraph) -> bool:
    """Return whether so much has changed since the base that folding the overlay into it pays."""
    return graph.overlay.size > max(_OVERLAY_LEAST, _OVERLAY_SHARE * len(graph.base.columns.subject))


def compact(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return the same version with its overlay folded into a new base; takes as long as a load."""
    base = replace(build(graph.records(), graph.schema), version=graph.version)
    return KnowledgeGraph(base, version=graph.version, asks=graph.asks)


class _Revision:
    def __init__(self, graph: KnowledgeGraph, changes: Changes) -> None:
        self._old = graph
        self._schema = graph.schema
        self.problems: list[Problem] = []
        digest = hashlib.sha256(f"{graph.version}\0{changes!r}".encode())
        self._version = digest.hexdigest()[:16]
        over, removed = graph.overlay, frozenset(changes.removed)
        self._nodes = {id: node for id, node in over.nodes.items() if id not in removed}
        self._removed = over.removed | removed
        self._facts = {
            (subject, name): self._leading_somewhere(name, facts, removed)
            for (subject, name), facts in over.facts.items()
            if subject not in removed
        }
        for id in changes.removed:
            if graph.find_node(id) is None:
                self._refuse("", "unknown_subject", f"没有编号为 {id!r} 的节点 · no node has this id")
        for key in changes.cleared:
            self._facts[key] = ()
        for record in changes.put:
            if isinstance(record, NodeRecord):
                self._put_node(record)
        self._put_facts([record for record in changes.put if isinstance(record, FactRecord)])
        self._check_edges_to_removed(changes.removed)

    def graph(self) -> KnowledgeGraph:
        overlay = Overlay(self._nodes, self._facts, frozenset(self._removed))
        return KnowledgeGraph(self._old.base, overlay, version=self._version, asks=self._old.asks)

    def _leading_somewhere(self, predicate: str, facts: tuple[Fact, ...], removed: Collection[str]) -> tuple[Fact, ...]:
        """The facts without edges to what is removed; those of the base are left out as they are read."""
        if not removed or not self._schema.is_edge(predicate):
            return facts
        return tuple(fact for fact in facts if fact.value not in removed)

    def _refuse(self, source: str, code: str, text: str) -> None:
        self.problems.append(Problem(source, code, text))

    def _put_node(self, record: NodeRecord) -> None:
        problem = node_problem(record, self._schema)
        known = self._old.find_node(record.id)
        if problem is None and known is not None and known.kind != record.kind and record.id not in self._removed:
            text = f"{record.id!r} 已经是 {known.kind}，不能改成 {record.kind} · a node keeps its kind"
            problem = Problem(record.source, "wrong_kind", text)
        if problem is not None:
            self.problems.append(problem)
            return
        self._nodes[record.id] = record

    def _kind_of(self, id: str) -> str | None:
        if id in self._nodes:
            return self._nodes[id].kind
        node = None if id in self._removed else self._old.find_node(id)
        return None if node is None else node.kind

    def _put_facts(self, records: Sequence[FactRecord]) -> None:
        grouped: dict[tuple[str, str], list[Fact]] = {}
        for record in records:
            kind = self._kind_of(record.subject)
            if kind is None:
                text = f"没有编号为 {record.subject!r} 的节点 · no node has this id"
                self._refuse(record.source, "unknown_subject", text)
                continue
            problem = fact_problem(record, kind, self._schema)
            if problem is not None:
                self.problems.append(problem)
                continue
            value = self._value(record)
            if value is not None:
                grouped.setdefault((record.subject, record.predicate), []).append(self._fact(record, value))
        for key, facts in grouped.items():
            self._check_single(facts)
            self._facts[key] = tuple(facts)
            if self._schema.predicates[key[1]].acyclic:
                self._check_cycle(key, facts)

    def _value(self, record: FactRecord) -> Value | None:
        unit = self._schema.predicates[record.predicate].unit
        if unit not in self._schema.kinds:
            return record.value
        wanted = str(record.value)
        kind = self._kind_of(wanted)
        if kind is None and self._schema.kinds[unit].made:
            made = made_id(unit, wanted)
            if self._kind_of(made) is None:
                aliases = made_aliases(wanted, self._schema, unit)
                self._nodes[made] = NodeRecord(made, unit, wanted, aliases, record.source)
            return made
        if kind is None:
            text = f"{record.predicate} 指向不存在的节点 {wanted!r} · the edge leads to no node"
            self._refuse(record.source, "dangling_edge", text)
            return None
        if kind != unit:
            text = f"{record.predicate} 应指向 {unit}，{wanted!r} 是 {kind} · a node of another kind"
            self._refuse(record.source, "wrong_target", text)
            return None
        return wanted

    def _fact(self, record: FactRecord, value: Value) -> Fact:
        rule = self._schema.predicates[record.predicate]
        starts = record.valid_from_us
        name = fact_id(record.subject, record.predicate, value, many=rule.many, valid_from_us=starts)
        unit = (record.unit or "text") if rule.unit == ANY_UNIT else rule.unit
        return Fact(
            name, record.subject, record.predicate, value, unit, record.source, self._version, starts,
            record.valid_to_us,
        )  # fmt: skip

    def _check_single(self, facts: Sequence[Fact]) -> None:
        rule = self._schema.predicates[facts[0].predicate]
        if rule.many:
            return
        ordered = sorted(facts, key=lambda fact: -(2**62) if fact.valid_from_us is None else fact.valid_from_us)
        for earlier, later in itertools.pairwise(ordered):
            if earlier.valid_to_us is None or later.valid_from_us is None or later.valid_from_us < earlier.valid_to_us:
                text = f"{later.subject} 同一时间有两个{rule.label}，另一个在 {earlier.source} · two values at one time"
                self._refuse(later.source, "two_values", text)

    def _check_cycle(self, key: tuple[str, str], facts: Sequence[Fact]) -> None:
        subject, predicate = key
        front, seen = [str(fact.value) for fact in facts], set[str]()
        for _ in range(_DEPTH):
            if subject in front:
                label = self._schema.predicates[predicate].label
                self._refuse(facts[0].source, "cycle", f"{label} 绕成了一圈，经过 {subject!r} · a cycle")
                return
            seen.update(front)
            front = [up for id in front for up in self._targets(id, predicate) if up not in seen]
            if not front:
                return

    def _targets(self, id: str, predicate: str) -> list[str]:
        here = self._facts.get((id, predicate))
        return self._old.targets(id, predicate) if here is None else [str(fact.value) for fact in here]

    def _check_edges_to_removed(self, removed: Iterable[str]) -> None:
        """A part cannot lose its whole: removing a product removes its variants in the same change."""
        gone = set(removed)
        for id in gone:
            for edge, _ in dict.fromkeys(self._schema.part_of.values()):
                for part in self._old.subjects(edge, id):
                    if part not in gone and str(id) in self._targets(part, edge):
                        text = f"删除 {id!r} 之前先删除它的 {part!r} · its part is still there"
                        self._refuse("", "part_left", text)
