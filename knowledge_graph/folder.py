"""A graph on disk: immutable bases and overlays named by version, and one pointer that says which is live."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from kefu.base.errors import ConfigError
from knowledge_graph.asking.asks import AskModel, from_json, to_json
from knowledge_graph.base import Base, Columns, Nodes
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.model import Fact
from knowledge_graph.overlay import Overlay
from knowledge_graph.records import NodeRecord
from knowledge_graph.revise import compact, is_due
from knowledge_graph.schema import Schema

FORMAT = 1
_KEPT = 20
_VERSION = re.compile(r"[0-9a-f]{16}")
_ASKS = "asks.json"


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    format: int
    version: str
    files: dict[str, str]


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Schema
    ids: list[str]
    names: list[str]
    aliases: dict[int, tuple[str, ...]]
    sources: list[str]
    pool: list[int | float | str | tuple[int | float | str, str]]
    files: list[str]


class _Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    base: str
    nodes: dict[str, NodeRecord]
    facts: list[tuple[str, str, list[Fact]]]
    removed: list[str]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version in the history of the pointer."""

    version: str
    base: str
    at_us: int
    note: str = ""


class GraphFolder:
    """Keeps versions in a folder; one writer at a time, any number of readers."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def history(self) -> list[Entry]:
        """The versions that can be gone back to, the live one last; empty when nothing was published."""
        path = self._root / "history.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=list[Entry])
        except FileNotFoundError:
            return []
        except msgspec.DecodeError as error:
            raise ConfigError(f"{path}: 已损坏（{error}），请从备份恢复 · is damaged; restore it") from error

    def current(self) -> KnowledgeGraph | None:
        """The live version, None when nothing was published."""
        entries = self.history()
        return self.open(entries[-1]) if entries else None

    def open(self, entry: Entry) -> KnowledgeGraph:
        """Open a version; ConfigError when it is damaged or of another program."""
        base = load_base(self._root / entry.base)
        asks = self.asks()
        if entry.version == entry.base:
            return KnowledgeGraph(base, asks=asks)
        path = self._root / f"{entry.version}.overlay.json"
        try:
            raw = msgspec.json.decode(path.read_bytes(), type=_Overlay)
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigError(f"{path}: 读不了（{error}） · cannot be read") from error
        facts = {(subject, predicate): tuple(said) for subject, predicate, said in raw.facts}
        overlay = Overlay(raw.nodes, facts, frozenset(raw.removed))
        return KnowledgeGraph(base, overlay, version=entry.version, asks=asks)

    def asks(self) -> AskModel | None:
        """What texts ask for, as it was learned for all versions of this graph; None when nothing was."""
        path = self._root / _ASKS
        try:
            return from_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, ValueError) as error:
            raise ConfigError(f"{path}: 已损坏（{error}），请重新训练 · is damaged; train it again") from error

    def put_asks(self, model: AskModel) -> None:
        """Keep what was learned, for every version from now on."""
        self._root.mkdir(parents=True, exist_ok=True)
        _write(self._root / _ASKS, to_json(model))

    def publish(self, graph: KnowledgeGraph, *, at_us: int, note: str = "") -> Entry:
        """Write a version and make it live in one step; what was live stays in the history.

        Where an overlay has grown large it is folded into a new base, which takes as long as a load. Files of versions
        that the history has forgotten go.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        graph = compact(graph) if is_due(graph) else graph
        save_base(graph.base, self._root)
        if graph.version != graph.base.version:
            overlay = graph.overlay
            facts = [(subject, predicate, list(said)) for (subject, predicate), said in overlay.facts.items()]
            raw = _Overlay(graph.base.version, dict(overlay.nodes), facts, sorted(overlay.removed))
            _write(self._root / f"{graph.version}.overlay.json", msgspec.json.encode(raw))
        entry = Entry(graph.version, graph.base.version, at_us, note)
        entries = [*self.history(), entry][-_KEPT:]
        self._put(entries)
        self._forget_others(entries)
        return entry

    def _forget_others(self, kept: list[Entry]) -> None:
        names = {one.base for one in kept} | {f"{one.version}.overlay.json" for one in kept}
        for path in self._root.iterdir():
            if path.name in names:
                continue
            if path.name.endswith(".overlay.json"):
                path.unlink(missing_ok=True)
            elif path.is_dir() and _VERSION.fullmatch(path.name):
                shutil.rmtree(path, ignore_errors=True)

    def roll_back(self) -> Entry:
        """Make the version before the live one live; LookupError when there is none."""
        entries = self.history()
        if len(entries) < 2:
            raise LookupError("没有更早的版本可以回退 · there is no earlier version")
        self._put(entries[:-1])
        return entries[-2]

    def _put(self, entries: list[Entry]) -> None:
        _write(self._root / "history.json", msgspec.json.encode(entries))


def save_base(base: Base, root: Path) -> Path:
    """Write a base as the folder `root/<version>`, whole or not at all; one that is there is kept."""
    target = root / base.version
    if target.exists():
        return target
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root, prefix=".part-"))
    try:
        for column in fields(Columns):
            np.save(folder / f"{column.name}.npy", getattr(base.columns, column.name), allow_pickle=False)
        np.save(folder / "kinds.npy", base.nodes.kinds, allow_pickle=False)
        nodes = base.nodes
        texts = _Texts(base.schema, nodes.ids, nodes.names, nodes.aliases, nodes.sources, base.pool, base.files)
        (folder / "texts.json").write_bytes(msgspec.json.encode(texts))
        files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
        manifest = _Manifest("knowledge_graph", FORMAT, base.version, files)
        (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
        folder.chmod(0o755)
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return target


def load_base(folder: Path) -> Base:
    """Read a base, its columns memory-mapped; ConfigError names the file that is missing, changed or too new."""
    path = folder / "manifest.json"
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: 不是图的清单（{error}） · not the manifest of a graph") from error
    if manifest.kind != "knowledge_graph" or manifest.format != FORMAT:
        raise ConfigError(
            f"{path}: 格式 {manifest.format}，本程序读 {FORMAT}，请重新加载 · another format; load it again"
        )
    for name, digest in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file() or _digest(file) != digest:
            raise ConfigError(f"{file}: 缺失或被改动，请重新加载 · missing or changed; load it again")
    arrays: Mapping[str, Any] = {
        column.name: np.load(folder / f"{column.name}.npy", mmap_mode="r", allow_pickle=False)
        for column in fields(Columns)
    }
    texts = msgspec.json.decode((folder / "texts.json").read_bytes(), type=_Texts)
    kinds = np.load(folder / "kinds.npy", allow_pickle=False)
    numbers = {id: number for number, id in enumerate(texts.ids)}
    nodes = Nodes(texts.ids, kinds, texts.names, texts.aliases, texts.sources, numbers)
    return Base(texts.schema, manifest.version, nodes, Columns(**arrays), list(texts.pool), texts.files)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
