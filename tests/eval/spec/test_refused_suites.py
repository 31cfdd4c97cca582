"""What could be said in a suite and would mean nothing is refused before anybody is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.errors import EvalError, SuiteError
from eval.samples.read import read_samples
from eval.spec.read import read_suite
from tests.eval.writing import load, run, write_suite

ROWS = [{"text": "多少钱", "intent": "price"}, {"text": "几天到", "intent": "time"}]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thresholds": {"intent.accuracy": {}}}, "min 或 max"),
        ({"thresholds": {"intent.accuracy": {"min": 0.9, "max": 0.5}}}, "0.9"),
        ({"curve": {"percent": [10, 100], "figure": "intent.accuracy"}}, "学习曲线"),
        ({"curve": {"percent": [], "figure": "intent.accuracy"}}, "percent"),
        ({"data": [{"file": "rows.csv", "fields": {"txt": "text"}}]}, "txt"),
        ({"target": {"url": "http://127.0.0.1:9"}}, "kind"),
    ],
)
def test_a_setting_without_a_sense_is_named_with_its_line(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SuiteError) as caught:
        read_suite(write_suite(tmp_path, ROWS, **changes))
    assert "suite.yaml:" in str(caught.value) and words in str(caught.value)


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf"])
def test_a_number_that_is_not_finite_is_named_with_its_line(tmp_path: Path, value: str) -> None:
    path = write_suite(tmp_path, ROWS)
    path.write_text(path.read_text("utf-8") + f"thresholds: {{intent.accuracy: {{min: {value}}}}}\n", "utf-8")
    with pytest.raises(SuiteError, match="不是一个有限的数") as caught:
        read_suite(path)
    assert f"{path}:8:" in str(caught.value)


def test_a_column_that_is_not_there_is_named_even_when_another_would_do(tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS, data=[{"file": "rows.csv", "fields": {"text": "query"}}])
    with pytest.raises(SuiteError, match="query"):
        read_samples(loaded, release=False)


@pytest.mark.parametrize(
    ("kind", "row", "word"),
    [
        ("turns", {"messages": ["在吗"], "expect": {"hass": ["好"]}}, "hass"),
        ("conversation", {"steps": [{"sayy": "在吗"}], "final": {}}, "sayy"),
        ("conversation", {"steps": [{"say": "在吗", "press": "好"}], "final": {}}, "step 1"),
        ("conversation", {"steps": [{"say": "在吗", "expect": {"act": 7}}], "final": {}}, "act"),
        ("conversation", {"steps": [], "final": {}}, "steps"),
        ("entities", {"text": "龙井", "entities": [{"name": "tea"}]}, "entity"),
    ],
)
def test_an_expectation_that_cannot_be_read_is_placed_before_anybody_is_asked(
    tmp_path: Path, kind: str, row: dict[str, Any], word: str
) -> None:
    loaded = load(tmp_path, kind=kind, data=[{"file": "rows.jsonl"}])
    (tmp_path / "rows.jsonl").write_text("\n" + json.dumps(row), "utf-8")
    with pytest.raises(SuiteError, match=word) as caught:
        read_samples(loaded, release=False)
    assert "rows.jsonl:2" in str(caught.value)


@pytest.mark.parametrize(
    ("target", "code", "word", "processes"),
    [
        (
            {"kind": "openai", "url": "{url}/v1", "model": "m", "intents": {"price": "?"}, "prompt": "{json}"},
            2, "json", 1,
        ),
        ({"kind": "http", "url": "{url}/predict", "headers": {"X": "茶"}}, 3, "ascii", 1),
        pytest.param(
            {"kind": "bot", "factory": "tests.eval.run.test_runs:make_fragile", "options": {"colour": 1}},
            2, "colour", 2, marks=pytest.mark.slow,
        ),
        ({"kind": "bot", "factory": "tests.eval.spec.test_refused_suites:break_down"}, 3, "out of tea", 2),
    ],
)  # fmt: skip
def test_a_target_that_cannot_start_is_named_also_when_it_starts_in_another_process(
    tmp_path: Path, service: str, target: dict[str, Any], code: int, word: str, processes: int
) -> None:
    told = {key: value.replace("{url}", service) if key == "url" else value for key, value in target.items()}
    with pytest.raises(EvalError, match=word) as caught:
        run(load(tmp_path, ROWS, target=told, processes=processes), tmp_path / "r")
    assert caught.value.exit_code == code and word in caught.value.text("en")


async def break_down(*, folder: Path) -> None:
    """A bot of somebody else's that does not come up."""
    raise RuntimeError("out of tea")


@pytest.mark.parametrize(
    ("options", "word"),
    [({"at": "yesterday"}, "yesterday"), ({"graph_schema": "no"}, "no"), ({"product": "("}, "unterminated")],
)
def test_a_graph_target_names_the_option_that_is_wrong(tmp_path: Path, options: dict[str, str], word: str) -> None:
    loaded = load(
        tmp_path, [{"text": "x", "status": "answered"}], kind="graph",
        target={"kind": "graph", "tables": ["rows.csv"], **options},
    )  # fmt: skip
    with pytest.raises(SuiteError, match=word):
        run(loaded, tmp_path / "r")
