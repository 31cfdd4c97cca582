"""A suite that tests what was learned by heart is found out."""

from __future__ import annotations

import pytest

from bot.encoding.use import UseEncoder
from bot.training.example import TrainingExample
from eval.leakage.check import find_leaks
from eval.samples.model import Sample
from eval.spec.model import Leakage

KNOWN = [
    TrainingExample("龙井多少钱一斤呀", "price", "a.yml:1"),
    TrainingExample("请问你们什么时候发货呢", "time", "a.yml:2"),
    TrainingExample("谢谢", "thanks", "a.yml:3"),
]


def leaks(*texts: str, encoder: UseEncoder | None = None, **rules: object) -> list[tuple[str, str, str]]:
    samples = [Sample(text, {"text": text}, {}, place=f"s.csv:{n}") for n, text in enumerate(texts, start=2)]
    found = find_leaks(samples, KNOWN, Leakage(**rules), encoder)  # type: ignore[arg-type]
    return [(leak.kind, leak.text, leak.known_place) for leak in found.leaks]


def test_the_same_text_is_found_in_traditional_characters_too() -> None:
    assert leaks("龍井多少錢一斤呀", "这个好不好喝") == [("exact", "龍井多少錢一斤呀", "a.yml:1")]


def test_a_text_that_differs_in_a_letter_is_near() -> None:
    assert leaks("请问你们什么时候发货的呢", near_bar=0.6) == [("near", "请问你们什么时候发货的呢", "a.yml:2")]


def test_other_words_for_the_same_are_near_in_meaning_only(encoder: UseEncoder) -> None:
    text = "请问什么时候可以发货呢"
    assert leaks(text) == []
    assert [kind for kind, *_ in leaks(text, encoder=encoder, semantic_bar=0.85)] == ["semantic"]


def test_what_everybody_says_is_left_out() -> None:
    assert leaks("谢谢") == []
    assert leaks("谢谢", shortest=2) == [("exact", "谢谢", "a.yml:3")]


def test_a_switched_off_kind_is_not_looked_for() -> None:
    assert leaks("龙井多少钱一斤呀", exact="off", near="off", semantic="off") == []


@pytest.mark.parametrize(("mode", "fails"), [("fail", True), ("warn", False)])
def test_only_what_is_to_fail_fails(mode: str, fails: bool) -> None:
    sample = Sample("1", {"text": "龙井多少钱一斤呀"}, {}, place="s.csv:2")
    found = find_leaks([sample], KNOWN, Leakage(exact=mode), None)  # type: ignore[arg-type]
    assert found.fails is fails and found.leaks[0].place == "s.csv:2"


def test_steps_and_messages_are_looked_through() -> None:
    sample = Sample("1", {"steps": [{"say": ["在吗", "龙井多少钱一斤呀"]}]}, {}, place="c.yaml:3")
    assert [leak.kind for leak in find_leaks([sample], KNOWN, Leakage(), None).leaks] == ["exact"]


@pytest.fixture(scope="module")
def encoder() -> UseEncoder:
    """The real encoder."""
    return UseEncoder()
