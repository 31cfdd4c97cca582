"""Our knowledge graph over the places of crosswoz, asked within a conversation."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError, SuiteError, TargetError
from eval.public.crosswoz import STATIONS, Pair, Triple, crosswoz_triples, predicate_of
from eval.public.registry import read_public
from eval.samples.model import digest
from eval.targets.target import Target
from kefu.base.errors import ConfigError
from knowledge_graph.asking.learn import Asked, learn_asks
from knowledge_graph.build import build
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.linking.memory import remember, subjects_of
from knowledge_graph.model import Answer, Fact
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import Schema, packed_schema

_DECIMALS = frozenset({"rating", "ticket", "cost", "price"})
_MOST_ROWS = 60


class PlacesOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`learn` names the turns of crosswoz from which it learns what texts ask for, as the reader takes them."""

    learn: dict[str, Any] = msgspec.field(default_factory=lambda: {"part": "valid"})


class PlacesTarget(Target[PlacesOptions]):
    """Answers with the attributes that it tells, in the names of the data, and the facts behind them.

    An answer's time is that of the last question: what was said before it has been heard before.
    """

    options: ClassVar[type[msgspec.Struct]] = PlacesOptions

    async def start(self) -> None:
        folder = self.setting.bench_data
        if folder is None:
            raise SuiteError("no_bench_data", file="crosswoz")
        schema = packed_schema("places")
        try:
            self._graph = KnowledgeGraph(build(_records(crosswoz_triples(folder), schema), schema))
        except SuiteError:
            raise
        except ConfigError as error:
            raise TargetError("model_unusable", why=str(error)) from error
        talk = _Talk(self._graph, asking=False)
        learned = [
            Asked(row["text"], _predicates(schema, row["values"]), tuple(talk.focus(row["before"])))
            for row, _ in read_public("crosswoz_turns", folder, self.given.learn, place="learn")
        ]
        try:
            self._graph = KnowledgeGraph(self._graph.base, asks=learn_asks(self._graph, learned))
        except ConfigError as error:
            raise SuiteError("training_failed", why=str(error)) from error
        self._talk = _Talk(self._graph, asking=True)
        self._hash = digest([self._graph.version, self.given.learn])

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        text = asked.get("text")
        if not isinstance(text, str):
            raise SampleError("bad_sample", "no text")
        focus = self._talk.focus(asked.get("before") or ())
        began = time.perf_counter_ns()
        found = self._talk.answer(text, focus)
        took_ms = (time.perf_counter_ns() - began) / 1e6
        told = _told(self._graph, found)
        return {
            "status": found.status,
            "attributes": [{"of": of, "name": name, "values": values} for (of, name), values in told.items()],
            "evidence": [_evidence(self._graph, fact) for row in found.rows for fact in row.facts][:3],
            "took_ms": took_ms,
        }

    def describe(self) -> dict[str, str]:
        return {"model": self._hash, "graph": self._graph.version}


class _Talk:
    """What a conversation has spoken of; one that goes on is not heard again from its beginning."""

    def __init__(self, graph: KnowledgeGraph, *, asking: bool) -> None:
        self._graph, self._asking = graph, asking
        self._heard: list[Mapping[str, str]] = []
        self._focus: list[str] = []
        self._about: list[str] = []
        self._last: tuple[str, list[str], Answer] | None = None

    def focus(self, said: Sequence[Mapping[str, str]]) -> list[str]:
        """Return the nodes that the turns `{role, text}` spoke of, the latest first."""
        if list(said[: len(self._heard)]) != self._heard:
            self._heard, self._focus, self._about = [], [], []
        for turn in said[len(self._heard) :]:
            ours = turn["role"] == "user"
            if ours and self._asking:
                self._about = subjects_of(self.answer(turn["text"], self._focus))
            self._focus = remember(self._graph, turn["text"], self._focus, by_customer=ours, about=self._about)
            self._heard.append(turn)
        return self._focus

    def answer(self, text: str, focus: list[str]) -> Answer:
        """Return the graph's answer to a question in this conversation."""
        if self._last is None or self._last[:2] != (text, focus):
            found = self._graph.ask(text, at_us=0, focus=focus, limit=_MOST_ROWS)
            self._last = text, focus, found
        return self._last[2]


def _records(triples: Sequence[Triple], schema: Schema) -> Iterator[Record]:
    labels = {rule.label: name for name, rule in schema.predicates.items()}
    seen: set[str] = set()
    for one in triples:
        if one.head not in seen:
            seen.add(one.head)
            kind, _, name = one.head.partition(":")
            yield NodeRecord(one.head, kind, name, (), one.place)
    said: set[tuple[str, str, str]] = set()
    for one in triples:
        key = one.head, one.relation, one.tail
        if one.relation in labels and key not in said:
            said.add(key)
            yield FactRecord(one.head, labels[one.relation], one.tail, one.place)


def _predicates(schema: Schema, asked: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({predicate_of(schema, (one["of"], one["name"])) for one in asked} - {""}))


def _told(graph: KnowledgeGraph, answer: Answer) -> dict[Pair, list[str]]:
    """What an answer says, in the names of the data."""
    found: dict[Pair, list[str]] = {}
    if answer.status not in ("answered", "no_data") or answer.kind not in ("attribute", "membership"):
        return found
    wanted = [name for name in answer.asked.get("wanted", "").split("、") if name]
    for row in answer.rows:
        node = graph.find_node(row.node_id)
        domain = "" if node is None else graph.schema.kinds[node.kind].label
        tests = answer.asked.get("include", "").split("、") if answer.kind == "membership" else []
        for test, holds in zip(tests, answer.asked.get("each", "").split("、"), strict=False):
            found[domain, f"酒店设施-{test.partition('facility:')[2]}"] = ["是" if holds == "yes" else "否"]
        told = {fact.predicate for fact in row.facts}
        for name in wanted:
            rule = graph.schema.predicates[name]
            if node is not None and node.kind in rule.of and name not in told:
                found[domain, rule.label] = ["无"]
        for fact in row.facts:
            if not tests or fact.predicate in wanted:
                slot = graph.schema.predicates[fact.predicate].label
                found.setdefault((domain, slot), []).extend(_values(graph, fact))
    if wanted == ["metro"] and len(answer.rows) == len(STATIONS):
        # Of a way from here to there both stations are asked: the data calls them by what they are for.
        return dict(zip(STATIONS, found.values(), strict=False))
    return found


def _values(graph: KnowledgeGraph, fact: Fact) -> list[str]:
    """A fact as replies say it; several telephone numbers in one fact are several values."""
    target = graph.find_node(str(fact.value))
    value = str(fact.value) if target is None else target.name
    if fact.predicate in _DECIMALS:
        value = value.removesuffix(".0")
    if fact.predicate == "ticket" and value == "0":
        value = "免费"
    return re.split("[,;，；]", value) if fact.predicate == "phone" else [value]


def _evidence(graph: KnowledgeGraph, fact: Fact) -> dict[str, str]:
    about, target = graph.find_node(fact.subject), graph.find_node(str(fact.value))
    name = fact.subject if about is None else about.name
    label = graph.schema.predicates[fact.predicate].label
    return {"text": f"{name} · {label} = {fact.value if target is None else target.name}", "source": fact.source}
