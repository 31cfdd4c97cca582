"""After one edited line the last model is brought up to date, and judges nearly as a full training would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from bot.training.settings import TrainingSettings
from bot.training.train import train
from bot.training.warm_start import warm_start
from bot.understanding.hybrid import HybridModel, Understander

FULL = TrainingSettings(few=3)


@pytest.fixture(scope="module")
def last(examples: list[TrainingExample], encoder: UseEncoder) -> HybridModel:
    return train(examples, encoder, settings=FULL).model


def test_a_new_sentence_is_known_at_once(
    last: HybridModel, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    added = TrainingExample("麻溜儿地安排上路", "ship_time", "shop.yml:99")
    warm = warm_start(last, [*examples, added], encoder, settings=FULL)
    assert warm is not None and warm.edits == 1
    assert "ship_time" in warm.refitted and "bands" in warm.pending
    before, after = Understander(last, encoder), Understander(warm.model, encoder)
    found = after.understand("麻溜儿地安排上路吧")
    assert found.intent == "ship_time"
    assert found.confidence > before.understand("麻溜儿地安排上路吧").confidence
    assert found.neighbours[0].place == "shop.yml:99"


def test_warm_and_full_training_agree(last: HybridModel, examples: list[TrainingExample], encoder: UseEncoder) -> None:
    edited = [*examples[1:], replace(examples[0], text="现在下单何时能寄")]
    warm = warm_start(last, edited, encoder, settings=FULL)
    assert warm is not None and warm.edits == 2
    full = train(edited, encoder, settings=FULL).model
    vectors = encoder.encode([one.text for one in examples])
    terms = full.terms.matrix([one.text for one in examples])
    cold = full.head.scores(terms, vectors)
    fresh = warm.model.head.scores(last.terms.matrix([one.text for one in examples]), vectors)
    assert (cold.margins.argmax(axis=1) == fresh.margins.argmax(axis=1)).mean() >= 0.95
    assert np.abs(cold.logits - fresh.logits).mean() < 0.1


def test_nothing_edited_changes_no_weight(
    last: HybridModel, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    warm = warm_start(last, examples, encoder, settings=FULL)
    assert warm is not None and warm.edits == 0 and warm.refitted == ()
    assert np.array_equal(warm.model.head.term_weights, last.head.term_weights)


def test_a_new_intent_needs_a_full_training(
    last: HybridModel, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    more = [TrainingExample(text, "greet") for text in ("你好", "在吗", "您好", "哈喽")]
    assert warm_start(last, [*examples, *more], encoder, settings=FULL) is None
