"""The one MetaData, and the column types that are the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, Row

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite makes a primary key its row id only when the type is spelled INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
"""A 63-bit id, or a time in microseconds."""

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the query names."""
