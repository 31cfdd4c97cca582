"""The abuse score as a target: fitted on one part of an outside set, it answers the other; the texts are our own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.errors import SuiteError
from eval.run.log import RunLog
from eval.spec.read import read_suite
from tests.eval.samples.test_public_sets import put
from tests.eval.targets.test_http_targets import ask, make
from tests.eval.writing import run

SUITES = Path(__file__).parents[3] / "eval" / "suites" / "public"
RUDE, CIVIL = ("蠢货", "废物", "白痴"), ("龙井", "快递", "茶杯")


def rows(words: Sequence[str], label: int, *forms: str) -> list[dict[str, object]]:
    return [{"text": form.format(word), "label": label} for word in words for form in forms]


def write_posts(folder: Path, *, rude: bool = True) -> Path:
    learned = rows(CIVIL, 0, "我想买{}", "{}什么时候到", "这个{}很好", "请问{}还有吗")
    learned += rows(RUDE, 1, "你就是个{}", "{}快滚", "这些{}真多", "一群{}") if rude else []
    put(folder / "cold" / "train.jsonl.gz", learned)
    put(folder / "cold" / "test.jsonl", rows(RUDE, 1, "你们都是{}") + rows(CIVIL, 0, "你们的{}还有吗"))
    talk = [
        {"role": "user", "text": "请问快递什么时候到", "label": "neutral"},
        {"role": "user", "text": "一群废物", "label": "dissatisfied"},
    ]
    put(folder / "uss_jddc" / "valid.jsonl", [{"dialogue_id": "d0", "turns": talk}])
    return folder


def run_cold(folder: Path, name: str = "cold", **target: object) -> RunLog:
    return run(read_suite(SUITES / f"{name}.yaml"), folder / name, bench_data=folder / "data", target=target)


def test_the_score_fitted_on_one_part_tells_rude_from_civil_in_the_other(tmp_path: Path) -> None:
    write_posts(tmp_path / "data")
    log = run_cold(tmp_path)
    accuracy = log.figure("moderation.accuracy")
    assert accuracy is not None and (accuracy.value, accuracy.n) == (1.0, 6)
    assert log.target["kind"] == "abuse_score" and log.hashes.model == run_cold(tmp_path).hashes.model


def test_neutral_turns_are_asked_of_the_same_head_and_the_dissatisfied_left_out(tmp_path: Path) -> None:
    write_posts(tmp_path / "data")
    log = run_cold(tmp_path, "cold_neutral")
    alarms = log.figure("moderation.false_alarms")
    assert alarms is not None and (alarms.value, alarms.n) == (0.0, 1)
    assert log.hashes.model == run_cold(tmp_path).hashes.model


def test_the_threshold_decides_what_is_flagged(tmp_path: Path) -> None:
    write_posts(tmp_path / "data")
    recall = run_cold(tmp_path, threshold=1.0).figure("moderation.recall")
    assert recall is not None and recall.value == 0.0


def test_a_part_without_offensive_texts_teaches_nothing(tmp_path: Path) -> None:
    write_posts(tmp_path / "data", rude=False)
    with pytest.raises(SuiteError):
        run_cold(tmp_path)


async def test_a_head_that_is_there_is_asked_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(json.dumps({"v": 1, "bias": -2.0, "weights": {"蠢": 9.0}}), "utf-8")
    said = await ask(make("abuse_score", tmp_path, model="head.json"), text="真蠢")
    assert said["flagged"] is True and said["score"] > 0.99
    assert (await ask(make("abuse_score", tmp_path, model="head.json"), text="你好"))["flagged"] is False
