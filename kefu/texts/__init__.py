"""Texts of the command line, the demo and the reports for people, zh and en, keyed by `section.code`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from kefu.base.texts import Lang


@cache
def catalogue(lang: Lang) -> dict[str, str]:
    """Return all texts of a language, keyed by `section.code`."""
    raw = tomllib.loads(resources.files(__name__).joinpath(f"{lang}.toml").read_text("utf-8"))
    return {f"{section}.{key}": text for section, texts in raw.items() for key, text in texts.items()}


def say(key: str, lang: Lang, data: Mapping[str, object] | None = None) -> str:
    """Return the text of `section.code` with its `{places}` filled; raise KeyError for an unknown code or place."""
    return catalogue(lang)[key].format_map(data or {})
