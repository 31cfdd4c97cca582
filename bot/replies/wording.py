"""The bot's own texts: several wordings each, chosen by the turn so that the same turn always says the same."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@cache
def texts() -> dict[str, tuple[str, ...]]:
    """Return all wordings keyed by `section.code`."""
    raw = tomllib.loads(resources.files("bot.replies.texts").joinpath("zh.toml").read_text("utf-8"))
    return {
        f"{section}.{code}": (wordings,) if isinstance(wordings, str) else tuple(wordings)
        for section, codes in raw.items()
        for code, wordings in codes.items()
    }


@dataclass(frozen=True, slots=True)
class Wording:
    """Chooses wordings for one turn: by its id, and never one that the bot said last."""

    turn_id: int
    said: Sequence[str] = ()

    def say(self, key: str, **data: object) -> str:
        """Return a text with its places filled; raise KeyError for an unknown key or place."""
        return self.pick([wording.format_map(data) for wording in texts()[key]])

    def pick(self, wordings: Sequence[str]) -> str:
        """Choose one of some wordings, avoiding those that the bot's last message held."""
        last = self.said[-1] if self.said else ""
        fresh = [wording for wording in wordings if wording not in last] or list(wordings)
        return fresh[self.turn_id % len(fresh)]
