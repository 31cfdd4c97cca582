"""The one catalogue of texts for people, zh and en, keyed by code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def catalogue(lang: Lang) -> dict[str, str]:
    """Return all texts of a language, keyed by `section.code`."""
    raw = tomllib.loads(resources.files(__name__).joinpath(f"{lang}.toml").read_text("utf-8"))
    return {f"{section}.{key}": text for section, texts in raw.items() for key, text in texts.items()}


def pick_lang(wanted: str | None) -> Lang:
    """Return the language for an `Accept-Language` header or a `lang` field: `en` when it comes first, else `zh`."""
    return "en" if wanted and wanted.strip().lower().startswith("en") else "zh"


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def text(key: str, lang: Lang, data: dict[str, object] | None = None) -> str:
    """Return the text of `section.code` with its `{places}` filled from `data`; raise KeyError for an unknown code."""
    return catalogue(lang)[key].format_map(_Known(data or {}))
