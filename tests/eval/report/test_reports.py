"""The report is one page, works offline, in both languages, and hides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from eval.report.page import history, report
from eval.run.log import CurvePoint, RunLog
from eval.run.score import score_again
from eval.spec.model import Threshold
from eval.texts import catalogue
from tests.eval.writing import load, run

ROWS = [
    {"text": text, "intent": intent, "id": f"{text}{n}", "style": "short" if n % 2 else "plain"}
    for n in range(20)
    for text, intent in (("多少钱", "price"), ("几天到", "time"), ("<b>在吗</b>", "greet"))
]


@pytest.fixture(scope="module")
def log(service: str, tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    """A run in which a third is wrong."""
    folder = tmp_path_factory.mktemp("report")
    read = {"intent": "intent", "confidence": "sure"}
    return run(
        load(
            folder, ROWS, target={"kind": "http", "url": f"{service}/predict", "read": read}, slices={"style": []},
            thresholds={"intent.accuracy": {"min": 0.95}}, concurrency=16,
            anchors=[{"figure": "intent.accuracy", "published": ["BERT .942"], "goal": 0.95}],
        ),
        folder / "run",
    )  # fmt: skip


def test_the_page_asks_nobody_else(log: RunLog) -> None:
    page = report([log])
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)|@import|url\((?!["']?data:)|<script""", page)


def test_the_summary_says_what_was_missed(log: RunLog) -> None:
    page = report([log])
    assert "未通过" in page and "未达到：试卷 的 准确率，要求 ≥ 0.95，实际 66.7%" in page
    assert "Missed: accuracy of Paper" in page


def test_what_customers_wrote_is_shown_and_never_run(log: RunLog) -> None:
    page = report([log])
    assert "&lt;b&gt;在吗&lt;/b&gt;" in page and "<b>在吗" not in page


def test_errors_name_the_place_of_the_sample(log: RunLog) -> None:
    assert re.search(r"rows\.csv:\d+", report([log]))


def test_anchors_stand_beside_our_figure(log: RunLog) -> None:
    page = report([log])
    assert "BERT .942" in page and "0.95" in page
    assert "公开数据的目标：1 个中达到 0 个" in page and "没有达到目标：试卷 的 准确率 66.7%，目标 ≥ 95.0%" in page


def test_a_goal_that_is_met_is_counted_in_the_summary(log: RunLog) -> None:
    anchor = msgspec.structs.replace(log.suite.anchors[0], goal=0.6)
    met = msgspec.structs.replace(log, suite=msgspec.structs.replace(log.suite, anchors=(anchor,)))
    page = report([met])
    assert "Goals on public sets: 1 of 1 met." in page and "Goal missed" not in page


def test_changes_since_the_baseline_are_told_turn_by_turn(log: RunLog) -> None:
    outputs = [
        msgspec.structs.replace(one, answer={"intent": "price", "confidence": 0.9})
        if "几天到" in one.sample_id
        else one
        for one in log.outputs
    ]
    worse = score_again(msgspec.structs.replace(log, outputs=tuple(outputs)))
    page = report([worse], [log])
    assert "60 个样本逐条比较：20 个由对变错，0 个由错变对" in page
    assert "比基线差：试卷 的 准确率，66.7% → 33.3%" in page


def test_two_targets_of_one_suite_are_ranked(log: RunLog) -> None:
    outputs = [msgspec.structs.replace(one, answer=None, error="timeout: x") for one in log.outputs]
    other = score_again(
        msgspec.structs.replace(
            log, outputs=tuple(outputs), run_id="b", target={"kind": "rasa"}, failed={"timeout": 60}
        )
    )
    page = report([other, log])
    table = page[page.index("同一张卷子上的名次") :]
    assert table.index("http") < table.index("rasa")
    assert re.search(r"-66\.7 · 不是偶然 · p = \d", table)


def test_a_bot_that_is_ahead_of_another_by_chance_is_told_so(log: RunLog) -> None:
    last = msgspec.structs.replace(log.outputs[-1], answer=None, error="timeout: x")
    other = score_again(msgspec.structs.replace(log, outputs=(*log.outputs[:-1], last), target={"kind": "rasa"}))
    page = report([other, log])
    assert "可能是偶然" in page and "不是偶然" not in page


def curved(log: RunLog, kind: str, *shares: float) -> RunLog:
    points = [
        CurvePoint(percent, round(percent * 6), msgspec.structs.replace(log.figure("intent.accuracy"), value=share))
        for percent, share in zip((10.0, 50.0, 100.0), shares, strict=True)
    ]
    return msgspec.structs.replace(log, curve=tuple(points), target={"kind": kind, "model": "0123456789abcdef"})


def test_learning_curves_of_two_bots_stand_in_one_drawing_with_their_names(log: RunLog) -> None:
    page = report([curved(log, "mine", 0.4, 0.6, 0.7), curved(log, "theirs", 0.5, 0.5, 0.6)])
    ranking = page[page.index("同一张卷子上的名次") :]
    both = ranking[ranking.index("学习曲线") : ranking.index("</section>")]
    assert both.count("<polyline") == 2 and "mine · 0123456789" in both and "theirs" in both
    assert page.count("试卷  [theirs · 0123456789]") > 2  # summary, table and section say whose it is


def test_two_runs_of_one_suite_are_each_held_against_the_baseline(log: RunLog) -> None:
    worse = score_again(
        msgspec.structs.replace(
            log,
            outputs=tuple(msgspec.structs.replace(one, answer=None, error="timeout: x") for one in log.outputs),
        )
    )
    page = report([worse, log], [log])
    assert "0 个由对变错" in page and "40 个由对变错" in page


def test_the_page_says_when_on_how_many_and_with_which_program(log: RunLog) -> None:
    page = report([log])
    assert f"{log.started_at[:10]} · 共 60 条样本 · 代码版本 {log.revision[:10]}" in page


def test_a_threshold_within_the_error_is_told_apart_from_a_missed_one(log: RunLog) -> None:
    close = msgspec.structs.replace(log.suite, thresholds={"intent.accuracy": Threshold(min=0.7)})
    page = report([score_again(msgspec.structs.replace(log, suite=close))])
    assert "说不准：试卷 的 准确率，要求 ≥ 0.7，实际 66.7%" in page and "未达到：" not in page


def test_a_kind_of_question_that_is_surely_worse_stands_in_the_summary(log: RunLog) -> None:
    samples = [
        msgspec.structs.replace(one, slices={"style": "greeting" if "在吗" in one.id else "other"})
        for one in log.samples
    ]
    twice = [*samples, *(msgspec.structs.replace(one, id=f"{one.id}+") for one in samples)]
    outputs = [*log.outputs, *(msgspec.structs.replace(one, sample_id=f"{one.sample_id}+") for one in log.outputs)]
    page = report([score_again(msgspec.structs.replace(log, samples=tuple(twice), outputs=tuple(outputs)))])
    assert "薄弱处：试卷 的“style greeting”只对 0.0%（n = 40，全体 66.7%）" in page


def test_few_samples_are_too_few_to_tell(log: RunLog) -> None:
    small = score_again(msgspec.structs.replace(log, samples=log.samples[:6]))
    assert "样本太少" in report([small])


def test_a_run_without_answers_still_makes_a_report(log: RunLog) -> None:
    outputs = [msgspec.structs.replace(one, answer=None, error="nonsense: x") for one in log.outputs]
    page = report([score_again(msgspec.structs.replace(log, outputs=tuple(outputs), failed={"nonsense": 60}))])
    assert "60 个样本失败，都按答错计" in page


def test_the_history_shows_every_run(log: RunLog) -> None:
    later = msgspec.structs.replace(log, started_at="2027-01-01T00:00:00+00:00")
    page = history([later, log])
    assert page.index("2027-01-01 00:00") < page.index(log.started_at[:10]) and "<polyline" in page


def test_the_history_of_one_bot_is_no_step_in_anothers(log: RunLog) -> None:
    theirs = msgspec.structs.replace(log, started_at="2027-01-01T00:00:00+00:00", target={"kind": "rasa"})
    page = history([log, theirs])
    assert "<polyline" not in page and "rasa" in page and "2 次运行" in page


def test_the_summary_tells_quality_before_times_and_one_time_a_suite(log: RunLog) -> None:
    outputs = tuple(
        msgspec.structs.replace(one, answer={"intent": "price", "confidence": 0.9}, latency_us=9_000_000)
        for one in log.outputs
    )
    page = report([score_again(msgspec.structs.replace(log, outputs=outputs))], [log])
    summary = page[page.index("一分钟看懂") : page.index("全部评测集")]
    assert summary.index("准确率") < summary.index("P95") and "P99" not in summary and "中位" not in summary


def test_both_catalogues_have_the_same_keys() -> None:
    assert catalogue("zh").keys() == catalogue("en").keys()
    for key, text in catalogue("zh").items():
        assert set(re.findall(r"\{(\w+)", text)) == set(re.findall(r"\{(\w+)", catalogue("en")[key])), key


def test_the_shipped_style_is_part_of_the_page(log: RunLog) -> None:
    style = Path(__file__).parents[3] / "eval" / "report" / "static" / "report.css"
    assert style.read_text("utf-8") in report([log])
