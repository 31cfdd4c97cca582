"""The tables of uploads, their parts, the bytes they share and the messages that show them; the only SQL on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from messaging_core.conversations.store import conversations, members
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata
from messaging_core.media.packs_store import emoji, emoji_packs
from messaging_core.media.policy import Reader

media = Table(
    "media",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("account_id", Id, nullable=False),
    Column("use", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bytes", Id, nullable=False),
    Column("received", Id, nullable=False),
    Column("sha256", Text, nullable=True),
    Column("reason", Text, nullable=True),
    Column("created_at", Id, nullable=False),
    Column("expires_at", Id, nullable=True),
    Index(None, "account_id", "created_at"),
    Index(None, "sha256"),
    Index(None, "expires_at"),
)
media_parts = Table(
    "media_parts",
    metadata,
    Column("media_id", Id, primary_key=True, autoincrement=False),
    Column("start", Id, primary_key=True, autoincrement=False),
    Column("bytes", Id, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("key", Text, nullable=False),
    sqlite_with_rowid=False,
)
blobs = Table(
    "blobs",
    metadata,
    # No tenant: the same bytes of two enterprises are one object, and nobody reads by a hash.
    Column("sha256", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("thumb_key", Text, nullable=True),
    Column("bytes", Id, nullable=False),
    Column("thumb_bytes", Id, nullable=False),
    Column("mime", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=True),
    Column("created_at", Id, nullable=False),
)
media_uses = Table(
    "media_uses",
    metadata,
    Column("media_id", Id, primary_key=True, autoincrement=False),
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Index(None, "conversation_id", "seq"),
    sqlite_with_rowid=False,
)
blob_trash = Table("blob_trash", metadata, Column("key", Text, primary_key=True), Column("at", Id, nullable=False))

MediaRow = AnyRow
_WHOLE = select(
    media,
    blobs.c.mime,
    blobs.c.width,
    blobs.c.height,
    blobs.c.duration_ms,
    blobs.c.key,
    blobs.c.thumb_key,
    blobs.c.bytes.label("kept_bytes"),
    blobs.c.thumb_bytes,
).outerjoin(blobs, blobs.c.sha256 == media.c.sha256)


def insert_media(connection: Connection, **values: object) -> None:
    """Add an upload."""
    connection.execute(insert(media).values(**values))


def update_media(connection: Connection, media_id: int, **values: object) -> bool:
    """Change an upload that is still under way; return whether it was."""
    statement = update(media).where(media.c.id == media_id, media.c.state == "uploading").values(**values)
    return connection.execute(statement).rowcount == 1


def find_media(connection: Connection, media_id: int, *, lock: bool = False) -> MediaRow | None:
    """Return an upload with the facts of its bytes, or None; `lock` keeps it as it is until the commit."""
    query = _WHOLE.where(media.c.id == media_id)
    return connection.execute(query.with_for_update(of=media) if lock else query).one_or_none()


def count_open(connection: Connection, account_id: int, *, since_us: int) -> tuple[int, int]:
    """Return how many uploads of an account are under way, and the bytes it has begun to bring since a time."""
    open_now = func.count().filter(media.c.state == "uploading")
    query = select(open_now, func.coalesce(func.sum(media.c.bytes), 0)).where(
        media.c.account_id == account_id, media.c.created_at >= since_us
    )
    found = connection.execute(query).one()
    return int(found[0]), int(found[1])


def insert_part(connection: Connection, **values: object) -> None:
    """Add a part of an upload."""
    connection.execute(insert(media_parts).values(**values))


def find_part(connection: Connection, media_id: int, start: int) -> AnyRow | None:
    """Return the part that begins at a place, or None."""
    query = select(media_parts).where(media_parts.c.media_id == media_id, media_parts.c.start == start)
    return connection.execute(query).one_or_none()


def list_parts(connection: Connection, media_id: int) -> list[AnyRow]:
    """Return the parts of an upload in order."""
    query = select(media_parts).where(media_parts.c.media_id == media_id).order_by(media_parts.c.start)
    return list(connection.execute(query))


def delete_parts(connection: Connection, media_id: int, *, now_us: int) -> None:
    """Forget the parts of an upload; their bytes are thrown away afterwards."""
    throw_away(connection, [row.key for row in list_parts(connection, media_id)], now_us=now_us)
    connection.execute(delete(media_parts).where(media_parts.c.media_id == media_id))


def find_blob(connection: Connection, sha256: str) -> AnyRow | None:
    """Return what is kept under a hash, or None; it stays until the commit."""
    return connection.execute(select(blobs).where(blobs.c.sha256 == sha256).with_for_update()).one_or_none()


def insert_blob(connection: Connection, **values: object) -> AnyRow:
    """Add bytes that are kept and return their row; of two that come at once the first stays."""
    insert_into = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(insert_into(blobs).values(**values).on_conflict_do_nothing())
    found = find_blob(connection, str(values["sha256"]))
    assert found is not None
    return found


def throw_away(connection: Connection, keys: Sequence[str], *, now_us: int) -> None:
    """Note keys whose bytes nobody needs: they are deleted after the commit, or by the next clean-up."""
    if keys:
        connection.execute(insert(blob_trash), [{"key": key, "at": now_us} for key in keys])


def list_trash(connection: Connection, *, limit: int) -> list[str]:
    """Return keys that are to be deleted."""
    return list(connection.execute(select(blob_trash.c.key).order_by(blob_trash.c.at).limit(limit)).scalars())


def delete_trash(connection: Connection, keys: Sequence[str]) -> None:
    """Forget keys whose bytes are deleted."""
    connection.execute(delete(blob_trash).where(blob_trash.c.key.in_(keys)))


def keep(connection: Connection, media_ids: Sequence[int]) -> None:
    """Uploads that something shows stay: the clean-up passes them over."""
    if not media_ids:
        return
    wanted = is_among(media.c.id, media_ids), media.c.expires_at.is_not(None)
    connection.execute(update(media).where(*wanted).values(expires_at=None))


def insert_uses(connection: Connection, uses: Sequence[tuple[int, int, int]]) -> None:
    """Note (media_id, conversation_id, seq): who may read the message may load the upload, which now stays."""
    if not uses:
        return
    names = ("media_id", "conversation_id", "seq")
    connection.execute(insert(media_uses), [dict(zip(names, use, strict=True)) for use in uses])
    keep(connection, [use[0] for use in uses])


def forget_uses(connection: Connection, conversation_id: int, seq: int, *, now_us: int) -> None:
    """A message shows its uploads no more (it was recalled): only its sender may load them, until the clean-up."""
    gone = media_uses.c.conversation_id == conversation_id, media_uses.c.seq == seq
    ids = list(connection.execute(select(media_uses.c.media_id).where(*gone)).scalars())
    if not ids:
        return
    connection.execute(delete(media_uses).where(*gone))
    unused = (
        media.c.id.in_(ids),
        ~exists().where(media_uses.c.media_id == media.c.id),
        ~exists().where(emoji.c.media_id == media.c.id),
    )
    connection.execute(update(media).where(*unused).values(expires_at=now_us))


def list_ready(connection: Connection, media_ids: Sequence[int]) -> list[MediaRow]:
    """Return finished uploads with the facts of their bytes, whoever may load them."""
    return list(connection.execute(_WHOLE.where(media.c.id.in_(media_ids), media.c.state == "ready")))


def list_readable(connection: Connection, media_ids: Sequence[int], reader: Reader) -> list[MediaRow]:
    """Return those finished uploads that somebody may load.

    His own, those of messages that he may read, and the pictures of emoji packs: of approved ones everybody's, of
    others those of his enterprise, and a reviewer's all.
    """
    in_conversation = and_(
        members.c.conversation_id == media_uses.c.conversation_id,
        members.c.account_id == reader.account_id,
        members.c.left_seq.is_(None),
        members.c.visible_from <= media_uses.c.seq,
    )
    shown = media_uses.c.media_id == media.c.id
    packs = [emoji_packs.c.state == "approved"]
    ways = [media.c.account_id == reader.account_id, exists().where(shown, in_conversation)]
    if reader.serves is not None:
        served = and_(
            conversations.c.id == media_uses.c.conversation_id,
            conversations.c.kind == "service",
            conversations.c.enterprise_id == reader.serves,
        )
        ways.append(exists().where(shown, served))
        packs.append(emoji_packs.c.enterprise_id == reader.serves)
    in_pack = emoji.c.media_id == media.c.id, emoji_packs.c.id == emoji.c.pack_id
    ways.append(exists().where(*in_pack, *([] if reader.reviews else [or_(*packs)])))
    query = _WHOLE.where(media.c.id.in_(media_ids), media.c.state == "ready", or_(*ways))
    return list(connection.execute(query))


def list_expired(connection: Connection, *, now_us: int, limit: int) -> list[MediaRow]:
    """Return uploads that were not finished, or not sent, in time."""
    query = select(media).where(media.c.expires_at <= now_us).order_by(media.c.expires_at).limit(limit)
    return list(connection.execute(query.with_for_update(skip_locked=True)))


def delete_media(connection: Connection, row: MediaRow, *, now_us: int) -> None:
    """Forget an upload, and the bytes that no other one shares."""
    delete_parts(connection, row.id, now_us=now_us)
    kept = find_blob(connection, row.sha256) if row.sha256 is not None else None
    connection.execute(delete(media).where(media.c.id == row.id))
    if kept is None:
        return
    shared = select(media.c.id).where(media.c.sha256 == kept.sha256).limit(1)
    if connection.execute(shared).one_or_none() is None:
        connection.execute(delete(blobs).where(blobs.c.sha256 == kept.sha256))
        throw_away(connection, [key for key in (kept.key, kept.thumb_key) if key], now_us=now_us)
