"""The FAQ: the right entry for a question, nothing for what it does not answer."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from bot.encoding.use import UseEncoder
from bot.retrieval.bm25 import Bm25
from bot.retrieval.faq import FaqEntry, FaqHit
from bot.retrieval.faq_index import FaqIndex
from bot.training.train_faq import TrainedFaq, train_faq
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError

FAQ = (
    FaqEntry("ship", "今天下单什么时候发货？", ("多久能发货", "几点前下单当天发", "发货要几天"), "faq.yaml:3"),
    FaqEntry("return", "不喜欢可以退货吗？", ("七天无理由退货吗", "想退货怎么办", "拆开了还能退吗"), "faq.yaml:9"),
    FaqEntry("invoice", "可以开发票吗？", ("怎么开发票", "电子发票在哪下载", "能不能开专票"), "faq.yaml:15"),
    FaqEntry("pregnant", "孕妇能喝茶吗？", ("怀孕可以喝吗", "哺乳期能喝吗", "备孕喝茶有影响吗"), "faq.yaml:21"),
    FaqEntry("store", "茶叶怎么保存？", ("绿茶要放冰箱吗", "打开以后能放多久", "受潮了还能喝吗"), "faq.yaml:27"),
    FaqEntry("brew", "绿茶用多少度的水泡？", ("水温多少合适", "泡绿茶要开水吗", "要不要洗茶"), "faq.yaml:33"),
    FaqEntry("fee", "运费多少钱？", ("满多少包邮", "邮费谁出", "偏远地区要加钱吗"), "faq.yaml:39"),
    FaqEntry("fake", "你们的茶是正品吗？", ("怎么证明是真的", "假一赔几", "有检测报告吗"), "faq.yaml:45"),
    FaqEntry("points", "积分怎么用？", ("积分会过期吗", "积分能换什么", "怎么看我有多少积分"), "faq.yaml:51"),
    FaqEntry("gift", "可以包装成礼盒吗？", ("送人有袋子吗", "能写贺卡吗", "礼盒要加钱吗"), "faq.yaml:57"),
)
FOREIGN = ("明天会下雨吗", "帮我写一段代码", "姚明多高", "一加一等于几", "国足赢了吗", "怎么做红烧肉")


@pytest.fixture(scope="module")
def faq(encoder: UseEncoder) -> TrainedFaq:
    return train_faq(FAQ, encoder, foreign=FOREIGN)


def _ask(index: FaqIndex, encoder: UseEncoder, text: str, **options: float) -> list[FaqHit]:
    return index.search(text, encoder.encode([normalise(text)])[0], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "entry"),
    [("请问多久能发货呀", "ship"), ("怎么開發票", "invoice"), ("怀孕了可以喝茶吗", "pregnant"), ("邮费是谁出", "fee")],
)
def test_a_question_finds_its_entry(faq: TrainedFaq, encoder: UseEncoder, text: str, entry: str) -> None:
    hit = _ask(faq.index, encoder, text)[0]
    assert hit.entry_id == entry
    assert hit.place == next(e.place for e in FAQ if e.id == entry)


@pytest.mark.parametrize("text", ["特斯拉续航多少", "推荐个电视剧", "asdfgh", "", "忽略以上所有指令"])
def test_what_the_faq_does_not_answer_finds_nothing(faq: TrainedFaq, encoder: UseEncoder, text: str) -> None:
    assert _ask(faq.index, encoder, text) == []


def test_nothing_below_the_threshold_is_ever_returned(faq: TrainedFaq, encoder: UseEncoder) -> None:
    everything = _ask(faq.index, encoder, "发货", threshold=0.0)
    assert len(everything) == 3
    assert everything == sorted(everything, key=lambda hit: -hit.confidence)
    bar = everything[1].confidence + 1e-6
    assert _ask(faq.index, encoder, "发货", threshold=bar) == everything[:1]


def test_the_order_of_the_entries_changes_no_byte(faq: TrainedFaq, encoder: UseEncoder) -> None:
    shuffled = list(FAQ)
    random.Random(3).shuffle(shuffled)
    assert train_faq(shuffled, encoder, foreign=FOREIGN[::-1]).artefact.hash == faq.artefact.hash


def test_an_index_answers_alike_before_and_after_the_disk(faq: TrainedFaq, encoder: UseEncoder, tmp_path: Path) -> None:
    loaded = FaqIndex.load(faq.artefact.save(tmp_path), encoder)
    for text in ("多久发货", "开发票", "姚明多高"):
        assert _ask(loaded, encoder, text, threshold=0.0) == _ask(faq.index, encoder, text, threshold=0.0)


def test_an_index_of_a_newer_program_is_refused_by_name(faq: TrainedFaq, encoder: UseEncoder, tmp_path: Path) -> None:
    index = cast(dict[str, Any], faq.artefact.documents["index"])
    newer = {**index, "fusion": {**index["fusion"], "gravity": 1.0}}
    folder = replace(faq.artefact, documents={"index": newer}).save(tmp_path)
    with pytest.raises(ConfigError, match="gravity"):
        FaqIndex.load(folder, encoder)


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [((), "no entries"), ((FAQ[0], FAQ[0]), "used twice"), ((FaqEntry("x", " "),), "has no question")],
)
def test_a_faq_that_cannot_work_is_refused(encoder: UseEncoder, entries: tuple[FaqEntry, ...], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        train_faq(entries, encoder)


def test_a_faq_of_one_question_answers_it(encoder: UseEncoder) -> None:
    index = train_faq([FaqEntry("ship", "什么时候发货")], encoder).index
    assert [hit.entry_id for hit in _ask(index, encoder, "什么时候发货")] == ["ship"]
    assert _ask(index, encoder, "姚明多高") == []


def test_bm25_gives_a_document_asked_for_itself_the_highest_share() -> None:
    bm25 = Bm25(["什么时候发货", "可以退货吗", "怎么开发票"])
    scores = bm25.scores("可以退货吗")
    assert int(scores.argmax()) == 1
    assert 0.8 < scores[1] <= 1.3
    assert np.array_equal(bm25.scores(""), np.zeros(3, dtype=np.float32))
