"""Places of a city (crosswoz): what a customer asks of a place known from the conversation, answered from the graph."""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.knowledge.figures import Figure
from knowledge_graph.asking.learn import Asked, learn_asks
from knowledge_graph.build import build
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.linking.memory import remember, subjects_of
from knowledge_graph.model import Answer, Fact
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import Schema, packed_schema

_RIGHT, _PRECISION, _INVENTED = 0.89, 0.90, 0.01
_SUFFIX = frozenset({"rating", "ticket", "cost", "price"})
_FOLDS = 5
Pair = tuple[str, str]
Turns = Sequence[Mapping[str, Any]]
_STATIONS: tuple[Pair, ...] = (("地铁", "出发地附近地铁站"), ("地铁", "目的地附近地铁站"))


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
    empty: int = 0
    """Unanswerable, and the graph has nothing either for the places that the reply speaks of."""
    invented_of_empty: int = 0
    missed: list[str] = field(default_factory=list)


def measure_places(folder: Path, *, part: str = "test") -> Iterator[Figure]:
    """Yield how many requested attributes are right, how precise the detection is, and what was invented.

    What is asked for is learned from the dialogues of valid; valid itself is judged by folds of dialogues.
    """
    graph = read_places(folder)
    tally = _Tally()
    learned = _read_dialogues(folder, "valid")
    if part == "valid":
        for fold in range(_FOLDS):
            asked = _learned(graph, [one for place, one in enumerate(learned) if place % _FOLDS != fold])
            for turns in learned[fold::_FOLDS]:
                _dialogue(asked, turns, tally)
    else:
        asked = _learned(graph, learned)
        for turns in _read_dialogues(folder, part):
            _dialogue(asked, turns, tally)
    work = f"crosswoz {part}, {tally.asked} asked"
    cut = f"lists cut to as many as the reply names; {_interval(tally.right, tally.asked)}"
    yield Figure(work, "attributes right", tally.right / max(tally.asked, 1), "", _RIGHT, "more", cut)
    exact = tally.exact / max(tally.asked, 1)
    yield Figure(work, "the very set of the reply", exact, "", note="lists are longer than what replies name")
    covered = tally.covered / max(tally.asked, 1)
    yield Figure(
        work, "everything told that was wanted, perhaps more", covered, "", note="replies of the data name some"
    )
    precise = tally.detected_right / max(tally.detected, 1)
    told = _interval(tally.detected_right, tally.detected)
    yield Figure(work, "precision", precise, "", _PRECISION, "more", told)
    told = f"{tally.invented} of {tally.unanswerable}; {_interval(tally.invented, tally.unanswerable)}"
    yield Figure(work, "said without a fact", tally.invented / max(tally.unanswerable, 1), "", _INVENTED, note=told)
    told = f"{tally.invented_of_empty} of {tally.empty}; {_interval(tally.invented_of_empty, tally.empty)}"
    share = tally.invented_of_empty / max(tally.empty, 1)
    yield Figure(work, "the same, where the graph has none for the place of the reply", share, "", note=told)


def _interval(count: int, total: int) -> str:
    """The 95 % interval of a share (Wilson)."""
    if not total:
        return ""
    share, z = count / total, 1.96
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{max(middle - half, 0):.3f} to {min(middle + half, 1):.3f}"


def _read_dialogues(folder: Path, part: str) -> list[Turns]:
    with gzip.open(folder / f"dialogues.{part}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line)["turns"] for line in file]


def _learned(graph: KnowledgeGraph, dialogues: Sequence[Turns]) -> KnowledgeGraph:
    """The graph with what customers of these dialogues asked for learned."""
    examples: list[Asked] = []
    for turns in dialogues:
        focus: list[str] = []
        for turn in turns:
            if turn["role"] == "usr":
                wanted = {_predicate(graph.schema, pair) for pair in _requested(turn)}
                examples.append(Asked(turn["text"], tuple(sorted(wanted - {""})), tuple(focus)))
            focus = remember(graph, turn["text"], focus, by_customer=turn["role"] == "usr")
    return KnowledgeGraph(graph.base, asks=learn_asks(graph, examples))


def _requested(turn: Mapping[str, Any]) -> set[Pair]:
    return {(domain, slot) for act, domain, slot, _ in turn["dialog_act"] if act == "Request" and slot != "名称"}


def _predicate(schema: Schema, pair: Pair) -> str:
    """The predicate of a pair of the data, empty when the graph has none."""
    slot = "地铁" if pair in _STATIONS else pair[1].partition("-")[0]
    return next((name for name, rule in schema.predicates.items() if rule.label == slot), "")


def _dialogue(graph: KnowledgeGraph, turns: Turns, tally: _Tally) -> None:
    focus: list[str] = []
    about: list[str] = []
    named: set[str] = set()
    for turn, reply in zip(turns, [*turns[1:], {"dialog_act": []}], strict=True):
        if turn["role"] == "usr":
            answer = graph.ask(turn["text"], at_us=0, focus=focus, limit=60)
            found = _found(graph, answer)
            about = subjects_of(answer)
            requested = _requested(turn)
            tally.detected += len(found)
            tally.detected_right += len(found.keys() & requested)
            gold = _informed(reply["dialog_act"])
            for domain, slot in sorted(requested & gold.keys()):
                if domain in named:
                    held = _held(graph, (domain, slot), reply)
                    _judge((domain, slot), gold[domain, slot], found, turn["text"], tally, held=held)
        named |= {act[1] for act in turn["dialog_act"] if act[2] == "名称" and act[3]}
        focus = remember(graph, turn["text"], focus, by_customer=turn["role"] == "usr", about=about)


def _held(graph: KnowledgeGraph, pair: Pair, reply: Mapping[str, Any]) -> bool:
    """Whether the graph has something to say of the places that a reply speaks of."""
    kind = next((name for name, rule in graph.schema.kinds.items() if rule.label == pair[0]), "")
    names = reply.get("db_results", {}).get(pair[0], ())
    return any(graph.facts(f"{kind}:{name}", _predicate(graph.schema, pair)) for name in names)


def _judge(
    pair: Pair, gold: set[str], found: Mapping[Pair, Sequence[str]], text: str, tally: _Tally, *, held: bool
) -> None:
    tally.asked += 1
    said = list(dict.fromkeys(found.get(pair, ())))
    # A reply names the first few of a long list: what is said is cut to as many.
    right = set(said[: len(gold)]) == gold or (pair[1] == "电话" and {"".join(said)} == gold)
    tally.right += right
    tally.exact += set(said) == gold
    tally.covered += bool(gold) and gold <= set(said)
    if not right:
        tally.missed.append(f"{text} | {pair} | {sorted(gold)[:3]} | {said[:3]}")
    if gold <= {"无", "没有", "未知", "暂无"}:
        tally.unanswerable += 1
        tally.invented += bool(set(said) - gold)
        tally.empty += not held
        tally.invented_of_empty += bool(set(said) - gold) and not held


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
    if wanted == ["metro"] and len(answer.rows) == len(_STATIONS):
        # Of a way from here to there both stations are asked: the data calls them by what they are for.
        return dict(zip(_STATIONS, found.values(), strict=False))
    return found


def _values(graph: KnowledgeGraph, fact: Fact) -> list[str]:
    """A fact as replies say it; several telephone numbers in one fact are several values."""
    target = graph.find_node(str(fact.value))
    value = str(fact.value) if target is None else target.name
    if fact.predicate in _SUFFIX:
        value = value.removesuffix(".0")
    if fact.predicate == "ticket" and value == "0":
        value = "免费"
    return [_trim(one) for one in re.split("[,;，；]", value)] if fact.predicate == "phone" else [_trim(value)]


def _trim(value: str) -> str:
    """Without spaces, without the marks between several numbers, which the dialogues leave out, and without a unit."""
    return re.sub(r"^([\d.]+)[元分]$", r"\1", re.sub(r"[\s,，、;；-]+", "", value))
