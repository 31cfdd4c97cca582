"""The encoders that targets use, each loaded once a process, and ones that keep vectors from run to run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.encoding.cache import CachedEncoder
from bot.encoding.e5 import FOLDER, prepare_e5
from bot.encoding.encoder import Encoder
from bot.encoding.tiers import DEFAULT, list_prepared, load_encoder
from bot.encoding.use import UseEncoder


@cache
def default_encoder() -> UseEncoder:
    """Return the process's one default encoder: its weights take a second and 100 MB."""
    return UseEncoder()


@cache
def tier_encoder(tier: str, models: Path) -> Encoder:
    """Return the process's one encoder of a tier, from the folder `models`; e5 is unpacked there when it is missing.

    Raises ConfigError for another tier that is not prepared, and when e5's packages are not installed.
    """
    if tier == DEFAULT:
        return default_encoder()
    if tier == FOLDER and tier not in list_prepared(models):
        prepare_e5(models)
    return load_encoder(tier, models=models)


def remembering(encoder: Encoder, shared: Path, cache_folder: str = "") -> CachedEncoder:
    """Return an encoder with the vectors that earlier runs left below `shared`; never for what is timed."""
    return CachedEncoder(encoder, Path(cache_folder) if cache_folder else shared / "vectors")
