"""The bench of understanding: goals judge, results are kept part by part, satisfaction is read by its protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.training.example import TrainingExample
from eval.understanding import goals
from eval.understanding.goals import DEFAULT, QUALITY, Figure
from eval.understanding.messages import _without
from eval.understanding.satisfaction import caught_early
from eval.understanding.satisfaction_model import Turn, read_turns
from eval.understanding.table import read_results, result_file, tell, write_result, write_table


def test_a_goal_is_judged_by_its_tier_and_direction() -> None:
    assert goals.SMP_MESSAGES.met(DEFAULT, 0.88) and not goals.SMP_MESSAGES.met(QUALITY, 0.88)
    assert goals.WARM.met(DEFAULT, 4.0) and not goals.WARM.met(DEFAULT, 6.0)
    assert goals.WARM_ACCURACY.met(DEFAULT, 0.5) is None
    assert Figure(goals.SMP_MESSAGES, float(np.float32(0.96))).as_json(DEFAULT)["met"] is True


def test_a_result_is_read_back_and_a_part_that_is_missing_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Figure(goals.HTTP, 0.94, (0.92, 0.955), "12 s").as_json(DEFAULT)]
    write_result(tmp_path, DEFAULT, "http", rows, {"cpu_s": 1.0}, tmp_path)
    assert result_file(tmp_path, DEFAULT, "http").exists()
    assert read_results(tmp_path, [(DEFAULT, "http"), (QUALITY, "labels")]) == rows
    tell(rows)
    assert "missed" in capsys.readouterr().out


def test_the_table_has_both_tiers_in_one_line_and_leaves_out_what_was_not_measured(tmp_path: Path) -> None:
    default = Figure(goals.HTTP, 280, (270, 290), "12 s").as_json(DEFAULT)
    quality = Figure(goals.HTTP, 120, (110, 130), "40 s").as_json(QUALITY)
    write_table([default, Figure(goals.CHECK, 9, None).as_json(DEFAULT), quality], tmp_path)
    http, check = (tmp_path / "table.md").read_text("utf-8").splitlines()[2:]
    assert "| 280 (270.000-290.000) | ≥ 300 | missed | 120 (110.000-130.000) | ≥ 100 | met | Rasa 16-47" in http
    assert http.endswith("| 12 s / 40 s |")
    assert "| 9 | ≤ 20 | met |  |  |  |" in check


def test_overall_rows_are_no_turns_and_evaluated_ones_are_marked() -> None:
    def user(text: str, label: str | None, evaluated: bool = False) -> dict[str, Any]:
        return {"role": "user", "text": text, "label": label, "usda_eval": evaluated}

    said = [user("HI", None), {"role": "system", "text": "Yes?"}, user("a", "neutral"), user("b", "satisfied", True)]
    turns = read_turns([{"turns": [*said, user("OVERALL", "satisfied", True)]}])
    assert [(one.user, one.reply, one.user_before, one.in_a_row, one.evaluated) for one in turns] == [
        ("a", "yes?", "hi", 1, False),
        ("b", "yes?", "a", 2, True),
    ]


def test_an_offer_counts_within_two_turns_at_one_false_alarm_in_ten() -> None:
    def turn(dialogue: int, label: str) -> Turn:
        return Turn(dialogue, 0, "", "", "", "", "", (), 1, label, True)

    calm = [turn(9, "neutral") for _ in range(20)]
    at_once = [turn(0, "satisfied"), turn(0, "dissatisfied")]
    next_turn = [turn(1, "dissatisfied"), turn(1, "neutral")]
    too_late = [turn(2, "dissatisfied"), turn(2, "neutral"), turn(2, "dissatisfied")]
    scores = [*[0.1] * 20, 0.0, 0.9, 0.05, 0.95, 0.05, 0.0, 0.99]
    assert caught_early(np.array(scores), [*calm, *at_once, *next_turn, *too_late]) == (2, 3)


def test_messages_are_the_training_texts_that_are_not_judged() -> None:
    judged = [TrainingExample("Where is it", "track")]
    rows = [TrainingExample(text, "track") for text in ("WHERE IS IT", "when")]
    assert _without(judged, rows) == ["when"]
