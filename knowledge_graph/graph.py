"""One version of a graph: a shared base and a small overlay, immutable, asked from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from knowledge_graph.asking.asks import AskModel
from knowledge_graph.base import NODE, Base, Ints
from knowledge_graph.linking.lexicon import Lexicon, Named
from knowledge_graph.linking.linker import Described, Linker
from knowledge_graph.linking.typos import Misspellings
from knowledge_graph.model import Answer, Fact, Mention
from knowledge_graph.overlay import Overlay
from knowledge_graph.records import FactRecord, NodeRecord, Problem, Record
from knowledge_graph.schema import ANY_UNIT, Schema


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the graph shows it."""

    id: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    source: str


class KnowledgeGraph:
    """Facts, links and answers of one version; every answer is as of a time and names its facts."""

    def __init__(
        self,
        base: Base,
        overlay: Overlay | None = None,
        *,
        version: str | None = None,
        asks: AskModel | None = None,
    ) -> None:
        self.base = base
        self.overlay = overlay or Overlay()
        self.version = version or base.version
        self.asks = asks
        """What texts ask for, learned from customers' questions; None: by the schema's words alone."""
        self._lock = threading.Lock()
        self._lexicon: Lexicon | None = None

    def records(self) -> Iterator[Record]:
        """Yield everything that this version says, as records: what a new base or an export is made of."""
        ids = [id for kind in self.schema.kinds for id in self.nodes(kind)]
        for id in ids:
            node = self.find_node(id)
            assert node is not None
            yield NodeRecord(node.id, node.kind, node.name, node.aliases, node.source)
        for id in ids:
            for fact in self.facts(id):
                yield FactRecord(
                    id, fact.predicate, fact.value, fact.source, fact.valid_from_us, fact.valid_to_us,
                    fact.unit if self.schema.predicates[fact.predicate].unit == ANY_UNIT else None,
                )  # fmt: skip

    @property
    def schema(self) -> Schema:
        """Kinds and predicates."""
        return self.base.schema

    def find_node(self, id: str) -> Node | None:
        """Return a node, None when the graph has none of this id."""
        over = self.overlay.nodes.get(id)
        if over is not None:
            return Node(over.id, over.kind, over.name, over.aliases, over.source)
        nodes = self.base.nodes
        number = nodes.numbers.get(id)
        if number is None or id in self.overlay.removed:
            return None
        aliases = nodes.aliases.get(number, ())
        return Node(id, self.base.kinds[nodes.kinds[number]], nodes.names[number], aliases, nodes.sources[number])

    def nodes(self, kind: str) -> Iterator[str]:
        """Yield the ids of a kind."""
        base, overlay = self.base, self.overlay
        for number in np.flatnonzero(base.nodes.kinds == base.schema.kind_rank[kind]).tolist():
            id = base.nodes.ids[number]
            if id not in overlay.removed and id not in overlay.nodes:
                yield id
        for id, node in overlay.nodes.items():
            if node.kind == kind:
                yield id

    def facts(self, subject: str, predicate: str | None = None, *, at_us: int | None = None) -> tuple[Fact, ...]:
        """Return what is said of a node: of one predicate or all, valid at a time or ever.

        An unknown node or predicate has no facts.
        """
        base, overlay = self.base, self.overlay
        found: list[Fact] = []
        number = base.nodes.numbers.get(subject)
        if predicate is not None and predicate not in base.predicate_number:
            return ()
        if number is not None and subject not in overlay.removed:
            for row in base.rows_of(number, predicate):
                name = base.predicates[base.columns.predicate[row]]
                if (subject, name) not in overlay.facts and base.holds(row, at_us) and self._leads_somewhere(row):
                    found.append(base.fact(row))
        if overlay.facts:
            names = base.predicates if predicate is None else (predicate,)
            for name in names:
                found += (fact for fact in overlay.facts.get((subject, name), ()) if holds(fact, at_us))
        return tuple(found)

    def targets(self, subject: str, predicate: str, *, at_us: int | None = None) -> list[str]:
        """Return the nodes that an edge leads to."""
        return [str(fact.value) for fact in self.facts(subject, predicate, at_us=at_us)]

    def subjects(self, predicate: str, target: str, *, at_us: int | None = None) -> list[str]:
        """Return the nodes whose edge leads to `target`, in the order of the base."""
        base, overlay = self.base, self.overlay
        changed = overlay.subjects(predicate)
        found: list[str] = []
        number = base.nodes.numbers.get(target)
        if number is not None and target not in overlay.removed:
            rows = base.valid(base.rows_to(number, predicate), at_us)
            ids = (base.nodes.ids[subject] for subject in base.columns.subject[rows].tolist())
            found = [id for id in ids if id not in changed and id not in overlay.removed]
        found += [fact.subject for fact in overlay.facts_of(predicate) if fact.value == target and holds(fact, at_us)]
        return found

    def numbers(
        self, predicate: str, *, low: int | None = None, high: int | None = None, at_us: int | None = None
    ) -> list[str]:
        """Return the nodes that have a number within the bounds, both inclusive."""
        base, overlay = self.base, self.overlay
        rows = base.valid(base.rows_with(predicate), at_us)
        values: Ints = base.columns.value[rows]
        keep = np.ones(len(rows), dtype=bool)
        if low is not None:
            keep &= values >= low
        if high is not None:
            keep &= values <= high
        changed = overlay.subjects(predicate)
        ids = (base.nodes.ids[subject] for subject in base.columns.subject[rows[keep]].tolist())
        found = [id for id in ids if id not in changed and id not in overlay.removed]
        for fact in overlay.facts_of(predicate):
            inside = isinstance(fact.value, int) and (low is None or fact.value >= low)
            if inside and (high is None or fact.value <= high) and holds(fact, at_us):  # type: ignore[operator]
                found.append(fact.subject)
        return found

    def link(self, text: str, *, focus: Sequence[str] = ()) -> tuple[Mention, ...]:
        """Return the nodes that a text names, in its order; `focus` are the nodes last spoken of, the latest first.

        Words that point back (这个, 那个大的, 第二款) are mentions of the focus.
        """
        from knowledge_graph.linking.focus import point_back

        mentions = self.linker.link(text)
        return point_back(self, text, mentions, focus) if focus else mentions

    def ask(self, text: str, *, at_us: int, focus: Sequence[str] = (), limit: int = 20) -> Answer:
        """Answer a question from facts that hold at a time; never from anything else.

        At most `limit` rows come back, `total` says how many there are.
        """
        from knowledge_graph.asking.answering import answer
        from knowledge_graph.asking.understanding import understand

        question = understand(self, text, focus=focus)
        return answer(self, question, at_us=at_us, limit=limit)

    @cached_property
    def linker(self) -> Linker:
        """The linker of this version; its first use builds the automaton, a version of the same base shares it."""
        with self._lock:
            spelled = [spelled_names(self.base)]
            if self.overlay.nodes:
                spelled.append(Misspellings(Lexicon.of(self._overlay_named(), dull=self.schema.own_words)))
            return Linker(spelled, self._describe, mains=self.schema.mains, hidden=self._hidden())

    def _overlay_named(self) -> Iterator[Named]:
        first = len(self.base.nodes.ids)
        for place, node in enumerate(self.overlay.nodes.values()):
            rule = self.schema.kinds[node.kind]
            if rule.linked:
                main = node.kind in self.schema.mains
                yield Named(first + place, node.name, node.aliases, main, rule.single)

    def _hidden(self) -> npt.NDArray[np.bool_] | None:
        """Which nodes of the base are removed or replaced; None when none is."""
        gone = [self.base.nodes.numbers.get(id) for id in (*self.overlay.removed, *self.overlay.nodes)]
        numbers = [number for number in gone if number is not None]
        if not numbers:
            return None
        hidden = np.zeros(len(self.base.nodes.ids) + len(self.overlay.nodes), dtype=bool)
        hidden[numbers] = True
        return hidden

    @cached_property
    def _overlay_ids(self) -> tuple[str, ...]:
        return tuple(self.overlay.nodes)

    def _describe(self, number: int) -> Described | None:
        base = self.base
        count = len(base.nodes.ids)
        if number >= count:
            node: NodeRecord = self.overlay.nodes[self._overlay_ids[number - count]]
            return Described(node.id, node.kind, node.name, self.schema.kind_rank[node.kind])
        id = base.nodes.ids[number]
        if id in self.overlay.removed or id in self.overlay.nodes:
            return None
        kind = int(base.nodes.kinds[number])
        return Described(id, base.kinds[kind], base.nodes.names[number], kind)

    def _leads_somewhere(self, row: int) -> bool:
        base = self.base
        if not self.overlay.removed or base.columns.form[row] != NODE:
            return True
        return base.nodes.ids[base.target(row)] not in self.overlay.removed


def holds(fact: Fact, at_us: int | None) -> bool:
    """Whether a fact is valid at a time; None: at any."""
    if at_us is None:
        return True
    return (fact.valid_from_us is None or fact.valid_from_us <= at_us) and (
        fact.valid_to_us is None or at_us < fact.valid_to_us
    )


def spelled_names(base: Base) -> Misspellings:
    """The names of a base in all their spellings, built once and shared by every version over it."""
    known = getattr(base, "_spelled", None)
    if known is None:
        known = Misspellings(Lexicon.of(_named(base), dull=base.schema.own_words))
        object.__setattr__(base, "_spelled", known)
    assert isinstance(known, Misspellings)
    return known


def _named(base: Base) -> Iterable[Named]:
    nodes, schema = base.nodes, base.schema
    mains = {schema.kind_rank[kind] for kind in schema.mains}
    rules = [schema.kinds[kind] for kind in base.kinds]
    for number, kind in enumerate(nodes.kinds.tolist()):
        if rules[kind].linked:
            yield Named(
                number,
                nodes.names[number],
                nodes.aliases.get(number, ()),
                kind in mains,
                rules[kind].single,
            )


def graph_of(records: Iterable[Record | Problem], schema: Schema) -> KnowledgeGraph:
    """Build a graph from records; GraphRefused names every record that is wrong."""
    from knowledge_graph.build import build

    return KnowledgeGraph(build(records, schema))
