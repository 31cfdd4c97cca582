"""The tables of privacy settings and do-not-disturb, and the statement that the send path asks of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Integer, Table, Text, and_, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.conversations.store import members
from messaging_core.identity.contacts_store import contact_group_members, contact_groups, contact_lists, follows
from messaging_core.identity.logins_store import logins
from messaging_core.identity.privacy_policy import Relation, Silence
from messaging_core.identity.store import AccountRow, accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.bulk import INT, Bulk
from messaging_core.kernel.schema import AnyRow, Id, metadata

privacy = Table(
    "privacy",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("who", Text, nullable=False),
    Column("findable", Boolean, nullable=False),
)
silences = Table(
    "silences",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("weekday", Integer, primary_key=True, autoincrement=False),
    Column("start_min", Integer, primary_key=True, autoincrement=False),
    Column("end_min", Integer, nullable=False),
    sqlite_with_rowid=False,
)

_black, _white = contact_lists.alias("black"), contact_lists.alias("white")
_theirs, _ours = follows.alias("theirs"), follows.alias("ours")
_relations = Bulk(
    "asked",
    {"conversation_id": INT, "sender_id": INT},
    lambda asked: (
        select(
            asked.c.conversation_id,
            asked.c.sender_id,
            privacy.c.who,
            _black.c.list.label("black"),
            _white.c.list.label("white"),
            _theirs.c.follower_id.label("follows"),
            _ours.c.follower_id.label("followed"),
            select(contact_group_members.c.group_id)
            .join(contact_groups, contact_groups.c.id == contact_group_members.c.group_id)
            .where(
                contact_groups.c.owner_id == members.c.account_id,
                contact_groups.c.may_message.is_(True),
                contact_group_members.c.account_id == asked.c.sender_id,
            )
            .correlate(members, asked)
            .limit(1)
            .scalar_subquery()
            .label("group_id"),
        )
        .select_from(asked)
        .join(
            members,
            and_(members.c.conversation_id == asked.c.conversation_id, members.c.account_id != asked.c.sender_id),
        )
        .outerjoin(privacy, privacy.c.account_id == members.c.account_id)
        .outerjoin(
            _black,
            and_(
                _black.c.owner_id == members.c.account_id,
                _black.c.account_id == asked.c.sender_id,
                _black.c.list == "blacklist",
            ),
        )
        .outerjoin(
            _white,
            and_(
                _white.c.owner_id == members.c.account_id,
                _white.c.account_id == asked.c.sender_id,
                _white.c.list == "whitelist",
            ),
        )
        .outerjoin(
            _theirs,
            and_(_theirs.c.follower_id == members.c.account_id, _theirs.c.followee_id == asked.c.sender_id),
        )
        .outerjoin(_ours, and_(_ours.c.follower_id == asked.c.sender_id, _ours.c.followee_id == members.c.account_id))
    ),
)


def read_relations(connection: Connection, asked: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Relation]:
    """Return how the other side of direct conversations stands to their senders, by (conversation_id, sender_id)."""
    return {
        (row.conversation_id, row.sender_id): Relation(
            who=row.who or "everyone",
            blacklisted=row.black is not None,
            whitelisted=row.white is not None,
            follows=row.follows is not None,
            followed=row.followed is not None,
            grouped=row.group_id is not None,
        )
        for row in _relations.read(connection, asked)
    }


def find_privacy(connection: Connection, account_id: int) -> AnyRow | None:
    """Return who may message an account and whether it can be found, None: everyone, and it can."""
    return connection.execute(select(privacy).where(privacy.c.account_id == account_id)).one_or_none()


def put_privacy(connection: Connection, account_id: int, *, who: str, findable: bool) -> None:
    """Write somebody's privacy settings."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(privacy).values(account_id=account_id, who=who, findable=findable)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["account_id"], set_={"who": who, "findable": findable})
    )


def put_silences(connection: Connection, account_id: int, intervals: Sequence[Silence]) -> None:
    """Replace somebody's do-not-disturb intervals."""
    connection.execute(delete(silences).where(silences.c.account_id == account_id))
    rows = [
        {"account_id": account_id, "weekday": one.weekday, "start_min": one.start_min, "end_min": one.end_min}
        for one in intervals
    ]
    if rows:
        connection.execute(insert(silences), rows)


def find_silences(connection: Connection, account_ids: Sequence[int]) -> dict[int, list[Silence]]:
    """Return the do-not-disturb intervals of accounts, by account, in one statement."""
    query = select(silences).where(is_among(silences.c.account_id, account_ids))
    found: dict[int, list[Silence]] = {account_id: [] for account_id in account_ids}
    for row in connection.execute(query.order_by(silences.c.weekday, silences.c.start_min)):
        found[row.account_id].append(Silence(row.weekday, row.start_min, row.end_min))
    return found


def find_zone(connection: Connection, account_id: int) -> str:
    """Return an account's time zone."""
    return str(connection.execute(select(accounts.c.time_zone).where(accounts.c.id == account_id)).scalar_one())


def find_findable(connection: Connection, login: str) -> AccountRow | None:
    """Return the account with a log-in name if it lets itself be found, else None."""
    query = (
        select(accounts)
        .join(logins, logins.c.account_id == accounts.c.id)
        .outerjoin(privacy, privacy.c.account_id == accounts.c.id)
        .where(logins.c.login == login, privacy.c.findable.is_distinct_from(False))
    )
    return connection.execute(query).one_or_none()
