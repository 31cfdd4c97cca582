"""Texts of the training report for people, zh and en."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from kefu.base.texts import Lang


@cache
def catalogue(lang: Lang) -> dict[str, str]:
    """Return all texts of a language by key."""
    raw = tomllib.loads(resources.files(__name__).joinpath(f"{lang}.toml").read_text("utf-8"))
    return dict(raw["report"])


def say(key: str, lang: Lang, **data: object) -> str:
    """Return a text with its `{places}` filled; KeyError for an unknown key or place."""
    return catalogue(lang)[key].format(**data)
