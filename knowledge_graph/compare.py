"""What one version says that another does not: the preview before a load, and `kefu graph diff`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.model import Fact, Value

What = Literal["added", "changed", "removed"]
_Said = tuple[Value, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A node or one of its predicates that differs; `before` and `after` are values, `source` its place now."""

    what: What
    subject: str
    predicate: str | None
    before: tuple[Value, ...]
    after: tuple[Value, ...]
    source: str


def compare(old: KnowledgeGraph, new: KnowledgeGraph) -> list[Difference]:
    """Return the differences in the order of the new version, what is gone last.

    Versions over the same base differ in their overlays only, so that the cost is that of the change.
    """
    if old.base is new.base:
        subjects: Iterable[str] = dict.fromkeys((*_touched(old), *_touched(new)))
    else:
        subjects = dict.fromkeys((*_all(new), *_all(old)))
    return [difference for subject in subjects for difference in _of(subject, old, new)]


def _touched(graph: KnowledgeGraph) -> list[str]:
    overlay = graph.overlay
    return [*overlay.nodes, *(subject for subject, _ in overlay.facts), *sorted(overlay.removed)]


def _all(graph: KnowledgeGraph) -> Iterable[str]:
    for kind in graph.schema.kinds:
        yield from graph.nodes(kind)


def _of(subject: str, old: KnowledgeGraph, new: KnowledgeGraph) -> Iterable[Difference]:
    was, now = old.find_node(subject), new.find_node(subject)
    if was is None or now is None:
        if now is not None:
            yield Difference("added", subject, None, (), (now.name,), now.source)
        elif was is not None:
            yield Difference("removed", subject, None, (was.name,), (), was.source)
    elif (was.name, was.aliases, was.kind) != (now.name, now.aliases, now.kind):
        yield Difference("changed", subject, None, (was.name, *was.aliases), (now.name, *now.aliases), now.source)
    if now is None:
        return
    before, after = _said(old, subject if was else ""), _said(new, subject)
    for predicate in dict.fromkeys((*after, *before)):
        left, right = before.get(predicate, []), after.get(predicate, [])
        if [_key(fact) for fact in left] != [_key(fact) for fact in right]:
            what: What = "added" if not left else ("removed" if not right else "changed")
            source = (right or left)[0].source
            values = tuple(fact.value for fact in left), tuple(fact.value for fact in right)
            yield Difference(what, subject, predicate, *values, source)


def _said(graph: KnowledgeGraph, subject: str) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in graph.facts(subject):
        found.setdefault(fact.predicate, []).append(fact)
    return found


def _key(fact: Fact) -> _Said:
    return fact.value, fact.valid_from_us, fact.valid_to_us
