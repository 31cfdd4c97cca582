"""After a small edit: a version to try within seconds, from the last training; its full training follows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.artefact import load_artefact
from bot.encoding.encoder import Encoder
from bot.training.example import data_hash
from bot.training.pack_examples import pack_examples
from bot.training.warm_start import warm_start
from bot.understanding.hybrid import KIND, SCHEMA_VERSION, HybridModel
from intents.model import Pack
from kefu.base.errors import ConfigError
from kefu.bundle import Bundle, bundle_folder

_LAST = "last_model.json"


@dataclass(frozen=True, slots=True)
class WarmBot:
    """A version to try: `pending` names what is still the last model's."""

    version: str
    edits: int
    pending: tuple[str, ...]


def remember(cache: Path, bundle: Bundle) -> None:
    """Keep what the next training may go on from."""
    file = cache.parent / _LAST
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"model": bundle.model, "faq": bundle.faq}), encoding="utf-8")


def warm_bot(
    pack: Pack, files: Mapping[str, str], encoder: Encoder, *, artefacts: Path, cache: Path, seed: int = 0
) -> WarmBot | None:
    """Save the last model brought up to `pack` as a version to try.

    None when nothing was edited, when there is no last model of this encoder, or only a full training will do.
    """
    last = _last(cache)
    if last is None:
        return None
    try:
        artefact = load_artefact(
            bundle_folder(artefacts, last["model"]), kind=KIND, schema_version=SCHEMA_VERSION, encoder_id=encoder.id
        )
    except ConfigError:  # gone, changed, or of another program's version: the full training needs none of it
        return None
    examples = list(pack_examples(pack))
    warm = warm_start(HybridModel.restore(artefact), examples, encoder, seed=seed)
    if warm is None or not warm.edits:
        return None
    recipe = replace(
        artefact.recipe,
        data_hash=data_hash(warm.model.texts, examples),
        settings={**artefact.recipe.settings, "warm_from": last["model"]},
    )
    model = warm.model.artefact(recipe)
    model.save(artefacts)
    bundle = Bundle(model.hash, last["faq"], files, warm.pending).artefact(encoder_id=encoder.id)
    bundle.save(artefacts)
    return WarmBot(bundle.hash, warm.edits, warm.pending)


def _last(cache: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((cache.parent / _LAST).read_text("utf-8"))
        return {"model": str(told["model"]), "faq": str(told["faq"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None
