"""A candidate in the shadow of the live model: what it would do otherwise, and how often that was asked."""

from __future__ import annotations

import pytest

from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from bot.training.shadow import shadow
from bot.training.train import train
from bot.understanding.hybrid import Understander


@pytest.fixture(scope="module")
def without_price(examples: list[TrainingExample], encoder: UseEncoder) -> Understander:
    return Understander(train([one for one in examples if one.intent != "price"], encoder).model, encoder)


def test_a_model_in_its_own_shadow_differs_nowhere(understander: Understander) -> None:
    report = shadow(understander, understander, ["什么时候发货", "多少钱", "多少钱", " "])
    assert (report.texts, report.same, report.differences) == (3, 3, ())


def test_a_lost_intent_shows_in_what_was_asked_most(understander: Understander, without_price: Understander) -> None:
    report = shadow(understander, without_price, ["转人工", "龙井多少钱", "龙井多少钱", "大红袍多少钱"])
    assert [(one.text, one.times) for one in report.differences] == [("龙井多少钱", 2), ("大红袍多少钱", 1)]
    assert report.differences[0].live.intent == "price"
    assert report.kinds.total() == 3 and report.same == 1


def test_the_kind_tells_what_changed(understander: Understander, without_price: Understander) -> None:
    (one,) = shadow(understander, without_price, ["龙井多少钱"]).differences
    assert one.kind == "intent" or one.kind == f"answer>{one.candidate.decision}"
