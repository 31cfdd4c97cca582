"""A customer's orders as cards: from the shop's own system, and those it has only reported to the messenger."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bot.shop import Order, Shop, ShopUnavailable
from messaging_core.api import OrderBook, OrderLine, ToldOrder

log = structlog.get_logger("kefu.desk")
CARD_STATUS = {
    "unpaid": "unpaid",
    "paid": "paid",
    "packed": "paid",
    "partially_shipped": "shipped",
    "shipped": "shipped",
    "delivered": "shipped",
    "completed": "completed",
    "cancelled": "closed",
    "return_requested": "refunding",
    "returned": "refunding",
    "refunded": "refunded",
}
"""What an order card says of each of the shop's own states."""


async def find(book: OrderBook, shop: Shop | None, *, customer_id: int) -> list[ToldOrder | OrderLine]:
    """Return what can be sent to a customer, the newest first; a shop that is down adds nothing."""
    told = [_told(one, "") for one in await _orders_of(shop, customer_id)]
    known = {one.order_id for one in told}
    reported = [one for one in await book.of_customer(customer_id) if one.order_id not in known]
    return sorted([*told, *reported], key=lambda one: one.placed_at, reverse=True)


async def find_told(shop: Shop | None, order_id: str, *, customer_id: int) -> ToldOrder | None:
    """Return an order of a customer as the shop tells it now, with the picture of its first product, or None."""
    order = next((one for one in await _orders_of(shop, customer_id) if one.order_id == order_id), None)
    if order is None or shop is None:
        return None
    try:
        products = await shop.get_products([order.lines[0].product_id]) if order.lines else ()
    except ShopUnavailable:
        products = ()
    return _told(order, products[0].image_url if products else "")


async def _orders_of(shop: Shop | None, customer_id: int) -> Sequence[Order]:
    if shop is None:
        return ()
    try:
        customer = await shop.find_customer(account_id=customer_id)
        return await shop.orders(customer_id=customer.customer_id) if customer is not None else ()
    except ShopUnavailable as error:
        log.warning("desk.shop_unavailable", error=str(error))
        return ()


def _told(order: Order, image_url: str) -> ToldOrder:
    quantity = sum(line.quantity for line in order.lines)
    first = order.lines[0] if order.lines else None
    title = f"{first.name} {first.label}".strip() if first is not None else f"订单 {order.order_id}"
    return ToldOrder(
        order.order_id,
        f"{title} 等 {quantity} 件" if len(order.lines) > 1 else title,
        order.total_fen,
        CARD_STATUS.get(order.status, "paid"),
        order.created_at_us,
        quantity=max(quantity, 1),
        product_id=first.product_id if first is not None else "",
        image_url=image_url,
    )
