"""A run counts everything, goes on where it stopped, keeps to its time, and can be scored again."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from eval.errors import SuiteError, TargetError
from eval.report.names import target_of
from eval.run.log import read_log
from eval.run.score import score_again
from tests.eval.writing import load, run

ROWS = [
    {"text": "多少钱", "intent": "price", "style": "plain"},
    {"text": "几天到", "intent": "time", "style": "plain"},
    {"text": "人工", "intent": "human", "style": "short"},
    {"text": "在吗", "intent": "greet", "style": "short"},
]
READ = {"intent": "intent", "confidence": "sure"}


def target(url: str, path: str = "predict") -> dict[str, Any]:
    return {"kind": "http", "url": f"{url}/{path}", "read": READ}


def many(times: int) -> list[dict[str, str]]:
    return [{**row, "id": f"{number}-{row['text']}"} for number in range(times) for row in ROWS]


def test_a_run_leaves_a_log_that_defends_its_figures(service: str, tmp_path: Path) -> None:
    log = run(load(tmp_path, ROWS, target=target(service), slices={"style": []}), tmp_path / "r")
    accuracy = log.figure("intent.accuracy")
    assert accuracy is not None and (accuracy.value, accuracy.n, accuracy.method) == (0.75, 4, "wilson")
    assert accuracy.low is not None and accuracy.low < 0.75 < (accuracy.high or 0) and accuracy.few
    assert all([log.hashes.data, log.hashes.settings, log.hashes.suite, log.revision, log.machine.cores, log.versions])
    assert read_log(tmp_path / "r") == log and log.passed and log.failed == {}


def test_slices_have_n_interval_and_corrected_p(service: str, tmp_path: Path) -> None:
    log = run(load(tmp_path, ROWS, target=target(service), slices={"style": []}), tmp_path / "r")
    (plain, short) = log.judged[0].slices
    assert (plain.value, plain.right, plain.n) == ("plain", 2, 2) and (short.right, short.n) == (1, 2)
    assert plain.few and 0 <= short.p <= 1 and short.low < 0.5 < short.high


@pytest.mark.parametrize("path", ["nonsense", "broken", "nan", "empty"])
def test_every_failed_sample_is_counted_and_none_passes(service: str, tmp_path: Path, path: str) -> None:
    log = run(load(tmp_path, ROWS, target=target(service, path)), tmp_path / "r")
    assert sum(log.failed.values()) == 4
    accuracy = log.figure("intent.accuracy")
    assert accuracy is not None and (accuracy.value, accuracy.n) == (0.0, 4)
    assert all(verdict.failed and not verdict.right for verdict in log.judged[0].verdicts)


def test_a_slow_target_fails_by_timeout(service: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS[:2], target=target(service, "slow"), timeout_s=0.2, concurrency=2)
    assert run(loaded, tmp_path / "r").failed == {"timeout": 2}


def test_a_target_that_is_down_stops_the_run_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9"):
        run(load(tmp_path, ROWS, target=target("http://127.0.0.1:9")), tmp_path / "r")


def test_a_threshold_is_missed_only_by_a_whole_interval(service: str, tmp_path: Path) -> None:
    def result(least: float) -> str:
        loaded = load(tmp_path, ROWS, target=target(service), thresholds={"intent.accuracy": {"min": least}})
        return run(loaded, tmp_path / f"r{least}").thresholds[0].result

    assert [result(0.7), result(0.9), result(0.99)] == ["met", "unclear", "missed"]


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(service: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS, target=target(service))
    whole = run(loaded, tmp_path / "r")
    journal = tmp_path / "r" / "outputs.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # killed in the middle of a line
    asked: list[tuple[str, int, int]] = []
    from eval.run.run import RunOptions, run_suite

    again = run_suite(
        loaded, RunOptions(folder=tmp_path / "r"), tell=lambda what, done, total: asked.append((what, done, total))
    )
    assert ("ask", 2, 4) in asked  # two were known
    assert [v.right for v in again.judged[0].verdicts] == [v.right for v in whole.judged[0].verdicts]


def test_another_suites_journal_is_refused(service: str, tmp_path: Path) -> None:
    run(load(tmp_path, ROWS, target=target(service)), tmp_path / "r")
    with pytest.raises(SuiteError, match="另一次评测"):
        run(load(tmp_path, ROWS[:3], target=target(service)), tmp_path / "r")


def test_what_is_not_asked_in_time_counts_as_failed(service: str, tmp_path: Path) -> None:
    rows = [{"text": f"问题 {n}", "intent": "other"} for n in range(100)]
    loaded = load(tmp_path, rows, target=target(service), budget_s=0.001)
    log = run(loaded, tmp_path / "r")
    assert not log.complete and not log.passed and log.failed["budget"] > 0
    accuracy = log.figure("intent.accuracy")
    assert accuracy is not None and accuracy.n == 100 and (accuracy.value or 0) < 1


def test_several_processes_answer_all_samples_once(service: str, tmp_path: Path) -> None:
    rows = [{"text": f"问题 {n}", "intent": "other"} for n in range(40)]
    log = run(load(tmp_path, rows, target=target(service), processes=2), tmp_path / "r")
    assert sorted(o.sample_id for o in log.outputs) == sorted(s.id for s in log.samples)
    assert log.figure("intent.accuracy").value == 1.0  # type: ignore[union-attr]


def test_a_process_that_dies_fails_its_samples_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [{"messages": "kill" if n == 17 else f"问题 {n}", "handoff": "false"} for n in range(40)]
    loaded = load(
        tmp_path, rows, kind="handoff", processes=2,
        target={"kind": "bot", "factory": "tests.eval.run.test_runs:make_fragile"},
    )  # fmt: skip
    log = run(loaded, tmp_path / "r")
    crashed = [output for output in log.outputs if output.error.startswith("crash")]
    assert 1 <= len(crashed) <= 4 and len(log.outputs) == 40
    assert log.failed == {"crash": len(crashed)}


async def make_fragile(*, folder: Path) -> Any:
    """A bot whose process is gone when it hears `kill`."""
    from bot.decision import Decision
    from bot.dialogue.state import DialogueState

    class Fragile:
        async def open(self, customer: str | None) -> Any:
            return self

        async def say(self, messages: list[str]) -> Decision:
            if messages == ["kill"]:
                os._exit(9)
            return Decision("silent", "test", (), DialogueState())

        def describe(self) -> dict[str, str]:
            return {}

        async def aclose(self) -> None:
            return None

    return Fragile()


def test_repeats_are_asked_and_resampled_by_sample(service: str, tmp_path: Path) -> None:
    log = run(load(tmp_path, ROWS, target=target(service), repeats=3), tmp_path / "r")
    accuracy = log.figure("intent.accuracy")
    assert len(log.outputs) == 12 and accuracy is not None and accuracy.method == "bootstrap"


def test_ray_answers_all_samples_once_and_a_target_that_is_down_is_named(service: str, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason="pip install 'kefu[ray]'")
    options = {"executor": "ray", "processes": 2}
    log = run(load(tmp_path, many(10), target=target(service), **options), tmp_path / "r")
    accuracy = log.figure("intent.accuracy")
    assert accuracy is not None and (accuracy.value, accuracy.n) == (0.75, 40)
    assert log.complete and not log.failed and log.target["url"] == f"{service}/predict"
    assert len({output.sample_id for output in log.outputs}) == 40
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9"):
        run(load(tmp_path, ROWS, target=target("http://127.0.0.1:9"), **options), tmp_path / "down")
    assert not ray.is_initialized()


def test_a_learning_curve_ends_with_the_run_itself_and_stays_out_where_nothing_is_trained(
    service: str, tmp_path: Path
) -> None:
    pack = "".join(
        f"- intent: {name}\n  examples: |\n" + "".join(f"    - {text}{end}\n" for text in texts for end in "吗呢呀吧")
        for name, texts in {
            "price": ["多少钱", "什么价", "贵不贵"], "time": ["几天到", "多久到", "到货要多久"],
            "human": ["转人工", "找真人", "人工客服"], "greet": ["在吗", "你好", "有人在"],
        }.items()
    )  # fmt: skip
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "nlu.yml").write_text(f'version: "3.1"\nnlu:\n{pack}', "utf-8")
    loaded = load(
        tmp_path, many(8), target={"kind": "intent_model", "train": {"pack": "pack"}},
        curve={"percent": [50, 100], "figure": "intent.accuracy"},
    )  # fmt: skip
    log = run(loaded, tmp_path / "r", shared=tmp_path / "shared")
    half, whole = log.curve
    assert half.examples == 24 and whole.examples == 48
    assert whole.figure == log.figure("intent.accuracy") and half.figure.n == 32
    # Another configuration is another bot with a curve of its own, and its name says in what it differs.
    tried = run(loaded, tmp_path / "e5", target={"tier": "e5", "settings": {"few": 1}}, shared=tmp_path / "shared")
    assert [point.examples for point in tried.curve] == [24, 48]
    assert target_of(tried).startswith("intent_model · e5 · few=1 · ") and target_of(log) not in target_of(tried)
    assert tried.hashes.model != log.hashes.model
    other = run(loaded, tmp_path / "other", target=target(service))
    assert other.curve == () and other.figure("intent.accuracy") is not None


@pytest.mark.parametrize(
    ("settings", "said"), [({"fewer": 1}, "fewer"), ({"few": 0}, "few"), ({"few": "x"}, "settings")]
)
def test_a_setting_of_training_that_is_none_is_named(settings: dict[str, Any], said: str, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "多少钱", "intent": "price"}\n', "utf-8")
    trained = {"kind": "intent_model", "train": {"files": ["rows.jsonl"]}, "settings": settings}
    with pytest.raises(SuiteError, match=said):
        run(load(tmp_path, many(1), target=trained), tmp_path / "r")


def test_an_open_loop_counts_from_when_a_sample_was_due(service: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, many(3), target=target(service), rate_per_s=60, scorers=["intent", "latency"])
    log = run(loaded, tmp_path / "r")
    assert len(log.outputs) == 12 and not log.failed and log.seconds > 11 / 60
    slow = load(tmp_path, many(3), target=target(service, "slow"), rate_per_s=1000, timeout_s=5)
    # All begin at once although none is answered yet: one after the other they would take far longer.
    assert run(slow, tmp_path / "slow").seconds < 8


def test_ray_that_is_not_installed_is_named(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SuiteError, match=r"kefu\[ray\]"):
        run(load(tmp_path, ROWS, target=target(service), executor="ray"), tmp_path / "r")


def test_a_log_is_scored_again_without_asking(service: str, tmp_path: Path) -> None:
    log = run(load(tmp_path, ROWS, target=target(service)), tmp_path / "r")
    again = score_again(read_log(tmp_path / "r"))
    assert [f for j in again.judged for f in j.figures] == [f for j in log.judged for f in j.figures]


def test_the_same_run_twice_has_the_same_hashes_and_verdicts(service: str, tmp_path: Path) -> None:
    loaded = load(tmp_path, ROWS, target=target(service))
    first, second = run(loaded, tmp_path / "a"), run(loaded, tmp_path / "b")
    assert first.hashes == second.hashes
    assert first.judged[0].verdicts == second.judged[0].verdicts


@pytest.mark.parametrize("content", [b"", b"{}", b'{"kind": "kefu.eval.log", "v": 99}', b"\xff"])
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.json").write_bytes(content)
    with pytest.raises(SuiteError, match=r"log\.json"):
        read_log(tmp_path)
