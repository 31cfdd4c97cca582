"""What serving costs: suggestions while typing, an index that changes, exactness beside speed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from statistics import quantiles

import numpy as np

from bot.encoding.encoder import Encoder, Vectors
from bot.encoding.use import UseEncoder
from bot.nearest import nearest
from bot.retrieval.documents.index import DocumentIndex, DocumentSettings
from bot.retrieval.documents.passage import Passage
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_wordings import FaqWordings
from bot.retrieval.fusion import Fusion
from bot.retrieval.questions import Questions
from bot.retrieval.vectors.kinds import IndexKind, IndexSettings, build_index
from eval.knowledge.figures import Figure
from eval.knowledge.vectors import crowd

_TYPING_MS, _CHANGE_MS, _NEAREST = 30.0, 1_000.0, 10
_WORDS = "发货 退款 发票 优惠 积分 会员 包装 快递 龙井 普洱 茶具 礼盒 保存 冲泡 价格 库存 预售".split()  # noqa: SIM905
_ASKS = "什么时候 怎么 可以 多少 为什么 能不能 哪里 几天 是否 要不要".split()  # noqa: SIM905


class _Noise:
    """Vectors without meaning: what is timed here is everything but the encoder, whose cost is measured apart."""

    id, dimension = "noise", 512

    def encode(self, texts: Sequence[str]) -> Vectors:
        count = len(texts)
        rows = np.random.default_rng(count).standard_normal((count, self.dimension)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _question(draw: random.Random, number: int) -> str:
    return f"{draw.choice(_WORDS)}{draw.choice(_ASKS)}{draw.choice(_WORDS)}{number % 997}"


def measure_typing(entries: int) -> Iterator[Figure]:
    """Yield how long suggestions take for each key stroke of 60 questions, among so many wordings."""
    draw, noise = random.Random(3), _Noise()
    faq = [FaqEntry(f"q{n}", _question(draw, n), (_question(draw, n), _question(draw, n))) for n in range(entries)]
    vectors, own = noise.encode([""] * 3 * entries), noise.encode([""] * entries)
    questions = Questions(FaqWordings(faq, vectors, own, fusion=Fusion()))
    times = []
    for _ in range(60):
        text = _question(draw, draw.randrange(entries))
        for end in range(1, len(text) + 1):
            started = time.process_time()
            questions.typed(text[:end])
            times.append((time.process_time() - started) * 1e3)
    yield Figure(
        f"typing among {entries} entries", "p95 a key stroke", quantiles(times, n=20)[-1], "CPU ms", _TYPING_MS
    )


def measure_changes(passages: int) -> Iterator[Figure]:
    """Yield how long a document takes to be added, changed and removed in an index of so many passages."""
    encoder: Encoder = _Noise()
    draw = random.Random(4)
    many = [Passage(f"d{n // 20}", ("说明",), _question(draw, n), f"d:{n}") for n in range(passages)]
    index = DocumentIndex.build(many, encoder, DocumentSettings())
    work = f"index of {passages} passages"
    fresh = [Passage("new", ("说明",), _question(draw, n), f"new:{n}") for n in range(20)]
    steps: list[tuple[str, str, list[Passage]]] = [
        ("a document added", "new", fresh), ("a document changed", "d7", fresh[:10]), ("a document removed", "d9", []),
    ]  # fmt: skip
    for name, document, wanted in steps:
        started = time.process_time()
        index = index.put(document, wanted, encoder)
        yield Figure(work, name, (time.process_time() - started) * 1e3, "CPU ms", _CHANGE_MS)
    texts = [_question(draw, n) for n in range(10)]
    started = time.process_time()
    UseEncoder().encode(texts)
    yield Figure(work, "encoding 10 new sentences, encoder's start included", time.process_time() - started, "CPU s")


def measure_exactness(count: int) -> Iterator[Figure]:
    """Yield recall@10 against flat search beside CPU a query, for every kind of index."""
    rows, queries = crowd(count)
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :_NEAREST]
    kinds: tuple[IndexKind, ...] = ("flat", "ivf_sq8", "hnsw")
    for kind in kinds:
        index = build_index(rows, np.arange(count), IndexSettings(kind=kind))
        started = time.process_time()
        found = [nearest(index, query[None, :], _NEAREST)[1][0].tolist() for query in queries]
        spent = (time.process_time() - started) / len(queries) * 1e3
        shared = [len(set(a) & set(b)) / _NEAREST for a, b in zip(exact.tolist(), found, strict=True)]
        yield Figure(
            f"{count} vectors, {kind}", "recall@10", float(np.mean(shared)), "", note=f"{spent:.3f} CPU ms a query"
        )
