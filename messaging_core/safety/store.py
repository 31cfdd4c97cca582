"""The tables of safety and the only SQL that touches them, but for the cases of the risk desk (`cases_store`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.bulk import BYTES, INT, Bulk
from messaging_core.kernel.schema import AnyRow, Id, metadata
from messaging_core.kernel.unit import Unit
from messaging_core.safety.policy import Ring, Sender

senders = Table(
    "senders",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("ring", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False),
    Column("day_count", Integer, nullable=False),
    postgresql_with={"fillfactor": 50},
)
standings = Table(
    "standings",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),
    Column("frozen_until", Id, nullable=True),
    Column("banned_at", Id, nullable=True),
)
credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, nullable=False),
    Column("delta", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sanction_id", Id, nullable=True),
    Column("case_id", Id, nullable=True),
    Column("at", Id, nullable=False),
    Index(None, "account_id", "id"),
)
sanctions = Table(
    "sanctions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("account_id", Id, nullable=False),
    Column("rule", Text, nullable=False),
    Column("shadow", Boolean, nullable=False),
    # Of rules that count: one sanction a day, however often it is met. Of the others: the id.
    Column("episode", Id, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("at", Id, nullable=False),
    Column("ends_at", Id, nullable=True),
    Column("case_id", Id, nullable=True),
    Column("overturned_at", Id, nullable=True),
    Column("overturned_by", Id, nullable=True),
    Index(None, "account_id", "rule", "episode", "shadow", unique=True),
    Index(None, "rule", "shadow", "at"),
)
screening_words = Table(
    "screening_words",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("word", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("added_by", Id, nullable=False),
    Column("at", Id, nullable=False),
)

AnySafetyRow = AnyRow

_read_senders = Bulk(
    "sender",
    {"account_id": INT},
    lambda sender: (
        select(senders)
        .join(sender, sender.c.account_id == senders.c.account_id)
        .order_by(senders.c.account_id)
        .with_for_update(of=senders)
    ),
)
write_senders = Bulk(
    "counted",
    {"account_id": INT, "ring": BYTES, "day": INT, "day_count": INT},
    lambda counted: (
        update(senders)
        .where(senders.c.account_id == counted.c.account_id)
        .values(ring=counted.c.ring, day=counted.c.day, day_count=counted.c.day_count)
    ),
)


def lock_senders(connection: Connection, account_ids: Sequence[int]) -> dict[int, Sender]:
    """Return what these people have sent; until the transaction ends nobody else counts for them.

    Two nodes lock them in one order. Who sends his first message gets his row before it is locked: else two nodes
    would both find none and one message would not count.
    """
    wanted = sorted(set(account_ids))
    found = _find_senders(connection, wanted)
    missing = [account_id for account_id in wanted if account_id not in found]
    if missing:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = [{"account_id": account_id, "ring": b"", "day": 0, "day_count": 0} for account_id in missing]
        connection.execute(dialect.insert(senders).on_conflict_do_nothing(), rows)
        found |= _find_senders(connection, missing)
    return found


def _find_senders(connection: Connection, account_ids: Sequence[int]) -> dict[int, Sender]:
    rows = _read_senders.read(connection, [(account_id,) for account_id in account_ids])
    return {row.account_id: Sender(Ring(bytes(row.ring)), row.day, row.day_count) for row in rows}


def find_sender(connection: Connection, account_id: int) -> Sender | None:
    """Return what somebody has sent, without a lock."""
    row = connection.execute(select(senders).where(senders.c.account_id == account_id)).one_or_none()
    return Sender(Ring(bytes(row.ring)), row.day, row.day_count) if row is not None else None


def forget_sent(connection: Connection, account_id: int) -> None:
    """Let somebody begin anew, as if he had sent nothing."""
    lock_senders(connection, [account_id])
    write_senders.write(connection, [(account_id, b"", 0, 0)])


# --- standing and credit ---------------------------------------------------------------------------------------


def find_standing(connection: Connection, account_id: int) -> AnySafetyRow | None:
    """Return a person's score, freeze and ban; None: he has a clean slate."""
    return connection.execute(select(standings).where(standings.c.account_id == account_id)).one_or_none()


def list_banned(connection: Connection, account_ids: list[int]) -> list[int]:
    """Return those of `account_ids` that are banned on the platform."""
    query = select(standings.c.account_id).where(
        is_among(standings.c.account_id, account_ids), standings.c.banned_at.is_not(None)
    )
    return list(connection.execute(query).scalars())


def put_standing(connection: Connection, account_id: int, **values: object) -> None:
    """Change a person's standing, made if need be."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"account_id": account_id, "score": 100, "frozen_until": None, "banned_at": None, **values}
    statement = dialect.insert(standings).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))


def lock_standing(connection: Connection, account_id: int) -> AnySafetyRow:
    """Return a person's standing, locked and made if need be."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"account_id": account_id, "score": 100, "frozen_until": None, "banned_at": None}
    connection.execute(dialect.insert(standings).values(row).on_conflict_do_nothing())
    return connection.execute(select(standings).where(standings.c.account_id == account_id).with_for_update()).one()


def insert_credit(connection: Connection, **values: object) -> None:
    """Add an entry to the credit ledger."""
    connection.execute(insert(credit_entries).values(**values))


def list_credit(connection: Connection, account_id: int, *, before_id: int, limit: int) -> list[AnySafetyRow]:
    """Return a person's credit entries, newest first."""
    query = (
        select(credit_entries)
        .where(credit_entries.c.account_id == account_id, credit_entries.c.id < before_id)
        .order_by(credit_entries.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def list_credit_of_case(connection: Connection, case_id: int) -> list[AnySafetyRow]:
    """Return the credit entries that a case has led to."""
    return list(connection.execute(select(credit_entries).where(credit_entries.c.case_id == case_id)))


# --- sanctions -------------------------------------------------------------------------------------------------


def sanction(
    unit: Unit,
    account_id: int,
    rule: str,
    *,
    episode: int,
    shadow: bool = False,
    hits: int = 1,
    ends_at_us: int | None = None,
    case_id: int | None = None,
) -> dict[str, object]:
    """Return a new row of `sanctions`."""
    return {
        "id": unit.new_id(),
        "account_id": account_id,
        "rule": rule,
        "shadow": shadow,
        "episode": episode,
        "hits": hits,
        "at": unit.now_us,
        "ends_at": ends_at_us,
        "case_id": case_id,
        "overturned_at": None,
        "overturned_by": None,
    }


def note_sanctions(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add sanctions; one that is met again in its episode is counted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(sanctions)
    again = statement.on_conflict_do_update(
        index_elements=["account_id", "rule", "episode", "shadow"],
        set_={"hits": sanctions.c.hits + statement.excluded.hits, "ends_at": statement.excluded.ends_at},
    )
    connection.execute(again, rows)


def find_sanction(connection: Connection, sanction_id: int) -> AnySafetyRow | None:
    """Return one sanction, or None."""
    return connection.execute(select(sanctions).where(sanctions.c.id == sanction_id)).one_or_none()


def list_sanctions(connection: Connection, account_id: int, *, limit: int = 50) -> list[AnySafetyRow]:
    """Return a person's sanctions, newest first; those in shadow mode are none."""
    query = (
        select(sanctions)
        .where(sanctions.c.account_id == account_id, sanctions.c.shadow.is_(False))
        .order_by(sanctions.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def list_shadow(connection: Connection, *, rule: str, before_id: int, limit: int) -> list[AnySafetyRow]:
    """Return whom a rule in shadow mode would have sanctioned, newest first."""
    query = (
        select(sanctions)
        .where(sanctions.c.rule == rule, sanctions.c.shadow.is_(True), sanctions.c.id < before_id)
        .order_by(sanctions.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def overturn(connection: Connection, sanction_id: int, *, by_id: int, now_us: int) -> None:
    """Record that a sanction was an error."""
    connection.execute(
        update(sanctions).where(sanctions.c.id == sanction_id).values(overturned_at=now_us, overturned_by=by_id)
    )


def overturn_of_case(connection: Connection, case_id: int, *, by_id: int, now_us: int) -> None:
    """Record that the sanction of a case was an error."""
    statement = update(sanctions).where(sanctions.c.episode == case_id, sanctions.c.case_id == case_id)
    connection.execute(statement.values(overturned_at=now_us, overturned_by=by_id))


def label(connection: Connection, sanction_id: int, *, by_id: int, overturned_at: int | None) -> None:
    """Record what a reviewer thinks of a sanction in shadow mode."""
    statement = update(sanctions).where(sanctions.c.id == sanction_id)
    connection.execute(statement.values(overturned_at=overturned_at, overturned_by=by_id))


def count_by_rule(connection: Connection, *, since_us: int) -> list[AnySafetyRow]:
    """Return rule, shadow, sanctioned, people, overturned and reviewed of all rules since a time."""
    query = (
        select(
            sanctions.c.rule,
            sanctions.c.shadow,
            func.count().label("sanctioned"),
            func.count(sanctions.c.account_id.distinct()).label("people"),
            func.sum(case((sanctions.c.overturned_at.is_not(None), 1), else_=0)).label("overturned"),
            func.count(sanctions.c.overturned_by).label("reviewed"),
        )
        .where(sanctions.c.at >= since_us)
        .group_by(sanctions.c.rule, sanctions.c.shadow)
    )
    return list(connection.execute(query))


# --- enterprises' words ----------------------------------------------------------------------------------------


def list_words(connection: Connection, enterprise_id: int) -> list[AnySafetyRow]:
    """Return an enterprise's own words in order."""
    query = select(screening_words).where(screening_words.c.enterprise_id == enterprise_id)
    return list(connection.execute(query.order_by(screening_words.c.word)))


def list_words_of(connection: Connection, enterprise_ids: list[int]) -> list[AnySafetyRow]:
    """Return the words of verified enterprises; those of others sleep."""
    query = (
        select(screening_words)
        .join(accounts, and_(accounts.c.id == screening_words.c.enterprise_id, accounts.c.verified.is_(True)))
        .where(screening_words.c.enterprise_id.in_(enterprise_ids))
    )
    return list(connection.execute(query))


def put_words(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Add words; those that are there stay as they are."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(screening_words).on_conflict_do_nothing(), rows)


def delete_word(connection: Connection, enterprise_id: int, word: str) -> bool:
    """Remove a word; return whether it was there."""
    statement = delete(screening_words).where(
        and_(screening_words.c.enterprise_id == enterprise_id, screening_words.c.word == word)
    )
    return connection.execute(statement).rowcount > 0
