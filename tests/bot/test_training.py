"""Training: what it learns, that it repeats itself to the bit, and what it refuses."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.encoding.use import UseEncoder
from bot.predict import predict
from bot.training.example import TrainingExample, clean_examples
from bot.training.folds import stratified_folds
from bot.training.jsonl import read_examples
from bot.training.train import Trained, train
from bot.understanding.calibration import expected_calibration_error
from bot.understanding.hybrid import Understander
from kefu.base.errors import ConfigError


def test_the_order_of_the_rows_changes_no_byte(
    trained: Trained, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    shuffled = list(examples)
    random.Random(5).shuffle(shuffled)
    assert train(shuffled, encoder).artefact.hash == trained.artefact.hash


def test_another_sentence_makes_another_model(
    trained: Trained, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    assert train([*examples, TrainingExample("啥时候发", "ship_time")], encoder).artefact.hash != trained.artefact.hash


def test_unseen_rows_are_mostly_right(trained: Trained) -> None:
    held = trained.out_of_fold
    assert held.inside == 48 and len(held.texts) == len(held.right) == 70
    assert held.accuracy >= 0.7


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("请问啥时候可以发货呢", "ship_time"),
        ("我要退貨", "return_goods"),
        ("龙井多少钱", "price"),
        ("给我转人工！！！", "human"),
        ("i want to return this", "return_goods"),
    ],
)
def test_a_new_wording_is_understood(understander: Understander, text: str, intent: str) -> None:
    found = understander.understand(text)
    assert found.intent == intent
    assert found.decision != "decline"


def test_what_is_not_the_shops_business_is_declined(understander: Understander) -> None:
    texts = ["今年会不会下雪", "帮我写个程序", "二加二等于多少", "中国男足赢球了吗", "乔丹多高", "哪家烤鸭好吃"]
    found = [understander.understand(text) for text in texts]
    assert sum(one.decision == "decline" for one in found) >= 5, found


def test_a_model_of_few_sentences_says_that_it_can_promise_nothing(trained: Trained) -> None:
    assert not trained.risk.proven and trained.risk.bound > trained.risk.budget
    assert trained.model.bands.answer == 0.5 and trained.risk.rows == 70


def test_the_evidence_names_file_and_line(understander: Understander) -> None:
    nearest = understander.understand("什么时候发货呀").neighbours[0]
    assert (nearest.text, nearest.intent, nearest.place) == ("什么时候发货", "ship_time", "shop.yml:1")


def test_one_message_and_many_are_judged_alike(understander: Understander) -> None:
    texts = ["多久发货", "退了吧", "", "价钱", "😀", "x" * 5_000]
    for text, together in zip(texts, understander.understand_many(texts), strict=True):
        alone = understander.understand(text)
        assert alone.intent == together.intent
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-4)
        assert alone.in_scope == pytest.approx(together.in_scope, abs=1e-3)


def test_probabilities_sum_to_one(understander: Understander) -> None:
    found = understander.understand("茶叶退货多少钱")
    assert found.confidence + sum(other.confidence for other in found.alternatives) == pytest.approx(1, abs=1e-5)


def test_a_model_learns_without_foreign_examples(examples: list[TrainingExample], encoder: UseEncoder) -> None:
    model = train([row for row in examples if row.intent is not None], encoder).model
    reader = Understander(model, encoder)
    assert reader.understand("什么时候发货呀").in_scope > reader.understand("帮我写一段代码").in_scope


def test_one_intent_is_no_model(encoder: UseEncoder) -> None:
    with pytest.raises(ConfigError, match="two intents, there are 1"):
        train([TrainingExample("退货", "return_goods"), TrainingExample("  ", "price")], encoder)


def test_two_intents_of_two_sentences_are_a_model(encoder: UseEncoder) -> None:
    rows = [("我想退货", "r"), ("怎么退", "r"), ("多少钱", "p"), ("什么价格", "p")]
    model = train([TrainingExample(text, intent) for text, intent in rows], encoder).model
    assert Understander(model, encoder).understand("退货").intent == "r"


def test_a_sentence_said_twice_counts_once_and_keeps_its_first_place() -> None:
    rows = [
        TrainingExample("退货！", "r", "b.yml:1"),
        TrainingExample("退货!!", "r", "a.yml:9"),
        TrainingExample(" ", "r"),
    ]
    (kept,) = clean_examples(rows)
    assert (kept.text, kept.place) == ("退货!", "a.yml:9")


def test_folds_spread_each_intent_evenly() -> None:
    labels = np.repeat([0, 1, 2], [10, 7, 1])
    fold = stratified_folds(labels, folds=5, seed=0)
    for label in (0, 1, 2):
        sizes = np.bincount(fold[labels == label], minlength=5)
        assert sizes.max() - sizes.min() <= 1


def test_calibration_error_is_the_gap_between_word_and_deed() -> None:
    confidence = np.full(100, 0.9, dtype=np.float32)
    right = np.arange(100) < 60
    assert expected_calibration_error(confidence, right) == pytest.approx(0.3, abs=1e-6)


def test_an_outside_set_goes_through_the_commands(examples: list[TrainingExample], tmp_path: Path) -> None:
    data, asked, answered = tmp_path / "train.jsonl", tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [json.dumps({"text": row.text, "intent": row.intent}, ensure_ascii=False) for row in examples]
    data.write_text("\n".join(rows), encoding="utf-8")
    asked.write_text('{"text": "什么时候能发货"}\n\n{"text": "明天下雨吗"}\n', encoding="utf-8")
    for module, arguments in (
        ("bot.training", ["--data", data, "--valid", data, "--output", tmp_path / "model"]),
        ("bot.predict", ["--model", tmp_path / "model", "--input", asked, "--output", answered]),
    ):
        subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True, timeout=60)
    first, second = [json.loads(line) for line in answered.read_text(encoding="utf-8").splitlines()]
    assert first["intent"] == "ship_time" and first["decision"] == "answer"
    assert second["decision"] == "decline"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"text": "a"}', '1: .*needs "intent"'),
        ('{"intent": "a"}', '1: .*needs "text"'),
        ("[1]", '1: .*needs "text"'),
        ("{", "1: .*is not JSON"),
        ('{"text": "a", "intent": 3}', '1: .*needs "intent"'),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        list(read_examples(path))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gbk.jsonl"
    path.write_bytes('{"text": "退货", "intent": "r"}'.encode("gbk"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        list(read_examples(path))


def test_prediction_keeps_the_order_of_the_rows(understander: Understander, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    texts = ["转人工", "多少钱"] * 150
    path.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
    found = [json.loads(line)["intent"] for line in predict(understander, path)]
    assert found == ["human", "price"] * 150
