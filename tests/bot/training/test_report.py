"""The training report: figures with intervals, weakest intents, confusions, the promise, and what changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from bot.training.interval import wilson
from bot.training.report import compare_reports, report_of_json, training_report
from bot.training.report_text import report_lines
from bot.training.texts import catalogue
from bot.training.train import Trained, train


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(90, 100)
    assert (round(low, 4), round(high, 4)) == (0.8256, 0.9448)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == 1.0


def test_the_figures_are_those_of_unseen_rows(trained: Trained) -> None:
    report = training_report(trained)
    assert report.rows == 48 and report.accuracy == trained.out_of_fold.accuracy
    assert report.low < report.accuracy < report.high
    assert sum(one.right for one in report.intents) == round(report.accuracy * report.rows)
    assert report.intents[0].accuracy == min(one.accuracy for one in report.intents)
    assert report.foreign_rows == 22 and 0 < report.foreign_declined <= 1


def test_a_confusion_has_an_example_with_its_place(trained: Trained) -> None:
    report = training_report(trained)
    assert sum(one.count for one in report.confusions) <= report.rows
    first = report.confusions[0]
    assert first.count >= report.confusions[-1].count
    assert first.place is not None and first.place.startswith("shop.yml:")


def test_too_few_rows_say_how_many_are_missing(trained: Trained) -> None:
    report = training_report(trained)
    assert not report.promise.proven and report.promise.short > 0
    assert any(f"还差 {report.promise.short} 句" in line for line in report_lines(report))


def test_a_report_survives_json(trained: Trained) -> None:
    report = training_report(trained)
    assert report_of_json(json.loads(json.dumps(report.as_json()))) == report


def test_what_changed_is_told(trained: Trained, examples: list[TrainingExample], encoder: UseEncoder) -> None:
    more = [
        *(one for one in examples if one.intent != "human"),
        *(TrainingExample(text, "greet") for text in ("你好", "在吗", "您好呀", "哈喽", "早上好", "有人吗")),
    ]
    change = compare_reports(training_report(trained), training_report(train(more, encoder)))
    assert (change.added, change.removed) == (("greet",), ("human",))
    lines = report_lines(training_report(trained), change)
    assert "  新意图：greet" in lines and "  没了的意图：human" in lines


def test_a_step_of_five_points_is_notable(trained: Trained) -> None:
    old = training_report(trained)
    first = old.intents[-1]
    worse = replace(old, intents=(replace(first, right=first.right - 3), *old.intents[:-1]))
    assert [name for name, _ in compare_reports(old, worse).worse] == [first.intent]
    assert compare_reports(old, old).worse == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_say_everything(trained: Trained, lang: str) -> None:
    assert catalogue("zh").keys() == catalogue("en").keys()
    lines = report_lines(training_report(trained), lang="en" if lang == "en" else "zh")
    assert len(lines) > 4 and not any("{" in line for line in lines)
