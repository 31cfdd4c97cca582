"""The orders of an enterprise with what led to each: for pages in this process, under the rights of who looks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from messaging_core.commerce import orders, orders_store
from messaging_core.commerce.orders import Share, ToldOrder
from messaging_core.identity.policy import check_right
from messaging_core.identity.staff_book import StaffBook
from messaging_core.kernel.unit import Unit


@dataclass(slots=True, frozen=True)
class OrderLine:
    """An order as the shop last told it, with what led to it. Money in fen, times in microseconds UTC."""

    id: int
    order_id: str
    title: str
    quantity: int
    total_fen: int
    status: str
    placed_at: int
    customer: str
    conversation_id: int | None
    led_by: str
    leader: str


class OrderBook(StaffBook):
    """Orders, what led to each, and their cards; see StaffBook."""

    opened_by = "read_orders"

    @property
    def reports(self) -> bool:
        """Whether who looks may report orders."""
        return self._actor.may("orders", self._enterprise_id)

    @property
    def sums(self) -> bool:
        """Whether who looks may see what each has led to."""
        return self._actor.may("insight", self._enterprise_id)

    @property
    def window_h(self) -> int:
        """Return how many hours before an order what was said may have led to it."""
        return self._core.settings.orders.attribution_h

    async def page(self, *, before_id: int = 2**62, limit: int = 50) -> list[OrderLine]:
        """Return orders, the one that was reported last first."""
        return await self._lines(before_id=before_id, limit=limit)

    async def of_customer(self, customer_id: int, *, limit: int = 20) -> list[OrderLine]:
        """Return the orders of one customer."""
        return await self._lines(customer_id=customer_id, limit=limit)

    async def shares(self, *, from_us: int, to_us: int) -> list[Share]:
        """Return what each has led to in `[from, to)`."""
        check_right(self._actor, "insight", self._enterprise_id)
        rate = self._core.settings.orders.commission_bp
        return await self._core.read(
            lambda c: orders.sum_shares(c, self._enterprise_id, from_us=from_us, to_us=to_us, commission_bp=rate)
        )

    async def report(self, order: ToldOrder, *, conversation_id: int | None) -> None:
        """Report an order by hand, or what has changed about it."""
        await self._core.run(
            lambda unit: orders.report(
                unit, self._actor, order, enterprise_id=self._enterprise_id, conversation_id=conversation_id
            )
        )

    async def show(self, conversation_id: int, order_id: str) -> None:
        """Send the card of an order that was reported."""
        await self._core.run(lambda unit: self._send(unit, conversation_id, order_id))

    async def show_told(self, conversation_id: int, order: ToldOrder, *, customer_id: int) -> None:
        """Send the card of an order as the shop's own system has just told it, and keep what it told."""

        def action(unit: Unit) -> None:
            orders.report(unit, None, order, enterprise_id=self._enterprise_id, customer_id=customer_id)
            self._send(unit, conversation_id, order.order_id)

        await self._core.run(action)

    def _send(self, unit: Unit, conversation_id: int, order_id: str) -> None:
        orders.send_card(
            unit,
            self._actor,
            conversation_id=conversation_id,
            client_msg_id=secrets.token_urlsafe(12),
            shop_order_id=order_id,
        )

    async def _lines(self, *, customer_id: int | None = None, before_id: int = 2**62, limit: int) -> list[OrderLine]:
        rows: Sequence[orders_store.OrderRow] = await self._core.read(
            lambda c: orders_store.list_orders(
                c, self._enterprise_id, customer_id=customer_id, before_id=before_id, limit=limit
            )
        )
        return [
            OrderLine(
                row.id,
                row.shop_order_id,
                row.title,
                row.quantity,
                row.total_fen,
                row.status,
                row.placed_at,
                row.customer_name or "",
                row.conversation_id,
                row.led_by,
                row.leader_name or "",
            )
            for row in rows
        ]
