"""`column IN (ids)` of one text whatever the number of ids: an array on PostgreSQL, a JSON list on SQLite.

The library's own `in_` writes a parameter for each value. So every number of values is a statement of its own, which
each backend of PostgreSQL parses, plans and keeps, and 32,767 of them are more than it takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

_NAME = "ids"


def is_among(column: ColumnElement[Any], ids: Iterable[int] | None = None) -> ColumnElement[bool]:
    """Return the condition that a column of ids holds one of `ids`; without them they are the parameter `ids`."""
    if ids is None:
        return _Among(column, bindparam(_NAME, type_=_Ids()))
    return _Among(column, bindparam(_NAME, ids, type_=_Ids(), unique=True))


class _Ids(TypeDecorator[Iterable[int]]):
    """Ids as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger()))

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return f"[{','.join(map(str, ids))}]" if dialect.name == "sqlite" else ids


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> _Among:
        # The library would write `... = 1` on SQLite, for which no index is used.
        return self


@compiles(_Among)
def _as_array(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, ids = (compiler.process(part, **kwargs) for part in element.clauses)
    return f"{column} = ANY (CAST({ids} AS BIGINT[]))"


@compiles(_Among, "sqlite")
def _as_json(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, ids = (compiler.process(part, **kwargs) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"
