"""The gate fails only for what is certain; build servers read the same in JUnit XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from eval.compare.baseline import accept, read_baseline
from eval.compare.gate import gate
from eval.compare.junit import junit
from eval.compare.pair import compare
from eval.errors import SuiteError
from eval.run.log import RunLog
from eval.run.score import score_again
from tests.eval.writing import load, run

ROWS = [{"text": "多少钱", "intent": "price", "id": f"s{n}"} for n in range(200)]


@pytest.fixture(scope="module")
def log(service: str, tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    """A run in which everything is right."""
    folder = tmp_path_factory.mktemp("gate")
    read = {"intent": "intent", "confidence": "sure"}
    target = {"kind": "http", "url": f"{service}/predict", "read": read}
    scorers = ["intent", "latency"]
    return run(load(folder, ROWS, target=target, concurrency=16, scorers=scorers), folder / "run")


def spoiled(log: RunLog, wrong: int, **changes: Any) -> RunLog:
    """Return the log as if the first `wrong` answers had been others."""
    outputs = [
        msgspec.structs.replace(output, answer={"intent": "time", "confidence": 0.9}) if n < wrong else output
        for n, output in enumerate(sorted(log.outputs, key=lambda one: one.sample_id))
    ]
    return score_again(msgspec.structs.replace(log, outputs=tuple(outputs), **changes))


def test_a_loss_within_the_error_passes(log: RunLog) -> None:
    found = gate(spoiled(log, 6), spoiled(log, 5))
    assert found.passed and [
        change.outcome for change in found.comparison.figures if change.new.name == "accuracy"
    ] == ["same"]


def test_a_certain_loss_fails_with_its_interval(log: RunLog) -> None:
    found = gate(spoiled(log, 20), log)
    worst = next(change for change in found.worse if change.new.key == "intent.accuracy")
    assert worst.interval is not None and worst.interval.high < 0 and worst.paired
    assert "-0.100" in found.reasons("en")[0]


def test_a_certain_gain_is_told_and_passes(log: RunLog) -> None:
    found = gate(log, spoiled(log, 20))
    assert found.passed
    assert "better" in {change.outcome for change in found.comparison.figures}
    assert found.comparison.tests()["intent"].gained == 20


def test_many_new_failures_fail_the_gate(log: RunLog) -> None:
    outputs = [
        msgspec.structs.replace(one, answer=None, error="timeout: x") if n < 9 else one
        for n, one in enumerate(log.outputs)
    ]
    worse = score_again(msgspec.structs.replace(log, outputs=tuple(outputs), failed={"timeout": 9}))
    found = gate(worse, log)
    assert not found.passed and found.more_failures


def test_latency_alone_does_not_fail_below_its_slack(log: RunLog) -> None:
    outputs = [msgspec.structs.replace(one, latency_us=round(one.latency_us * 1.3)) for one in log.outputs]
    assert gate(score_again(msgspec.structs.replace(log, outputs=tuple(outputs))), log).passed


def test_latency_beyond_its_slack_fails(log: RunLog) -> None:
    outputs = [msgspec.structs.replace(one, latency_us=one.latency_us * 4) for one in log.outputs]
    found = gate(score_again(msgspec.structs.replace(log, outputs=tuple(outputs))), log)
    assert "latency.p50_ms" in {change.new.key for change in found.worse}


def test_a_slower_machine_is_no_slower_bot(log: RunLog) -> None:
    outputs = [msgspec.structs.replace(one, latency_us=one.latency_us * 4) for one in log.outputs]
    slow = msgspec.structs.replace(log.machine, pace_us=log.machine.pace_us * 4)
    assert gate(score_again(msgspec.structs.replace(log, outputs=tuple(outputs), machine=slow)), log).passed


def test_only_shared_samples_are_compared(log: RunLog) -> None:
    fewer = msgspec.structs.replace(log, samples=log.samples[:50])
    assert compare(log, fewer).shared == 50


def test_runs_of_different_suites_are_refused(log: RunLog) -> None:
    other = msgspec.structs.replace(log, suite=msgspec.structs.replace(log.suite, suite="other"))
    with pytest.raises(SuiteError, match="other"):
        compare(log, other)


def test_runs_that_share_nothing_are_refused(log: RunLog) -> None:
    with pytest.raises(SuiteError, match="共同"):
        compare(msgspec.structs.replace(log, samples=()), log)


def test_a_baseline_is_stored_and_found_by_its_suite(log: RunLog, tmp_path: Path) -> None:
    accept([log], tmp_path)
    assert gate(log, read_baseline(tmp_path, log)).passed
    lost = gate(spoiled(log, 20), read_baseline(tmp_path, log))
    assert not lost.passed and len(lost.comparison.flips) == 20
    other = msgspec.structs.replace(log, suite=msgspec.structs.replace(log.suite, suite="nowhere"))
    with pytest.raises(SuiteError, match="nowhere"):
        read_baseline(tmp_path, other)


def test_a_baseline_keeps_a_line_a_sample_and_only_what_is_judged(log: RunLog, tmp_path: Path) -> None:
    (path,) = accept([log], tmp_path)
    rows = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()[1:]]
    assert [row["id"] for row in rows] == sorted(sample.id for sample in log.samples)
    assert {key for row in rows for key in row["answer"]} == {"intent", "confidence"}


def test_a_question_that_was_rewritten_is_no_longer_held_against_the_baseline(log: RunLog, tmp_path: Path) -> None:
    accept([log], tmp_path)
    first = msgspec.structs.replace(log.samples[0], expected={"intent": "time"})
    kept = read_baseline(tmp_path, msgspec.structs.replace(log, samples=(first, *log.samples[1:])))
    assert len(kept.samples) == len(log.samples) - 1


def test_a_broken_line_of_a_baseline_is_named(log: RunLog, tmp_path: Path) -> None:
    (path,) = accept([log], tmp_path)
    path.write_bytes(path.read_bytes() + b"{broken\n")
    with pytest.raises(SuiteError, match=f"jsonl:{len(log.samples) + 2}"):
        read_baseline(tmp_path, log)


def test_junit_counts_wrong_samples_and_names_the_gate(log: RunLog) -> None:
    worse = spoiled(log, 20)
    suite = ElementTree.fromstring(junit([worse], [gate(worse, log)])).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("201", "21", "0")
    reason = suite.find("testcase[@name='gate']/failure")
    assert reason is not None and "intent.accuracy" in (reason.text or "")


def test_junit_survives_letters_that_xml_refuses(log: RunLog) -> None:
    verdicts = tuple(
        msgspec.structs.replace(verdict, right=False, said="\x00\x1b[31m") for verdict in log.judged[0].verdicts[:1]
    )
    judged = (msgspec.structs.replace(log.judged[0], verdicts=verdicts),)
    ElementTree.fromstring(junit([msgspec.structs.replace(log, judged=judged)]))
