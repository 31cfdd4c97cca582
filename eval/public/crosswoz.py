"""crosswoz: dialogues about places of a city, and the triples that answer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from eval.errors import SuiteError
from eval.public.rows import Row, jsonl, lines
from knowledge_graph.schema import Schema, packed_schema

Pair = tuple[str, str]
STATIONS: tuple[Pair, ...] = (("地铁", "出发地附近地铁站"), ("地铁", "目的地附近地铁站"))
_FOLDER, _TRIPLES, _METRO, _NAME = "crosswoz", "kg_triples.tsv.gz", "地铁", "名称"
_ROLES = {"usr": "user", "sys": "system"}


@dataclass(frozen=True, slots=True)
class Triple:
    """`head` and, for places near, `tail` are `kind:name`; `relation` is the label of a predicate."""

    head: str
    relation: str
    tail: str
    place: str


class _Turn(msgspec.Struct):
    role: Literal["usr", "sys"]
    text: str
    dialog_act: list[tuple[str, str, str, str]]
    db_results: dict[str, list[str]] = {}


class _Dialogue(msgspec.Struct):
    dialogue_id: str
    turns: list[_Turn]


def crosswoz_triples(folder: Path) -> list[Triple]:
    """Return what the schema `places` knows of the triples, without ways to places that are none of the heads.

    The first row is the header. Raises SuiteError with file:line for a row that is no triple.
    """
    schema = packed_schema("places")
    edges = {rule.label: schema.is_edge(name) for name, rule in schema.predicates.items()}
    found: list[Triple] = []
    for number, line in lines(folder / _FOLDER / _TRIPLES):
        parts = line.rstrip("\r\n").split("\t")
        if len(parts) != 3 or not all(parts):
            raise SuiteError("row_cells", place=f"{folder / _FOLDER / _TRIPLES}:{number}", wanted=3)
        if number > 1:
            head, relation, tail = parts
            found.append(Triple(head, relation, tail, f"{_TRIPLES}:{number}"))
    heads = {one.head for one in found}
    known = (one for one in found if one.relation in edges)
    return [one for one in known if not edges[one.relation] or one.tail in heads or ":" not in one.tail]


def crosswoz_turns(folder: Path, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the customer turns of `part` (valid, test) with what was said before and what was asked for.

    `values` has an object a requested (domain, slot): `of`, `name`; and, where a name of that domain has been said (in
    this turn or before) and the next system turn tells it, the gold `values` and `held`: whether the triples say
    anything of it for the places of that reply. `fold` of `folds` splits by dialogue: with `inside` that fold, else the
    others.
    """
    part = str(options["part"])
    path = folder / _FOLDER / f"dialogues.{part}.jsonl.gz"
    known = {(one.head, one.relation) for one in crosswoz_triples(folder)}
    for number, (row, place) in enumerate(jsonl(path)):
        if "fold" in options:
            mine = number % int(options["folds"]) == int(options["fold"])
            if mine != bool(options["inside"]):
                continue
        try:
            dialogue = msgspec.convert(row, _Dialogue)
        except msgspec.ValidationError as error:
            raise SuiteError("row_broken", place=f"{path.parent}/{place}", why=str(error)) from error
        for told in _turns(dialogue, known):
            yield told, place


def predicate_of(schema: Schema, pair: Pair) -> str:
    """Return the predicate that a pair of the data asks for, empty when the schema has none."""
    label = _label(pair)
    return next((name for name, rule in schema.predicates.items() if rule.label == label), "")


def _label(pair: Pair) -> str:
    return _METRO if pair in STATIONS else pair[1].partition("-")[0]


def _turns(dialogue: _Dialogue, known: set[Pair]) -> Iterator[dict[str, Any]]:
    said: list[dict[str, str]] = []
    named: set[str] = set()
    replies = [*dialogue.turns[1:], _Turn("sys", "", [])]
    for number, (turn, reply) in enumerate(zip(dialogue.turns, replies, strict=True)):
        named |= {domain for _, domain, slot, value in turn.dialog_act if slot == _NAME and value}
        if turn.role == "usr":
            gold = _informed(reply.dialog_act)
            asked = [
                {
                    "of": pair[0],
                    "name": pair[1],
                    **({"values": gold[pair], "held": _held(pair, reply, known)} if _judged(pair, gold, named) else {}),
                }
                for pair in sorted(_requested(turn.dialog_act))
            ]
            yield {
                "id": f"{dialogue.dialogue_id}/{number}",
                "group": dialogue.dialogue_id,
                "text": turn.text,
                "before": list(said),
                "status": "answered" if any("values" in one for one in asked) else "open",
                "values": asked,
                **_slices(asked),
            }
        said.append({"role": _ROLES[turn.role], "text": turn.text})


def _judged(pair: Pair, gold: Mapping[Pair, list[str]], named: set[str]) -> bool:
    return pair in gold and pair[0] in named


def _slices(asked: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The domain and the slot of what is judged; turns that ask for several have their first."""
    first = next((one for one in asked if "values" in one), None)
    return {} if first is None else {"domain": str(first["of"]), "slot": _label((first["of"], first["name"]))}


def _requested(acts: Sequence[tuple[str, str, str, str]]) -> set[Pair]:
    return {(domain, slot) for act, domain, slot, _ in acts if act == "Request" and slot != _NAME}


def _informed(acts: Sequence[tuple[str, str, str, str]]) -> dict[Pair, list[str]]:
    gold: dict[Pair, set[str]] = {}
    for act, domain, slot, value in acts:
        if act == "Inform":
            gold.setdefault((domain, slot), set()).add(value)
    return {pair: sorted(values) for pair, values in gold.items()}


def _held(pair: Pair, reply: _Turn, known: set[Pair]) -> bool:
    schema = packed_schema("places")
    kind = next((name for name, rule in schema.kinds.items() if rule.label == pair[0]), "")
    return any((f"{kind}:{name}", _label(pair)) in known for name in reply.db_results.get(pair[0], ()))
