"""Models trained for suites, kept beside the runs: the same data and the same code are not trained twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import bot
import intents
from eval.samples.model import digest

_TRAINS = ("artefact.py", "encoding", "retrieval", "training", "understanding")
_SUFFIXES = (".py", ".toml", ".yml", ".json", ".txt")
_SERVES = ("kefu", "bot", "intents", "knowledge_graph", "messaging_core")


def kept(folder: Path, key: object, make: Callable[[], str]) -> str:
    """Return what `make` returned for this key, here or in an earlier run with the same program."""
    note = folder / f"{digest([key, program()])}.txt"
    if note.exists():
        return note.read_text("utf-8")
    made = make()
    note.parent.mkdir(parents=True, exist_ok=True)
    part = note.with_suffix(".part")
    part.write_text(made, "utf-8")
    part.replace(note)
    return made


@cache
def program() -> str:
    """Return a hash of the program files that training runs through: other code may train another model."""
    root = Path(bot.__file__).parent
    places = (*(root / name for name in _TRAINS), Path(intents.__file__).parent)
    return _hash([path for place in places for path in _files(place) if path.suffix in _SUFFIXES], root.parent)


@cache
def whole_program() -> str:
    """Return a hash of every file of the packages that a server runs, its shop and its texts included."""
    places = [Path(str(find_spec(name).origin)).parent for name in _SERVES]  # type: ignore[union-attr]
    files = [path for place in places for path in _files(place) if "__pycache__" not in path.parts]
    return _hash(files, places[0].parent)


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


def _hash(files: list[Path], root: Path) -> str:
    found = hashlib.sha256()
    for path in files:
        found.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:32]
