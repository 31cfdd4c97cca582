"""Answer a question from facts; what the graph does not hold is said to be missing, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from knowledge_graph.asking.places import part_at
from knowledge_graph.asking.question import Bound, Extreme, Question, Test
from knowledge_graph.asking.selection import Selection, Wish
from knowledge_graph.asking.understanding import class_edges
from knowledge_graph.fold import fold
from knowledge_graph.model import Answer, Fact, Mention, Row, Value

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

# A class may be large; what goes with its first members is answer enough.
_STARTS = 200
# A short name may be part of a name that says something else.
_TELLING = 4
_DENIED = re.compile("[不无非没]")

# So many candidates may be a cut of more.
_SURVEYED = 8

Status = Literal["answered", "no_data", "ambiguous", "not_understood"]


def answer(graph: KnowledgeGraph, question: Question, *, at_us: int, limit: int) -> Answer:
    """Return the answer as of a time, with at most `limit` rows."""
    return _Answering(graph, question, at_us=at_us, limit=limit).run()


class _Answering:
    def __init__(self, graph: KnowledgeGraph, question: Question, *, at_us: int, limit: int) -> None:
        self._graph = graph
        self._question = question
        self._limit = limit
        self._at_us = at_us
        self._select = Selection(graph, at_us=at_us)

    def run(self) -> Answer:
        question = self._question
        if question.kind == "not_understood":
            return self._answer("not_understood", [])
        unclear = next((mention for mention in question.subjects if self._unclear(mention)), None)
        if unclear is not None and question.kind in ("attribute", "membership", "fits", "path", "comparison"):
            rows = [Row(one.node_id, one.name, ()) for one in unclear.fitting]
            return self._whichever(unclear) or self._answer("ambiguous", rows)
        handlers = {
            "attribute": self._attribute,
            "comparison": self._comparison,
            "membership": self._membership,
            "fits": self._partners,
            "path": self._partners,
            "filter": self._filter,
            "count": self._filter,
            "superlative": self._filter,
        }
        return handlers[question.kind]()

    def _unclear(self, mention: Mention) -> bool:
        """Whether it must be asked which is meant; who compares names means what is called so."""
        return mention.ambiguous and (self._question.kind != "comparison" or mention.owner is None)

    def _whichever(self, unclear: Mention) -> Answer | None:
        """The answer that holds whichever is meant (all 铁观音 are from 安溪); None where they differ."""
        question = self._question
        if question.kind not in ("attribute", "membership") or len(question.subjects) > 1:
            return None
        if len(unclear.fitting) >= _SURVEYED:
            return None
        each = [
            answer(
                self._graph,
                replace(question, subjects=(replace(unclear, candidates=(one,), ambiguous=False),)),
                at_us=self._at_us,
                limit=self._limit,
            )
            for one in unclear.fitting
        ]
        said = {(one.status, one.asked.get("holds"), frozenset(_values(one.rows))) for one in each}
        if len(said) > 1:
            return None
        rows = [row for one in each for row in one.rows]
        return replace(each[0], rows=tuple(rows[: self._limit]), total=len(rows))

    def _answer(self, status: Status, rows: Sequence[Row], *, total: int | None = None, **more: str) -> Answer:
        question = self._question
        asked: Mapping[str, str] = {**question.asked(), **more}
        count = len(rows) if total is None else total
        shown = tuple(rows[: self._limit])
        return Answer(status, question.kind, asked, shown, self._at_us, self._graph.version, count)

    def _attribute(self) -> Answer:
        """One row a subject; of a size that does not exist the sizes that do, and nothing else."""
        question, select = self._question, self._select
        wanted = self._wanted()
        rows: list[Row] = []
        told = False
        for subject in dict.fromkeys(mention.candidates[0].node_id for mention in question.subjects):
            parts = self._parts(subject)
            if parts == []:
                rows.append(select.row(subject, self._size_words()))
                continue
            row = select.row(subject, wanted, parts=parts)
            told = told or bool(row.facts)
            rows.append(row)
        return self._answer("answered" if told else "no_data", rows)

    def _parts(self, subject: str) -> list[str] | None:
        """The parts that the question's amounts and words mean; None: all of them, []: a size that does not exist."""
        question, select = self._question, self._select
        if question.nth is not None:
            return part_at(select.parts(subject), question.nth)
        parts = select.inside(subject, question.bounds) if question.bounds else None
        worded = select.sized(subject, question.plain)
        if worded is not None and parts != []:
            both = [part for part in worded if parts is None or part in parts]
            parts = both if both or parts is None else parts
        return self._without_apart(subject, parts) if question.apart else parts

    def _without_apart(self, subject: str, parts: list[str] | None) -> list[str] | None:
        """The same parts without those of the size that is not wanted, where the words mean some."""
        question, select = self._question, self._select
        unwanted = select.inside(subject, question.apart_bounds) if question.apart_bounds else None
        unwanted = unwanted or select.sized(subject, question.apart)
        if not unwanted:
            return parts
        return [part for part in (select.parts(subject) if parts is None else parts) if part not in unwanted]

    def _size_words(self) -> tuple[str, ...]:
        predicates = self._graph.schema.predicates
        bounds = tuple(bound.predicate for bound in self._question.bounds)
        return bounds or tuple(name for name, rule in predicates.items() if rule.tells)

    def _wanted(self) -> tuple[str, ...]:
        """What was asked for; without a word for it, what the schema compares."""
        if self._question.wanted:
            return self._question.wanted
        if self._question.extreme is not None:
            return (self._question.extreme.predicate,)
        target = self._target_kind()
        predicates = self._graph.schema.predicates
        compared = tuple(
            name for name, rule in predicates.items() if rule.compared and target == self._graph.schema.main
        )
        return compared or tuple(name for name, rule in predicates.items() if target in rule.of)

    def _target_kind(self) -> str:
        subjects = self._question.subjects
        if not subjects:
            return self._question.target
        kind = subjects[0].candidates[0].kind
        edge = self._graph.schema.part_of.get(kind)
        return kind if edge is None else edge[1]

    def _comparison(self) -> Answer:
        """A row a subject, the one that wins first; sizes that all subjects have are compared where there are any."""
        question, select = self._question, self._select
        ids = list(dict.fromkeys(mention.candidates[0].node_id for mention in question.subjects))
        if not ids:
            return self._answer("no_data", [])
        wanted = self._wanted()
        worded = {id: self._parts(id) for id in ids}
        alike = worded if all(worded.values()) else self._alike(ids)
        rows = [select.row(id, wanted, parts=alike.get(id)) for id in ids]
        if any(not row.facts for row in rows):
            return self._answer("no_data", rows)
        if question.extreme is not None:
            rows = self._ordered(rows, question.extreme)
        return self._answer("answered", rows)

    def _alike(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Parts of the same size in every subject."""
        for name, rule in self._graph.schema.predicates.items():
            if not rule.size:
                continue
            sizes = {id: self._sizes(id, name) for id in ids}
            common = set.intersection(*(set(by_size) for by_size in sizes.values()))
            if common:
                return {
                    id: [part for size in sorted(common) for part in by_size[size]] for id, by_size in sizes.items()
                }
        return {}

    def _sizes(self, id: str, predicate: str) -> dict[float, list[str]]:
        found: dict[float, list[str]] = {}
        for part in self._select.parts(id) or [id]:
            for fact in self._graph.facts(part, predicate, at_us=self._at_us):
                if isinstance(fact.value, int | float):
                    found.setdefault(float(fact.value), []).append(part)
        return found

    def _ordered(self, rows: Sequence[Row], extreme: Extreme) -> list[Row]:
        def key(row: Row) -> float:
            facts = [fact for fact in row.facts if fact.predicate == extreme.predicate]
            number = self._select.measure(facts, most=extreme.most)
            return float("inf") if number is None else (-number if extreme.most else number)

        return sorted(rows, key=key)

    def _membership(self) -> Answer:
        """Whether a subject passes the tests: yes, no, or `not_listed` where a list of many need not be whole."""
        question, select = self._question, self._select
        subject = question.subjects[0].candidates[0].node_id
        facts: list[Fact] = []
        verdicts: list[str] = []
        for test in question.includes:
            said = select.facts(subject, test.predicate)
            facts += (fact for fact in said if fact not in facts)
            allowed = self._allowed(test)
            if any(fact.value in allowed for fact in said):
                verdicts.append("yes")
            elif said:
                verdicts.append("not_listed" if self._graph.schema.predicates[test.predicate].many else "no")
            else:
                verdicts.append("unknown")
        each = "、".join(verdicts)
        others = select.row(subject, question.wanted).facts if question.wanted else ()
        if "unknown" in verdicts:
            return self._answer("no_data", [select.row(subject, question.wanted)], holds="unknown", each=each)
        holds = "no" if "no" in verdicts else ("not_listed" if "not_listed" in verdicts else "yes")
        node = self._graph.find_node(subject)
        row = Row(subject, node.name if node else subject, (*facts, *others))
        return self._answer("answered", [row], holds=holds, each=each)

    def _allowed(self, test: Test) -> set[str]:
        """The values that say what a test asks: itself, what belongs to it, and what says it and more.

        早餐服务免费 says that there is 早餐服务; 公共区域和部分房间提供wifi that there is wifi in some rooms.
        """
        allowed = set(self._select.meant(test))
        if not self._graph.schema.is_edge(test.predicate):
            return allowed
        node = self._graph.find_node(test.target)
        rule = self._graph.schema.kinds[node.kind] if node is not None else None
        if node is not None and rule is not None and rule.made and len(node.name) >= _TELLING:
            for other in self._graph.nodes(node.kind):
                found = self._graph.find_node(other)
                if found is not None and node.name in found.name and not _DENIED.search(found.name.split(node.name)[0]):
                    allowed.add(other)
        return allowed

    def _partners(self) -> Answer:
        """What goes with a subject, or with anything of a class: the edge, and what was asked of the partner.

        A superlative orders the partners: the first is the answer; of whom its number is unknown is left out.
        """
        question, select = self._question, self._select
        edge = "goes_with"
        classes = [test for test in question.includes if test.predicate == "category"]
        others = [test for test in question.includes if test not in classes]
        starts = [mention.candidates[0].node_id for mention in question.subjects]
        if not starts:
            first, *classes = classes or others
            starts, _ = select.find(Wish(question.target, (first,)), limit=_STARTS)
        wish = Wish(question.target, (*classes, *others), question.excludes, question.without, question.bounds)
        order = () if question.extreme is None else (question.extreme.predicate,)
        wanted = tuple(dict.fromkeys((*order, *(name for name in question.wanted if name != edge))))
        rows: dict[str, Row] = {}
        for start in starts:
            for fact in select.facts(start, edge):
                partner = fact.subject if fact.value == start else str(fact.value)
                known = partner in starts or partner in rows
                if not known and select.passes(partner, wish) and self._ends(partner, question.ending):
                    parts = select.inside(partner, wish.bounds) if wish.bounds else None
                    row = select.row(partner, wanted, parts=parts, path=(start, partner))
                    rows[partner] = replace(row, facts=(fact, *row.facts))
        found = list(rows.values())
        if question.extreme is not None:
            told = [row for row in found if any(fact.predicate in order for fact in row.facts)]
            found = self._ordered(told, question.extreme)
        return self._answer("answered" if found else "no_data", found)

    def _ends(self, id: str, ending: str) -> bool:
        """Whether the name of a node's class has an ending; without one asked for, it has."""
        classes = [fact for name in class_edges(self._graph.schema) for fact in self._select.facts(id, name)]
        nodes = [self._graph.find_node(str(fact.value)) for fact in classes]
        return not ending or any(node is not None and node.name.endswith(ending) for node in nodes)

    def _filter(self) -> Answer:
        """Nodes that satisfy everything, in order; a superlative's first row (or rows, when equal) is the answer."""
        question, select = self._question, self._select
        among, bounds, includes = self._relative()
        named = [mention.candidates[0].node_id for mention in question.subjects] if among is None else []
        without = (*question.without, *named)
        wish = Wish(
            question.target, tuple(includes), question.excludes, without, tuple(bounds),
            None if among is None else tuple(among), question.extreme,
        )  # fmt: skip
        ids, total = select.find(wish, limit=self._limit)
        predicates = [bound.predicate for bound in bounds] + list(question.wanted)
        if question.extreme is not None:
            predicates.insert(0, question.extreme.predicate)
        if question.kind == "filter" and not predicates:
            predicates = list(self._wanted())
        shown = tuple(dict.fromkeys(predicates))
        rows = [select.row(id, shown, parts=select.inside(id, bounds) if bounds else None) for id in ids]
        return self._answer("answered" if rows else "no_data", rows, total=total)

    def _relative(self) -> tuple[list[str] | None, list[Bound], list[Test]]:
        """Bounds and tests taken from a node that was named: 比大红袍便宜的, 和大红袍同产地的, or its family."""
        question, select = self._question, self._select
        bounds, includes = list(question.bounds), list(question.includes)
        if not question.subjects:
            return None, bounds, includes
        subject = question.subjects[0].candidates[0].node_id
        for name in question.same:
            includes += [Test(name, str(fact.value)) for fact in select.facts(subject, name)]
        if question.kind == "filter" and question.extreme is not None:
            extreme = question.extreme
            number = select.measure(select.facts(subject, extreme.predicate), most=extreme.most)
            if number is not None:
                low = int(number) + 1 if extreme.most else None
                bounds.append(Bound(extreme.predicate, low, None if extreme.most else int(number) - 1))
            return None, bounds, includes
        if question.same:
            return None, bounds, includes
        family = [id for mention in question.subjects for id in self._family(mention)]
        return list(dict.fromkeys(family)), bounds, includes

    def _family(self, mention: Mention) -> list[str]:
        """All candidates whose name or alias holds the words that were said: 龙井 is five products."""
        said = fold(mention.text)
        first = mention.candidates[0]
        found = [first.node_id]
        for candidate in mention.candidates[1:]:
            node = self._graph.find_node(candidate.node_id)
            if node is None or node.kind != first.kind or not self._same_class(first.node_id, node.id):
                continue
            if any(said in fold(name) for name in (node.name, *node.aliases)):
                found.append(node.id)
        return found

    def _same_class(self, left: str, right: str) -> bool:
        return all(
            {fact.value for fact in self._select.facts(left, name)}
            & {fact.value for fact in self._select.facts(right, name)}
            for name in class_edges(self._graph.schema)
        )


def _values(rows: Sequence[Row]) -> list[tuple[str, Value]]:
    return [(fact.predicate, fact.value) for row in rows for fact in row.facts]
