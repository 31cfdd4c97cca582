"""HTTP: coupons of an enterprise, giving them out, one's own, redeeming."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time, parse_time
from messaging_core.commerce import answers, coupons
from messaging_core.commerce import coupons_store as store
from messaging_core.errors import not_found
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
Fen = Annotated[int, Field(ge=0, le=100_000_000)]
ClientMsgId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]
ShopOrderId = Annotated[str, Field(min_length=1, max_length=100)]
E = "/enterprises/{enterprise_id}"


class NewCoupon(Body):
    """A coupon: `amount_fen` off, or `percent` of the price off, from `min_spend_fen` on."""

    title: Name
    amount_fen: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    percent: Annotated[int, Field(ge=1, le=99)] | None = None
    min_spend_fen: Fen = 0
    starts_at: TimeText | None = None
    ends_at: TimeText
    total: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    per_person: Annotated[int, Field(ge=1, le=1000)] = 1
    url: Url | None = None
    note: Line = ""


class Choice(Body):
    """The preloaded coupon; null: none."""

    coupon_id: IdText | None


class NewGrant(Body):
    """Which coupon the customer gets."""

    client_msg_id: ClientMsgId
    coupon_id: IdText
    assignment_version: Annotated[int, Field(ge=0, le=2**31)] | None = None


class Redemption(Body):
    """The order that a coupon is used for."""

    order_id: ShopOrderId
    total_fen: Fen


@router.post(f"{E}/coupons", status_code=201, response_model=answers.OneCoupon)
async def create_coupon(core: CoreDep, actor: StaffActor, enterprise_id: PathId, body: NewCoupon) -> Response:
    """Make a coupon."""

    def action(unit: Unit) -> Any:
        coupon_id = coupons.create_coupon(
            unit,
            actor,
            enterprise_id=int(enterprise_id),
            title=body.title,
            amount_fen=body.amount_fen,
            percent=body.percent,
            min_spend_fen=body.min_spend_fen,
            starts_at_us=parse_time(body.starts_at) if body.starts_at is not None else unit.now_us,
            ends_at_us=parse_time(body.ends_at),
            total=body.total,
            per_person=body.per_person,
            url=body.url or "",
            note=body.note,
        )
        return _shown(unit.connection, coupon_id)

    return json_response(await core.run(action), status=201)


@router.get(f"{E}/coupons", response_model=answers.CouponList)
async def list_coupons(
    core: CoreDep, actor: StaffActor, enterprise_id: PathId, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List an enterprise's coupons, newest first."""
    check_right(actor, "issue_coupons", int(enterprise_id))

    def query(connection: Connection) -> list[dict[str, Any]]:
        ready = store.find_preload(connection, int(enterprise_id))
        rows = store.list_coupons(connection, int(enterprise_id), before_id=before(cursor), limit=limit)
        return [_view(row, preloaded=ready is not None and ready.id == row.id) for row in rows]

    items = await core.read(query)
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.delete(f"{E}/coupons/{{coupon_id}}", status_code=204)
async def close_coupon(core: CoreDep, actor: StaffActor, enterprise_id: PathId, coupon_id: PathId) -> Response:
    """Give a coupon out no more; those who have it keep it."""
    await core.run(
        lambda unit: coupons.close_coupon(unit, actor, enterprise_id=int(enterprise_id), coupon_id=int(coupon_id))
    )
    return Response(status_code=204)


@router.put(f"{E}/preloaded-coupon", status_code=204)
async def set_preload(core: CoreDep, actor: StaffActor, enterprise_id: PathId, body: Choice) -> Response:
    """Choose the one coupon that is ready when a customer opens the chat."""
    chosen = int(body.coupon_id) if body.coupon_id is not None else None
    await core.run(lambda unit: coupons.set_preload(unit, actor, enterprise_id=int(enterprise_id), coupon_id=chosen))
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/coupons", status_code=201, response_model=answers.IssuedCoupon)
async def issue_coupon(core: CoreDep, actor: StaffActor, conversation_id: PathId, body: NewGrant) -> Response:
    """Give the customer of a service conversation a coupon; the same `client_msg_id` gives it once."""

    def action(unit: Unit) -> Any:
        grant_id, sent = coupons.issue(
            unit,
            actor,
            conversation_id=int(conversation_id),
            coupon_id=int(body.coupon_id),
            client_msg_id=body.client_msg_id,
            assignment_version=body.assignment_version,
        )
        return {
            "grant": _view_grant(_grant(unit.connection, grant_id), unit.now_us),
            "message_id": str(sent.message_id),
            "seq": sent.seq,
            "duplicate": sent.duplicate,
        }

    return json_response(await core.run(action), status=201)


@router.get("/coupons", response_model=answers.GrantList)
async def list_own(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List one's coupons, newest first."""
    now_us = core.clock.now_us()
    rows = await core.read(lambda c: store.list_grants(c, actor.account_id, before_id=before(cursor), limit=limit))
    items = [_view_grant(row, now_us) for row in rows]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.post("/coupons/{grant_id}/redeem", response_model=answers.Redeemed)
async def redeem(core: CoreDep, actor: StaffActor, grant_id: PathId, body: Redemption) -> Response:
    """Use somebody's coupon for an order, once; the same order gets the same answer again."""

    def action(unit: Unit) -> Any:
        off_fen = coupons.redeem(
            unit, actor, grant_id=int(grant_id), shop_order_id=body.order_id, total_fen=body.total_fen
        )
        return {"off_fen": off_fen, "grant": _view_grant(_grant(unit.connection, int(grant_id)), unit.now_us)}

    return json_response(await core.run(action))


def _shown(connection: Connection, coupon_id: int) -> dict[str, Any]:
    row = store.find_coupon(connection, coupon_id)
    assert row is not None
    return {"coupon": _view(row, preloaded=False)}


def _view(row: store.CouponRow, *, preloaded: bool) -> dict[str, Any]:
    plain = ("title", "amount_fen", "percent", "min_spend_fen", "total", "issued", "redeemed", "per_person")
    return {
        "id": str(row.id),
        **{name: getattr(row, name) for name in (*plain, "url", "note", "closed")},
        "starts_at": format_time(row.starts_at),
        "ends_at": format_time(row.ends_at),
        "preloaded": preloaded,
    }


def _grant(connection: Connection, grant_id: int) -> store.GrantRow:
    row = store.find_grant(connection, grant_id)
    if row is None:
        raise not_found("coupon")
    return row


def _view_grant(row: store.GrantRow, now_us: int) -> dict[str, Any]:
    plain = ("enterprise", "title", "amount_fen", "percent", "min_spend_fen", "url", "note", "given_by", "off_fen")
    return {
        **{name: str(getattr(row, name)) for name in ("id", "coupon_id", "enterprise_id", "conversation_id")},
        **{name: getattr(row, name) for name in plain},
        "ends_at": format_time(row.ends_at),
        "state": "expired" if row.state == "issued" and now_us >= row.ends_at else row.state,
        "issued_at": format_time(row.issued_at),
        "redeemed_at": format_time(row.redeemed_at) if row.redeemed_at is not None else None,
        "order_id": row.shop_order_id,
    }
