"""Read a whole folder of intent files into one pack."""

from __future__ import annotations

import os
from pathlib import Path

from intents.merge import merge_files
from intents.model import IntentFile, Pack, Place
from intents.problems import Problem
from intents.reader import read_file

SUFFIXES = (".yml", ".yaml")
MAX_FOLDER_BYTES = 40_000_000
MAX_FILES = 5_000


def list_files(folder: Path) -> list[Path]:
    """Return the YAML files below a folder by name; hidden ones and those in hidden folders are left out."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root, name) for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def load_files(path: Path) -> list[IntentFile]:
    """Read a folder, or a single file; problems name files relative to the folder.

    A folder over the limits gives one problem and nothing else: better refused than read in part.
    """
    if not path.is_dir():
        return [read_file(path, path.name)]
    paths = list_files(path)
    size = sum(one.stat().st_size for one in paths if one.exists())
    if size > MAX_FOLDER_BYTES or len(paths) > MAX_FILES:
        data = {
            "size": f"{-(-size // 100_000) / 10:.1f}",
            "limit": str(MAX_FOLDER_BYTES // 1_000_000),
            "files": str(len(paths)),
            "most": str(MAX_FILES),
        }
        return [IntentFile(path.name, problems=(Problem("folder_too_large", Place(path.name, 1, 1), data),))]
    if not paths:
        problem = Problem("folder_empty", Place(path.name, 1, 1), {"path": path.name})
        return [IntentFile(path.name, problems=(problem,))]
    return [read_file(one, one.relative_to(path).as_posix()) for one in paths]


def load_pack(path: Path) -> Pack:
    """Read a folder (or one file) into a pack that carries all its problems; it never raises for what it finds."""
    return merge_files(load_files(path))
