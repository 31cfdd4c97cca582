"""The baselines that the gate in CI holds runs against."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from eval.compare.baseline import baseline_path, read_baseline
from eval.compare.gate import gate
from eval.run.log import RunLog, decode_log
from eval.samples.read import read_samples
from eval.spec.read import read_suite

ROOT = Path(__file__).parents[3] / "eval"
FILES = sorted((ROOT / "baselines").glob("*.jsonl"))


def head(path: Path) -> RunLog:
    return decode_log(path.read_bytes().splitlines()[0], place=str(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_baseline_is_of_a_shipped_suite_as_it_is_now_and_keeps_its_secrets(path: Path) -> None:
    log = head(path)
    suite = read_suite(ROOT / "suites" / f"{log.suite.suite}.yaml")
    assert baseline_path(path.parent, log.suite.suite) == path
    assert log.complete and not log.failed and not log.release
    samples = tuple(read_samples(suite, release=False))
    now = msgspec.structs.replace(log, suite=suite.suite, samples=samples)
    kept = read_baseline(ROOT / "baselines", now)
    assert len(kept.samples) >= 0.9 * len(samples), "many questions are new: kefu eval gate RUN --accept"
    assert len(path.read_bytes().splitlines()) - 1 <= len(samples) + len(samples) // 10


def test_a_baseline_passes_its_own_gate() -> None:
    path = ROOT / "baselines" / "retail_zh__graph.jsonl"
    log = head(path)
    suite = read_suite(ROOT / "suites" / f"{log.suite.suite}.yaml")
    kept = read_baseline(path.parent, msgspec.structs.replace(log, samples=tuple(read_samples(suite, release=False))))
    assert gate(kept, kept).passed


def test_the_gate_guards_intents_answers_conversations_and_handoff() -> None:
    wanted = {"intents", "turns", "conversations", "handoff"}
    assert {f"retail_zh__{name}" for name in wanted} <= {path.stem for path in FILES}
