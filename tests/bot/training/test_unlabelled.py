"""Messages without an intent: which are used, and that they teach."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from bot.encoding.use import UseEncoder
from bot.training.__main__ import train_outside
from bot.training.example import TrainingExample
from bot.training.fit_head import Rows, fit_with_guesses
from bot.training.prepare import Prepared, prepare
from bot.training.settings import TrainingSettings
from bot.training.train import Trained, train
from bot.training.unlabelled import our_messages, usable_messages
from kefu.base.errors import ConfigError

MESSAGES = ("亲什么时候给我发出来", "东西坏了要退", "这款茶多少钱呀", "人工客服在吗", "到货要几天呢", "能便宜几块不")
SETTINGS = TrainingSettings()


@pytest.fixture(scope="module")
def data(examples: list[TrainingExample], encoder: UseEncoder) -> Prepared:
    return prepare(examples, encoder, settings=SETTINGS, tell=lambda stage, done, total: None)


def test_the_order_of_the_messages_changes_no_byte_and_their_wording_does(
    trained: Trained, examples: list[TrainingExample], encoder: UseEncoder
) -> None:
    shuffled = [*MESSAGES, MESSAGES[0]]
    random.Random(3).shuffle(shuffled)
    taught = train(examples, encoder, unlabelled=MESSAGES).artefact
    assert train(examples, encoder, unlabelled=shuffled).artefact.hash == taught.hash != trained.artefact.hash
    fewer = train(examples, encoder, unlabelled=MESSAGES[1:]).artefact
    assert not np.array_equal(fewer.arrays["vector_weights"], taught.arrays["vector_weights"])


def test_a_message_counts_once_and_not_when_it_is_an_example(data: Prepared) -> None:
    given = ["几天能到", " 几天能到！", "几天能到！！！", "", "   ", "到貨要幾天"]
    assert usable_messages(given, data, seed=0, settings=SETTINGS) == ["几天能到!", "到货要几天"]


def test_of_too_many_messages_the_same_ones_are_drawn(data: Prepared) -> None:
    settings = replace(SETTINGS, most_unlabelled=10)
    given = [f"第{number}次问了" for number in range(50)]
    drawn = usable_messages(given, data, seed=0, settings=settings)
    assert len(drawn) == 10 and drawn == usable_messages(given[::-1], data, seed=0, settings=settings)


def test_what_is_not_ours_teaches_nothing(trained: Trained, encoder: UseEncoder) -> None:
    foreign = ["今年会不会下雪", "帮我写个程序", "二加二等于多少", "中国男足赢球了吗", "乔丹多高", "哪家烤鸭好吃"]
    assert len(our_messages(foreign, trained.model, encoder).labels) <= 1
    assert len(our_messages(list(MESSAGES), trained.model, encoder).labels) >= 5


def test_guesses_move_the_border_to_where_messages_are_rare() -> None:
    generator = np.random.default_rng(2)
    centres = np.array([[1.0] * 4 + [0.0] * 12, [-1.0] * 4 + [0.0] * 12])

    def draw(each: int) -> Rows:
        labels = np.repeat([0, 1], each)
        vectors = (centres[labels] + 1.2 * generator.standard_normal((2 * each, 16))).astype(np.float32)
        return Rows(sparse.csr_matrix((2 * each, 1), dtype=np.float32), vectors, labels)

    taught, messages, new = draw(3), draw(300), draw(1_000)
    unknown = replace(messages, labels=np.full(600, -1))
    nothing = messages.pick(np.zeros(0, np.int64))

    def accuracy(guessed: Rows) -> float:
        head = fit_with_guesses(taught, guessed, intents=2, few=True, seed=0, settings=SETTINGS)
        return float((head.scores(new.terms, new.vectors).logits.argmax(axis=1) == new.labels).mean())

    assert accuracy(unknown) >= accuracy(nothing) + 0.03


def test_a_file_of_messages_needs_texts(examples: list[TrainingExample], encoder: UseEncoder, tmp_path: Path) -> None:
    data, messages = tmp_path / "train.jsonl", tmp_path / "said.jsonl"
    rows = [json.dumps({"text": one.text, "intent": one.intent}) for one in examples]
    data.write_text("\n".join(rows), encoding="utf-8")
    messages.write_text('{"text": "亲什么时候给我发出来", "at": 1}\n{"said": "好"}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"said\.jsonl:2: .*needs"):
        train_outside([data], tmp_path / "model", valid=None, encoder=encoder, unlabelled=messages)
    assert not (tmp_path / "model").exists()
