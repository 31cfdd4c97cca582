"""Which statements run on a connection, and how the database would do them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

_FRAME = ("SAVEPOINT", "RELEASE", "BEGIN")


@contextmanager
def heard(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Collect statements with their parameters; SQLite is heard at the driver, which batches talk to themselves.

    On this connection alone: timed jobs look into the database on others meanwhile.
    """
    said: list[tuple[str, Any]] = []

    def note(statement: str, parameters: Any = ()) -> None:
        if not statement.startswith(_FRAME):
            said.append((statement, parameters))

    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(note)
        try:
            yield said
        finally:
            driver.set_trace_callback(None)
        return

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        note(statement, parameters)

    event.listen(connection, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(connection, "before_cursor_execute", hear)


def plan_of(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """Return the lines of the database's plan for a statement that was heard."""
    how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return [str(row[-1]) for row in connection.exec_driver_sql(how + statement, parameters)]
