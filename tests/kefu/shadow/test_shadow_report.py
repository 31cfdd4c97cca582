"""A shadow's journal and report: what counts as different, how it is counted, and what survives a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.decision import Act, Decision, Reply
from bot.dialogue.state import DialogueState
from kefu.base.ids import first_id_at, time_of
from kefu.shadow.pair import kind_of, tell
from kefu.shadow.records import Compared, Journal
from kefu.shadow.report import line_of, readable, summarise
from kefu.texts import catalogue


def decided(act: Act = "reply", words: str = "今天发货", intent: str | None = "shipping") -> Decision:
    return Decision(act, "faq", (Reply("text", {"text": words}),), DialogueState(), intent=intent, confidence=0.9)


def turn(number: int, kind: str = "", text: str = "") -> Compared:
    told = tell(decided())
    if not kind:
        return Compared(number, 7, number * 1_000_000, "", as_recorded=number != 1)
    return Compared(number, 8, number * 1_000_000, kind, None, text, told, tell(decided("clarify", "您是问？")))


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (decided(), ""),
        (decided("hand_off"), "reply>hand_off"),
        (decided("hand_off", intent="human"), "reply>hand_off"),
        (decided(words="明天发货"), "answer"),
        (decided(intent="greet"), "intent"),
    ],
)
def test_the_kind_names_what_a_customer_would_notice_first(other: Decision, kind: str) -> None:
    assert kind_of(decided(), other) == kind


def test_the_report_counts_kinds_with_intervals_and_shows_the_most_frequent_texts() -> None:
    turns = [turn(1), turn(2), turn(3, "answer", "谢谢"), turn(4, "answer", "谢谢"), turn(5, "answer", "多谢")]
    report = summarise([*turns, turn(6, "reply>clarify", "几点发")], live="aa", candidate="bb", examples=1)
    assert (report["turns"], report["same"], report["conversations"]) == (6, 2, 2)
    assert report["different"] == {"turns": 4, "share": 0.6667, "interval": [0.3, 0.9032]}
    assert [(kind["kind"], kind["turns"]) for kind in report["kinds"]] == [("answer", 3), ("reply>clarify", 1)]
    (example,) = report["kinds"][0]["examples"]
    assert (example["text"], example["times"], example["turn_id"], example["conversation_id"]) == ("谢谢", 2, "4", "8")
    assert report["as_recorded"] == {"same": 1, "of": 2}
    told = "\n".join(readable(report))
    assert "回答 → 反问" in told and "30.0%" in told and "2 x 谢谢" in told
    assert line_of(turns[2]).startswith("[回答的话不同] 谢谢: 回答 shipping 0.90: 今天发货 -> 反问")


def test_every_act_has_its_word_in_both_languages() -> None:
    acts = ("reply", "clarify", "recommend", "hand_off", "silent")
    assert all(f"shadow.act_{act}" in catalogue(lang) for act in acts for lang in ("zh", "en"))


def test_nothing_compared_is_a_report_too() -> None:
    report = summarise([], live="aa", candidate="bb", examples=3)
    assert (report["turns"], report["different"]["share"], report["kinds"]) == (0, 0.0, [])
    assert any("0 轮" in line for line in readable(report))


def test_a_line_that_a_crash_left_half_written_is_dropped_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "shadow" / "a-b.jsonl"
    journal = Journal(path)
    for one in (turn(1), turn(2, "answer", "谢谢")):
        journal.add(one)
    journal.close()
    path.write_bytes(path.read_bytes()[:-9])
    again = Journal(path)
    assert list(again.compared) == [1]
    again.add(turn(2, "answer", "谢谢"))
    again.close()
    assert Journal(path).compared == {1: turn(1), 2: turn(2, "answer", "谢谢")}


def test_the_first_id_of_a_moment_parts_what_was_made_before_from_what_came_after() -> None:
    at_us = 1_780_000_000_000_000
    assert time_of(first_id_at(at_us)) == at_us
    assert time_of(first_id_at(at_us) - 1) < at_us
    assert first_id_at(0) == 0
