"""`Idempotency-Key`: the first answer is stored in the transaction of the effect and given again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import Column, Connection, Index, Integer, Table, Text, delete, insert, select

from kefu.base.clock import DAY_US
from messaging_core.core import Core
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor
from messaging_core.kernel.schema import Id, metadata
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import request_hash

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("enterprise_id", Id, nullable=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Id, nullable=False),
    Index(None, "created_at"),
)
_FORGET_AT_ONCE = 50


def read_key(
    idempotency_key: Annotated[
        str | None, Header(max_length=64, min_length=1, description="the same key gives the same answer for 24 h")
    ] = None,
) -> str | None:
    """Return the request's key, if it has one."""
    return idempotency_key


Key = Annotated[str | None, Depends(read_key)]


async def create_once(
    core: Core,
    request: Request,
    actor: Actor,
    key: str | None,
    body: BaseModel,
    action: Callable[[Unit], Any],
    *,
    status: int = 201,
) -> Response:
    """Run `action` in one transaction and answer with what it returns; with a known key, give the first answer again.

    Answers are stored as they are, so whatever shows a secret (tokens, visitors, webhooks) does not come here.
    """
    wanted = request_hash(request, body)

    def work(unit: Unit) -> tuple[int, bytes]:
        if key is not None:
            _forget_old(unit)
            row = unit.connection.execute(
                select(idempotency_keys).where(
                    idempotency_keys.c.account_id == actor.account_id, idempotency_keys.c.key == key
                )
            ).one_or_none()
            if row is not None:
                if row.request_hash != wanted:
                    raise CoreError("idempotency_key_reused")
                return row.status, row.body.encode()
        answer = msgspec.json.encode(action(unit))
        if key is not None:
            unit.connection.execute(
                insert(idempotency_keys).values(
                    account_id=actor.account_id,
                    key=key,
                    enterprise_id=actor.enterprise_id,
                    request_hash=wanted,
                    status=status,
                    body=answer.decode(),
                    created_at=unit.now_us,
                )
            )
        return status, answer

    code, content = await core.run(work)
    return Response(content, status_code=code, media_type="application/json")


def _forget_old(unit: Unit) -> None:
    connection: Connection = unit.connection
    old = (
        select(idempotency_keys.c.account_id, idempotency_keys.c.key)
        .where(idempotency_keys.c.created_at < unit.now_us - DAY_US)
        .limit(_FORGET_AT_ONCE)
    )
    for account_id, key in connection.execute(old).all():
        connection.execute(
            delete(idempotency_keys).where(idempotency_keys.c.account_id == account_id, idempotency_keys.c.key == key)
        )
