"""A segment on disk: vectors, ids and the FAISS index in a folder named by its hash, read memory-mapped."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from bot.retrieval.vectors.kinds import IndexSettings, choose_kind, tune
from bot.retrieval.vectors.segment import Segment
from kefu.base.errors import ConfigError

KIND = "retrieval.vectors"
SCHEMA_VERSION = 1
_FILES = ("ids.npy", "vectors.npy", "index.faiss")


def save_segment(segment: Segment, root: Path, *, encoder_id: str, settings: IndexSettings) -> Path:
    """Write a segment whose tail is empty, whole or not at all; return its folder `root/<hash>`."""
    ids, vectors = segment.rows()
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root, prefix=".part-"))
    try:
        np.save(folder / "ids.npy", ids, allow_pickle=False)
        np.save(folder / "vectors.npy", vectors, allow_pickle=False)
        if segment.index is not None:
            faiss.write_index(segment.index, str(folder / "index.faiss"))
        manifest: dict[str, Any] = {
            "kind": KIND,
            "schema_version": SCHEMA_VERSION,
            "encoder_id": encoder_id,
            "dimension": int(vectors.shape[1]),
            "count": len(ids),
            "index": choose_kind(len(ids), settings),
            "libraries": {"faiss-cpu": version("faiss-cpu")},
            "files": {name: _digest(folder / name) for name in _FILES if (folder / name).exists()},
        }
        name = _hash(manifest)
        (folder / "manifest.json").write_text(json.dumps({**manifest, "hash": name}, indent=1), "utf-8")
        folder.chmod(0o755)
        target = root / name
        if target.exists():
            shutil.rmtree(folder)
        else:
            folder.rename(target)
        return target
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def load_segment(folder: Path, *, encoder_id: str, dimension: int, settings: IndexSettings) -> Segment:
    """Read a segment, its vectors and lists mapped from disk; ConfigError names the file and the cure."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
        stated = manifest.pop("hash")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(f"{path}: 不是向量索引的清单（{error}），请重建 · not a manifest; build again") from error
    if stated != _hash(manifest) or manifest.get("kind") != KIND or manifest["schema_version"] != SCHEMA_VERSION:
        raise ConfigError(f"{path}: 被改动或来自别的版本，请重建 · changed or of another version; build it again")
    if manifest["encoder_id"] != encoder_id or manifest["dimension"] != dimension:
        made, now = (manifest["encoder_id"], manifest["dimension"]), (encoder_id, dimension)
        raise ConfigError(f"{folder}: 索引的编码器是 {made}，现在是 {now}，请重建 · of another encoder; build it again")
    for name, digest in manifest["files"].items():
        if name not in _FILES or not (folder / name).is_file() or _digest(folder / name) != digest:
            raise ConfigError(f"{folder / name}: 缺失或被改动，请重建 · missing or changed; build it again")
    ids = np.load(folder / "ids.npy", allow_pickle=False)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
    if not len(ids):
        return Segment.empty(dimension)
    index = faiss.read_index(str(folder / "index.faiss"), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    tune(index, settings)
    return Segment.built(ids, vectors, settings, index)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:32]
