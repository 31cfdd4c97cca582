"""HTTP: parked events for the operator; webhooks for the enterprise."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from kefu.base.clock import format_time
from messaging_core.errors import forbidden, not_found
from messaging_core.identity.policy import Actor, check_manages, check_operator
from messaging_core.integrations import answers, store, webhooks
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, PathId, Url, after

router = APIRouter(prefix="/v1", tags=["integrations"])


class NewWebhook(Body):
    """Where events go. With `bot_account_id` the answer may hold replies, sent as that bot."""

    url: Url
    kinds: Annotated[
        list[
            Literal[
                "message.sent",
                "message.edited",
                "message.recalled",
                "question.unanswered",
                "session.opened",
                "session.queued",
                "session.assigned",
                "session.handed_back",
                "session.closed",
                "member.joined",
                "member.left",
                "conversation.created",
            ]
        ],
        Field(min_length=1),
    ] = ["message.sent"]
    bot_account_id: IdText | None = None


@router.get("/operator/parked", response_model=answers.ParkedList)
async def list_parked(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List events that a subscriber could not digest, oldest first."""
    check_operator(actor)
    rows = await core.read(lambda connection: store.list_parked(connection, after_id=after(cursor), limit=limit))
    items = [
        {
            "id": str(row.id),
            "consumer": row.consumer,
            "enterprise_id": str(row.enterprise_id) if row.enterprise_id is not None else None,
            "conversation_id": str(row.conversation_id),
            "seq": row.seq,
            "attempts": row.attempts,
            "error": row.error,
            "parked_at": format_time(row.parked_at),
        }
        for row in rows
    ]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.post("/operator/parked/{parked_id}/retry", response_model=answers.Retried)
async def retry_parked(core: CoreDep, actor: ChatActor, parked_id: PathId) -> Response:
    """Hand a parked event to its subscriber once more."""
    check_operator(actor)
    return json_response({"digested": await core.subscribers.retry_parked(int(parked_id))})


@router.delete("/operator/parked/{parked_id}", status_code=204)
async def drop_parked(core: CoreDep, actor: ChatActor, parked_id: PathId) -> Response:
    """Give a parked event up."""
    check_operator(actor)
    await core.subscribers.drop_parked(int(parked_id))
    return Response(status_code=204)


def _enterprise(actor: Actor) -> int:
    if actor.enterprise_id is None:
        raise forbidden("enterprise_only")
    check_manages(actor, actor.enterprise_id)
    return actor.enterprise_id


@router.get("/webhooks", response_model=answers.WebhookList)
async def list_webhooks(core: CoreDep, actor: ChatActor) -> Response:
    """List the enterprise's webhooks; secrets are never shown again."""
    enterprise_id = _enterprise(actor)
    rows = await core.read(lambda connection: store.list_webhooks(connection, enterprise_id=enterprise_id))
    return json_response({"items": [_view(row) for row in rows], "next_cursor": None})


@router.post("/webhooks", status_code=201, response_model=answers.MadeWebhook)
async def create_webhook(core: CoreDep, actor: ChatActor, body: NewWebhook) -> Response:
    """Make a webhook; its secret, the key of the signatures, is shown this once."""
    enterprise_id = _enterprise(actor)
    row = await webhooks.create(
        core,
        enterprise_id=enterprise_id,
        url=body.url,
        kinds=list(dict.fromkeys(body.kinds)),
        bot_account_id=int(body.bot_account_id) if body.bot_account_id is not None else None,
    )
    return json_response({**_view(row), "secret": row.secret}, status=201)


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(core: CoreDep, actor: ChatActor, webhook_id: PathId) -> Response:
    """Remove a webhook; nothing is sent to it any more."""
    if not await webhooks.remove(core, enterprise_id=_enterprise(actor), webhook_id=int(webhook_id)):
        raise not_found("webhook")
    return Response(status_code=204)


def _view(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "url": row.url,
        "kinds": row.kinds.split(),
        "bot_account_id": str(row.bot_account_id) if row.bot_account_id is not None else None,
        "created_at": format_time(row.created_at),
    }
