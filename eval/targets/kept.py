"""Models trained for suites, kept beside the runs: the same data and the same code are not trained twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import bot
import intents
from eval.samples.model import digest

_TRAINS = ("artefact.py", "encoding", "retrieval", "training", "understanding")


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
    found = hashlib.sha256()
    root = Path(bot.__file__).parent
    for place in (*(root / name for name in _TRAINS), Path(intents.__file__).parent):
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in (".py", ".toml", ".yml", ".json", ".txt"):
                found.update(path.relative_to(root.parent).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:32]
