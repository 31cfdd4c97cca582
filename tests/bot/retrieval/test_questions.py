"""Questions for people who type, who read on, or who do not know what to ask; entries that change; fusion on folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.encoding.encoder import Vectors
from bot.encoding.use import UseEncoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex
from bot.retrieval.fusion import AskedLikeness, Fusion, choose_fusion
from bot.retrieval.questions import Questions
from bot.training.train_faq import train_faq
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError

FAQ = [
    FaqEntry("ship", "什么时候发货？", ("今天能发出来吗", "多久寄出"), answer="当天发。"),
    FaqEntry("ship_slow", "超时没发货怎么赔？", ("迟发有补偿吗",), answer="赔积分。"),
    FaqEntry("invoice", "怎么开发票？", ("能开票吗", "发票怎么弄"), answer="订单里申请。"),
    FaqEntry("refund", "退款多久到账？", ("钱几天退回来",), answer="原路退回。"),
]


@pytest.fixture(scope="module")
def index(encoder: UseEncoder) -> FaqIndex:
    return train_faq(FAQ, encoder).index


@pytest.fixture(scope="module")
def questions(index: FaqIndex) -> Questions:
    return Questions(index.found)


def _ask(index: FaqIndex, text: str, encoder: UseEncoder) -> list[str]:
    vector = encoder.encode([normalise(text)])[0]
    return [hit.entry_id for hit in index.search(text, vector, threshold=0.0)]


def test_typing_suggests_questions_that_go_on_so(questions: Questions) -> None:
    assert questions.typed("什么时候")[0].entry_id == "ship"
    assert questions.typed("发票")[0].question == "怎么开发票？"
    assert questions.typed("  ") == [] and questions.typed("火星旅游") == []


def test_of_two_that_fit_alike_the_one_asked_more_often_comes_first(questions: Questions) -> None:
    plain = [one.entry_id for one in questions.typed("发货")]
    assert set(plain[:2]) == {"ship", "ship_slow"}
    heated = questions.typed("发货", heat={plain[1]: 10_000})
    assert heated[0].entry_id == plain[1]


def test_hot_questions_are_those_asked_and_no_others(questions: Questions) -> None:
    assert [one.entry_id for one in questions.hot({"refund": 3, "ship": 9, "gone": 50})] == ["ship", "refund"]


def test_next_to_an_answer_stands_what_is_alike_and_never_itself(questions: Questions) -> None:
    alike = [one.entry_id for one in questions.alike("ship")]
    assert "ship" not in alike and alike[:1] == ["ship_slow"]
    assert questions.alike("nothing") == []


def test_an_adopted_wording_is_found_at_once_and_a_removed_entry_never(index: FaqIndex, encoder: UseEncoder) -> None:
    longer = FaqEntry("refund", "退款多久到账？", ("钱几天退回来", "银子啥时候回我卡里"), answer="原路退回。")
    more = index.revise(encoder, put=[longer, FaqEntry("new", "门店在哪？")], removed=["invoice"])
    assert _ask(more, "银子啥时候回我卡里", encoder)[0] == "refund"
    assert _ask(more, "门店在哪儿", encoder)[0] == "new"
    assert "invoice" not in _ask(more, "怎么开发票", encoder)
    assert _ask(index, "怎么开发票", encoder)[0] == "invoice", "the version before is as it was"
    with pytest.raises(ConfigError):
        index.revise(encoder, removed=[entry.id for entry in FAQ])


def test_a_reranker_has_its_share_in_the_order(index: FaqIndex, encoder: UseEncoder) -> None:
    class Contrary:
        def scores(self, query: str, texts: Sequence[str]) -> Vectors:
            return np.array([float("补偿" in text or "赔" in text) for text in texts], dtype=np.float32)

    assert _ask(index, "什么时候发货", encoder)[0] == "ship"
    assert _ask(index.reranked_by(Contrary(), share=1.0), "什么时候发货", encoder)[0] == "ship_slow"


def test_fusion_is_chosen_on_folds_and_judged_on_the_rest() -> None:
    draw = np.random.default_rng(0)
    wanted = np.arange(240) % 40
    good = np.eye(40, dtype=np.float32)[wanted] + 0.3 * draw.standard_normal((240, 40)).astype(np.float32)
    bad = draw.standard_normal((240, 40)).astype(np.float32)
    nothing = np.zeros((240, 40), dtype=np.float32)
    asked = AskedLikeness(good, bad, nothing, nothing, np.arange(40), wanted)
    start = Fusion(vector_share=0.5, mean=0.0, answer=0.0, answer_lexical=0.0)
    chosen, held = choose_fusion(asked, start)
    assert chosen.vector_share == 0.9
    assert held > asked.reciprocal_rank(start)
