"""Measuring from the middle: an encoder whose vectors all point one way still has its say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.encoding.e5 import PairEncoder
from bot.encoding.encoder import parts_of
from bot.encoding.use import UseEncoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import FaqIndex
from bot.retrieval.measure import Measure
from bot.training.train_faq import train_faq
from bot.understanding.normalise import normalise

_WIDE, _NARROW = 48, 32


def _crowd() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Vectors of two encoders: of the second all lie within a few degrees."""
    random = np.random.default_rng(0)
    wide = random.standard_normal((50, _WIDE))
    narrow = np.ones(_NARROW) + 0.05 * random.standard_normal((50, _NARROW))
    both = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in (wide, narrow)]
    return np.concatenate(both, axis=1).astype(np.float32) / np.float32(np.sqrt(2))


def test_an_encoder_whose_vectors_are_all_alike_decides_as_much_as_the_other() -> None:
    crowd = _crowd()
    # A query with the first vector's wide part and the second vector's narrow part.
    query = np.concatenate([crowd[0, :_WIDE], crowd[1, _WIDE:]])
    assert (crowd @ query)[0] > (crowd @ query)[1]
    apart = Measure(crowd, (_WIDE, _NARROW))
    scores = apart(crowd) @ apart(query)
    assert scores[1] > scores[0]


def test_measured_vectors_have_length_one_alone_and_in_a_crowd() -> None:
    crowd = _crowd()
    for parts in ((), (_WIDE + _NARROW,), (_WIDE, _NARROW)):
        turned = Measure(crowd, parts)(crowd)
        assert np.allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-5)
        assert np.allclose(Measure(crowd, parts)(crowd[3]), turned[3], atol=1e-6)


def test_the_middle_itself_is_like_nothing() -> None:
    crowd = _crowd()
    apart = Measure(crowd, (_WIDE, _NARROW))
    assert np.abs(apart(crowd) @ apart(crowd.mean(axis=0))).max() < 1e-6


def test_an_index_of_two_encoders_is_measured_apart_before_and_after_the_disk(
    encoder: UseEncoder, tmp_path: Path
) -> None:
    pair = PairEncoder(encoder, encoder)
    topics = ("发货", "退货", "发票", "运费", "积分", "礼盒", "保存", "水温", "优惠券", "地址")
    asks = ("{}怎么办理？", "我想问问{}的事", "{}有什么规定", "关于{}请说明一下")
    faq = [FaqEntry(topic, asks[0].format(topic), tuple(ask.format(topic) for ask in asks[1:])) for topic in topics]
    trained = train_faq(faq, pair)
    assert trained.index.found.fusion.centred and trained.index.found.parts == parts_of(pair) == (512, 512)
    assert not train_faq(faq, encoder).index.found.fusion.centred
    loaded = FaqIndex.load(trained.artefact.save(tmp_path), pair)
    revised = loaded.revise(pair, put=[FaqEntry("新品", "新品什么时候上架")])
    assert revised.found.parts == loaded.found.parts == (512, 512)
    for text in ("积分有啥规定", "礼盒怎么弄"):
        vector = pair.encode([normalise(text)])[0]
        hits = loaded.search(text, vector, threshold=0.0)
        assert hits == trained.index.search(text, vector, threshold=0.0)
        assert hits[0].entry_id == text[:2]
    vector = pair.encode(["新品什么时候上架"])[0]
    assert revised.search("新品什么时候上架", vector, threshold=0.0)[0].entry_id == "新品"
