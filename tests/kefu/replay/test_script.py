"""Dialogues and suites are read as they were written, and what is wrong is named with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kefu.base.errors import ConfigError
from kefu.replay.script import Expected, read_scripts


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def dialogue(name: str, *rows: tuple[str, str]) -> str:
    return json.dumps({"dialogue_id": name, "turns": [{"role": role, "text": text} for role, text in rows]})


def test_a_run_of_customer_messages_is_one_turn(tmp_path: Path) -> None:
    rows = [("user", "在吗"), ("user", "发货了吗"), ("system", "在的"), ("user", "好"), ("system", "嗯"), ("user", " ")]
    scripts = read_scripts(write(tmp_path / "d.jsonl", dialogue("a", *rows) + "\n\n" + dialogue("b", ("system", "?"))))
    assert [(one.id, one.turns) for one in scripts] == [("a", (("在吗", "发货了吗"), ("好",)))]


@pytest.mark.parametrize(
    ("line", "text"), [("{", "不是一段对话"), ('{"dialogue_id": "x"}', "不是一段对话"), ("[]", "不是一段对话")]
)
def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path, line: str, text: str) -> None:
    path = write(tmp_path / "d.jsonl", dialogue("a", ("user", "好")) + "\n" + line)
    with pytest.raises(ConfigError, match=rf"d\.jsonl:2: {text}"):
        read_scripts(path)


def test_a_suite_says_what_it_expects(tmp_path: Path) -> None:
    path = write(
        tmp_path / "s.yaml",
        "- turns: [龙井多少钱, [在吗, 快点]]\n  customer: C1001\n"
        "  expect: {act: [reply, recommend], contains: 268元, not_contains: [缺货]}\n- turns: [你好]\n",
    )
    first, second = read_scripts(path)
    assert first.turns == (("龙井多少钱",), ("在吗", "快点"))
    assert first.customer == "C1001"
    assert first.expected == Expected(acts=("reply", "recommend"), contains=("268元",), not_contains=("缺货",))
    assert (second.id, second.expected) == ("s-2", None)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- turns: [a]\n- turn: [b]\n", "s.yaml:2: 不认识“turn”"),
        ("- turns: []\n", "s.yaml:1: turns"),
        ("- turns: [a]\n  expect: {act: shout}\n", "s.yaml:2: act 没有“shout”"),
        ("- turns: [a]\n  expect: {acts: reply}\n", "s.yaml:2: 不认识“acts”"),
        ("- id: x\n  turns: [a]\n- id: x\n  turns: [b]\n", "s.yaml:3: 编号 x 重复"),
        ("- turns: [a\n", "s.yaml:"),
    ],
)
def test_what_is_wrong_in_a_suite_is_named(tmp_path: Path, text: str, place: str) -> None:
    path = write(tmp_path / "s.yaml", text)
    with pytest.raises(ConfigError) as error:
        read_scripts(path)
    assert place in str(error.value)
