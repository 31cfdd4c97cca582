"""A bot that was made worse on purpose is caught, and the gate says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.compare.gate import gate
from eval.run.log import RunLog
from eval.spec.read import read_suite
from intents.loader import load_pack
from tests.eval.writing import load, run

SUITES = Path(__file__).parents[3] / "eval" / "suites" / "retail_zh"
PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail_zh"
INTENTS = (
    "ask_human", "complaint", "invoice", "points", "membership", "shipping_fee", "track_parcel", "cancel_order",
    "change_address", "refund_status", "ask_price", "ask_stock", "ask_brewing", "ask_storage", "ask_caffeine",
    "store_location", "gift_wrap", "wholesale", "installment", "thanks",
)  # fmt: skip
MISLABELLED = dict(zip(INTENTS[:10], (*INTENTS[1:10], INTENTS[0]), strict=True))
LEARNED, HELD_OUT = 16, 12


@pytest.fixture(scope="module")
def utterances() -> dict[str, list[str]]:
    """Some utterances of twenty intents of the shipped pack."""
    intents = load_pack(PACK).intents
    return {name: [example.text for example in intents[name].examples][: LEARNED + HELD_OUT] for name in INTENTS}


def judge_model(utterances: dict[str, list[str]], folder: Path, *, wrong: dict[str, str]) -> RunLog:
    """Train on the first utterances, labels of `wrong` exchanged, and judge on the others with their true labels."""
    folder.mkdir()
    lines = [
        json.dumps({"text": text, "intent": wrong.get(name, name)}, ensure_ascii=False)
        for name, texts in utterances.items()
        for text in texts[:LEARNED]
    ]
    (folder / "train.jsonl").write_text("\n".join(lines), "utf-8")
    rows = [
        {"text": text, "intent": name, "id": f"{name}/{n}"}
        for name, texts in utterances.items()
        for n, text in enumerate(texts[LEARNED:])
    ]
    loaded = load(folder, rows, target={"kind": "intent_model", "train": {"files": ["train.jsonl"]}})
    return run(loaded, folder / "run")


def test_ten_mislabelled_intents_are_caught_and_named(utterances: dict[str, list[str]], tmp_path: Path) -> None:
    good = judge_model(utterances, tmp_path / "good", wrong={})
    bad = judge_model(utterances, tmp_path / "bad", wrong=MISLABELLED)
    result = gate(bad, good)
    assert not result.passed
    assert "intent.accuracy" in {change.new.key for change in result.worse}
    named = {group.value for group in result.comparison.groups if group.p < 0.05}
    assert named <= set(MISLABELLED) and len(named) >= 8
    taken = {(one.wanted, one.said) for one in result.comparison.confusions if one.count >= 4}
    assert taken and taken <= set(MISLABELLED.items())
    assert any("ask_human" in reason and "complaint" in reason for reason in result.reasons("zh"))


def play(folder: Path, suite: str, **options: Any) -> RunLog:
    """Run a shipped suite against the demo shop's bot, made worse by `options`."""
    given = {"kind": "bot", "factory": "tests.eval.compare.worsened:make_moon_tea", "options": options}
    return run(read_suite(SUITES / f"{suite}.yaml"), folder, target=given)


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> RunLog:
    """Every price of the shop, asked of the bot as it is."""
    return play(tmp_path_factory.mktemp("prices") / "good", "prices")


def test_every_price_of_the_shop_is_rightly_said(prices: RunLog) -> None:
    wrong = [(one.sample_id, one.said, one.why) for one in prices.judged[0].verdicts if not one.right]
    assert wrong == [] and prices.passed


def test_one_broken_price_is_caught_with_its_product_and_both_numbers(prices: RunLog, tmp_path: Path) -> None:
    result = gate(play(tmp_path / "worse", "prices", broken_price="大佛龙井"), prices)
    assert {"turns.right", "turns.false_answers", "turns.facts_right"} <= {one.new.key for one in result.worse}
    (flip,) = result.comparison.flips
    assert flip.new.sample.input["messages"] == ["大佛龙井多少钱"]
    told = "\n".join(result.reasons("zh"))
    assert "numbers: wanted 68, said 69" in told and "prices.jsonl:" in told and "不是偶然" in told


def test_an_unchanged_bot_passes(prices: RunLog) -> None:
    result = gate(prices, prices)
    assert result.passed and result.reasons("zh") == [] and not result.comparison.flips


def test_handoff_that_is_off_is_caught_as_missed_handoffs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = play(tmp_path / "good", "handoff")
    monkeypatch.setattr("bot.dialogue.decide.before_answering", lambda tracked, settings: None)
    monkeypatch.setattr("bot.dialogue.decide.after_answering", lambda *found, **more: None)
    result = gate(play(tmp_path / "worse", "handoff"), good)
    assert {"handoff.recall", "handoff.f1", "handoff.accuracy"} <= {one.new.key for one in result.worse}
    flips = result.comparison.flips
    assert flips and all(flip.new.verdict.wanted == "True" and flip.new.verdict.said == "False" for flip in flips)
    assert "handoff.csv:" in "\n".join(result.reasons("zh"))
