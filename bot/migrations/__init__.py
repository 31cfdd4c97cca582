"""The bot's branch of the database's migrations, run together with the messenger's."""

from __future__ import annotations

from typing import Final

BRANCH: Final = "bot.migrations"
"""What `messaging_core.app.migrate(..., branches=...)` is told."""
