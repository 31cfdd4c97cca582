"""Many rows in one statement of constant text: `VALUES` on SQLite, `unnest` on PostgreSQL.

A call into the database serves a whole batch: nothing is compiled again, and on SQLite the interpreter lock is let go
once for up to 64 rows instead of once a row.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Executable,
    Insert,
    LargeBinary,
    SelectBase,
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

# A batch takes the next larger size and says how many rows it has, so that few texts are ever prepared.
_SIZES = (1, 4, 16, 32, 64)
_MOST = _SIZES[-1]


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
        self._postgres: _Arrays | None = None
        self._row: Callable[[Iterable[object]], tuple[object, ...]] | None = None

    def write(self, connection: Connection, rows: Sequence[Sequence[object]]) -> None:
        """Run the statement on `rows`, each with its values in the order of the columns."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            for _cursor in self._on_sqlite(connection, rows):
                continue
        else:
            self._on_postgres(connection, rows)

    def read(self, connection: Connection, rows: Sequence[Sequence[object]]) -> list[AnyRow]:
        """Run the statement on `rows` and return what it selects; rows are named tuples, quicker than the library's."""
        make = self._make_row()
        if connection.dialect.name == "sqlite":
            found = [make(row) for cursor in self._on_sqlite(connection, rows) for row in cursor]
        else:
            found = [make(row) for row in self._on_postgres(connection, rows)]
        return found

    def _on_sqlite(self, connection: Connection, rows: Sequence[Sequence[object]]) -> Iterator[sqlite3.Cursor]:
        """Run the statement straight on the driver: the library's own work would cost more than a short statement."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        for start in range(0, len(rows), _MOST):
            part = rows[start : start + _MOST]
            size = next(size for size in _SIZES if size >= len(part))
            values = [value for row in part for value in row]
            values += [None] * (len(self._columns) * (size - len(part)))
            yield driver.execute(self._text_for(size), (*values, len(part)))

    def _make_row(self) -> Callable[[Iterable[object]], AnyRow]:
        if self._row is None:
            statement = self._statement(self._as_table())
            assert isinstance(statement, SelectBase)
            named: Any = namedtuple  # its names are known only now
            self._row = named(self._name, statement.selected_columns.keys())._make
        return cast_type(Callable[[Iterable[object]], AnyRow], self._row)

    def _as_table(self) -> FromClause:
        return table(self._name, *[column(name, type_) for name, type_ in self._columns.items()])

    def _on_postgres(self, connection: Connection, rows: Sequence[Sequence[object]]) -> CursorResult[Any]:
        if self._postgres is None:
            self._postgres = _Arrays(self.on_arrays(), connection)
        return self._postgres.execute(connection, self.as_arrays(rows))

    def on_arrays(self) -> Executable:
        """Return the statement for PostgreSQL, its batch given as one array a column."""
        return self._statement(self._arrays())

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
            statement = self._statement(self._as_table())
            if isinstance(statement, (Insert, Update)):
                # What fails is rolled back by the unit's savepoint. By default SQLite would get ready to take back the
                # one statement, and for that copy every page that it changes.
                statement = statement.prefix_with("OR FAIL")
            assert isinstance(statement, ClauseElement)
            # SQLite takes a WITH in front of SELECT, INSERT and UPDATE alike; only the batch has parameters.
            body = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
            row = f"({', '.join('?' * len(self._columns))})"
            batch_rows = ", ".join([row] * size)
            batch = f"SELECT * FROM (VALUES {batch_rows}) AS given LIMIT ?"
            text = f"WITH {self._name}({', '.join(self._columns)}) AS ({batch}) {body}"
            self._sqlite[size] = text
        return text


class _Arrays:
    """A statement of PostgreSQL, compiled once: the library would look at every value of every array by itself."""

    def __init__(self, statement: Executable, connection: Connection) -> None:
        assert isinstance(statement, ClauseElement)
        compiled: Any = statement.compile(dialect=connection.dialect)
        self._text = str(compiled)
        self._names: list[str] = compiled.positiontup
        self._constants: dict[str, object] = compiled.params

    def execute(self, connection: Connection, arrays: dict[str, list[object]]) -> CursorResult[Any]:
        """Run it on the arrays of its batches."""
        values = self._constants | arrays
        return connection.exec_driver_sql(self._text, tuple(values[name] for name in self._names))


class BulkGroup:
    """Several writes, each over a batch of its own, that PostgreSQL gets as one statement: one round trip for all.

    There they are data-modifying CTEs, which all see the tables as they were before: none may read what another
    writes, and no two may change the same row.
    """

    def __init__(self, *bulks: Bulk) -> None:
        self._bulks = bulks
        self._postgres: _Arrays | None = None

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
            self._postgres = _Arrays(last, connection)
        values: dict[str, list[object]] = {}
        for bulk, rows in zip(self._bulks, batches, strict=True):
            values |= bulk.as_arrays(rows)
        self._postgres.execute(connection, values)
