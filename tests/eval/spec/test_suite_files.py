"""A suite that is wrong is refused with file, line and cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.errors import SuiteError
from eval.samples.read import read_samples
from eval.spec.model import Anchor
from eval.spec.read import find_suites, read_suite
from tests.eval.writing import load, write_suite

ROWS = [{"text": "多少钱", "intent": "price", "style": "short"}, {"text": "几天到", "intent": "time", "style": "plain"}]


def refused(folder: Path, **changes: Any) -> str:
    with pytest.raises(SuiteError) as caught:
        read_suite(write_suite(folder, ROWS, **changes))
    return caught.value.text("zh")


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_suite(tmp_path, ROWS)
    path.write_text(path.read_text("utf-8") + "treshold: {}\n", "utf-8")
    with pytest.raises(SuiteError) as caught:
        read_suite(path)
    assert f"{path}:8:1" in caught.value.text("zh") and "treshold" in caught.value.text("zh")


def test_a_nested_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    told = refused(tmp_path, data=[{"file": "rows.csv", "sealled": True}])
    assert "suite.yaml:5:" in told and "sealled" in told


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    assert "title" in refused(tmp_path, title=None)


def test_a_value_of_the_wrong_type_is_named_with_its_line(tmp_path: Path) -> None:
    told = refused(tmp_path, repeats="viele")
    assert "suite.yaml:8:" in told and "repeats" in told


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"kind": "mind"}, "conversation"),
        ({"scorers": ["intend"]}, "calibration"),
        ({"scorers": [{"name": "calibration", "coverage": 3}]}, "coverage"),
        ({"scorers": [{"name": "calibration", "cover": 0.5}]}, "cover"),
        ({"target": {"kind": "telepathy"}}, "webhook"),
        ({"target": {"kind": "http", "adress": "x"}}, "adress"),
        ({"thresholds": {"intent.acuracy": {"min": 0.5}}}, "intent.accuracy"),
        ({"anchors": [{"figure": "intent.f2"}]}, "intent.macro_f1"),
    ],
)
def test_a_wrong_name_is_answered_with_what_there_is(tmp_path: Path, changes: dict[str, Any], word: str) -> None:
    told = refused(tmp_path, **changes)
    assert "suite.yaml:" in told and word in told


def test_broken_yaml_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text("suite: x\n  version: 1\n", "utf-8")
    with pytest.raises(SuiteError) as caught:
        read_suite(path)
    assert f"{path}:2" in str(caught.value)


def test_a_key_said_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text("suite: x\nsuite: y\n", "utf-8")
    with pytest.raises(SuiteError, match="suite"):
        read_suite(path)


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes("suite: 试".encode("gbk"))
    with pytest.raises(SuiteError, match="UTF-8"):
        read_suite(path)


def data_fault(folder: Path, content: str, name: str = "rows.csv", **changes: Any) -> str:
    loaded = load(folder, ROWS, data=[{"file": name}], **changes)
    (folder / name).write_text(content, "utf-8")
    with pytest.raises(SuiteError) as caught:
        read_samples(loaded, release=False)
    return caught.value.text("zh")


@pytest.mark.parametrize(
    ("name", "content", "line", "word"),
    [
        ("rows.csv", "text,intent\n多少钱,price\n几天到\n", 3, "2"),
        ("rows.csv", "text,label\n多少钱,price\n", 2, "intent"),
        ("rows.csv", "text,intent\n多少钱,price\n多少钱,price\n", 3, "rows.csv:2"),
        ("rows.jsonl", '{"text": "a", "intent": "b"}\n{"text"\n', 2, "读不懂"),
        ("rows.jsonl", '{"text": "a", "intent": NaN}\n', 1, "NaN"),
        ("rows.jsonl", '["a"]\n', 1, "读不懂"),
        ("rows.jsonl", '{"text": 7, "intent": "b"}\n', 1, "text"),
        ("rows.yaml", "- {text: a, intent: b}\n- {text: c}\n", 2, "intent"),
    ],
)
def test_a_broken_row_is_placed(tmp_path: Path, name: str, content: str, line: int, word: str) -> None:
    told = data_fault(tmp_path, content, name)
    assert f"{name}:{line}" in told and word in told


def test_missing_data_are_named_where_the_suite_names_them(tmp_path: Path) -> None:
    loaded = load(tmp_path, data=[{"file": "nowhere.csv"}])
    with pytest.raises(SuiteError) as caught:
        read_samples(loaded, release=False)
    assert "suite.yaml:5:" in str(caught.value) and "nowhere.csv" in str(caught.value)


def test_an_empty_slice_is_named_with_its_line(tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS, slices={"style": ["short", "dialect"]})
    with pytest.raises(SuiteError) as caught:
        read_samples(loaded, release=False)
    assert "dialect" in str(caught.value) and "suite.yaml:8:" in str(caught.value)


def test_no_samples_at_all_are_refused(tmp_path: Path) -> None:
    assert "data" in data_fault(tmp_path, "text,intent\n")


def test_a_sealed_part_is_read_for_a_release_only(tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS, data=[{"file": "rows.csv"}, {"file": "more.csv", "sealed": True}])
    (tmp_path / "more.csv").write_text("text,intent\n包邮吗,fee\n", "utf-8")
    assert len(read_samples(loaded, release=False)) == 2
    whole = read_samples(loaded, release=True)
    assert [sample.sealed for sample in whole] == [False, False, True]


def test_columns_can_be_renamed_and_set(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        data=[{"file": "rows.csv", "fields": {"text": "q", "intent": "label"}, "set": {"style": "x"}}],
        slices={"style": []},
    )
    (tmp_path / "rows.csv").write_text("q,label\n多少钱,price\n", "utf-8")
    (sample,) = read_samples(loaded, release=False)
    assert sample.input == {"text": "多少钱"} and sample.expected == {"intent": "price"}
    assert sample.slices == {"style": "x"} and sample.place.endswith("rows.csv:2")


def test_recorded_conversations_become_turns_with_what_was_said_before(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        kind="handoff",
        data=[{"file": "talks.jsonl", "format": "recorded", "set": {"handoff": False}}],
    )
    turns = '[{"role": "user", "text": "在吗"}, {"role": "system", "text": "在的"}, {"role": "user", "text": "人工"}]'
    (tmp_path / "talks.jsonl").write_text(f'{{"dialogue_id": "d1", "turns": {turns}}}\n', "utf-8")
    first, second = read_samples(loaded, release=False)
    assert second.input["messages"] == ["人工"] and first.group == second.group == "d1"


def test_before_a_recorded_turn_stands_what_the_customer_said_and_not_the_replies(tmp_path: Path) -> None:
    data = {"file": "talks.jsonl", "format": "recorded", "set": {"expect": {"act": "reply"}}}
    loaded = load(tmp_path, kind="turns", data=[data])
    turns = '[{"role": "user", "text": "在吗"}, {"role": "system", "text": "在的"}, {"role": "user", "text": "多少钱"}]'
    (tmp_path / "talks.jsonl").write_text(f'{{"dialogue_id": "d1", "turns": {turns}}}\n', "utf-8")
    assert [sample.input["before"] for sample in read_samples(loaded, release=False)] == [[], ["在吗"]]


@pytest.mark.parametrize("turns", ['"在吗"', '["在吗"]', "[{}]"])
def test_a_recorded_conversation_without_turns_is_named_with_its_line(tmp_path: Path, turns: str) -> None:
    data = {"file": "talks.jsonl", "format": "recorded", "set": {"expect": {"act": "reply"}}}
    (tmp_path / "talks.jsonl").write_text(f'{{"dialogue_id": "d1", "turns": {turns}}}\n', "utf-8")
    with pytest.raises(SuiteError, match=r"talks\.jsonl:1"):
        read_samples(load(tmp_path, kind="turns", data=[data]), release=False)


def test_an_intent_pack_is_a_source_of_samples(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: price\n  examples: |\n    - 多少钱\n    - 啥价\n', "utf-8"
    )
    loaded = load(tmp_path, data=[{"file": "pack", "format": "pack"}])
    assert [sample.expected["intent"] for sample in read_samples(loaded, release=False)] == ["price", "price"]


def test_every_shipped_suite_can_be_read_with_its_sealed_part() -> None:
    shipped = Path(__file__).parents[3] / "eval" / "suites" / "retail_zh"
    for path in find_suites([shipped]):
        loaded = read_suite(path)
        if loaded.suite.census:
            continue  # a census is all that there is, and nothing to be tuned on
        sealed = [sample.sealed for sample in read_samples(loaded, release=True)]
        assert 0.25 < sum(sealed) / len(sealed) < 0.35, path


def test_the_shipped_suites_have_the_sizes_that_are_claimed() -> None:
    shipped = Path(__file__).parents[3] / "eval" / "suites" / "retail_zh"
    least = {"intents": 600, "graph": 80, "turns": 150, "conversations": 40, "faq": 200, "knowledge": 120}
    for name, count in least.items():
        assert len(read_samples(read_suite(shipped / f"{name}.yaml"), release=True)) >= count, name
    scope = read_samples(read_suite(shipped / "scope.yaml"), release=True)
    assert sum(sample.expected["intent"] is None for sample in scope) >= 200


@pytest.mark.parametrize(
    ("value", "better", "tier", "met"),
    [
        (0.9, "higher", "", True),
        (0.9, "higher", "default", True),
        (0.9, "higher", "e5", False),
        (0.95, "higher", "e5", True),
        (0.9, "lower", "", True),
        (0.91, "lower", "", False),
    ],
)
def test_a_figure_is_held_against_the_goal_of_its_tier(value: float, better: Any, tier: str, met: bool) -> None:
    quality = 0.95 if better == "higher" else None
    assert Anchor("intent.accuracy", goal=0.9, quality_goal=quality, better=better).met(value, tier) is met


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    assert Anchor("intent.accuracy").met(0.5) is None
