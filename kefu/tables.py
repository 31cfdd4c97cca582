"""All tables of a workspace: the messenger's and the bot's, brought up and down together."""

from __future__ import annotations

from bot.migrations import BRANCH
from messaging_core.app import migrate as migrate_branches
from messaging_core.settings import Settings

HEADS = "heads"


def migrate(settings: Settings, *, revision: str = HEADS, down: bool = False) -> None:
    """Bring the tables to `revision`: `heads` or `base` for all of them, `bot@base` and the like for one branch.

    Raises:
        ConfigError: the database is newer than this program, or cannot be used.
    """
    migrate_branches(settings, revision=revision, down=down, branches=(BRANCH,))
