"""The live version of a graph and those before it: publish and roll back are one assignment each."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.revise import Changes, compact, revise

_KEPT = 20
_COMPACT_AT = 2_000


@dataclass(frozen=True, slots=True)
class Published:
    """A version that was or is live."""

    graph: KnowledgeGraph
    at_us: int
    note: str


class Versions:
    """Readers take `current` and keep it for a whole answer; writers publish one after another."""

    def __init__(self, graph: KnowledgeGraph, *, at_us: int, note: str = "") -> None:
        self._write = threading.Lock()
        self._history: tuple[Published, ...] = (Published(graph, at_us, note),)

    @property
    def current(self) -> KnowledgeGraph:
        """The live version."""
        return self._history[-1].graph

    @property
    def history(self) -> tuple[Published, ...]:
        """The versions that can be gone back to, the live one last."""
        return self._history

    def publish(self, graph: KnowledgeGraph, *, at_us: int, note: str = "") -> None:
        """Make a loaded version live."""
        with self._write:
            self._put(Published(graph, at_us, note))

    def change(self, changes: Changes, *, at_us: int, note: str = "") -> KnowledgeGraph:
        """Make the next version of the live one live; GraphRefused leaves everything as it was."""
        with self._write:
            graph = revise(self.current, changes)
            self._put(Published(graph, at_us, note))
            return graph

    def roll_back(self) -> KnowledgeGraph:
        """Go back one version; the one that was live is forgotten. LookupError when there is none before."""
        with self._write:
            if len(self._history) < 2:
                raise LookupError("没有更早的版本可以回退 · there is no earlier version")
            self._history = self._history[:-1]
            return self.current

    def needs_compaction(self) -> bool:
        """Whether the live overlay has grown so large that a new base pays."""
        return self.current.overlay.size >= _COMPACT_AT

    def compact(self) -> bool:
        """Fold the live overlay into a new base, next to readers; False when the version changed meanwhile."""
        before = self._history[-1]
        folded = compact(before.graph)
        with self._write:
            if self._history[-1] is not before:
                return False
            self._history = (*self._history[:-1], Published(folded, before.at_us, before.note))
            return True

    def _put(self, one: Published) -> None:
        self._history = (*self._history, one)[-_KEPT:]
