"""What the bot tells in codes stands on the desk in Chinese."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import bot
from bot.decision import EvidenceKind
from kefu.pages.desk import words

# The reason is the first argument of these, the second of those; elsewhere it is named.
_FIRST, _SECOND = {"Finding", "_plain"}, {"Verdict", "Decision", "keep_silent"}


def _reasons() -> Iterator[str]:
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            place = 0 if name in _FIRST else 1 if name in _SECOND else None
            told = [] if place is None else list(call.args[place : place + 1])
            told += [one.value for one in call.keywords if one.arg == "reason"]
            for one in told:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value


def test_every_reason_that_the_bot_may_give_has_a_word_on_the_desk() -> None:
    reasons = set(_reasons())
    assert reasons >= {"fact", "not_understood", "courtesy", "failed"}
    assert {code for code in reasons if words.why(code) == code} == set()


def test_every_kind_of_evidence_has_a_word_on_the_desk() -> None:
    assert {kind for kind in get_args(EvidenceKind) if kind not in words.EVIDENCE} == set()
