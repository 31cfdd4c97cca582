"""The HTTP calls about coupons and orders. All amounts are in fen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Page


class Coupon(Struct, frozen=True, kw_only=True):
    """A coupon of an enterprise: `amount_fen` off, or `percent` of the price off, from `min_spend_fen` on."""

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    min_spend_fen: int
    issued: int
    redeemed: int
    per_person: int
    closed: bool
    preloaded: bool
    amount_fen: int | None = None
    percent: int | None = None
    total: int | None = None
    url: str = ""
    note: str = ""


class CouponGrant(Struct, frozen=True, kw_only=True):
    """A coupon that somebody has: `state` is `issued`, `redeemed` or `expired`."""

    id: str
    coupon_id: str
    enterprise_id: str
    enterprise: str
    conversation_id: str
    title: str
    state: str
    given_by: str
    issued_at: datetime
    ends_at: datetime
    min_spend_fen: int
    amount_fen: int | None = None
    percent: int | None = None
    redeemed_at: datetime | None = None
    order_id: str | None = None
    off_fen: int | None = None


class IssuedCoupon(Struct, frozen=True, kw_only=True):
    """A coupon that was given out, and its card's message."""

    grant: CouponGrant
    message_id: str
    seq: int
    duplicate: bool = False


class Redeemed(Struct, frozen=True, kw_only=True):
    """What a coupon took off."""

    off_fen: int
    grant: CouponGrant


class Order(Struct, frozen=True, kw_only=True):
    """An order of the shop; `led_by` is `agent`, `bot` or `none`."""

    order_id: str
    title: str
    total_fen: int
    status: str
    led_by: str
    placed_at: datetime
    updated_at: datetime
    quantity: int = 1
    product_id: str = ""
    customer_id: str | None = None
    conversation_id: str | None = None
    led_by_id: str | None = None
    led_by_name: str | None = None
    message_id: str | None = None


class Share(Struct, frozen=True, kw_only=True):
    """What an agent or a bot has led to."""

    led_by: str
    orders: int
    total_fen: int
    commission_fen: int
    account_id: str | None = None
    name: str | None = None


class SentCard(Struct, frozen=True, kw_only=True):
    """The message of a card."""

    message_id: str
    seq: int
    duplicate: bool = False


class _CouponBox(Struct):
    coupon: Coupon


class _OrderBox(Struct):
    order: Order


class OrderCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def create_coupon(
        self,
        enterprise_id: str,
        title: str,
        *,
        ends_at: datetime,
        amount_fen: int | None = None,
        percent: int | None = None,
        min_spend_fen: int = 0,
        total: int | None = None,
        per_person: int = 1,
        starts_at: datetime | None = None,
        url: str | None = None,
        note: str = "",
    ) -> Coupon:
        """Make a coupon: exactly one of `amount_fen` and `percent`."""
        body: dict[str, object] = {
            "title": title,
            "ends_at": ends_at,
            "amount_fen": amount_fen,
            "percent": percent,
            "min_spend_fen": min_spend_fen,
            "total": total,
            "per_person": per_person,
            "starts_at": starts_at,
            "url": url,
            "note": note,
        }
        path = f"/v1/enterprises/{enterprise_id}/coupons"
        return (await self._http.request(_CouponBox, "POST", path, body=body)).coupon

    async def coupons_of(
        self, enterprise_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Coupon]:
        """Return a page of an enterprise's coupons, newest first."""
        path, query = f"/v1/enterprises/{enterprise_id}/coupons", {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Coupon], "GET", path, query=query)

    async def close_coupon(self, enterprise_id: str, coupon_id: str) -> None:
        """Give a coupon out no more; those who have it keep it."""
        await self._http.request(type(None), "DELETE", f"/v1/enterprises/{enterprise_id}/coupons/{coupon_id}")

    async def set_preloaded_coupon(self, enterprise_id: str, coupon_id: str | None) -> None:
        """Choose the coupon that is ready when a customer opens the chat; None: none."""
        path = f"/v1/enterprises/{enterprise_id}/preloaded-coupon"
        await self._http.request(type(None), "PUT", path, body={"coupon_id": coupon_id})

    async def issue_coupon(
        self, conversation_id: str, coupon_id: str, *, client_msg_id: str, assignment_version: int | None = None
    ) -> IssuedCoupon:
        """Give the customer of a service conversation a coupon, once for each `client_msg_id`."""
        path = f"/v1/conversations/{conversation_id}/coupons"
        body = {"coupon_id": coupon_id, "client_msg_id": client_msg_id, "assignment_version": assignment_version}
        return await self._http.request(IssuedCoupon, "POST", path, body=body)

    async def coupons(self, *, limit: int | None = None, cursor: str | None = None) -> Page[CouponGrant]:
        """Return a page of one's own coupons, newest first."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[CouponGrant], "GET", "/v1/coupons", query=query)

    async def redeem_coupon(self, grant_id: str, *, order_id: str, total_fen: int) -> Redeemed:
        """Use somebody's coupon for an order of the shop, once."""
        path, body = f"/v1/coupons/{grant_id}/redeem", {"order_id": order_id, "total_fen": total_fen}
        return await self._http.request(Redeemed, "POST", path, body=body)

    async def report_order(
        self,
        enterprise_id: str,
        order_id: str,
        *,
        title: str,
        total_fen: int,
        status: str | None = None,
        customer_id: str | None = None,
        conversation_id: str | None = None,
        message_id: str | None = None,
        product_id: str | None = None,
        quantity: int | None = None,
        placed_at: datetime | None = None,
    ) -> Order:
        """Report an order of the shop, or what has changed about it; what led to it is decided when it is new.

        What is left out stays as it was known; a new order is `paid`, of quantity 1, unless told otherwise.
        """
        body: dict[str, object] = {
            "order_id": order_id,
            "title": title,
            "total_fen": total_fen,
            "status": status,
            "customer_id": customer_id,
            "conversation_id": conversation_id,
            "message_id": message_id,
            "product_id": product_id,
            "quantity": quantity,
            "placed_at": placed_at,
        }
        return (await self._http.request(_OrderBox, "POST", f"/v1/enterprises/{enterprise_id}/orders", body=body)).order

    async def orders(
        self,
        enterprise_id: str,
        *,
        conversation_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Order]:
        """Return a page of an enterprise's orders, all or of one conversation, newest first."""
        query = {"conversation_id": conversation_id, "limit": limit, "cursor": cursor}
        return await self._http.request(Page[Order], "GET", f"/v1/enterprises/{enterprise_id}/orders", query=query)

    async def attribution(
        self, enterprise_id: str, *, since: str | None = None, until: str | None = None
    ) -> list[Share]:
        """Return what each agent and bot has led to in `[since, until)` (RFC 3339)."""
        path, query = f"/v1/enterprises/{enterprise_id}/attribution", {"since": since, "until": until}
        return (await self._http.request(Page[Share], "GET", path, query=query)).items

    async def send_order_card(
        self, conversation_id: str, order_id: str, *, client_msg_id: str, assignment_version: int | None = None
    ) -> SentCard:
        """Show an order of the customer in his service conversation."""
        path = f"/v1/conversations/{conversation_id}/order-cards"
        body = {"order_id": order_id, "client_msg_id": client_msg_id, "assignment_version": assignment_version}
        return await self._http.request(SentCard, "POST", path, body=body)
