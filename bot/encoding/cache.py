"""Vectors kept on disk under the hash of their text, so that one edited line costs one encoding."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.encoding.encoder import Encoder, Vectors, parts_of, taught_by
from kefu.base.errors import ConfigError

_BATCH = 256
# BLAS rounds differently for a handful of rows than for many. Fillers make every batch "many": on some processors a
# text added later then gets the bits of a cold run, on all it stays within 1e-6 of them. (Each text alone would give
# the same bits everywhere, at four times the time.)
_FILLERS = [""] * 16


class CachedEncoder:
    """An encoder that remembers: one pair of .npy files (keys, vectors) for each encoder id in `folder`.

    A pair that cannot be read, or whose sizes disagree, is made anew. Writers replace the files whole; two
    trainings at once lose at most the other's additions, never their rows' sense (keys and vectors are one file each
    and carry the same stamp). Texts are encoded in sorted order, so that a cold run does not depend on their order.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._path = folder / f"{hashlib.sha256(encoder.id.encode()).hexdigest()[:16]}.npy"
        self._rows: dict[bytes, int] = {}
        self._vectors = np.zeros((0, encoder.dimension), dtype=np.float32)
        self._read()

    @property
    def id(self) -> str:
        """The id of the encoder inside."""
        return self._encoder.id

    @property
    def dimension(self) -> int:
        """The dimension of the encoder inside."""
        return self._encoder.dimension

    @property
    def parts(self) -> tuple[int, ...]:
        """The dimensions of the encoders inside."""
        return parts_of(self._encoder)

    @property
    def taught(self) -> frozenset[str]:
        """What the encoder inside was tuned on."""
        return taught_by(self._encoder)

    def __len__(self) -> int:
        return len(self._rows)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Return the vectors of `texts`; what was missing is encoded, and written to disk at the end.

        `progress` is told (done, missing) after each batch.
        """
        keys = [_key(text) for text in texts]
        missing = sorted({text for text, key in zip(texts, keys, strict=True) if key not in self._rows})
        if missing:
            self._add(missing, progress)
        return self._vectors[[self._rows[key] for key in keys]] if keys else self._vectors[:0]

    def _add(self, texts: list[str], progress: Callable[[int, int], None] | None) -> None:
        parts = [self._vectors]
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            parts.append(self._encoder.encode([*batch, *_FILLERS])[: len(batch)])
            if progress is not None:
                progress(start + len(batch), len(texts))
        first = len(self._vectors)
        self._vectors = np.concatenate(parts)
        self._rows.update({_key(text): first + row for row, text in enumerate(texts)})
        self._write()

    def _read(self) -> None:
        row_type = _row_type(self.dimension)
        try:
            rows = np.load(self._path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return
        if rows.dtype != row_type or rows.ndim != 1:
            return
        self._vectors = np.ascontiguousarray(rows["vector"])
        self._rows = {key.tobytes(): row for row, key in enumerate(rows["key"])}

    def _write(self) -> None:
        rows = np.zeros(len(self._vectors), dtype=_row_type(self.dimension))
        rows["vector"] = self._vectors
        rows["key"] = np.frombuffer(b"".join(self._rows), dtype=np.uint8).reshape(-1, 16)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.save(file, rows, allow_pickle=False)
                os.replace(name, self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            # numpy raises without a number when only a part of its rows found room.
            reason = error.strerror or error
            raise ConfigError(
                f"{self._path}: 写不下（{reason}），请腾出磁盘空间 · cannot be written ({reason}); free some space"
            ) from error


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _row_type(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("key", np.uint8, (16,)), ("vector", np.float32, (dimension,))])
