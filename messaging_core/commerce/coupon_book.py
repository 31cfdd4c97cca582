"""The coupons of an enterprise: for pages in this process, under the rights of who looks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from messaging_core.commerce import coupons, coupons_store
from messaging_core.errors import not_found
from messaging_core.identity.staff_book import StaffBook
from messaging_core.kernel.unit import Unit

_SHOWN = 100


@dataclass(slots=True, frozen=True)
class CouponLine:
    """A coupon with what became of it. Money in fen, times in microseconds UTC; `total` None: as many as are wanted."""

    id: int
    title: str
    amount_fen: int | None
    percent: int | None
    min_spend_fen: int
    ends_at: int
    total: int | None
    issued: int
    redeemed: int
    preloaded: bool
    live: bool
    """Whether it can be given now."""


class CouponBook(StaffBook):
    """Coupons, from making one to its use; see StaffBook."""

    opened_by = "issue_coupons"

    async def lines(self) -> list[CouponLine]:
        """Return the coupons, newest first."""
        now_us = self._core.clock.now_us()

        def query(connection: Connection) -> list[CouponLine]:
            ready = coupons_store.find_preload(connection, self._enterprise_id)
            rows = coupons_store.list_coupons(connection, self._enterprise_id, before_id=2**62, limit=_SHOWN)
            return [_line(row, ready is not None and ready.id == row.id, now_us) for row in rows]

        return await self._core.read(query)

    async def create(
        self,
        *,
        title: str,
        amount_fen: int | None,
        percent: int | None,
        min_spend_fen: int,
        ends_at_us: int,
        total: int | None,
    ) -> None:
        """Make a coupon that can be given from now on, one to each customer."""

        def action(unit: Unit) -> None:
            coupons.create_coupon(
                unit,
                self._actor,
                enterprise_id=self._enterprise_id,
                title=title,
                amount_fen=amount_fen,
                percent=percent,
                min_spend_fen=min_spend_fen,
                starts_at_us=unit.now_us,
                ends_at_us=ends_at_us,
                total=total,
                per_person=1,
                url="",
                note="",
            )

        await self._core.run(action)

    async def close(self, coupon_id: int) -> None:
        """Give a coupon out no more."""
        await self._core.run(
            lambda unit: coupons.close_coupon(unit, self._actor, enterprise_id=self._enterprise_id, coupon_id=coupon_id)
        )

    async def preload(self, coupon_id: int | None) -> None:
        """Choose the coupon that is ready when a customer opens the chat; None: none is."""
        await self._core.run(
            lambda unit: coupons.set_preload(unit, self._actor, enterprise_id=self._enterprise_id, coupon_id=coupon_id)
        )

    async def issue(self, conversation_id: int, coupon_id: int) -> None:
        """Give the customer of a service conversation a coupon, which shows as its card."""
        key = secrets.token_urlsafe(12)
        await self._core.run(
            lambda unit: coupons.issue(
                unit, self._actor, conversation_id=conversation_id, coupon_id=coupon_id, client_msg_id=key
            )
        )

    async def held_by(self, account_id: int) -> list[tuple[int, str, str]]:
        """Return the coupons of this enterprise that somebody has: (grant, title, state)."""
        rows = await self._core.read(
            lambda connection: coupons_store.list_grants(connection, account_id, before_id=2**62, limit=_SHOWN)
        )
        return [(row.id, row.title, row.state) for row in rows if row.enterprise_id == self._enterprise_id]

    async def redeem(self, grant_id: int, *, order_id: str, total_fen: int) -> int:
        """Use a coupon that was given for an order, and return what it takes off, in fen."""
        if not order_id:
            raise not_found("order")
        return await self._core.run(
            lambda unit: coupons.redeem(
                unit, self._actor, grant_id=grant_id, shop_order_id=order_id, total_fen=total_fen
            )
        )


def _line(row: coupons_store.CouponRow, preloaded: bool, now_us: int) -> CouponLine:
    return CouponLine(
        id=row.id,
        title=row.title,
        amount_fen=row.amount_fen,
        percent=row.percent,
        min_spend_fen=row.min_spend_fen,
        ends_at=row.ends_at,
        total=row.total,
        issued=row.issued,
        redeemed=row.redeemed,
        preloaded=preloaded,
        live=coupons.is_open(row, now_us),
    )
