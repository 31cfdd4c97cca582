"""The tables of emoji packs and their pictures, and the only SQL that touches them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, Integer, Table, Text, delete, func, insert, select, update

from messaging_core.kernel.schema import AnyRow, Id, metadata

emoji_packs = Table(
    "emoji_packs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("reviewed_by", Id, nullable=True),
    Column("reviewed_at", Id, nullable=True),
    Index(None, "state", "id"),
    Index(None, "enterprise_id", "id"),
)
emoji = Table(
    "emoji",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("pack_id", Id, nullable=False),
    Column("media_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Index(None, "pack_id", "place"),
    Index(None, "media_id"),
)

PackRow = AnyRow


def insert_pack(connection: Connection, **values: object) -> None:
    """Add a pack."""
    connection.execute(insert(emoji_packs).values(**values))


def update_pack(connection: Connection, pack_id: int, **values: object) -> None:
    """Change a pack that is locked."""
    connection.execute(update(emoji_packs).where(emoji_packs.c.id == pack_id).values(**values))


def find_pack(connection: Connection, pack_id: int, *, lock: bool = False) -> PackRow | None:
    """Return a pack, or None; `lock` keeps it as it is until the commit."""
    query = select(emoji_packs).where(emoji_packs.c.id == pack_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def list_packs(
    connection: Connection, *, enterprise_id: int | None, state: str | None, before_id: int, limit: int
) -> list[PackRow]:
    """Return packs, newest first; of one enterprise, in one state, or both."""
    query = select(emoji_packs).where(emoji_packs.c.id < before_id)
    if enterprise_id is not None:
        query = query.where(emoji_packs.c.enterprise_id == enterprise_id)
    if state is not None:
        query = query.where(emoji_packs.c.state == state)
    return list(connection.execute(query.order_by(emoji_packs.c.id.desc()).limit(limit)))


def insert_emoji(connection: Connection, **values: object) -> None:
    """Add a picture to a pack."""
    connection.execute(insert(emoji).values(**values))


def delete_emoji(connection: Connection, emoji_id: int) -> None:
    """Take a picture out of its pack."""
    connection.execute(delete(emoji).where(emoji.c.id == emoji_id))


def list_emoji(connection: Connection, pack_ids: Sequence[int]) -> list[AnyRow]:
    """Return the pictures of packs, in their order."""
    query = select(emoji).where(emoji.c.pack_id.in_(pack_ids)).order_by(emoji.c.pack_id, emoji.c.place, emoji.c.id)
    return list(connection.execute(query))


def find_emoji(connection: Connection, emoji_id: int) -> AnyRow | None:
    """Return one picture, or None."""
    return connection.execute(select(emoji).where(emoji.c.id == emoji_id)).one_or_none()


def next_place(connection: Connection, pack_id: int) -> tuple[int, int]:
    """Return (how many pictures a pack has, the place of the next)."""
    query = select(func.count(), func.coalesce(func.max(emoji.c.place), 0)).where(emoji.c.pack_id == pack_id)
    count, last = connection.execute(query).one()
    return int(count), int(last) + 1


def find_sendable(connection: Connection, emoji_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Return pictures of approved packs, by id."""
    query = (
        select(emoji)
        .join(emoji_packs, emoji_packs.c.id == emoji.c.pack_id)
        .where(emoji.c.id.in_(emoji_ids), emoji_packs.c.state == "approved")
    )
    return {row.id: row for row in connection.execute(query)}
