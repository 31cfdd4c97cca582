"""HTTP: red packets and one's wallet."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.commerce import actions, answers, store, wallet
from messaging_core.conversations import store as conversations
from messaging_core.errors import forbidden, not_found
from messaging_core.identity.policy import Actor, check_operator
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Line, PathId, before

router = APIRouter(prefix="/v1", tags=["commerce"])
_MOST_FEN = 100_000_000


class NewPacket(Body):
    """Money for a conversation, in fen."""

    client_msg_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]
    total_fen: Annotated[int, Field(ge=1, le=_MOST_FEN)]
    shares: Annotated[int, Field(ge=1, le=1000)] = 1
    split: Literal["equal", "random"] = "random"
    note: Line = ""


class TopUp(Body):
    """Money that was paid in, in fen."""

    account_id: IdText
    amount_fen: Annotated[int, Field(ge=1, le=_MOST_FEN)]


@router.post("/conversations/{conversation_id}/red-packets", status_code=201, response_model=answers.SentPacket)
async def send_packet(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewPacket) -> Response:
    """Send a red packet; the same `client_msg_id` sends and pays once."""

    def action(unit: Unit) -> Any:
        packet_id, sent = actions.send_packet(
            unit,
            actor,
            conversation_id=int(conversation_id),
            client_msg_id=body.client_msg_id,
            total_fen=body.total_fen,
            shares=body.shares,
            split=body.split,
            note=body.note,
        )
        return {
            "packet": _view(unit.connection, actor, packet_id),
            "message_id": str(sent.message_id),
            "seq": sent.seq,
            "duplicate": sent.duplicate,
        }

    return json_response(await core.run(action), status=201)


@router.get("/red-packets/{packet_id}", response_model=answers.OnePacket)
async def get_packet(core: CoreDep, actor: ChatActor, packet_id: PathId) -> Response:
    """Return a red packet and who has opened it."""
    view = await core.read(lambda connection: _view(connection, actor, int(packet_id)))
    return json_response({"packet": view})


@router.post("/red-packets/{packet_id}/open", response_model=answers.OpenedPacket)
async def open_packet(core: CoreDep, actor: ChatActor, packet_id: PathId) -> Response:
    """Open a red packet; opening it again shows the same share."""

    def action(unit: Unit) -> Any:
        amount = actions.claim(unit, actor, packet_id=int(packet_id))
        return {"amount_fen": amount, "packet": _view(unit.connection, actor, int(packet_id))}

    return json_response(await core.run(action))


@router.get("/wallet", response_model=answers.Wallet)
async def get_wallet(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Return one's balance and what has moved, newest first."""
    if actor.kind != "personal":
        raise forbidden("personal_only")

    def query(connection: Connection) -> tuple[int, list[store.LedgerRow]]:
        own = actor.account_id
        rows = store.list_ledger(connection, own, before_id=before(cursor), limit=limit)
        return store.balance_of(connection, own), rows

    balance, rows = await core.read(query)
    items = [
        {
            "id": str(row.id),
            "amount_fen": row.amount_fen,
            "kind": row.kind,
            "packet_id": str(row.packet_id) if row.packet_id is not None else None,
            "at": format_time(row.at),
        }
        for row in rows
    ]
    next_cursor = items[-1]["id"] if len(items) == limit else None
    return json_response({"balance_fen": balance, "items": items, "next_cursor": next_cursor})


@router.post("/operator/wallets/top-up", status_code=201, response_model=answers.Balance)
async def top_up(core: CoreDep, actor: ChatActor, request: Request, body: TopUp, key: Key) -> Response:
    """Pay money into a person's wallet, after a payment outside; the same `Idempotency-Key` pays once."""
    check_operator(actor)

    def action(unit: Unit) -> Any:
        wallet.top_up(unit, actor, account_id=int(body.account_id), amount_fen=body.amount_fen)
        return {"balance_fen": store.balance_of(unit.connection, int(body.account_id))}

    return await create_once(core, request, actor, key, body, action)


def _view(connection: Connection, actor: Actor, packet_id: int) -> dict[str, Any]:
    packet = store.find_packet(connection, packet_id)
    member = packet and conversations.find_member(connection, packet.conversation_id, actor.account_id)
    if packet is None or member is None or member.left_seq is not None:
        raise not_found("red_packet")
    opened = store.list_claims(connection, packet_id)
    mine = next((row.amount_fen for row in opened if row.account_id == actor.account_id), None)
    # Others' shares are shown once one has one's own, as on every messenger: before, they would tell when to wait.
    shown = mine is not None or packet.sender_id == actor.account_id or packet.state != "open"
    return {
        "id": str(packet.id),
        "conversation_id": str(packet.conversation_id),
        "sender_id": str(packet.sender_id),
        "split": packet.split,
        "note": packet.note,
        "total_fen": packet.total_fen,
        "shares": packet.shares,
        "remaining_shares": packet.remaining_shares,
        "state": packet.state,
        "created_at": format_time(packet.created_at),
        "expires_at": format_time(packet.expires_at),
        "mine_fen": mine,
        "opened": [
            {
                "account_id": str(row.account_id),
                "name": row.name,
                "amount_fen": row.amount_fen if shown else None,
                "at": format_time(row.at),
            }
            for row in opened
        ],
    }
