"""A second look at the first candidates: a cross-encoder reads query and wording together. A setting, off by default.

It costs tens of milliseconds a query; where it does not lift MRR on folds (`kefu eval run` with `reranker`), leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bot.understanding.tfidf import Floats
from kefu.base.errors import ConfigError

_CURE = 'pip install "kefu[models]"'
_MOST_TOKENS = 256


class Reranker(Protocol):
    """Judges how well wordings fit a query."""

    def scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Return the chance, 0 to 1, that each text means the same as the query, shape (texts,)."""
        ...


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers in a local folder; nothing is downloaded."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise ConfigError(f"{folder}: 不是模型目录，里面应有 config.json · not the folder of a model")
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise ConfigError(f"缺少 sentence-transformers，请执行 {_CURE} · missing: {_CURE}") from error
        try:
            self._model: Any = CrossEncoder(
                str(folder), num_labels=1, max_length=_MOST_TOKENS, local_files_only=True, device="cpu"
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"{folder}: 模型打不开（{error}） · the model cannot be opened") from error

    def scores(self, query: str, texts: Sequence[str]) -> Floats:
        """See Reranker."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        found = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        flat = np.asarray(found, dtype=np.float32).reshape(len(texts))
        inside = bool(((flat >= 0) & (flat <= 1)).all())
        return flat if inside else np.asarray(1 / (1 + np.exp(-flat)), dtype=np.float32)
