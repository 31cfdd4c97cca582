"""Artefacts: named by what is in them, whole, and refused when anything is not as it was written."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.artefact import MANIFEST, load_artefact
from bot.encoding.use import UseEncoder
from bot.training.train import Trained
from bot.understanding.hybrid import KIND, SCHEMA_VERSION, Understander
from kefu.base.errors import ConfigError


@pytest.fixture
def folder(trained: Trained, tmp_path: Path) -> Path:
    return trained.artefact.save(tmp_path)


def test_a_model_reads_alike_before_and_after_the_disk(
    trained: Trained, folder: Path, encoder: UseEncoder, understander: Understander
) -> None:
    assert folder.name == trained.artefact.hash
    loaded = Understander.load(folder, encoder)
    for text in ("什么时候发货", "帮我写诗", ""):
        assert loaded.understand(text) == understander.understand(text)


def test_saving_again_keeps_the_folder(trained: Trained, folder: Path, tmp_path: Path) -> None:
    before = (folder / MANIFEST).stat().st_mtime_ns
    assert trained.artefact.save(tmp_path) == folder
    assert (folder / MANIFEST).stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_a_folder_holds_arrays_and_json_alone(folder: Path) -> None:
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}


def test_another_encoder_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="made with the encoder"):
        load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION, encoder_id="another/1")


def test_another_schema_version_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=f"schema version {SCHEMA_VERSION}, this program reads {SCHEMA_VERSION + 1}"):
        load_artefact(folder, kind=KIND, schema_version=SCHEMA_VERSION + 1)


def test_another_kind_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"a 'retrieval\.faq' is needed"):
        load_artefact(folder, kind="retrieval.faq", schema_version=SCHEMA_VERSION)


@pytest.mark.parametrize("name", ["bias.npy", "model.json", "vectors.npy"])
def test_a_changed_file_is_refused(folder: Path, encoder: UseEncoder, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ConfigError, match=f"{name}: .*was changed"):
        Understander.load(folder, encoder)


def test_a_missing_file_a_strange_file_and_a_changed_manifest_are_refused(folder: Path, encoder: UseEncoder) -> None:
    (folder / "notes.txt").write_text("hello")
    with pytest.raises(ConfigError, match=r"not its own: notes\.txt"):
        Understander.load(folder, encoder)
    (folder / "notes.txt").unlink()
    (folder / "bias.npy").rename(folder.parent / "bias.npy")
    with pytest.raises(ConfigError, match=r"bias\.npy: .*cannot be read"):
        Understander.load(folder, encoder)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["encoder_id"] = "another/1"
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match="was changed after it was written"):
        Understander.load(folder, encoder)


def test_no_artefact_is_said_plainly(tmp_path: Path, encoder: UseEncoder) -> None:
    with pytest.raises(ConfigError, match="no artefact here"):
        Understander.load(tmp_path / "nowhere", encoder)


def test_a_folder_with_other_files_is_not_overwritten(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="holds other files"):
        trained.artefact.save_as(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_name_follows_the_contents(trained: Trained) -> None:
    artefact = trained.artefact
    arrays = {**artefact.arrays, "bias": artefact.arrays["bias"] + np.float32(1)}
    assert replace(artefact, arrays=arrays).hash != artefact.hash


def test_a_full_disk_is_said_plainly_and_leaves_what_was_there(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = trained.artefact.save(tmp_path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        trained.artefact.save_as(tmp_path / "other")
    with pytest.raises(ConfigError, match="nothing was changed"):
        trained.artefact.save_as(kept)
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
    load_artefact(kept, kind=KIND, schema_version=SCHEMA_VERSION)
