"""The default encoder, loaded once a process, and one that keeps vectors from run to run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.encoding.cache import CachedEncoder
from bot.encoding.use import UseEncoder


@cache
def default_encoder() -> UseEncoder:
    """Return the process's one default encoder: its weights take a second and 100 MB."""
    return UseEncoder()


def remembering_encoder(shared: Path, cache_folder: str = "") -> CachedEncoder:
    """Return the default encoder with the vectors that earlier runs left below `shared`; never for what is timed."""
    return CachedEncoder(default_encoder(), Path(cache_folder) if cache_folder else shared / "vectors")
