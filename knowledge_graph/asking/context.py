"""Graphs of several main kinds: which node a question is about, from the text and from what was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from knowledge_graph.asking.question import Question, Test
from knowledge_graph.asking.reading import Reading, may_ask_whether, nearby
from knowledge_graph.fold import fold
from knowledge_graph.linking.focus import back_mention
from knowledge_graph.model import Mention

if TYPE_CHECKING:
    from knowledge_graph.graph import KnowledgeGraph

_SURE = 0.9
_JOINTS = frozenset("和与跟、到及去 ")
_THERE = re.compile("[到去至达]$")
_SHORT = 2
_LIKELY = 0.75


def in_context(graph: KnowledgeGraph, question: Question, reading: Reading, spoken: Sequence[str]) -> Question | None:
    """Return the question about one node (or several that are named side by side), None when it asks for no attribute.

    Only predicates that the node can have stay wanted: 价格 of a hotel is no ticket. `spoken`: the latest first.
    """
    tests = _tests(graph, question, reading)
    if not question.wanted and not tests:
        told = graph.asks is not None and question.extreme is None and question.subjects
        return replace(question, kind="not_understood") if told else None
    if question.extreme is not None and question.extreme.only:
        return None
    subjects = _subjects(graph, reading, (*question.wanted, *(test.predicate for test in tests)), spoken)
    if not subjects:
        return None
    kinds = {one.candidates[0].kind for one in subjects}
    fits = {name for name, rule in graph.schema.predicates.items() if kinds & set(rule.of)}
    wanted = tuple(name for name in question.wanted if name in fits)
    tests = tuple(test for test in tests if test.predicate in fits)
    if not tests:
        return replace(question, kind="attribute", subjects=subjects, wanted=wanted)
    wanted = tuple(name for name in wanted if name not in {test.predicate for test in tests})
    return replace(question, kind="membership", subjects=subjects[:1], wanted=wanted, includes=tests)


def _tests(graph: KnowledgeGraph, question: Question, reading: Reading) -> tuple[Test, ...]:
    """What is asked to hold of the subject: values of an edge to things that no question is about (有健身房吗).

    Of a name that a place and a facility share the facility is meant, as the question is about facilities.
    """
    schema = graph.schema
    if graph.asks is None:
        return question.includes if may_ask_whether(reading.masked) else ()
    edges = {schema.predicates[name].unit: name for name in question.wanted if schema.is_edge(name)}
    found = []
    for mention in reading.mentions:
        for one in mention.candidates:
            if one.kind in edges and one.kind not in schema.mains and one.score >= _LIKELY:
                found.append(Test(edges[one.kind], one.node_id))
                break
    return tuple(dict.fromkeys(found))


def _subjects(
    graph: KnowledgeGraph, reading: Reading, names: Sequence[str], spoken: Sequence[str]
) -> tuple[Mention, ...]:
    """The last that the text names or points at before it asks, with what is named beside it; else what follows, else
    what was spoken of last. Each must be able to have something of what is asked."""
    of = {kind for name in names for kind in graph.schema.predicates[name].of}
    known = [back_mention(graph, id) for id in spoken]
    known = [one for one in known if _kind(one) in of]
    sure, vague = _split(reading, known)
    asked_at = _asked_at(reading, names)
    before = [(one.end, one) for one in sure if one.end <= asked_at and _kind(one) in of]
    near = {graph.schema.predicates[name].unit for name in names if graph.schema.predicates[name].around}
    for cue in reading.cues:
        if cue.name in near and asked_at == len(reading.masked):
            continue
        latest = [one for one in known if _kind(one) == cue.name] if cue.role == "kind" else []
        if latest and cue.end <= asked_at:
            before.append((cue.end, latest[0]))
    if before:
        return _side_by_side(reading, sure, max(before, key=lambda one: one[0])[1])
    after = [one for one in sure if _kind(one) in of and one.start >= asked_at]
    return tuple((after or known or [one for one in vague if _kind(one) in of])[:1])


def _kind(mention: Mention) -> str:
    return mention.candidates[0].kind


def _split(reading: Reading, known: Sequence[Mention]) -> tuple[list[Mention], list[Mention]]:
    """Sure mentions of main kinds, and vague ones; a vague one that is part of a name just spoken of means that."""
    sure: list[Mention] = []
    vague: list[Mention] = []
    for mention in reading.mentions:
        if _kind(mention) not in reading.schema.mains:
            continue
        if mention.candidates[0].score >= _SURE and not mention.ambiguous:
            sure.append(mention)
            continue
        said = fold(mention.text)
        meant = [one for one in known if len(said) >= _SHORT and said in fold(one.candidates[0].name)]
        if meant:
            sure.append(replace(meant[0], start=mention.start, end=mention.end, text=mention.text))
        else:
            vague.append(mention)
    return sure, vague


def _asked_at(reading: Reading, names: Sequence[str]) -> int:
    """Where the text begins to ask; its end when no word of the schema tells."""
    places = [cue.start for cue in reading.cues if cue.role == "wanted" and cue.name in names]
    near = nearby(reading.masked)
    if near is not None and any(reading.schema.predicates[name].around for name in names):
        places.append(near.start())
    return min(places, default=len(reading.masked))


def _side_by_side(reading: Reading, sure: Sequence[Mention], last: Mention) -> tuple[Mention, ...]:
    """A mention with those that are joined to it: 故宫和天坛, 从故宫坐车到天坛."""
    found = [last]
    for one in reversed(sure):
        between = reading.masked[one.end : found[0].start]
        if last.end > last.start and one.end < found[0].start:
            way = reading.masked[: one.start].endswith("从") and _THERE.search(between)
            if way or set(between) <= _JOINTS:
                found.insert(0, one)
    return tuple({one.candidates[0].node_id: one for one in found}.values())
