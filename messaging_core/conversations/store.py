"""The tables of conversations and members, and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from kefu.base.clock import MINUTE_US
from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("unique_key", Text, nullable=True),
    Column("created_by", Id, nullable=False),
    Column("created_at", Id, nullable=False),
    Column("last_seq", Id, nullable=False),
    Column("last_msg_no", Id, nullable=False),
    Column("last_event_at", Id, nullable=False),
    # Ten-minute slot of last_event_at. It has the index that the sweeps need and seldom changes, so that a message
    # costs no index write.
    Column("active_slot", Integer, nullable=False),
    Column("member_count", Integer, nullable=False),
    # Who may speak in a group is asked at every send, so it stands here and not with the rest in `groups`.
    Column("announcement_only", Boolean, nullable=True),
    Column("silenced_until", Id, nullable=True),
    Index(None, "unique_key", unique=True),
    Index(None, "enterprise_id"),
    Index(None, "active_slot"),
    postgresql_with={"fillfactor": 70},
)
members = Table(
    "members",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("role", Text, nullable=False),
    Column("joined_at", Id, nullable=False),
    Column("joined_seq", Id, nullable=False),
    Column("visible_from", Id, nullable=False),
    Column("left_seq", Id, nullable=True),
    Column("read_msg_no", Id, nullable=False),
    Column("silenced_until", Id, nullable=True),
    Column("nickname", Text, nullable=True),
    # When the member sent his last few messages (`safety.policy.Ring`): the rate in a group, folding, and whether a
    # card is a reply are told from it. Written with the read cursor, so it costs a send no statement.
    Column("recent", LargeBinary, nullable=True),
    Index(None, "account_id", "joined_at"),
    postgresql_with={"fillfactor": 70},
    sqlite_with_rowid=False,
)

_SLOT_US = 10 * MINUTE_US

ConversationRow = AnyRow
MemberRow = AnyRow


def active_slot(at_us: int) -> int:
    """Return the ten-minute slot of a time."""
    return at_us // _SLOT_US


_LOCK = select(conversations).where(conversations.c.id == bindparam("conversation_id")).with_for_update()


def lock(connection: Connection, conversation_id: int) -> ConversationRow | None:
    """Return a conversation, locked until the transaction ends: whoever takes a `seq` holds this first."""
    return connection.execute(_LOCK, {"conversation_id": conversation_id}).one_or_none()


def find(connection: Connection, conversation_id: int) -> ConversationRow | None:
    """Return a conversation, or None."""
    return connection.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()


def find_by_key(connection: Connection, unique_key: str) -> int | None:
    """Return the id of the conversation with this key (`direct:a:b`, `service:enterprise:customer`), or None."""
    return connection.execute(
        select(conversations.c.id).where(conversations.c.unique_key == unique_key)
    ).scalar_one_or_none()


def insert_conversation(connection: Connection, **values: object) -> None:
    """Add a conversation."""
    connection.execute(insert(conversations).values(**values))


def update_conversation(connection: Connection, conversation_id: int, **values: object) -> None:
    """Change a conversation that is locked."""
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))


def insert_members(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add members in one statement."""
    connection.execute(insert(members), rows)


def update_member(connection: Connection, conversation_id: int, account_id: int, **values: object) -> None:
    """Change one membership."""
    connection.execute(
        update(members)
        .where(members.c.conversation_id == conversation_id, members.c.account_id == account_id)
        .values(**values)
    )


_MEMBER = select(members).where(
    members.c.conversation_id == bindparam("conversation_id"), members.c.account_id == bindparam("account_id")
)


def find_member(connection: Connection, conversation_id: int, account_id: int) -> MemberRow | None:
    """Return a membership, present or past, or None."""
    found = connection.execute(_MEMBER, {"conversation_id": conversation_id, "account_id": account_id})
    return found.one_or_none()


def list_members(
    connection: Connection, conversation_id: int, *, after_id: int = 0, limit: int = 1000
) -> list[MemberRow]:
    """Return the present members with their names and kinds, by account id."""
    query = (
        select(members, accounts.c.name, accounts.c.kind)
        .join(accounts, accounts.c.id == members.c.account_id)
        .where(
            members.c.conversation_id == conversation_id,
            members.c.left_seq.is_(None),
            members.c.account_id > after_id,
        )
        .order_by(members.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def list_admins(connection: Connection, conversation_id: int) -> list[int]:
    """Return the accounts of a group's owner and admins."""
    query = select(members.c.account_id).where(
        members.c.conversation_id == conversation_id,
        members.c.role.in_(("owner", "admin")),
        members.c.left_seq.is_(None),
    )
    return list(connection.execute(query).scalars())


_MEMBERSHIPS = (
    select(members.c.conversation_id, conversations.c.last_seq, conversations.c.last_event_at)
    .join(conversations, conversations.c.id == members.c.conversation_id)
    .where(members.c.account_id == bindparam("account_id"), members.c.left_seq.is_(None))
    .order_by(conversations.c.last_event_at.desc(), members.c.conversation_id.desc())
)


def list_memberships(connection: Connection, account_id: int) -> list[MemberRow]:
    """Return conversation_id, last_seq and last_event_at of every conversation the account is in, newest first."""
    return list(connection.execute(_MEMBERSHIPS, {"account_id": account_id}))


_BOUNDS = (
    select(members.c.conversation_id, members.c.visible_from, members.c.left_seq, conversations.c.last_seq)
    .join(conversations, conversations.c.id == members.c.conversation_id)
    .where(members.c.account_id == bindparam("account_id"), is_among(members.c.conversation_id))
)


def find_bounds(connection: Connection, account_id: int, conversation_ids: list[int]) -> dict[int, MemberRow]:
    """Return visible_from, left_seq and last_seq for the conversations the account is or was in."""
    return {
        row.conversation_id: row
        for row in connection.execute(_BOUNDS, {"account_id": account_id, "ids": conversation_ids})
    }


def list_joined_since(connection: Connection, account_ids: list[int], *, since_us: int) -> list[MemberRow]:
    """Return (account_id, conversation_id) of memberships made since a time."""
    query = select(members.c.account_id, members.c.conversation_id).where(
        is_among(members.c.account_id, account_ids), members.c.joined_at >= since_us, members.c.left_seq.is_(None)
    )
    return list(connection.execute(query))


def list_active_since(connection: Connection, *, since_us: int) -> list[ConversationRow]:
    """Return (id, last_seq) of the conversations in which something happened since a time."""
    query = select(conversations.c.id, conversations.c.last_seq).where(
        conversations.c.active_slot >= active_slot(since_us)
    )
    return list(connection.execute(query))


def newest_at(connection: Connection) -> int:
    """Return when something last happened in any conversation, 0 when nothing ever did."""
    slot = select(func.max(conversations.c.active_slot)).scalar_subquery()
    query = select(func.max(conversations.c.last_event_at)).where(conversations.c.active_slot == slot)
    return int(connection.execute(query).scalar_one() or 0)


def share_conversation(
    connection: Connection, account_id: int, other_ids: list[int], *, kinds: tuple[str, ...]
) -> set[int]:
    """Return those of `other_ids` who are in a conversation of one of `kinds` with the account."""
    mine = members.alias("mine")
    theirs = members.alias("theirs")
    query = (
        select(theirs.c.account_id)
        .distinct()
        .select_from(mine)
        .join(conversations, and_(conversations.c.id == mine.c.conversation_id, conversations.c.kind.in_(kinds)))
        .join(theirs, theirs.c.conversation_id == mine.c.conversation_id)
        .where(
            mine.c.account_id == account_id,
            mine.c.left_seq.is_(None),
            theirs.c.left_seq.is_(None),
            theirs.c.account_id.in_(other_ids),
        )
    )
    return set(connection.execute(query).scalars())


def advance_read(connection: Connection, conversation_id: int, account_id: int, msg_no: int) -> int | None:
    """Move a read cursor forward, never beyond the last message; return its place, None when it is further already.

    Who says again where it stands is told again: the answer to the first time may have been lost after its commit.
    """
    last = select(conversations.c.last_msg_no).where(conversations.c.id == conversation_id).scalar_subquery()
    wanted = func.least(msg_no, last) if connection.dialect.name == "postgresql" else func.min(msg_no, last)
    statement = (
        update(members)
        .where(
            members.c.conversation_id == conversation_id,
            members.c.account_id == account_id,
            members.c.left_seq.is_(None),
            members.c.read_msg_no < wanted,
        )
        .values(read_msg_no=wanted)
        .returning(members.c.read_msg_no)
    )
    moved = connection.execute(statement).scalar_one_or_none()
    if moved is not None:
        return int(moved)
    stands = select(members.c.read_msg_no).where(
        members.c.conversation_id == conversation_id,
        members.c.account_id == account_id,
        members.c.left_seq.is_(None),
        members.c.read_msg_no == wanted,
    )
    return connection.execute(stands).scalar_one_or_none()


_UNREAD = (
    select(members.c.conversation_id, (conversations.c.last_msg_no - members.c.read_msg_no).label("unread"))
    .join(conversations, conversations.c.id == members.c.conversation_id)
    .where(
        members.c.account_id == bindparam("account_id"),
        members.c.left_seq.is_(None),
        is_among(members.c.conversation_id),
    )
)


def count_unread(connection: Connection, account_id: int, conversation_ids: list[int]) -> dict[int, int]:
    """Return what a member has not read, for those of the conversations that he is in."""
    values = {"account_id": account_id, "ids": conversation_ids}
    return {row.conversation_id: row.unread for row in connection.execute(_UNREAD, values)} if conversation_ids else {}


def _could_read(conversation_id: int, *, seq: int, but: int) -> ColumnElement[bool]:
    """Return the condition for present members, other than the sender, who may see what stands at `seq`."""
    return and_(
        members.c.conversation_id == conversation_id,
        members.c.left_seq.is_(None),
        members.c.visible_from <= seq,
        members.c.account_id != but,
    )


def count_readers(connection: Connection, conversation_id: int, *, seq: int, msg_no: int, but: int) -> tuple[int, int]:
    """Return how many members have read a message, and how many could."""
    read = func.coalesce(func.sum(case((members.c.read_msg_no >= msg_no, 1), else_=0)), 0)
    query = select(read, func.count()).select_from(members).where(_could_read(conversation_id, seq=seq, but=but))
    found = connection.execute(query).one()
    return int(found[0]), int(found[1])


def list_readers(
    connection: Connection, conversation_id: int, *, seq: int, msg_no: int, but: int, after_id: int, limit: int
) -> list[MemberRow]:
    """Return the members who have read a message, by account id."""
    query = (
        select(members.c.account_id, members.c.nickname, accounts.c.name)
        .join(accounts, accounts.c.id == members.c.account_id)
        .where(
            _could_read(conversation_id, seq=seq, but=but),
            members.c.read_msg_no >= msg_no,
            members.c.account_id > after_id,
        )
        .order_by(members.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query))
