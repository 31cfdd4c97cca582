"""What a group has beside its members: how it is run, its notice, pins and bans; and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from messaging_core.conversations.store import conversations, members
from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow, Id, metadata

groups = Table(
    "groups",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("join_approval", Boolean, nullable=False),
    Column("notice", Text, nullable=False),
    Column("notice_at", Id, nullable=True),
    Column("welcome", Text, nullable=False),
    # Seconds after which a bot may answer a question that nobody has; NULL: the deployment's setting.
    Column("bot_wait_s", Integer, nullable=True),
)
pins = Table(
    "pins",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("pinned_by", Id, nullable=False),
    Column("pinned_at", Id, nullable=False),
    sqlite_with_rowid=False,
)
bans = Table(
    "bans",
    metadata,
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=True),
    Column("banned_by", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Id, nullable=False),
    sqlite_with_rowid=False,
)

_BOTS_SHOWN = 100
_FIND = select(groups).where(is_among(groups.c.conversation_id))


def find_groups(connection: Connection, conversation_ids: list[int]) -> dict[int, AnyRow]:
    """Return how these groups are run; those that nobody has set up are left out."""
    if not conversation_ids:
        return {}
    return {row.conversation_id: row for row in connection.execute(_FIND, {"ids": conversation_ids})}


def find_group(connection: Connection, conversation_id: int) -> AnyRow | None:
    """Return how a group is run, None when nobody has set it up."""
    return find_groups(connection, [conversation_id]).get(conversation_id)


def put_group(connection: Connection, conversation_id: int, *, enterprise_id: int | None, **changes: object) -> None:
    """Write what is given and keep the rest; the conversation is locked before."""
    if find_group(connection, conversation_id) is None:
        values: dict[str, object] = {"join_approval": False, "notice": "", "welcome": "", **changes}
        connection.execute(
            insert(groups).values(conversation_id=conversation_id, enterprise_id=enterprise_id, **values)
        )
    else:
        connection.execute(update(groups).where(groups.c.conversation_id == conversation_id).values(**changes))


_owner = members.alias("owner")
_COMMUNITIES = (
    select(
        conversations.c.id,
        conversations.c.title,
        conversations.c.member_count,
        conversations.c.created_at,
        accounts.c.name.label("owner_name"),
        members.c.account_id.label("inside"),
    )
    .outerjoin(_owner, and_(_owner.c.conversation_id == conversations.c.id, _owner.c.role == "owner"))
    .outerjoin(accounts, accounts.c.id == _owner.c.account_id)
    .outerjoin(
        members,
        and_(
            members.c.conversation_id == conversations.c.id,
            members.c.account_id == bindparam("viewer_id"),
            members.c.left_seq.is_(None),
        ),
    )
    .where(conversations.c.enterprise_id == bindparam("enterprise_id"), conversations.c.kind == "group")
    .order_by(conversations.c.id.desc())
    .limit(bindparam("most"))
)


def list_communities(connection: Connection, enterprise_id: int, *, viewer_id: int, limit: int) -> list[AnyRow]:
    """Return id, title, member_count, created_at, owner_name and `inside` (whether the viewer is), newest first."""
    given = {"enterprise_id": enterprise_id, "viewer_id": viewer_id, "most": limit}
    return list(connection.execute(_COMMUNITIES, given))


_PINS = (
    select(pins.c.conversation_id, pins.c.seq)
    .where(is_among(pins.c.conversation_id))
    .order_by(pins.c.pinned_at, pins.c.seq)
)


def find_pins(connection: Connection, conversation_ids: list[int]) -> dict[int, list[int]]:
    """Return `seq` of the pinned messages, in the order in which they were pinned."""
    found: dict[int, list[int]] = {}
    if conversation_ids:
        for row in connection.execute(_PINS, {"ids": conversation_ids}):
            found.setdefault(row.conversation_id, []).append(row.seq)
    return found


def insert_pin(connection: Connection, **values: object) -> None:
    """Pin a message."""
    connection.execute(insert(pins).values(**values))


def delete_pin(connection: Connection, conversation_id: int, seq: int) -> bool:
    """Unpin a message; return whether it was pinned."""
    done = connection.execute(delete(pins).where(pins.c.conversation_id == conversation_id, pins.c.seq == seq))
    return bool(done.rowcount)


def find_bans(connection: Connection, conversation_id: int, account_ids: list[int]) -> set[int]:
    """Return those of the accounts that may not come back."""
    if not account_ids:
        return set()
    query = select(bans.c.account_id).where(
        bans.c.conversation_id == conversation_id, is_among(bans.c.account_id, account_ids)
    )
    return set(connection.execute(query).scalars())


def insert_ban(connection: Connection, **values: object) -> None:
    """Ban somebody."""
    connection.execute(insert(bans).values(**values))


def delete_ban(connection: Connection, conversation_id: int, account_id: int) -> bool:
    """Lift a ban; return whether there was one."""
    done = connection.execute(
        delete(bans).where(bans.c.conversation_id == conversation_id, bans.c.account_id == account_id)
    )
    return bool(done.rowcount)


def list_bans(connection: Connection, conversation_id: int, *, after_id: int, limit: int) -> list[AnyRow]:
    """Return bans with the names of the banned, by account id."""
    query = (
        select(bans, accounts.c.name)
        .join(accounts, accounts.c.id == bans.c.account_id)
        .where(bans.c.conversation_id == conversation_id, bans.c.account_id > after_id)
        .order_by(bans.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def list_bots(connection: Connection, conversation_id: int) -> list[AnyRow]:
    """Return id, name and inside of the bots of a group's enterprise, the eldest first."""
    here = and_(
        members.c.conversation_id == conversations.c.id,
        members.c.account_id == accounts.c.id,
        members.c.left_seq.is_(None),
    )
    query = (
        select(accounts.c.id, accounts.c.name, members.c.account_id.is_not(None).label("inside"))
        .select_from(conversations)
        .join(accounts, and_(accounts.c.kind == "bot", accounts.c.enterprise_id == conversations.c.enterprise_id))
        .outerjoin(members, here)
        .where(conversations.c.id == conversation_id)
        .order_by(accounts.c.id)
        .limit(_BOTS_SHOWN)
    )
    return list(connection.execute(query))


def find_bot_waits(connection: Connection, conversation_ids: list[int]) -> dict[int, int | None]:
    """Return, for those of the groups that have a bot, after how many seconds it may speak; None: the default."""
    query = (
        select(members.c.conversation_id, func.max(groups.c.bot_wait_s).label("wait_s"))
        .join(accounts, and_(accounts.c.id == members.c.account_id, accounts.c.kind == "bot"))
        .outerjoin(groups, groups.c.conversation_id == members.c.conversation_id)
        .where(is_among(members.c.conversation_id, conversation_ids), members.c.left_seq.is_(None))
        .group_by(members.c.conversation_id)
    )
    return {row.conversation_id: row.wait_s for row in connection.execute(query)} if conversation_ids else {}
