"""Questions that customers really asked as further wordings of FAQ entries: kept in the workspace, live at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.artefact import Recipe
from bot.encoding.encoder import Encoder
from bot.retrieval.faq import FaqEntry
from bot.retrieval.faq_index import KIND, SCHEMA_VERSION, FaqIndex
from bot.shop import FaqAnswer
from bot.understanding.normalise import normalise
from kefu.base.errors import ConfigError
from kefu.bundle import bundle_folder, read_bundle
from messaging_core.settings import Settings

_MOST_CHARS = 200


def adopted_file(settings: Settings) -> Path:
    """Return where adopted wordings are kept, a JSON object a line; trainers may edit it."""
    return settings.data / "adopted.jsonl"


def read_adopted(settings: Settings) -> dict[str, list[str]]:
    """Return the adopted wordings by entry; raise ConfigError with the line that is wrong."""
    file = adopted_file(settings)
    found: dict[str, list[str]] = {}
    if not file.exists():
        return found
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
                found.setdefault(str(row["faq_id"]), []).append(str(row["text"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{file}:{number}: 这一行读不了（{error}） · the line cannot be read") from error
    return found


def with_adopted(faq: Iterable[FaqAnswer], adopted: Mapping[str, Sequence[str]]) -> tuple[FaqAnswer, ...]:
    """Return a FAQ with its adopted wordings; those of an entry that is gone are passed over."""
    return tuple(
        replace(one, variants=tuple(dict.fromkeys((*one.variants, *adopted.get(one.faq_id, ()))))) for one in faq
    )


def adopt(settings: Settings, version: str, faq_id: str, texts: Sequence[str], encoder: Encoder) -> str:
    """Keep texts as wordings of an entry and return the version of the bot whose index finds them.

    Raises ConfigError, and keeps nothing, for an unknown entry, or a text that is a wording of another entry already.
    """
    root = settings.data / "artefacts"
    bundle = read_bundle(root, version)
    index = FaqIndex.load(bundle_folder(root, bundle.faq), encoder)
    entry = next((one for one in index.found.entries if one.id == faq_id), None)
    if entry is None:
        raise ConfigError(f"{faq_id}: 没有这条问答 · there is no such entry")
    owners = {normalise(text): one.id for one in index.found.entries for text in (one.question, *one.variants)}
    fresh = [text.strip() for text in dict.fromkeys(texts) if owners.get(normalise(text)) != faq_id]
    for text in fresh:
        if not 0 < len(text) <= _MOST_CHARS:
            raise ConfigError(f"“{text[:40]}”: 应有 1 到 {_MOST_CHARS} 字 · between 1 and {_MOST_CHARS} characters")
        if normalise(text) in owners:
            raise ConfigError(f"“{text}”: 已经是 {owners[normalise(text)]} 的说法 · a wording of another entry")
    if not fresh:
        return version
    longer = replace(entry, variants=(*entry.variants, *fresh))
    faq = _save(index.revise(encoder, put=[longer]), root, encoder, longer)
    with adopted_file(settings).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"faq_id": faq_id, "text": text}, ensure_ascii=False) + "\n" for text in fresh)
    return replace(bundle, faq=faq).artefact(encoder_id=encoder.id).save(root).name


def _save(index: FaqIndex, root: Path, encoder: Encoder, changed: FaqEntry) -> str:
    told = f"adopted:{changed.id}:{len(changed.variants)}"
    return index.artefact(Recipe(KIND, SCHEMA_VERSION, encoder.id, told, {}, {})).save(root).name
