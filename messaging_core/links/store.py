"""The table of previews, and the only SQL that touches it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, Table, Text, delete, insert, select

from messaging_core.kernel.schema import AnyRow, Id, metadata

link_previews = Table(
    "link_previews",
    metadata,
    # No tenant: what a public page says of itself belongs to nobody.
    Column("url_hash", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("fetched_at", Id, nullable=False),
    Index(None, "fetched_at"),
)


def find_previews(connection: Connection, hashes: Sequence[str], *, since_us: int) -> dict[str, AnyRow]:
    """Return previews fetched since a time, by the hash of their address."""
    query = select(link_previews).where(link_previews.c.url_hash.in_(hashes), link_previews.c.fetched_at >= since_us)
    return {row.url_hash: row for row in connection.execute(query)}


def put_preview(connection: Connection, *, url_hash: str, **values: object) -> None:
    """Keep a preview; the newest of an address counts."""
    connection.execute(delete(link_previews).where(link_previews.c.url_hash == url_hash))
    connection.execute(insert(link_previews).values(url_hash=url_hash, **values))


def delete_older(connection: Connection, *, than_us: int) -> None:
    """Forget previews that are not used again."""
    connection.execute(delete(link_previews).where(link_previews.c.fetched_at < than_us))
