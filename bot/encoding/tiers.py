"""Which encoder: `default`, `e5` for quality, or the name of a model that was prepared or tuned."""

from __future__ import annotations

import re
from pathlib import Path

from bot.artefact import MANIFEST
from bot.encoding.cache import CachedEncoder
from bot.encoding.e5 import FOLDER, E5Encoder, PairEncoder
from bot.encoding.encoder import Encoder
from bot.encoding.sentence import CARD, SentenceEncoder
from bot.encoding.use import UseEncoder
from kefu.base.errors import ConfigError

DEFAULT = "default"
_PARTNER = re.compile(r"\+(?P<kind>e5|st|q4)-(?P<name>[^/]+)/")


def load_encoder(tier: str, *, models: Path | None = None, cache: Path | None = None) -> Encoder:
    """Return a tier's encoder: the default one, with the model of that name beside it unless the tier is `default`.

    `models` is the folder of prepared models, `cache` one that keeps vectors from run to run. Raises ConfigError for
    a tier that is not prepared.
    """

    def cached(encoder: Encoder) -> Encoder:
        return CachedEncoder(encoder, cache) if cache else encoder

    if tier == DEFAULT:
        return cached(UseEncoder())
    if models is None:
        raise ConfigError(f"encoder {tier!r}: 没有说模型放在哪里 · name the folder of prepared models")
    return PairEncoder(cached(UseEncoder()), cached(load_partner(tier, models)))


def load_partner(tier: str, models: Path) -> Encoder:
    """Return the prepared model alone, without the default encoder beside it."""
    folder = models / tier
    if tier == FOLDER or (folder / MANIFEST).exists():
        return E5Encoder(models, tier)
    if (folder / CARD).exists():
        return SentenceEncoder(models, tier)
    known = ", ".join([DEFAULT, *list_prepared(models)])
    raise ConfigError(
        f"encoder {tier!r}: 没有准备好（可用 {known}），先执行 kefu models prepare {tier} · is not prepared"
    )


def list_prepared(models: Path) -> list[str]:
    """Return the names of the prepared and tuned models."""
    if not models.is_dir():
        return []
    return sorted(path.name for path in models.iterdir() if (path / MANIFEST).exists() or (path / CARD).exists())


def tier_of(encoder_id: str) -> str:
    """Return the tier whose encoder has this id, by its parts; what is unknown is the default's to refuse."""
    found = _PARTNER.search(encoder_id)
    if found is None:
        return DEFAULT
    return FOLDER if found["kind"] == "e5" else found["name"]
