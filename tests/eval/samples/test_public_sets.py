"""Outside sets are read by their protocols; the sets here are a few rows in their form."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.errors import SuiteError
from eval.public.registry import READERS, read_public
from eval.spec.read import find_suites, read_suite

PUBLIC = Path(__file__).parents[3] / "eval" / "suites" / "public"


def put(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def read(name: str, folder: Path, **options: Any) -> list[dict[str, Any]]:
    return [row for row, _ in read_public(name, folder, options, place="suite.yaml:1")]


def test_labelled_rows_draw_the_same_few_of_each_class(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", [{"text": f"{name}{n}", "intent": name} for name in "ab" for n in range(9)])
    first = read("labelled", tmp_path, files=["a.jsonl"], per_class=3, seed=1)
    assert len(first) == 6 and {row["intent"] for row in first} == {"a", "b"}
    assert first == read("labelled", tmp_path, files=["a.jsonl"], per_class=3, seed=1)
    assert first != read("labelled", tmp_path, files=["a.jsonl"], per_class=3, seed=2)


def test_clincs_foreign_rows_have_no_intent(tmp_path: Path) -> None:
    put(tmp_path / "clinc150" / "test.jsonl", [{"text": "a", "intent": "greet"}])
    put(tmp_path / "clinc150" / "oos_test.jsonl", [{"text": "b", "intent": "oos"}])
    assert [row["intent"] for row in read("clinc_test", tmp_path)] == ["greet", None]


def test_lcqmc_asks_with_positive_pairs_of_differing_texts(tmp_path: Path) -> None:
    pairs = [("q1", "c1", 1), ("q1", "c2", 1), ("q2", "c1", 0), ("q3", "q3", 1)]
    put(tmp_path / "lcqmc" / "test.jsonl", [{"query": q, "candidate": c, "label": y} for q, c, y in pairs])
    (row,) = read("lcqmc_queries", tmp_path, size="full")
    assert (row["text"], row["relevant"]) == ("q1", ["c1", "c2"])
    assert [entry["id"] for entry in read("lcqmc_entries", tmp_path, size="full")] == ["c1", "c2", "q3"]


def test_stackfaqs_folds_ask_what_they_did_not_log(tmp_path: Path) -> None:
    put(tmp_path / "stackfaq" / "faq.jsonl.gz", [{"faq_id": "0", "question": "Q"}])
    put(tmp_path / "stackfaq" / "queries.jsonl", [{"query": f"q{n}", "positives": [0]} for n in range(10)])
    asked = {row["text"] for row in read("stack_queries", tmp_path, fold=1, folds=5)}
    (entry,) = read("stack_entries", tmp_path, fold=1, folds=5)
    assert len(asked) == 2 and len(entry["variants"]) == 8 and not asked & set(entry["variants"])


def test_stackfaqs_answer_is_the_accepted_one_of_a_list_or_of_its_text(tmp_path: Path) -> None:
    rows = [
        {"faq_id": "0", "question": "Q", "answers": ["it's first", "second"]},
        {"faq_id": "1", "question": "R", "answers": "['first', 'second']"},
        {"faq_id": "2", "question": "S", "answers": "no list's text"},
        {"faq_id": "3", "question": "T", "answers": []},
    ]
    put(tmp_path / "stackfaq" / "faq.jsonl.gz", rows)
    told = [entry["answer"] for entry in read("stack_entries", tmp_path)]
    assert told == ["it's first", "first", "no list's text", ""]


def test_satisfaction_turns_leave_the_overall_row_and_split_by_dialogue(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "text": "hi", "label": "neutral", "usda_eval": False},
        {"role": "system", "text": "yes"},
        {"role": "user", "text": "bad", "label": "dissatisfied", "usda_eval": True},
        {"role": "user", "text": "OVERALL", "label": "neutral", "usda_eval": True},
    ]
    put(tmp_path / "d.jsonl", [{"dialogue_id": f"d{n}", "turns": turns} for n in range(5)])
    whole = read("uss_turns", tmp_path, files=["d.jsonl"], evaluated=True)
    assert len(whole) == 5 and [turn["text"] for turn in whole[0]["turns"]] == ["hi", "yes", "bad"]
    inside = {row["group"] for row in read("uss_turns", tmp_path, files=["d.jsonl"], fold=2, folds=5, inside=True)}
    others = {row["group"] for row in read("uss_turns", tmp_path, files=["d.jsonl"], fold=2, folds=5, inside=False)}
    assert inside == {"d2"} and others == {"d0", "d1", "d3", "d4"}


def test_lastfm_never_offers_what_the_user_has_heard(tmp_path: Path) -> None:
    lines = ["user\titem_entity\tweight"] + [f"{n % 10}\t{n * 7 % 50}\t1" for n in range(200)]
    (tmp_path / "lastfm_kg").mkdir()
    (tmp_path / "lastfm_kg" / "interactions.tsv").write_text("\n".join(lines), "utf-8")
    learned = {(row["user"], row["item"]) for row in read("lastfm_users", tmp_path, part="history")}
    for row in read("lastfm_users", tmp_path):
        foreign = {one["item"] for one in row["candidates"]} - set(row["relevant"])
        assert not {(row["user"], item) for item in foreign} & learned


def write_listeners(folder: Path) -> None:
    lines = ["user\titem_entity\tweight"] + [f"{n % 40}\t{(n // 40 * 7 + n % 40 * 3) % 90}\t1" for n in range(600)]
    (folder / "lastfm_kg").mkdir()
    (folder / "lastfm_kg" / "interactions.tsv").write_text("\n".join(lines), "utf-8")


def test_lastfm_draws_candidates_of_the_same_degree_beside_those_of_all(tmp_path: Path) -> None:
    write_listeners(tmp_path)
    for row in read("lastfm_users", tmp_path):
        degrees = {one["degree"] for one in row["candidates"] if one["item"] in row["relevant"]}
        alike = [one for one in row["candidates"] if one.get("alike")]
        assert len(alike) <= 20 * len(row["relevant"]) and {one["degree"] for one in alike} <= degrees
        assert len({one["item"] for one in row["candidates"]}) == len(row["candidates"])


def test_lastfms_parts_are_those_of_the_split_and_train_and_valid_make_the_history(tmp_path: Path) -> None:
    write_listeners(tmp_path)
    parts = {part: read("lastfm_users", tmp_path, part=part, seed=556) for part in ("train", "valid", "history")}
    assert [len(rows) for rows in parts.values()] == [360, 120, 480]
    assert parts["history"] == parts["train"] + parts["valid"]
    assert parts["train"] != read("lastfm_users", tmp_path, part="train", seed=557)


def test_lastfms_links_go_both_ways_and_a_broken_one_is_named(tmp_path: Path) -> None:
    write_listeners(tmp_path)
    path = tmp_path / "lastfm_kg" / "triples.tsv"
    path.write_text("head\trelation\ttail\n3\tmusic.genre\t900\n901\tmade\t5\n", "utf-8")
    told = [(row["item"], row["relation"], row["value"]) for row in read("lastfm_links", tmp_path)]
    assert told == [("3", "music.genre", "900"), ("5", "made^", "901")]
    path.write_text("head\trelation\ttail\n3\tmusic.genre\n", "utf-8")
    with pytest.raises(SuiteError, match=r"triples\.tsv:2"):
        read("lastfm_links", tmp_path)


def test_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"test\.jsonl"):
        read("clinc_test", tmp_path)


def test_a_set_that_is_not_there_and_one_that_lacks_a_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SuiteError) as absent:
        read("clinc_test", tmp_path)
    (tmp_path / "clinc150").mkdir()
    with pytest.raises(SuiteError) as lacking:
        read("clinc_test", tmp_path)
    assert (absent.value.code, lacking.value.code) == ("set_missing", "data_missing")


def test_a_row_of_lastfm_that_holds_no_numbers_is_named(tmp_path: Path) -> None:
    (tmp_path / "lastfm_kg").mkdir()
    (tmp_path / "lastfm_kg" / "interactions.tsv").write_text("user\titem\n1\t2\n3\tx\n", "utf-8")
    with pytest.raises(SuiteError, match=r"interactions\.tsv:3"):
        read("lastfm_users", tmp_path)


def test_a_field_that_a_row_lacks_is_named_with_its_line(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", [{"text": "a", "intent": "b"}, {"text": "a"}])
    with pytest.raises(SuiteError, match=r"a\.jsonl:2: .*intent"):
        read("labelled", tmp_path, files=["a.jsonl"])


def test_every_public_suite_names_a_reader_and_says_what_it_needs() -> None:
    for path in find_suites([PUBLIC]):
        suite = read_suite(path).suite
        assert suite.needs == ("bench_data",), path
        assert all(data.format == "public" and data.file in READERS for data in suite.data), path
        assert suite.anchors, path
