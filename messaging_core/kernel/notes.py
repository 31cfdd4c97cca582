"""Small facts about this workspace that must live with its data: a name and a JSON value."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Column, Table, Text, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from messaging_core.kernel.schema import metadata
from messaging_core.kernel.unit import Unit

notes = Table("notes", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))


def read_note(unit: Unit, name: str) -> dict[str, Any] | None:
    """Return a note, or None."""
    text = unit.connection.execute(select(notes.c.value).where(notes.c.name == name)).scalar_one_or_none()
    return msgspec.json.decode(text, type=dict[str, Any]) if text is not None else None


def write_note(unit: Unit, name: str, value: dict[str, Any]) -> None:
    """Write a note."""
    unit.connection.execute(delete(notes).where(notes.c.name == name))
    unit.connection.execute(insert(notes).values(name=name, value=msgspec.json.encode(value).decode()))


def note_once(unit: Unit, name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a note; write it if there is none, also when several nodes start at once: the first one stays."""
    insert_into = postgres_insert if unit.dialect == "postgresql" else sqlite_insert
    text = msgspec.json.encode(value).decode()
    unit.connection.execute(insert_into(notes).values(name=name, value=text).on_conflict_do_nothing())
    found = read_note(unit, name)
    assert found is not None
    return found
