"""What of a conversation's messages concerns one member alone: what he deleted for himself, where he is called."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Table, and_, bindparam, delete, insert, or_, select

from messaging_core.conversations.store import members
from messaging_core.kernel.among import is_among
from messaging_core.kernel.bulk import INT, Bulk
from messaging_core.kernel.schema import Id, metadata

deletions = Table(
    "message_deletions",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("at", Id, nullable=False),
    sqlite_with_rowid=False,
)
mentions = Table(
    "mentions",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    # 0: everybody. One row, however many members.
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("msg_no", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    sqlite_with_rowid=False,
)
EVERYBODY = 0


def insert_deletion(connection: Connection, **values: object) -> None:
    """Note that one member has deleted a message for himself."""
    connection.execute(insert(deletions).values(**values))


def is_deleted(connection: Connection, *, account_id: int, conversation_id: int, seq: int) -> bool:
    """Return whether a member has deleted a message for himself."""
    query = select(deletions.c.seq).where(
        deletions.c.account_id == account_id, deletions.c.conversation_id == conversation_id, deletions.c.seq == seq
    )
    return connection.execute(query).first() is not None


_mention = Bulk(
    "mention",
    {"conversation_id": INT, "account_id": INT, "msg_no": INT, "enterprise_id": INT},
    lambda new: insert(mentions).from_select(
        ["conversation_id", "account_id", "msg_no", "enterprise_id"],
        select(new.c.conversation_id, new.c.account_id, new.c.msg_no, new.c.enterprise_id),
    ),
)


def insert_mentions(connection: Connection, rows: Sequence[tuple[int, int, int, int | None]]) -> None:
    """Note who is called by which message: (conversation_id, account_id or EVERYBODY, msg_no, enterprise_id)."""
    _mention.write(connection, rows)


def delete_mentions(connection: Connection, conversation_id: int, account_ids: list[int], *, msg_no: int) -> None:
    """Forget that a message called somebody: it was recalled."""
    connection.execute(
        delete(mentions).where(
            mentions.c.conversation_id == conversation_id,
            is_among(mentions.c.account_id, account_ids),
            mentions.c.msg_no == msg_no,
        )
    )


# The primary key leads straight to what is not read yet: the cost is that of the answer, not of the history.
_UNREAD = (
    select(mentions.c.conversation_id, mentions.c.msg_no)
    .distinct()
    .select_from(members)
    .join(
        mentions,
        and_(
            mentions.c.conversation_id == members.c.conversation_id,
            or_(mentions.c.account_id == members.c.account_id, mentions.c.account_id == EVERYBODY),
            mentions.c.msg_no > members.c.read_msg_no,
        ),
    )
    .where(
        members.c.account_id == bindparam("account_id"),
        is_among(members.c.conversation_id),
        members.c.left_seq.is_(None),
    )
    .order_by(mentions.c.conversation_id, mentions.c.msg_no)
)


def find_unread_mentions(connection: Connection, account_id: int, conversation_ids: list[int]) -> dict[int, list[int]]:
    """Return, by conversation, the `msg_no` of each unread message that calls a member."""
    found: dict[int, list[int]] = {}
    if conversation_ids:
        for row in connection.execute(_UNREAD, {"account_id": account_id, "ids": conversation_ids}):
            found.setdefault(row.conversation_id, []).append(row.msg_no)
    return found


_wanted = Bulk(
    "wanted",
    {"conversation_id": INT, "account_id": INT},
    lambda wanted: (
        select(members.c.conversation_id, members.c.account_id)
        .select_from(wanted)
        .join(
            members,
            and_(
                members.c.conversation_id == wanted.c.conversation_id,
                members.c.account_id == wanted.c.account_id,
                members.c.left_seq.is_(None),
            ),
        )
    ),
)


def find_present(connection: Connection, wanted: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of the pairs (conversation_id, account_id) that are present members."""
    return {(row.conversation_id, row.account_id) for row in _wanted.read(connection, wanted)}
