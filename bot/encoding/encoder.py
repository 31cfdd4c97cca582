"""The port behind which every sentence encoder sits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors; the same text gives the same vector, alone or in a batch, up to float rounding."""

    @property
    def id(self) -> str:
        """Name and version of the weights; artefacts made with another id are refused."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 vectors of length 1 (L2), shape (len(texts), dimension)."""
        ...


def text_mark(text: str) -> str:
    """Return the mark by which a tuned encoder remembers a normalised text that it was taught."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def parts_of(encoder: Encoder) -> tuple[int, ...]:
    """Return the dimensions of the encoders that stand side by side in its vectors; one for a single encoder."""
    found: tuple[int, ...] = getattr(encoder, "parts", (encoder.dimension,))
    return found


def taught_by(encoder: Encoder) -> frozenset[str]:
    """Return the marks of the texts that an encoder was tuned on: whatever is judged on those looks too good."""
    found: frozenset[str] = getattr(encoder, "taught", frozenset())
    return found
