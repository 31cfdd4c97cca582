"""Who may turn the operator's switches: the holder of the workspace's token."""

from __future__ import annotations

from fastapi import Request

from messaging_core.api import Actor, Core
from messaging_core.errors import CoreError, forbidden

_TOKEN_CHARS = 200


async def check_operator(core: Core, request: Request) -> Actor:
    """Return the operator who asks; refuse everybody else as the messenger's own routes do."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or len(secret) > _TOKEN_CHARS:
        raise CoreError("unauthenticated")
    actor = await core.authenticate(secret)
    if not actor.is_operator:
        raise forbidden("operator_only")
    return actor
