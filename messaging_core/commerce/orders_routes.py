"""HTTP: orders that the shop reports, their cards, and who led to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time, parse_time
from messaging_core.commerce import answers, orders
from messaging_core.commerce import orders_store as store
from messaging_core.commerce.coupons_routes import ClientMsgId, Fen, ShopOrderId
from messaging_core.identity.policy import check_right
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, StaffActor, json_response
from messaging_core.transport.inputs import (
    Body,
    Cursor,
    IdText,
    Limit,
    Line,
    Name,
    PathId,
    TimeText,
    Url,
    before,
)

router = APIRouter(prefix="/v1", tags=["commerce"])
Status = Literal["unpaid", "paid", "shipped", "completed", "refunding", "refunded", "closed"]


class NewOrder(Body):
    """An order of the shop; who reports it again reports what has changed: what he leaves out stays as it was.

    A new one without a status is paid.
    """

    order_id: ShopOrderId
    title: Name
    total_fen: Fen
    status: Status | None = None
    placed_at: TimeText | None = None
    customer_id: IdText | None = None
    conversation_id: IdText | None = None
    message_id: IdText | None = None
    product_id: Line | None = None
    quantity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    image_url: Url | None = None
    url: Url | None = None


class NewCard(Body):
    """Which order to show."""

    client_msg_id: ClientMsgId
    order_id: ShopOrderId
    assignment_version: Annotated[int, Field(ge=0, le=2**31)] | None = None


@router.post("/enterprises/{enterprise_id}/orders", response_model=answers.OneOrder)
async def report_order(core: CoreDep, actor: StaffActor, enterprise_id: PathId, body: NewOrder) -> Response:
    """Report an order, or what has changed about it; what led to it is decided when it is new."""

    def action(unit: Unit) -> Any:
        order = orders.ToldOrder(
            order_id=body.order_id,
            title=body.title,
            total_fen=body.total_fen,
            status=body.status,
            placed_at=parse_time(body.placed_at) if body.placed_at is not None else unit.now_us,
            quantity=body.quantity,
            product_id=body.product_id,
            image_url=body.image_url,
            url=body.url,
        )
        orders.report(
            unit,
            actor,
            order,
            enterprise_id=int(enterprise_id),
            customer_id=_optional(body.customer_id),
            conversation_id=_optional(body.conversation_id),
            message_id=_optional(body.message_id),
        )
        row = store.find_order(unit.connection, int(enterprise_id), body.order_id)
        assert row is not None
        return {"order": _view(row)}

    return json_response(await core.run(action))


@router.get("/enterprises/{enterprise_id}/orders", response_model=answers.OrderList)
async def list_orders(
    core: CoreDep,
    actor: StaffActor,
    enterprise_id: PathId,
    conversation_id: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List an enterprise's orders, all or of one conversation, newest first."""
    check_right(actor, "read_orders", int(enterprise_id))

    def query(connection: Connection) -> list[store.OrderRow]:
        return store.list_orders(
            connection,
            int(enterprise_id),
            conversation_id=_optional(conversation_id),
            before_id=before(cursor),
            limit=limit,
        )

    rows = await core.read(query)
    more = str(rows[-1].id) if len(rows) == limit else None
    return json_response({"items": [_view(row) for row in rows], "next_cursor": more})


@router.get("/enterprises/{enterprise_id}/attribution", response_model=answers.Attribution)
async def list_shares(
    core: CoreDep,
    actor: StaffActor,
    enterprise_id: PathId,
    since: TimeText = "1970-01-01T00:00:00Z",
    until: TimeText = "9999-12-31T00:00:00Z",
) -> Response:
    """Return what each agent and bot has led to in `[since, until)`, without orders that were closed or refunded."""
    check_right(actor, "insight", int(enterprise_id))
    from_us, to_us, rate = parse_time(since), parse_time(until), core.settings.orders.commission_bp
    shares = await core.read(
        lambda c: orders.sum_shares(c, int(enterprise_id), from_us=from_us, to_us=to_us, commission_bp=rate)
    )
    items = [
        {
            "led_by": share.led_by,
            "account_id": str(share.account_id) if share.account_id is not None else None,
            "name": share.name,
            "orders": share.orders,
            "total_fen": share.total_fen,
            "commission_fen": share.commission_fen,
        }
        for share in shares
    ]
    return json_response({"items": items, "next_cursor": None})


@router.post("/conversations/{conversation_id}/order-cards", status_code=201, response_model=answers.SentCard)
async def send_card(core: CoreDep, actor: ChatActor, conversation_id: PathId, body: NewCard) -> Response:
    """Show an order of the customer in his service conversation, as the shop reported it."""
    sent = await core.run(
        lambda unit: orders.send_card(
            unit,
            actor,
            conversation_id=int(conversation_id),
            client_msg_id=body.client_msg_id,
            shop_order_id=body.order_id,
            assignment_version=body.assignment_version,
        )
    )
    answer = {"message_id": str(sent.message_id), "seq": sent.seq, "duplicate": sent.duplicate}
    return json_response(answer, status=201)


def _optional(text: str | None) -> int | None:
    return int(text) if text is not None else None


def _view(row: store.OrderRow) -> dict[str, Any]:
    ids = ("customer_id", "conversation_id", "led_by_id", "message_id")
    plain = ("led_by", "product_id", "title", "quantity", "total_fen", "status", "image_url", "url")
    return {
        "order_id": row.shop_order_id,
        **{name: str(getattr(row, name)) if getattr(row, name) is not None else None for name in ids},
        **{name: getattr(row, name) for name in plain},
        "led_by_name": row.leader_name,
        "placed_at": format_time(row.placed_at),
        "updated_at": format_time(row.updated_at),
    }
