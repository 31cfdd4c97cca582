"""Many rows in one statement of constant text: `VALUES` on SQLite, `unnest` on PostgreSQL.

A call into the database serves a whole batch: nothing is compiled again, and on SQLite the interpreter lock is let go
once for up to 64 rows instead of once a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Executable,
    Insert,
    LargeBinary,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    table,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.sql.selectable import HasCTE
from sqlalchemy.types import TypeEngine

from messaging_core.kernel.schema import AnyRow

INT: TypeEngine[Any] = BigInteger()
TEXT: TypeEngine[Any] = Text()
BYTES: TypeEngine[Any] = LargeBinary()

_SIZES = (64, 16, 4, 1)


class Bulk:
    """One statement over a batch of rows.

    Args:
        name: under which the statement sees the batch.
        columns: names and types (INT, TEXT or BYTES) of a row's values, in order.
        statement: makes the statement from the batch as a table.
    """

    def __init__(
        self, name: str, columns: dict[str, TypeEngine[Any]], statement: Callable[[FromClause], Executable]
    ) -> None:
        self._name = name
        self._columns = columns
        self._statement = statement
        self._sqlite: dict[int, str] = {}
        self._postgres: Executable | None = None

    def write(self, connection: Connection, rows: Sequence[Sequence[object]]) -> None:
        """Run the statement on `rows`, each with its values in the order of the columns."""
        if not rows:
            return
        for _result in self._execute(connection, rows):
            continue

    def read(self, connection: Connection, rows: Sequence[Sequence[object]]) -> list[AnyRow]:
        """Run the statement on `rows` and return what it selects."""
        return [row for result in self._execute(connection, rows) for row in result]

    def _execute(self, connection: Connection, rows: Sequence[Sequence[object]]) -> Iterator[CursorResult[Any]]:
        if connection.dialect.name == "sqlite":
            for part in _parts(rows):
                values = tuple(value for row in part for value in row)
                yield connection.exec_driver_sql(self._text_for(len(part)), values)
            return
        yield connection.execute(self.on_arrays(), self.as_arrays(rows))

    def on_arrays(self) -> Executable:
        """Return the statement for PostgreSQL, its batch given as one array a column."""
        if self._postgres is None:
            self._postgres = self._statement(self._arrays())
        return self._postgres

    def as_arrays(self, rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
        """Return the values of the statement for PostgreSQL."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self._columns)
        return {f"{self._name}_{name}": list(values) for name, values in zip(self._columns, columns, strict=True)}

    def _arrays(self) -> FromClause:
        arrays = [
            cast(bindparam(f"{self._name}_{name}", type_=ARRAY(type_)), ARRAY(type_))
            for name, type_ in self._columns.items()
        ]
        fields = [column(name, type_) for name, type_ in self._columns.items()]
        return func.unnest(*arrays).table_valued(*fields, name=self._name).render_derived()

    def _text_for(self, size: int) -> str:
        text = self._sqlite.get(size)
        if text is None:
            batch = table(self._name, *[column(name, type_) for name, type_ in self._columns.items()])
            statement = self._statement(batch)
            assert isinstance(statement, ClauseElement)
            # SQLite takes a WITH in front of SELECT, INSERT and UPDATE alike; only the batch has parameters.
            body = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            row = f"({', '.join('?' * len(self._columns))})"
            batch_rows = ", ".join([row] * size)
            text = f"WITH {self._name}({', '.join(self._columns)}) AS (VALUES {batch_rows}) {body}"
            self._sqlite[size] = text
        return text


class BulkGroup:
    """Several writes, each over a batch of its own, that PostgreSQL gets as one statement: one round trip for all.

    There they are data-modifying CTEs, which all see the tables as they were before: none may read what another
    writes, and no two may change the same row.
    """

    def __init__(self, *bulks: Bulk) -> None:
        self._bulks = bulks
        self._postgres: Executable | None = None

    def write(self, connection: Connection, *batches: Sequence[Sequence[object]]) -> None:
        """Run each statement on its batch."""
        if connection.dialect.name == "sqlite":
            for bulk, rows in zip(self._bulks, batches, strict=True):
                bulk.write(connection, rows)
            return
        if self._postgres is None:
            last, *others = [bulk.on_arrays() for bulk in reversed(self._bulks)]
            assert isinstance(last, HasCTE)
            for place, statement in enumerate(others):
                assert isinstance(statement, (Insert, Update))
                last = last.add_cte(statement.cte(f"write_{place}"))
            assert isinstance(last, Executable)
            self._postgres = last
        values: dict[str, list[object]] = {}
        for bulk, rows in zip(self._bulks, batches, strict=True):
            values |= bulk.as_arrays(rows)
        connection.execute(self._postgres, values)


def _parts(rows: Sequence[Sequence[object]]) -> Iterator[Sequence[Sequence[object]]]:
    """Cut a batch into parts of few different sizes, so that few texts of a statement are ever prepared."""
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size
