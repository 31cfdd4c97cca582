"""What a database holds, in short: to see whether anything has changed."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, select

from bot.turns.tables import metadata as bot_tables
from messaging_core.kernel.tables import metadata

# The webhook's subscriber moves its cursors beside every request.
_BACKGROUND = ("consumers", "consumer_cursors")


def digest(connection: Connection) -> dict[str, str]:
    """Return a digest of every table."""
    return {
        table.name: hashlib.sha256(
            repr(sorted(map(repr, connection.execute(select(table)).all()))).encode()
        ).hexdigest()
        for table in (*metadata.sorted_tables, *bot_tables.sorted_tables)
        if table.name not in _BACKGROUND
    }
