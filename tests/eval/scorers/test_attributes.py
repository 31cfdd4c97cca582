"""Attributes asked for in a conversation: what is right, refused, wrong, made up, or told without being asked."""

from __future__ import annotations

from typing import Any

import pytest

from eval.errors import SampleError
from eval.samples.model import Output, Sample
from eval.scorers.attributes import AttributeScorer
from eval.scorers.scorer import Case, Figure, Verdict

SCORER = AttributeScorer()


def attribute(name: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"of": "景点", "name": name, **({"values": list(values)} if values else {}), **more}


def judged(wanted: list[dict[str, Any]], told: list[dict[str, Any]] | None, *, id: str = "d/0") -> Case:
    sample = Sample(id, {"text": "电话？"}, {"status": "answered", "values": wanted})
    output = Output(id, 0, None if told is None else {"attributes": told}, "timeout: none" if told is None else "")
    return Case(sample, output, SCORER.verdict(sample, output))


def verdict(wanted: list[dict[str, Any]], *told: dict[str, Any]) -> Verdict:
    return judged(wanted, list(told)).verdict


def figures(*cases: Case) -> dict[str, Figure]:
    return {one.name: one for one in SCORER.figures(cases, seed=0)}


PHONE = attribute("电话", "010-1111", held=True)
NO_RATING = attribute("评分", "无", held=False)


def test_values_are_compared_after_trimming_and_without_units() -> None:
    assert verdict([PHONE], attribute("电话", "010 1111")).right
    assert verdict([attribute("门票", "60元", held=True)], attribute("门票", "60")).right
    assert not verdict([PHONE], attribute("电话", "010-1112")).right


def test_several_numbers_may_stand_in_the_reply_as_one() -> None:
    assert verdict([attribute("电话", "010-3333010-4444", held=True)], attribute("电话", "010-3333", "010-4444")).right


def test_a_list_is_cut_to_as_many_as_the_reply_names_and_is_not_exact() -> None:
    case = judged([attribute("推荐菜", "烤鸭", held=True)], [attribute("推荐菜", "烤鸭", "酱肉")])
    found = figures(case)
    assert case.verdict.right
    assert (found["right"].value, found["exact"].value, found["told"].value) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("wanted", "told", "why"),
    [
        ([PHONE], [], "refused"),
        ([PHONE], [attribute("电话", "无")], "refused"),
        ([PHONE], [attribute("电话", "010-2222")], "wrong"),
        ([NO_RATING], [attribute("评分", "4.5")], "invented"),
        ([PHONE, NO_RATING], [attribute("评分", "4.5")], "invented"),
        ([PHONE], [PHONE, attribute("评分", "4.5")], "unasked"),
        ([attribute("评分")], [attribute("评分", "4.5")], "right"),
    ],
)
def test_the_gravest_fault_of_a_turn_is_its_reason(
    wanted: list[dict[str, Any]], told: list[dict[str, Any]], why: str
) -> None:
    found = verdict(wanted, *told)
    assert (found.why, found.right) == (why, why == "right")


def test_every_attribute_counts_once_and_every_figure_has_its_own_n() -> None:
    found = figures(
        judged([PHONE, NO_RATING], [PHONE, attribute("评分", "无")], id="a/0"),
        judged([NO_RATING], [attribute("评分", "4.5")], id="b/0"),
        judged([], [attribute("地址", "江边")], id="c/0"),
    )
    assert (found["right"].n, found["precision"].n, found["invented"].n, found["invented_unheld"].n) == (3, 4, 2, 2)
    assert found["right"].value == pytest.approx(2 / 3)
    assert found["precision"].value == pytest.approx(3 / 4)
    assert found["invented"].value == found["invented_unheld"].value == 0.5


def test_a_failed_turn_is_wrong_in_everything_and_counts_against_precision() -> None:
    found = figures(judged([PHONE, NO_RATING], None))
    assert (found["wrong"].value, found["refused"].value) == (1.0, 0.0)
    assert (found["precision"].value, found["invented"].value) == (0.0, 1.0)


def test_an_answer_that_is_no_list_of_attributes_is_nonsense() -> None:
    for told in ("电话", [{"name": "电话"}], ["电话"], [{"of": "景点", "name": "电话", "values": 3}]):
        sample = Sample("d/0", {"text": "?"}, {"status": "answered", "values": [PHONE]})
        with pytest.raises(SampleError):
            SCORER.judge(sample, {"attributes": told})
