"""Rows from outside: `kefu train --output` and `kefu predict`, and what they refuse without leaving half a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.encoding.use import UseEncoder
from bot.predict import write_predictions
from bot.training.__main__ import train_outside
from bot.training.example import TrainingExample
from bot.training.train import Trained
from kefu.base.errors import ConfigError


@pytest.fixture(scope="module")
def model(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained.artefact.save(tmp_path_factory.mktemp("models"))


def rows(path: Path, *texts: str) -> Path:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def test_a_row_becomes_intent_confidence_decision_and_entities(model: Path, tmp_path: Path) -> None:
    write_predictions(model, rows(tmp_path / "in", "龙井99元一斤多少钱", ""), tmp_path / "out")
    first, second = [json.loads(line) for line in (tmp_path / "out").read_text("utf-8").splitlines()]
    assert set(first) == {"intent", "confidence", "in_scope", "decision", "entities"}
    assert first["intent"] == "price"
    assert {"money": 9_900, "quantity": 500}.items() <= {
        one["entity"]: one["value"] for one in first["entities"]
    }.items()
    assert second["entities"] == []


def test_a_bad_row_leaves_the_old_output(model: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.write_text("old", encoding="utf-8")
    (tmp_path / "in").write_text('{"text": "好"}\n{"no": 1}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r":2: .*needs"):
        write_predictions(model, tmp_path / "in", output)
    assert output.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no artefact here"):
        write_predictions(tmp_path, rows(tmp_path / "in", "好"), tmp_path / "out")


def test_an_output_that_cannot_be_written_is_named(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_predictions(model, rows(tmp_path / "in", "好"), tmp_path / "none" / "out")


def test_marks_in_rows_teach_entities(examples: list[TrainingExample], encoder: UseEncoder, tmp_path: Path) -> None:
    data = tmp_path / "train.jsonl"
    lines = [{"text": one.text, "intent": one.intent} for one in examples]
    for city in ("杭州", "成都", "拉萨", "青岛", "长沙", "沈阳"):
        marks = [{"start": 2, "end": 4, "entity": "goal", "role": "to"}]
        lines.append({"text": f"寄到{city}几天", "intent": "ship_time", "entities": marks})
    data.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    report = train_outside([data], tmp_path / "model", valid=data, encoder=encoder)
    assert report["rows"] == len(lines) and "valid" in report
    write_predictions(tmp_path / "model", rows(tmp_path / "in", "寄到乌镇几天"), tmp_path / "out")
    (found,) = json.loads((tmp_path / "out").read_text("utf-8"))["entities"]
    assert (found["text"], found["entity"], found["role"], found["source"]) == ("乌镇", "goal", "to", "tagger")


@pytest.mark.parametrize(
    "entities", ['[{"start": 3, "end": 1, "entity": "a"}]', '[{"start": 0}]', '["a"]'], ids=["order", "keys", "shape"]
)
def test_a_wrong_mark_is_named_with_its_line(entities: str, tmp_path: Path, encoder: UseEncoder) -> None:
    data = tmp_path / "train.jsonl"
    data.write_text('{"text": "abcd", "intent": "x", "entities": ' + entities + "}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"train.jsonl:1: .*an entity"):
        train_outside([data], tmp_path / "model", valid=None, encoder=encoder)
