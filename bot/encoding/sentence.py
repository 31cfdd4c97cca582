"""Any sentence-transformers model as an encoder: copied once into the workspace, checked when loaded, never fetched."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from bot.encoding.encoder import Vectors
from kefu.base.errors import ConfigError

KIND = "encoder.sentence"
CARD = "encoder.json"
_MODEL = "model"
_BATCH = 64
_MAX_CHARS = 2_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_CURE = 'pip install "kefu[models]"'
Progress = Callable[[str, int, int], None]


class SentenceEncoder:
    """Encodes with torch, in float32 on the processor; the first call costs seconds of import.

    Texts are sorted by length inside a call and padded, so a vector may differ in the last digits between batches.
    """

    def __init__(self, models: Path, name: str) -> None:
        folder = models / name
        card = read_card(folder)
        if card["hash"] != folder_hash(folder / _MODEL):
            raise ConfigError(
                f"{folder}: 准备好以后被改过，请重新 kefu models prepare · was changed after it was prepared"
            )
        self._model = open_model(folder / _MODEL)
        self._prefix = str(card["prefix"])
        self._id = f"st-{name}/{card['hash'][:16]}"
        self._taught = frozenset(card.get("taught", ()))
        self._dimension = int(self._model.get_embedding_dimension())

    @property
    def id(self) -> str:
        """The name it was prepared under, and the hash of its files."""
        return self._id

    @property
    def dimension(self) -> int:
        """As the model's own files say."""
        return self._dimension

    @property
    def taught(self) -> frozenset[str]:
        """Marks of the texts it was tuned on; none for a model as it comes."""
        return self._taught

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (n, dimension)."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        vectors = self._model.encode(
            [self._prefix + text[:_MAX_CHARS] for text in texts],
            batch_size=_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def prepare_sentence(
    models: Path, source: str, *, name: str | None = None, prefix: str = "", progress: Progress | None = None
) -> Path:
    """Copy a sentence-transformers folder, or a model that lies in the local cache, to `models`/name; return that.

    `prefix` is put before every text (`query: ` for e5 models). Raises ConfigError with the cure: the package is
    missing, the model is neither a folder nor in the cache, the name cannot be a folder's, it cannot be loaded.
    """
    tell = progress or (lambda stage, done, total: None)
    need_torch()
    called = name or model_name(source)
    if _NAME.fullmatch(called) is None or called in ("default", "e5"):
        raise ConfigError(
            f"{called!r} 不能当名字，用小写字母、数字、- 和 _：--as NAME · cannot be the name of an encoder"
        )
    tell("find", 0, 3)
    found = _find(source)
    tell("copy", 1, 3)
    models.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=models, prefix=".part-"))
    try:
        # Links of a cache are followed: the copy must not depend on it.
        shutil.copytree(found, part / _MODEL, ignore=shutil.ignore_patterns(".git*", "onnx", "openvino", "*.md"))
        tell("load", 2, 3)
        install_card(part, prefix=prefix, source=model_name(source))
        part.chmod(0o755)
        replace_folder(part, models / called)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    tell("load", 3, 3)
    return models / called


def install_card(folder: Path, *, prefix: str, source: str, taught: Sequence[str] = ()) -> None:
    """Try the model in `folder`/model and write the card beside it; ConfigError when it gives no vectors."""
    model = open_model(folder / _MODEL)
    vector = np.asarray(model.encode([prefix + "好"], normalize_embeddings=True, show_progress_bar=False))
    if vector.ndim != 2 or not np.isfinite(vector).all():
        raise ConfigError(f"{source}: 给不出句向量，要用 sentence-transformers 模型 · gives no sentence vectors")
    card: dict[str, Any] = {
        "kind": KIND,
        "hash": folder_hash(folder / _MODEL),
        "prefix": prefix,
        "source": source,
        **({"taught": list(taught)} if taught else {}),
    }
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1), encoding="utf-8")


def replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder in the place of `target`, which is an older one of ours or not there."""
    if target.exists() and not (target / CARD).exists() and not (target / "manifest.json").exists():
        raise ConfigError(
            f"{target}: 里面有别的文件，用 --as 另起名字 · holds other files; choose another name with --as"
        )
    if target.exists():
        shutil.rmtree(target)
    new.rename(target)


def read_card(folder: Path) -> dict[str, Any]:
    """Return what is known of a prepared model; ConfigError when there is none."""
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{folder}: 这里没有准备好的模型，先 kefu models prepare 名字或目录 · no encoder is prepared here"
        ) from None
    except ValueError as error:
        raise ConfigError(
            f"{folder / CARD}: 已损坏，请重新准备 · is damaged ({error}); prepare the encoder again"
        ) from error
    if not isinstance(card, dict) or card.get("kind") != KIND or not {"hash", "prefix", "source"} <= card.keys():
        raise ConfigError(
            f"{folder / CARD}: 是别的版本的，请重新准备 · is of another program's version; prepare the encoder again"
        )
    return card


def open_model(folder: Path) -> Any:
    """Return a SentenceTransformer on the processor; ConfigError when the folder holds none."""
    need_torch()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer

    quiet_libraries()
    torch.set_num_threads(1)  # two threads gain nothing on short texts and round differently
    try:
        model = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise ConfigError(
            f"{folder}: 读不成 sentence-transformers 模型 · cannot be loaded as a sentence-transformers model ({error})"
        ) from error
    return model.eval()


def quiet_libraries() -> None:
    """Keep transformers' bars and hints off a trainer's terminal; what matters is told by us."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def model_name(source: str) -> str:
    """Return the name a model is prepared under when nobody chooses one: the last part of its name or path."""
    return re.sub(r"[^a-z0-9_.-]+", "-", source.rstrip("/\\").replace("\\", "/").rpartition("/")[2].lower())


def folder_hash(folder: Path) -> str:
    """Return a hash of all files below a folder and their names."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            whole.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:32]


def need_torch() -> None:
    """Raise ConfigError with the cure unless everything that such models need is installed."""
    for package in ("torch", "transformers", "sentence-transformers"):
        try:
            version(package)
        except PackageNotFoundError:
            raise ConfigError(
                f"这类模型需要安装 {package} · sentence-transformers models need the package {package}: {_CURE}"
            ) from None


def _find(source: str) -> Path:
    path = Path(source)
    if path.is_dir():
        return path
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(source, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise ConfigError(
            f"{source}: 不是目录，本机缓存里也没有；这里不联网，请在有网的地方下好，再写它的目录 · is no folder, and no"
            " model of that name lies in the local cache; nothing is downloaded here:"
            " fetch it where there is a network and name its folder"
        ) from error
