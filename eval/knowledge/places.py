"""Places of a city (crosswoz): what a customer asks of a place known from the conversation, answered from the graph."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.knowledge.figures import Figure
from knowledge_graph.build import build
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.model import Answer
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import Schema, packed_schema

_RIGHT, _PRECISION, _INVENTED = 0.89, 0.90, 0.01
_SUFFIX = {"rating": "分", "ticket": "元", "cost": "元", "price": "元"}
_MEMORY = 12
Pair = tuple[str, str]


def read_places(folder: Path) -> KnowledgeGraph:
    """Build the graph of the triples."""
    schema = packed_schema("places")
    return KnowledgeGraph(build(_records(folder / "kg_triples.tsv.gz", schema), schema))


def _records(path: Path, schema: Schema) -> Iterator[Record]:
    labels = {rule.label: name for name, rule in schema.predicates.items()}
    seen: set[str] = set()
    facts: list[FactRecord] = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for number, line in enumerate(file, start=2):
            head, relation, tail = line.rstrip("\n").split("\t")
            kind, _, name = head.partition(":")
            source = f"kg_triples.tsv:{number}"
            if head not in seen:
                seen.add(head)
                yield NodeRecord(head, kind, name, (), source)
            if relation in labels:
                facts.append(FactRecord(head, labels[relation], tail, source))
    for fact in dict.fromkeys(facts):
        if not schema.is_edge(fact.predicate) or str(fact.value) in seen or ":" not in str(fact.value):
            yield fact


@dataclass
class _Tally:
    asked: int = 0
    right: int = 0
    exact: int = 0
    covered: int = 0
    detected: int = 0
    detected_right: int = 0
    unanswerable: int = 0
    invented: int = 0
    missed: list[str] = field(default_factory=list)


def measure_places(folder: Path, *, part: str = "test") -> Iterator[Figure]:
    """Yield how many requested attributes are right, how precise the detection is, and what was invented."""
    graph = read_places(folder)
    tally = _Tally()
    with gzip.open(folder / f"dialogues.{part}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            _dialogue(graph, json.loads(line)["turns"], tally)
    work = f"crosswoz {part}, {tally.asked} asked"
    cut = "lists cut to as many as the reply names"
    yield Figure(work, "attributes right", tally.right / max(tally.asked, 1), "", _RIGHT, "more", cut)
    exact = tally.exact / max(tally.asked, 1)
    yield Figure(work, "the very set of the reply", exact, "", note="lists are longer than what replies name")
    covered = tally.covered / max(tally.asked, 1)
    yield Figure(
        work, "everything told that was wanted, perhaps more", covered, "", note="replies of the data name some"
    )
    yield Figure(work, "precision", tally.detected_right / max(tally.detected, 1), "", _PRECISION, "more")
    yield Figure(work, "said without a fact", tally.invented / max(tally.unanswerable, 1), "", _INVENTED)


def _dialogue(graph: KnowledgeGraph, turns: Sequence[Mapping[str, Any]], tally: _Tally) -> None:
    focus: list[str] = []
    named: set[str] = set()
    for turn, reply in zip(turns, [*turns[1:], {"dialog_act": []}], strict=True):
        if turn["role"] == "usr":
            found = _found(graph, graph.ask(turn["text"], at_us=0, focus=focus, limit=60))
            requested = {(d, s) for act, d, s, _ in turn["dialog_act"] if act == "Request" and s != "名称"}
            tally.detected += len(found)
            tally.detected_right += len(found.keys() & requested)
            gold = _informed(reply["dialog_act"])
            for domain, slot in sorted(requested & gold.keys()):
                if domain in named:
                    _judge(graph, (domain, slot), gold[domain, slot], found, turn["text"], tally)
        named |= {act[1] for act in turn["dialog_act"] if act[2] == "名称" and act[3]}
        focus = _remember(graph, turn["text"], focus, by_customer=turn["role"] == "usr")


def _judge(
    graph: KnowledgeGraph, pair: Pair, gold: set[str], found: Mapping[Pair, Sequence[str]], text: str, tally: _Tally
) -> None:
    tally.asked += 1
    said = list(dict.fromkeys(found.get(pair, ())))
    # A reply names the first few of a long list: what is said is cut to as many.
    right = set(said[: len(gold)]) == gold
    tally.right += right
    tally.exact += set(said) == gold
    tally.covered += bool(gold) and gold <= set(said)
    if not right:
        tally.missed.append(f"{text} | {pair} | {sorted(gold)[:3]} | {said[:3]}")
    if gold <= {"无", "没有", "未知", "暂无"}:
        tally.unanswerable += 1
        tally.invented += bool(set(said) - gold)


def _informed(acts: Sequence[Sequence[str]]) -> dict[Pair, set[str]]:
    gold: dict[Pair, set[str]] = {}
    for act, domain, slot, value in acts:
        if act == "Inform":
            gold.setdefault((domain, slot), set()).add(_trim(value))
    return gold


def _found(graph: KnowledgeGraph, answer: Answer) -> dict[Pair, list[str]]:
    """What an answer says, in the names of the data."""
    found: dict[Pair, list[str]] = {}
    if answer.status not in ("answered", "no_data") or answer.kind not in ("attribute", "membership"):
        return found
    for row in answer.rows:
        node = graph.find_node(row.node_id)
        domain = "" if node is None else graph.schema.kinds[node.kind].label
        if answer.kind == "membership":
            for test in answer.asked.get("include", "").split("、"):
                name = test.partition("facility:")[2]
                if name:
                    found[domain, f"酒店设施-{name}"] = ["是" if answer.asked["holds"] == "yes" else "否"]
            continue
        told = {fact.predicate for fact in row.facts}
        for name in answer.asked.get("wanted", "").split("、"):
            rule = graph.schema.predicates.get(name)
            if rule is not None and node is not None and node.kind in rule.of and name not in told:
                found[domain, rule.label] = ["无"]
        for fact in row.facts:
            slot = graph.schema.predicates[fact.predicate].label
            target = graph.find_node(str(fact.value))
            value = str(fact.value) if target is None else target.name
            if fact.predicate in _SUFFIX:
                value = value.removesuffix(".0")
            if fact.predicate == "ticket" and value == "0":
                value = "免费"
            suffix = _SUFFIX.get(fact.predicate, "")
            if suffix and re.fullmatch(r"[\d.]+", value):
                value += suffix
            found.setdefault((domain, slot), []).append(_trim(value))
    return found


def _remember(graph: KnowledgeGraph, text: str, focus: Sequence[str], *, by_customer: bool) -> list[str]:
    """A place that is named comes first; of a list that the other side reads out, none has been chosen yet."""
    named = [mention.candidates[0] for mention in graph.link(text)]
    fresh = [one.node_id for one in named if one.kind in graph.schema.mains and one.score >= 0.9]
    if len(fresh) > 1 and not by_customer:
        known = {one.partition(":")[0] for one in focus}
        return list(dict.fromkeys((*focus, *(one for one in fresh if one.partition(":")[0] not in known))))[:_MEMORY]
    return list(dict.fromkeys((*fresh, *focus)))[:_MEMORY]


def _trim(value: str) -> str:
    """Without spaces, and without the commas between several numbers, which the dialogues leave out."""
    return re.sub(r"[\s,，、]+", "", value)
