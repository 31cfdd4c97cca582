"""What has changed since the base: a few nodes and facts, put over it without copying it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowledge_graph.model import Fact
from knowledge_graph.records import NodeRecord


@dataclass(frozen=True, slots=True)
class Overlay:
    """`nodes` are new or renamed, `facts` replace all that a subject had of a predicate, `removed` are gone with
    everything that is said of them and every edge to them. Keys are ids."""

    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    facts: Mapping[tuple[str, str], tuple[Fact, ...]] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How many entries it has; the compaction looks at it."""
        return len(self.nodes) + len(self.facts) + len(self.removed)

    def subjects(self, predicate: str) -> frozenset[str]:
        """The subjects whose facts of this predicate are here."""
        return frozenset(subject for subject, name in self.facts if name == predicate)

    def facts_of(self, predicate: str) -> Iterable[Fact]:
        """All facts of a predicate that are here."""
        for (_, name), facts in self.facts.items():
            if name == predicate:
                yield from facts
