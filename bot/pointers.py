"""Which artefact is in force: a row for each switch, so that publishing and rolling back are one step, with history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from bot.turns.tables import bot_pointers
from messaging_core.api import AnyRow, Unit
from messaging_core.errors import not_found


@dataclass(frozen=True, slots=True)
class Pointer:
    """From `at_us` on, until a higher version, `hash` names the artefact of this kind."""

    enterprise_id: int
    kind: str
    version: int
    hash: str
    author_id: int | None
    note: str
    at_us: int


def publish(
    unit: Unit, *, enterprise_id: int, kind: str, hash: str, author_id: int | None = None, note: str = ""
) -> Pointer:
    """Point at an artefact, in this transaction; the one in force already is not pointed at twice."""
    current = find_pointer(unit.connection, enterprise_id=enterprise_id, kind=kind)
    if current is not None and current.hash == hash:
        return current
    version = current.version + 1 if current is not None else 1
    pointer = Pointer(enterprise_id, kind, version, hash, author_id, note, unit.now_us)
    unit.connection.execute(
        insert(bot_pointers).values(
            enterprise_id=enterprise_id,
            kind=kind,
            version=version,
            hash=hash,
            author_id=author_id,
            note=note,
            at=unit.now_us,
        )
    )
    return pointer


def roll_back(
    unit: Unit, *, enterprise_id: int, kind: str, version: int | None = None, author_id: int | None = None
) -> Pointer:
    """Point again at what an earlier version named; None: at the one in force before this one.

    The switch is a version of its own, so that rolling back twice goes back and forth.

    Raises:
        CoreError: `not_found`, there is no such version.
    """
    history = list_pointers(unit.connection, enterprise_id=enterprise_id, kind=kind)
    earlier = history[1:] if version is None else [one for one in history if one.version == version]
    if not earlier:
        raise not_found("version")
    note = f"v{earlier[0].version}"
    return publish(unit, enterprise_id=enterprise_id, kind=kind, hash=earlier[0].hash, author_id=author_id, note=note)


def find_pointer(connection: Connection, *, enterprise_id: int, kind: str) -> Pointer | None:
    """Return the pointer in force, or None."""
    row = connection.execute(_newest_first(enterprise_id, kind).limit(1)).one_or_none()
    return _to_pointer(row) if row is not None else None


def list_current(connection: Connection, *, kind: str) -> list[Pointer]:
    """Return the pointer in force of every enterprise that has one."""
    newest = (
        select(bot_pointers.c.enterprise_id, func.max(bot_pointers.c.version).label("version"))
        .where(bot_pointers.c.kind == kind)
        .group_by(bot_pointers.c.enterprise_id)
        .subquery()
    )
    same = (newest.c.enterprise_id == bot_pointers.c.enterprise_id) & (newest.c.version == bot_pointers.c.version)
    query = select(bot_pointers).join(newest, same).where(bot_pointers.c.kind == kind)
    return [_to_pointer(row) for row in connection.execute(query)]


def list_pointers(connection: Connection, *, enterprise_id: int, kind: str) -> list[Pointer]:
    """Return the history, newest first."""
    return [_to_pointer(row) for row in connection.execute(_newest_first(enterprise_id, kind))]


def _newest_first(enterprise_id: int, kind: str) -> Select[Any]:
    return (
        select(bot_pointers)
        .where(bot_pointers.c.enterprise_id == enterprise_id, bot_pointers.c.kind == kind)
        .order_by(bot_pointers.c.version.desc())
    )


def _to_pointer(row: AnyRow) -> Pointer:
    return Pointer(row.enterprise_id, row.kind, row.version, row.hash, row.author_id, row.note, row.at)
