"""Rows by their ids, however many: one statement on both databases, and an index finds them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select

from messaging_core.api import Core
from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from tests.support.cast import Cast
from tests.support.statements import heard, plan_of

_STANDING = select(accounts.c.id).where(is_among(accounts.c.id)).order_by(accounts.c.id)


@pytest.mark.parametrize("count", [0, 1, 2, 40_000])
async def test_any_number_of_ids_finds_those_that_are_there(core: Core, cast: Cast, count: int) -> None:
    there = sorted([cast.id("lin"), cast.id("mi"), cast.id("qiao")])[:count]
    asked = [*there, *range(1, count - len(there) + 1)]

    def read(connection: Connection) -> tuple[list[int], list[int]]:
        given = select(accounts.c.id).where(is_among(accounts.c.id, asked)).order_by(accounts.c.id)
        named = connection.execute(_STANDING, {"ids": asked})
        return list(connection.execute(given).scalars()), list(named.scalars())

    assert await core.read(read) == (there, there)


async def test_it_is_one_statement_whatever_the_number_and_uses_the_key(core: Core, cast: Cast) -> None:
    def read(connection: Connection) -> tuple[set[str], list[str]]:
        with heard(connection) as said:
            for ids in ([1], [1, 2], list(range(100))):
                connection.execute(_STANDING, {"ids": ids})
        texts = {statement for statement, _ in said}
        if connection.dialect.name == "sqlite":
            return {text.partition("json_each")[0] for text in texts}, plan_of(connection, said[0][0], ())
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return texts, plan_of(connection, *_first(said))

    texts, plan = await core.read(read)
    assert len(texts) == 1
    assert any("SEARCH accounts" in line or "Index" in line for line in plan), plan


def _first(said: list[tuple[str, Any]]) -> tuple[str, Any]:
    statement, parameters = said[0]
    return statement, parameters
