"""What a feed that tells everything no longer holds leaves the graph, unless so much is missing that it is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import FactRecord, Problem

MOST_RETIRED = 0.5
"""The share of a kind's nodes that one reading may retire; more is refused."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A feed that tells all nodes of `kinds`, and of every kind of which it tells one; `name` is for people.

    `force` lets it retire any number.
    """

    name: str
    kinds: Collection[str] = ()
    force: bool = False


def retire(
    graph: KnowledgeGraph, whole: Whole, told: Collection[str], kinds: Iterable[str]
) -> tuple[list[str], list[Problem]]:
    """Return the nodes of `kinds` that were not `told`, with their parts, and why that is refused."""
    gone: dict[str, None] = {}
    problems: list[Problem] = []
    for kind in sorted(kinds, key=graph.schema.kind_rank.__getitem__):
        if graph.schema.kinds[kind].made:
            continue  # a category is made by what is said of products
        known = list(graph.nodes(kind))
        missing = [id for id in known if id not in told and id not in gone]
        if len(missing) > MOST_RETIRED * len(known) and not whole.force:
            problems.append(_too_many(graph.schema.kinds[kind].label, len(missing), len(known), whole.name))
        for id in missing:
            gone.update(dict.fromkeys((id, *_parts(graph, id))))
    return list(gone), problems


def links_to_gone(graph: KnowledgeGraph, facts: Iterable[FactRecord], gone: Collection[str]) -> Iterator[Problem]:
    """Yield why facts are refused that lead to what is retired by the same reading."""
    for fact in facts:
        rule = graph.schema.predicates.get(fact.predicate)
        if rule is not None and fact.value in gone and graph.schema.is_edge(fact.predicate):
            text = (
                f"{fact.subject} 的{rule.label}还指向 {fact.value!r}，可这次没有它了：去掉这条，或把它加回来 · "
                "an edge to what the feed no longer holds; drop the edge, or tell the node again"
            )
            yield Problem(fact.source, "dangling_edge", text)


def _parts(graph: KnowledgeGraph, id: str) -> Sequence[str]:
    node = graph.find_node(id)
    return [
        part
        for edge, whole in graph.schema.part_of.values()
        if node is not None and node.kind == whole
        for part in graph.subjects(edge, id)
    ]


def _too_many(label: str, missing: int, known: int, name: str) -> Problem:
    share = f"{missing / known:.0%}"
    text = (
        f"图里 {known} 个{label}，这次少了 {missing} 个（{share}），超过 {MOST_RETIRED:.0%}，可能没有读全，什么都没改。"
        "先用 --preview 看清楚；确实都下架了，就加 --force · "
        f"{missing} of {known} are missing ({share}), more than {MOST_RETIRED:.0%}: the reading may not be whole and "
        "nothing was changed; look with --preview, and if they are really gone add --force"
    )
    return Problem(name, "too_many_retired", text)
