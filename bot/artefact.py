"""Immutable folders of arrays and JSON: written whole or not at all, checked file by file when read, never pickle."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kefu.base.errors import ConfigError

MANIFEST = "manifest.json"
_CHANGED = "写好以后被改过，不能用，请重新训练 · was changed after it was written; train it again"
Array: TypeAlias = npt.NDArray[Any]
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an artefact was made of; together with its files it decides the artefact's name."""

    kind: str
    schema_version: int
    encoder_id: str
    data_hash: str
    settings: Mapping[str, Json]
    libraries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Artefact:
    """A recipe with its arrays (.npy) and documents (.json), by file name without ending."""

    recipe: Recipe
    arrays: Mapping[str, Array]
    documents: Mapping[str, Json]

    @property
    def hash(self) -> str:
        """The name of its folder: 32 hexadecimal digits over recipe and contents."""
        return _hash(_manifest(self.recipe, _contents(self)))

    def save(self, root: Path) -> Path:
        """Write the folder `root/<hash>` and return it; one that is already there and whole is kept."""
        target = root / self.hash
        if target.exists():
            load_artefact(target, kind=self.recipe.kind, schema_version=self.recipe.schema_version)
            return target
        return self.save_as(target)

    def save_as(self, target: Path) -> Path:
        """Write the folder `target`, which must not hold anything but an older artefact; it is replaced.

        ConfigError when it cannot be written, as on a full disk: then nothing is left of it.
        """
        try:
            return self._write(target)
        except OSError as error:
            place = error.filename or target
            raise ConfigError(
                f"{place}: 写不下（{error.strerror}），请腾出磁盘空间；什么都没有改变"
                f" · cannot be written ({error.strerror}); nothing was changed"
            ) from error

    def _write(self, target: Path) -> Path:
        if target.exists() and not (target / MANIFEST).exists() and any(target.iterdir()):
            raise ConfigError(
                f"{target}: 里面有别的文件，请换一个空目录 · holds other files; name an empty or new folder"
            )
        contents = _contents(self)
        contents[MANIFEST] = _dump(_manifest(self.recipe, contents))
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
        try:
            for name, data in contents.items():
                with (folder / name).open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            folder.chmod(0o755)
            if target.exists():
                shutil.rmtree(target)
            folder.rename(target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return target


def load_artefact(folder: Path, *, kind: str, schema_version: int, encoder_id: str | None = None) -> Artefact:
    """Read an artefact and check everything about it.

    Raises ConfigError with the file and the cure: no manifest, another kind or schema version, made with another
    encoder (when `encoder_id` is given), a file that is missing, changed or too many.
    """
    manifest = _read_manifest(folder)
    recipe = _recipe(manifest, folder)
    if recipe.kind != kind:
        raise ConfigError(
            f"{folder}: 不是要的那种（{recipe.kind}，要 {kind}） · is a {recipe.kind!r} artefact, a {kind!r} is needed"
        )
    if recipe.schema_version != schema_version:
        raise ConfigError(
            f"{folder}: 是别的程序版本做的（格式 {recipe.schema_version}，现在读 {schema_version}），请重新训练"
            f" · has schema version {recipe.schema_version}, this program reads {schema_version}; train it again"
        )
    if encoder_id is not None and recipe.encoder_id != encoder_id:
        raise ConfigError(
            f"{folder}: 是用别的句向量模型做的，请重新训练"
            f" · was made with the encoder {recipe.encoder_id!r}, this is {encoder_id!r}; train it again"
        )
    contents = _read_files(folder, manifest["files"])
    arrays: dict[str, Array] = {}
    documents: dict[str, Json] = {}
    for name, data in contents.items():
        stem, _, ending = name.rpartition(".")
        if ending == "npy":
            arrays[stem] = np.load(io.BytesIO(data), allow_pickle=False)
        else:
            documents[stem] = json.loads(data)
    return Artefact(recipe=recipe, arrays=arrays, documents=documents)


def read_recipe(folder: Path) -> Recipe:
    """Read what an artefact was made of, without its contents; ConfigError when there is none."""
    return _recipe(_read_manifest(folder), folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"{path}: 这里没有这个版本 · there is no artefact here") from None
    except ValueError as error:
        raise ConfigError(f"{path}: 损坏了（{error}），请重新训练 · is damaged; train it again") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ConfigError(f"{path}: 不是我们的清单，请重新训练 · is not a manifest of ours; train it again")
    stated = manifest.pop("hash", None)
    if stated != _hash(manifest):
        raise ConfigError(f"{path}: {_CHANGED}")
    return manifest


def _recipe(manifest: Mapping[str, Any], folder: Path) -> Recipe:
    try:
        return Recipe(**{key: value for key, value in manifest.items() if key != "files"})
    except TypeError as error:
        raise ConfigError(
            f"{folder / MANIFEST}: 是别的程序版本做的，请重新训练 · is of another program's version ({error})"
        ) from error


def _read_files(folder: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    strangers = {path.name for path in folder.iterdir()} - set(hashes) - {MANIFEST}
    if strangers:
        raise ConfigError(
            f"{folder}: 混进了别的文件 · holds files that are not its own: {', '.join(sorted(strangers))}"
        )
    contents: dict[str, bytes] = {}
    for name, expected in sorted(hashes.items()):
        if Path(name).name != name:
            raise ConfigError(f"{folder / MANIFEST}: 指到了目录外面 · names a file outside its folder: {name!r}")
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{folder / name}: 读不了，请重新训练 · cannot be read ({error.strerror}); train it again"
            ) from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise ConfigError(f"{folder / name}: {_CHANGED}")
        contents[name] = data
    return contents


def _contents(artefact: Artefact) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for name, array in artefact.arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
        contents[f"{name}.npy"] = buffer.getvalue()
    for name, document in artefact.documents.items():
        contents[f"{name}.json"] = _dump(document)
    return contents


def _manifest(recipe: Recipe, contents: Mapping[str, bytes]) -> dict[str, Any]:
    manifest: dict[str, Any] = {
        "kind": recipe.kind,
        "schema_version": recipe.schema_version,
        "encoder_id": recipe.encoder_id,
        "data_hash": recipe.data_hash,
        "settings": dict(recipe.settings),
        "libraries": dict(recipe.libraries),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())},
    }
    return {**manifest, "hash": _hash(manifest)}


def _hash(manifest: Mapping[str, Any]) -> str:
    body = {key: value for key, value in manifest.items() if key != "hash"}
    return hashlib.sha256(_dump(body)).hexdigest()[:32]


def _dump(value: Json | Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()
