"""Scripted conversations: every step as expected, and the state in which the conversation ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.errors import SampleError
from eval.samples.model import Sample
from eval.scorers.expectation import differences, faults
from eval.scorers.scorer import Case, Measure, Scorer, Verdict, column, need, share
from eval.scorers.turns import check_turn, read_expect, shown
from eval.stats.intervals import Columns, Values

_DOES = frozenset({"say", "press", "agent"})
_STEP = _DOES | {"expect", "text"}


class ConversationScorer(Scorer):
    """`answer: {steps: [turn answer or null], final: {...}}`, one entry a step of the script.

    `passed`: all steps and the final state are right; `steps_right` of the steps with an expectation;
    `final_right` of the conversations; a conversation that failed has no step right.
    """

    name = "conversation"
    measures = (
        Measure("passed", share=True),
        Measure("steps_right", unit="score"),
        Measure("final_right", share=True),
    )
    headline = "passed"
    reads = ("steps", "final")

    def check(self, sample: Sample) -> None:
        steps = sample.input["steps"]
        if not isinstance(steps, list) or not steps:
            raise SampleError("bad_sample", "steps: a list of steps")
        for number, step in enumerate(steps, start=1):
            known = isinstance(step, dict) and step.keys() <= _STEP and len(step.keys() & _DOES) == 1
            if not known:
                raise SampleError("bad_sample", f"step {number}: one of {', '.join(sorted(_DOES))}, not {step}")
            if "expect" in step:
                read_expect(step["expect"])

    def judge(self, sample: Sample, answer: Mapping[str, Any]) -> Verdict:
        found = _judged(sample, answer)
        wrong = [f"step {number}: {one}" for number, many in found.items() for one in many]
        ends = differences(sample.expected["final"], need(answer, "final", dict))
        evidence = tuple(
            {"text": f"{_said(step)} -> {_texts(said)}"}
            for step, said in zip(sample.input["steps"], answer["steps"], strict=True)
        )
        return Verdict(
            sample.id,
            right=not wrong and not ends,
            wanted=shown(sample.expected["final"]),
            said=shown(answer["final"]),
            why="; ".join(wrong + ends),
            evidence=evidence,
        )

    def columns(self, cases: Sequence[Case]) -> Columns:
        asked, right, final = [], [], []
        for case in cases:
            steps = [step for step in case.sample.input["steps"] if "expect" in step]
            asked.append(len(steps))
            if case.verdict.failed or case.output.answer is None:
                right.append(0)
                final.append(False)
                continue
            found = _judged(case.sample, case.output.answer)
            right.append(sum(not many for many in found.values()))
            final.append(not differences(case.sample.expected["final"], case.output.answer["final"]))
        return {
            "passed": column([case.verdict.right for case in cases], np.bool_),
            "asked": column(asked, np.int64),
            "right": column(right, np.int64),
            "final": column(final, np.bool_),
        }

    def values(self, columns: Columns) -> Values:
        asked = int(columns["asked"].sum())
        return {
            "passed": share(columns["passed"]),
            "steps_right": int(columns["right"].sum()) / asked if asked else None,
            "final_right": share(columns["final"]),
        }


def _judged(sample: Sample, answer: Mapping[str, Any]) -> dict[int, list[str]]:
    steps, said = sample.input["steps"], need(answer, "steps", list)
    if len(said) != len(steps):
        raise SampleError("nonsense", f"{len(said)} answers to {len(steps)} steps")
    found: dict[int, list[str]] = {}
    for number, (step, turn) in enumerate(zip(steps, said, strict=True), start=1):
        if "expect" not in step:
            continue
        expect = read_expect(step["expect"])
        if turn is None:
            found[number] = ["no answer was recorded"]
        else:
            check_turn(turn)
            found[number] = faults(expect, turn)
    return found


def _said(step: Mapping[str, Any]) -> str:
    words = step.get("say") or step.get("press") or f"[{step.get('agent')}]"
    return words if isinstance(words, str) else " / ".join(map(str, words))


def _texts(turn: Mapping[str, Any] | None) -> str:
    if turn is None:
        return "-"
    return f"{turn.get('act')}: " + " / ".join(str(one) for one in turn.get("texts") or ())[:160]
