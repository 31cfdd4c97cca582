"""Vectors: unit length, remembered on disk, made off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.cache import CachedEncoder
from bot.encoding.encoder import Vectors
from bot.encoding.use import UseEncoder


class Counting:
    """The real encoder, with a count of the texts that reach it."""

    def __init__(self, encoder: UseEncoder) -> None:
        self._encoder = encoder
        self.batches: list[list[str]] = []
        self.id = encoder.id
        self.dimension = encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.batches.append([text for text in texts if text])
        return self._encoder.encode(texts)


def test_vectors_have_length_one_and_like_means_near(encoder: UseEncoder) -> None:
    vectors = encoder.encode(["什么时候发货", "多久能寄出来", "姚明多高"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_no_text_gives_no_vector(encoder: UseEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_the_cache_encodes_a_text_once_and_survives_a_restart(encoder: UseEncoder, tmp_path: Path) -> None:
    first = Counting(encoder)
    vectors = CachedEncoder(first, tmp_path).encode(["退货", "发货", "退货"])
    second = Counting(encoder)
    again = CachedEncoder(second, tmp_path).encode(["发货", "退货", "多少钱"])
    assert first.batches == [["发货", "退货"]]
    assert second.batches == [["多少钱"]]
    assert np.array_equal(vectors[[1, 0]], again[:2])


def test_a_text_added_later_is_within_rounding_of_a_cold_run(encoder: UseEncoder, tmp_path: Path) -> None:
    texts = [f"第{number}个问题：怎么退货" for number in range(40)]
    cold = CachedEncoder(encoder, tmp_path / "a").encode(texts)
    warm = CachedEncoder(encoder, tmp_path / "b")
    warm.encode(texts[:-1])
    assert np.allclose(warm.encode(texts), cold, rtol=0, atol=1e-6)


def test_a_damaged_cache_is_made_anew(encoder: UseEncoder, tmp_path: Path) -> None:
    CachedEncoder(encoder, tmp_path).encode(["退货"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert len(CachedEncoder(encoder, tmp_path)) == 0


async def test_messages_that_wait_together_go_out_together(encoder: UseEncoder) -> None:
    counting = Counting(encoder)
    async with AsyncEncoder(lambda: counting, batch=8) as away:
        vectors = await asyncio.gather(*[away.encode(f"第{number}句") for number in range(9)])
    assert [len(batch) for batch in counting.batches[1:]] == [1, 8]
    assert np.allclose(vectors[5], encoder.encode(["第5句"])[0], atol=1e-5)


async def test_a_failed_encoding_reaches_the_caller_and_the_next_one_works(encoder: UseEncoder) -> None:
    class Moody(Counting):
        def encode(self, texts: Sequence[str]) -> Vectors:
            if "坏" in texts:
                raise ValueError("cannot read this")
            return super().encode(texts)

    async with AsyncEncoder(lambda: Moody(encoder)) as away:
        with pytest.raises(ValueError, match="cannot read"):
            await away.encode("坏")
        assert (await away.encode("好")).shape == (encoder.dimension,)


async def test_a_process_of_its_own_gives_the_same_vectors(encoder: UseEncoder) -> None:
    async with AsyncEncoder(UseEncoder, processes=1) as away:
        assert np.array_equal(await away.encode("什么时候发货"), encoder.encode(["什么时候发货"])[0])
