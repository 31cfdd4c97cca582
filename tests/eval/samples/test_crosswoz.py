"""crosswoz is read by its protocol, and what is broken in it is told with file and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.errors import SuiteError
from eval.public.crosswoz import crosswoz_triples
from eval.public.registry import read_public
from tests.eval.places_set import INN, TESTED, TOWER, dialogue, pack, sys, usr, write_city


def read(folder: Path, **options: Any) -> list[dict[str, Any]]:
    return [row for row, _ in read_public("crosswoz_turns", folder, options, place="suite.yaml:9")]


def test_each_customer_turn_is_a_question_with_all_that_was_said_before(tmp_path: Path) -> None:
    rows = read(write_city(tmp_path), part="test")
    assert [row["id"] for row in rows] == ["d1/0", "d1/2", "d1/4", "d2/0"]
    assert rows[2]["before"][-2:] == [{"role": "user", "text": "我要去望江塔"}, {"role": "system", "text": "好的"}]
    assert rows[2]["text"] == "电话是多少" and rows[2]["group"] == "d1"


def test_judged_is_what_the_reply_tells_of_a_domain_of_which_a_name_was_said(tmp_path: Path) -> None:
    early, told, phone, rating = read(write_city(tmp_path), part="test")
    assert early["values"] == [{"of": "景点", "name": "评分"}] and early["status"] == "open"
    assert told["values"] == []
    assert phone["values"] == [{"of": "景点", "name": "电话", "values": ["0101111"], "held": True}]
    assert rating["values"] == [{"of": "景点", "name": "评分", "values": ["无"], "held": False}]
    assert (rating["domain"], rating["slot"], rating["status"]) == ("景点", "评分", "answered")


def test_folds_split_by_dialogue(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    inside = {row["group"] for row in read(folder, part="valid", fold=1, folds=3, inside=True)}
    others = {row["group"] for row in read(folder, part="valid", fold=1, folds=3, inside=False)}
    assert inside == {"v1", "v4"} and others == {"v0", "v2", "v3", "v5"}


def test_ways_to_places_that_the_triples_do_not_describe_are_left_out(tmp_path: Path) -> None:
    near = [one for one in crosswoz_triples(write_city(tmp_path)) if one.relation == "周边酒店"]
    assert [(one.head, one.tail, one.place) for one in near] == [(TOWER, INN, "kg_triples.tsv.gz:4")]


def test_an_option_that_nobody_gave_is_told_with_the_suites_line(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"suite\.yaml:9: .*part"):
        read(write_city(tmp_path))


GOOD = json.dumps(TESTED[0], ensure_ascii=False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "test.jsonl.gz:2"),
        ("[]", "test.jsonl.gz:2"),
        ('{"dialogue_id": "x"}', "test.jsonl.gz:2: .*turns"),
        (json.dumps(dialogue("x", {"role": "bot", "text": "a", "dialog_act": []})), "test.jsonl.gz:2: .*role"),
        (json.dumps(dialogue("x", usr("a", ("Request", "景点")), sys("b"))), "test.jsonl.gz:2: .*dialog_act"),
    ],
)
def test_a_dialogue_that_is_none_is_told_with_file_and_line(tmp_path: Path, line: str, told: str) -> None:
    folder = write_city(tmp_path)
    pack(folder / "crosswoz" / "dialogues.test.jsonl.gz", [GOOD, line])
    with pytest.raises(SuiteError, match=told):
        read(folder, part="test")


def test_a_triple_that_lacks_a_part_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    pack(folder / "crosswoz" / "kg_triples.tsv.gz", ["head\trelation\ttail", f"{TOWER}\t电话"])
    with pytest.raises(SuiteError, match=r"kg_triples\.tsv\.gz:2"):
        read(folder, part="test")


@pytest.mark.parametrize("damage", ["cut", "no gzip", "no utf-8"])
def test_a_file_that_cannot_be_unpacked_is_told(tmp_path: Path, damage: str) -> None:
    path = write_city(tmp_path) / "crosswoz" / "dialogues.test.jsonl.gz"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "no gzip":
        path.write_text(GOOD, "utf-8")
    else:
        path.write_bytes(gzip.compress(GOOD.encode() + b"\n\xff\xfe\n"))
    with pytest.raises(SuiteError, match=r"dialogues\.test\.jsonl\.gz:[123]"):
        read(tmp_path, part="test")
