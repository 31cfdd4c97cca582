"""The report counts what was played, and nothing that was lost or doubled goes unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kefu.replay.judge import judge_dialogue, wants_human
from kefu.replay.records import Journal, PlayedDialogue, PlayedTurn, Reply, Spoken
from kefu.replay.report import pick_sample, readable, score, summarise
from kefu.replay.script import Expected, Script
from messaging_core.client import Event, Message


def turn(act: str, *messages: str, said: str = "", latency_ms: float | None = None) -> PlayedTurn:
    replies = (Reply("text", said, "t:0"),) if said else ()
    return PlayedTurn(messages=messages or ("在吗",), act=act, replies=replies, latency_ms=latency_ms)


def played(name: str, *turns: PlayedTurn, faults: tuple[str, ...] = ()) -> PlayedDialogue:
    return PlayedDialogue(name, "1", turns, faults)


def script(name: str, expected: Expected | None = None) -> Script:
    return Script(id=name, turns=(("在吗",),), place="s.yaml:1", expected=expected)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("转人工", True),
        ("我要人工客服", True),
        ("人工", True),
        ("找个真人来处理", True),
        ("不用转人工了", False),
        ("你是人工吗", False),
        ("人工智能真行", False),
        ("这茶是人工炒的吗", False),
    ],
)
def test_a_wish_for_a_human_is_told_from_other_words(text: str, wish: bool) -> None:
    assert wants_human([text]) is wish


def test_shares_times_and_wishes_are_counted() -> None:
    waiting = replace(turn("silent", "人工呢"), reason="queued")
    report = summarise(
        [
            played("a", turn("reply", latency_ms=10.0), turn("recommend", latency_ms=30.0), turn("hand_off", "转人工")),
            played("b", turn("clarify"), turn("silent", "转人工"), waiting, turn("hand_off", "好"), faults=("x",)),
        ]
    )
    assert report["answered"] == {"turns": 2, "share": 0.2857}
    assert report["handed_off_unasked"]["turns"] == 1
    assert report["wishes"] == {"asked": 3, "honoured": 1, "waiting": 1}
    assert report["latency_ms"] == {"p50": 30.0, "p95": 30.0, "p99": 30.0, "max": 30.0}
    assert report["faults"] == ["b: x"]
    assert "违反承诺 1 处" in readable(report)


def test_saying_that_one_does_not_know_is_no_answer() -> None:
    lost = PlayedTurn(messages=("天气怎么样",), act="reply", reason="out_of_scope")
    dialogues = [played("a", turn("reply"), lost)]
    report = summarise(dialogues)
    assert (report["answered"]["turns"], report["declined"]["turns"]) == (1, 1)
    assert [one.turn for one in pick_sample(dialogues, count=9, seed=7)] == [0]


def test_a_sample_is_the_same_for_the_same_seed_and_holds_answers_only() -> None:
    dialogues = [played(str(n), turn("reply", f"问{n}", said="答"), turn("silent")) for n in range(50)]
    one, two = (pick_sample(dialogues, count=10, seed=7) for _ in range(2))
    assert one == two
    assert len({each.dialogue for each in one}) == 10
    assert {each.turn for each in one} == {0}


def test_a_written_turn_is_right_when_everything_expected_is_there() -> None:
    expected = Expected(acts=("reply",), contains=("268元",), not_contains=("缺货",))
    scripts = [script("good", expected), script("bad", expected), script("free")]
    outcomes = {
        "good": played("good", turn("reply", said="100g 268元")),
        "bad": played("bad", turn("clarify", said="268元，缺货")),
        "free": played("free", turn("reply")),
    }
    assert [(one.id, one.right) for one in score(scripts, outcomes)] == [("good", True), ("bad", False)]
    assert score(scripts, outcomes)[1].missing == ("act clarify, wanted reply", "不该有“缺货”")


def decision(*message_ids: str, replies: tuple[str, ...] = (), act: str = "reply") -> dict[str, Any]:
    rows = [{"message_id": one, "origin": "person"} for one in message_ids]
    rows += [{"message_id": one, "origin": "bot"} for one in replies]
    keys = ("intent", "confidence", "handoff_reason", "error")
    return {"id": f"t{message_ids}", "act": act, "reason": "faq", "evidence": [], "messages": rows} | dict.fromkeys(
        keys
    )


def event(seq: int, message_id: str, key: str) -> Event:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    message = Message(
        id=message_id, client_msg_id=key, sender_id="9", origin="bot", kind="text", v=1, body={"text": "好"}, seq=seq,
        msg_no=seq, at=at,
    )  # fmt: skip
    return Event(conversation_id="1", seq=seq, kind="message.sent", at=at, message=message)


def test_a_burst_takes_the_replies_of_all_its_turns_and_the_last_ones_act() -> None:
    spoken = [Spoken(("a", "b"), ("1", "2"), 5.0)]
    decisions = [decision("1", replies=("7",)), decision("2", replies=("8",), act="clarify")]
    found = judge_dialogue(script("x"), "1", spoken, decisions, [event(3, "7", "t1:0"), event(5, "8", "t2:0")])
    assert (found.turns[0].act, len(found.turns[0].replies), found.faults) == ("clarify", 2, ())


def test_lost_doubled_and_stray_messages_are_faults() -> None:
    spoken = [Spoken(("a",), ("1",), None), Spoken(("b",), ("2",), None)]
    decisions = [decision("2", replies=("7",)), {**decision("2"), "id": "again"}]
    events = [event(3, "7", "t:0"), event(4, "8", "t:0"), event(5, "9", "greeting:1")]
    faults = judge_dialogue(script("x"), "1", spoken, decisions, events).faults
    assert faults == (
        "message 1 is in 0 turns",
        "message 2 is in 2 turns",
        "reply t:0 came 2 times",
        "message 8 of the bot belongs to no turn",
    )


def test_what_a_rule_holds_for_review_is_no_loss() -> None:
    spoken = [Spoken(("a",), (), None, "abuse_score"), Spoken(("b", "c"), ("2",), 5.0, "screening")]
    found = judge_dialogue(script("x"), "1", spoken, [decision("2", replies=("7",))], [event(3, "7", "t:0")])
    assert [(turn.act, turn.reason) for turn in found.turns] == [("held", "abuse_score"), ("reply", "faq")]
    assert found.faults == ()


def test_a_journal_goes_on_after_a_line_that_a_crash_cut(tmp_path: Path) -> None:
    path = tmp_path / "played.jsonl"
    journal = Journal(path)
    journal.add(played("a", turn("reply")))
    journal.close()
    path.write_bytes(path.read_bytes() + b'{"id": "b", "conv')
    again = Journal(path)
    assert list(again.played) == ["a"]
    again.add(played("b", turn("silent")))
    again.close()
    assert list(Journal(path).played) == ["a", "b"]
