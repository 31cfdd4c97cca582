"""The tables of follows, contact groups and lists, and the only SQL that touches them."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

ListName = Literal["blacklist", "whitelist"]

follows = Table(
    "follows",
    metadata,
    Column("follower_id", Id, primary_key=True, autoincrement=False),
    Column("followee_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("special", Boolean, nullable=False),
    Column("created_at", Id, nullable=False),
    Index(None, "followee_id"),
    sqlite_with_rowid=False,
)
contact_groups = Table(
    "contact_groups",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("owner_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("may_message", Boolean, nullable=False),
    Column("created_at", Id, nullable=False),
    Index(None, "owner_id"),
)
contact_group_members = Table(
    "contact_group_members",
    metadata,
    Column("group_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
contact_lists = Table(
    "contact_lists",
    metadata,
    Column("owner_id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("list", Text, primary_key=True),
    Column("created_at", Id, nullable=False),
    sqlite_with_rowid=False,
)

ContactRow = AnyRow
_shown = (accounts.c.id.label("account_id"), accounts.c.kind, accounts.c.name, accounts.c.verified)


def put_follow(connection: Connection, *, follower_id: int, followee_id: int, special: bool, now_us: int) -> None:
    """Write that somebody follows somebody, or whether it is special."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(follows).values(
        follower_id=follower_id, followee_id=followee_id, special=special, created_at=now_us
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["follower_id", "followee_id"], set_={"special": special})
    )


def delete_follow(connection: Connection, *, follower_id: int, followee_id: int) -> None:
    """End a follow."""
    connection.execute(
        delete(follows).where(follows.c.follower_id == follower_id, follows.c.followee_id == followee_id)
    )


def find_follow(connection: Connection, *, follower_id: int, followee_id: int) -> ContactRow | None:
    """Return one follow, or None."""
    return connection.execute(
        select(follows).where(follows.c.follower_id == follower_id, follows.c.followee_id == followee_id)
    ).one_or_none()


def count_follows(connection: Connection, follower_id: int) -> int:
    """Return how many accounts somebody follows."""
    query = select(func.count()).select_from(follows).where(follows.c.follower_id == follower_id)
    return int(connection.execute(query).scalar_one())


def list_follows(connection: Connection, account_id: int, *, after_id: int, limit: int) -> list[ContactRow]:
    """Return whom somebody follows, by account id: the account, special, created_at, mutual."""
    back = follows.alias("back")
    mutual = exists().where(back.c.follower_id == follows.c.followee_id, back.c.followee_id == account_id)
    query = (
        select(*_shown, follows.c.special, follows.c.created_at, mutual.label("mutual"))
        .join(accounts, accounts.c.id == follows.c.followee_id)
        .where(follows.c.follower_id == account_id, follows.c.followee_id > after_id)
        .order_by(follows.c.followee_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def list_followers(connection: Connection, account_id: int, *, after_id: int, limit: int) -> list[ContactRow]:
    """Return who follows somebody, by account id: the account, created_at, mutual."""
    back = follows.alias("back")
    mutual = exists().where(back.c.follower_id == account_id, back.c.followee_id == follows.c.follower_id)
    query = (
        select(*_shown, follows.c.created_at, mutual.label("mutual"))
        .join(accounts, accounts.c.id == follows.c.follower_id)
        .where(follows.c.followee_id == account_id, follows.c.follower_id > after_id)
        .order_by(follows.c.follower_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def list_special(connection: Connection, account_id: int) -> list[int]:
    """Return the ids of somebody's special follows."""
    query = select(follows.c.followee_id).where(follows.c.follower_id == account_id, follows.c.special.is_(True))
    return list(connection.execute(query.order_by(follows.c.followee_id)).scalars())


def insert_group(connection: Connection, **values: object) -> None:
    """Add a contact group."""
    connection.execute(insert(contact_groups).values(**values))


def rename_group(connection: Connection, group_id: int, name: str) -> None:
    """Give a contact group another name."""
    connection.execute(update(contact_groups).where(contact_groups.c.id == group_id).values(name=name))


def choose_groups(connection: Connection, owner_id: int, group_ids: list[int]) -> None:
    """Say which of somebody's contact groups may write to him, in place of those chosen before."""
    statement = update(contact_groups).where(contact_groups.c.owner_id == owner_id)
    connection.execute(statement.values(may_message=contact_groups.c.id.in_(group_ids)))


def delete_group(connection: Connection, group_id: int) -> None:
    """Remove a contact group with its members."""
    connection.execute(delete(contact_group_members).where(contact_group_members.c.group_id == group_id))
    connection.execute(delete(contact_groups).where(contact_groups.c.id == group_id))


def find_group(connection: Connection, group_id: int) -> ContactRow | None:
    """Return a contact group, or None."""
    return connection.execute(select(contact_groups).where(contact_groups.c.id == group_id)).one_or_none()


def list_groups(connection: Connection, owner_id: int) -> list[ContactRow]:
    """Return somebody's contact groups with how many members each has, in the order they were made."""
    count = (
        select(func.count())
        .where(contact_group_members.c.group_id == contact_groups.c.id)
        .correlate(contact_groups)
        .scalar_subquery()
    )
    query = select(contact_groups, count.label("members")).where(contact_groups.c.owner_id == owner_id)
    return list(connection.execute(query.order_by(contact_groups.c.id)))


def list_group_members(connection: Connection, group_id: int) -> list[ContactRow]:
    """Return the accounts in a contact group."""
    query = (
        select(*_shown)
        .join(contact_group_members, contact_group_members.c.account_id == accounts.c.id)
        .where(contact_group_members.c.group_id == group_id)
        .order_by(accounts.c.id)
    )
    return list(connection.execute(query))


def put_group_member(connection: Connection, group_id: int, account_id: int) -> None:
    """Put somebody into a contact group."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        make(contact_group_members).values(group_id=group_id, account_id=account_id).on_conflict_do_nothing()
    )


def delete_group_member(connection: Connection, group_id: int, account_id: int) -> None:
    """Take somebody out of a contact group."""
    connection.execute(
        delete(contact_group_members).where(
            contact_group_members.c.group_id == group_id, contact_group_members.c.account_id == account_id
        )
    )


def find_groups_with(connection: Connection, owner_id: int, account_id: int) -> list[int]:
    """Return the ids of somebody's contact groups that hold an account."""
    query = (
        select(contact_groups.c.id)
        .join(contact_group_members, contact_group_members.c.group_id == contact_groups.c.id)
        .where(contact_groups.c.owner_id == owner_id, contact_group_members.c.account_id == account_id)
    )
    return list(connection.execute(query.order_by(contact_groups.c.id)).scalars())


def put_listed(connection: Connection, *, owner_id: int, name: ListName, account_id: int, now_us: int) -> None:
    """Put somebody on a list."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"owner_id": owner_id, "account_id": account_id, "list": name, "created_at": now_us}
    connection.execute(make(contact_lists).values(**values).on_conflict_do_nothing())


def delete_listed(connection: Connection, *, owner_id: int, name: ListName, account_id: int) -> None:
    """Take somebody off a list."""
    connection.execute(delete(contact_lists).where(_listed(owner_id, name), contact_lists.c.account_id == account_id))


def list_listed(
    connection: Connection, owner_id: int, name: ListName, *, after_id: int, limit: int
) -> list[ContactRow]:
    """Return the accounts on a list, by account id, with created_at."""
    query = (
        select(*_shown, contact_lists.c.created_at)
        .join(accounts, accounts.c.id == contact_lists.c.account_id)
        .where(_listed(owner_id, name), contact_lists.c.account_id > after_id)
        .order_by(contact_lists.c.account_id)
        .limit(limit)
    )
    return list(connection.execute(query))


def count_listed(connection: Connection, owner_id: int, name: ListName) -> int:
    """Return how many are on a list."""
    query = select(func.count()).select_from(contact_lists).where(_listed(owner_id, name))
    return int(connection.execute(query).scalar_one())


def find_lists_with(connection: Connection, owner_id: int, account_id: int) -> set[str]:
    """Return the names of somebody's lists that hold an account."""
    query = select(contact_lists.c.list).where(
        contact_lists.c.owner_id == owner_id, contact_lists.c.account_id == account_id
    )
    return set(connection.execute(query).scalars())


def find_blacklisting(connection: Connection, owner_ids: list[int], account_ids: list[int]) -> list[int]:
    """Return those of `owner_ids` who have one of `account_ids` on their blacklist, in order."""
    query = select(contact_lists.c.owner_id).where(
        contact_lists.c.owner_id.in_(owner_ids),
        contact_lists.c.account_id.in_(account_ids),
        contact_lists.c.list == "blacklist",
    )
    return sorted(set(connection.execute(query).scalars()))


def _listed(owner_id: int, name: ListName) -> ColumnElement[bool]:
    return and_(contact_lists.c.owner_id == owner_id, contact_lists.c.list == name)
