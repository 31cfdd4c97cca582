"""The tables of quick phrases, labels and notes, and the only SQL that touches them."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Column, Connection, Index, Table, Text, delete, insert, or_, select, update

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

quick_phrases = Table(
    "quick_phrases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("owner_id", Id, nullable=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Index(None, "enterprise_id", "owner_id", "id"),
)

desk_labels = Table(
    "desk_labels",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("subject", Text, primary_key=True),
    Column("subject_id", Id, primary_key=True, autoincrement=False),
    Column("label", Text, primary_key=True),
    Column("by_id", Id, nullable=False),
    Column("at", Id, nullable=False),
)

desk_notes = Table(
    "desk_notes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Id, nullable=False),
    Index(None, "enterprise_id", "customer_id", "id"),
)

Subject = Literal["session", "customer"]


def list_phrases(connection: Connection, enterprise_id: int, *, owner_id: int) -> list[AnyRow]:
    """Return the enterprise's phrases and the agent's own, the enterprise's first, in the order they were made."""
    query = select(quick_phrases).where(
        quick_phrases.c.enterprise_id == enterprise_id,
        or_(quick_phrases.c.owner_id.is_(None), quick_phrases.c.owner_id == owner_id),
    )
    return list(connection.execute(query.order_by(quick_phrases.c.owner_id.is_not(None), quick_phrases.c.id)))


def find_phrase(connection: Connection, phrase_id: int) -> AnyRow | None:
    """Return a phrase, or None."""
    return connection.execute(select(quick_phrases).where(quick_phrases.c.id == phrase_id)).one_or_none()


def insert_phrase(connection: Connection, **values: object) -> None:
    """Add a phrase."""
    connection.execute(insert(quick_phrases).values(**values))


def update_phrase(connection: Connection, phrase_id: int, **values: object) -> None:
    """Change a phrase."""
    connection.execute(update(quick_phrases).where(quick_phrases.c.id == phrase_id).values(**values))


def delete_phrase(connection: Connection, phrase_id: int) -> None:
    """Remove a phrase."""
    connection.execute(delete(quick_phrases).where(quick_phrases.c.id == phrase_id))


def list_labels(connection: Connection, enterprise_id: int, subject: Subject, subject_id: int) -> list[str]:
    """Return the labels of a session or a customer, in the order they were put on."""
    query = (
        select(desk_labels.c.label)
        .where(
            desk_labels.c.enterprise_id == enterprise_id,
            desk_labels.c.subject == subject,
            desk_labels.c.subject_id == subject_id,
        )
        .order_by(desk_labels.c.at, desk_labels.c.label)
    )
    return list(connection.execute(query).scalars())


def list_known_labels(connection: Connection, enterprise_id: int, *, limit: int = 50) -> list[str]:
    """Return the labels that the enterprise uses, by name."""
    query = select(desk_labels.c.label).where(desk_labels.c.enterprise_id == enterprise_id).distinct()
    return list(connection.execute(query.order_by(desk_labels.c.label).limit(limit)).scalars())


def add_label(
    connection: Connection,
    enterprise_id: int,
    subject: Subject,
    subject_id: int,
    label: str,
    *,
    by_id: int,
    at_us: int,
) -> None:
    """Put a label on."""
    connection.execute(
        insert(desk_labels).values(
            enterprise_id=enterprise_id, subject=subject, subject_id=subject_id, label=label, by_id=by_id, at=at_us
        )
    )


def remove_label(connection: Connection, enterprise_id: int, subject: Subject, subject_id: int, label: str) -> None:
    """Take a label off."""
    connection.execute(
        delete(desk_labels).where(
            desk_labels.c.enterprise_id == enterprise_id,
            desk_labels.c.subject == subject,
            desk_labels.c.subject_id == subject_id,
            desk_labels.c.label == label,
        )
    )


def list_notes(connection: Connection, enterprise_id: int, customer_id: int, *, limit: int = 50) -> list[AnyRow]:
    """Return the notes on a customer with their authors' names, newest first."""
    query = (
        select(desk_notes, accounts.c.name.label("author_name"))
        .join(accounts, accounts.c.id == desk_notes.c.author_id)
        .where(desk_notes.c.enterprise_id == enterprise_id, desk_notes.c.customer_id == customer_id)
        .order_by(desk_notes.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def find_note(connection: Connection, note_id: int) -> AnyRow | None:
    """Return a note, or None."""
    return connection.execute(select(desk_notes).where(desk_notes.c.id == note_id)).one_or_none()


def insert_note(connection: Connection, **values: object) -> None:
    """Add a note."""
    connection.execute(insert(desk_notes).values(**values))


def delete_note(connection: Connection, note_id: int) -> None:
    """Remove a note."""
    connection.execute(delete(desk_notes).where(desk_notes.c.id == note_id))
