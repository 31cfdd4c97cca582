"""What may be done to an order, and in which state: pure rules, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.shop import ActionName, ActionResult, Order, PolicyFact
from kefu.base.clock import SECOND_US
from kefu.texts import say

_DAY_US = 86_400 * SECOND_US
_OVER = ("cancelled", "refunded", "returned", "return_requested")
_SENT = ("partially_shipped", "shipped", "delivered")


def decide_action(
    name: ActionName, order: Order, *, note: str, done_before: int, facts: Mapping[str, PolicyFact], now_us: int
) -> tuple[Order, ActionResult]:
    """Return the order as it is afterwards, and what the customer is told.

    `done_before` is how often this was done to this order; codes of refusals: `too_late`, `needs_human`, `not_yet`,
    `over`, `already`, `missing_note`.
    """
    if name == "cancel_order":
        return _cancel(order, facts)
    if name == "urge_shipping":
        return order, _urge(order, facts)
    if name == "change_address":
        return _change_address(order, note, done_before, facts)
    if name == "request_invoice":
        return _request_invoice(order, facts, now_us)
    return order, _report_parcel(order, facts)


def refused(code: str, text: str, order: Order | None = None) -> ActionResult:
    """Return a refusal in the customer's words; `text` is a key of the catalogue."""
    data = {"order": order.order_id if order is not None else ""}
    return ActionResult(done=False, code=code, text=say(f"action.{text}", "zh", data))


def _done(code: str, text: str, order: Order, **data: str) -> ActionResult:
    words = say(f"action.{text}", "zh", {"order": order.order_id, **data})
    return ActionResult(done=True, code=code, text=words, fact=f"order:{order.order_id}")


def _cancel(order: Order, facts: Mapping[str, PolicyFact]) -> tuple[Order, ActionResult]:
    if order.status == "cancelled":
        return order, refused("already", "cancel_done_before", order)
    if order.status == "unpaid":
        return replace(order, status="cancelled"), _done("cancelled", "cancelled_unpaid", order)
    if order.status == "packed":
        return order, refused("needs_human", "cancel_packed", order)
    if order.status != "paid":
        return order, refused("too_late", "cancel_too_late", order)
    money, hours = f"{order.paid_fen / 100:g}元", f"{facts['refund_unshipped_hours'].value}小时"
    cancelled = replace(order, status="cancelled", refunded_fen=order.paid_fen)
    return cancelled, _done("cancelled", "cancelled_paid", order, money=money, hours=hours)


def _urge(order: Order, facts: Mapping[str, PolicyFact]) -> ActionResult:
    if order.status == "unpaid":
        return refused("not_yet", "urge_unpaid", order)
    if order.status in _OVER:
        return refused("over", "urge_closed", order)
    if order.status in ("shipped", "delivered"):
        return refused("too_late", "urge_shipped", order)
    return _done("urged", "urged", order, hours=f"{facts['ship_within_hours'].value}小时")


def _change_address(
    order: Order, note: str, done_before: int, facts: Mapping[str, PolicyFact]
) -> tuple[Order, ActionResult]:
    if order.status in _OVER:
        return order, refused("over", "address_closed", order)
    if order.status in _SENT:
        return order, refused("needs_human", "address_too_late", order)
    if order.status == "packed":
        return order, refused("needs_human", "address_packed", order)
    limit = facts["address_change_limit"].value
    if isinstance(limit, int) and done_before >= limit:
        return order, refused("needs_human", "address_again", order)
    if not note.strip():
        return order, refused("missing_note", "address_missing", order)
    return replace(order, address=note.strip()), _done("address_changed", "address_changed", order)


def _request_invoice(order: Order, facts: Mapping[str, PolicyFact], now_us: int) -> tuple[Order, ActionResult]:
    if order.invoice.endswith(":issued"):
        return order, refused("already", "invoice_issued", order)
    if order.invoice:
        return order, refused("already", "invoice_before", order)
    if order.status in _OVER:
        return order, refused("over", "invoice_closed", order)
    if order.status != "delivered":
        return order, refused("not_yet", "invoice_early", order)
    finished_us = max((parcel.delivered_at_us or 0 for parcel in order.parcels), default=0)
    days = facts["invoice_apply_days"].value
    if isinstance(days, int) and now_us - finished_us > days * _DAY_US:
        return order, refused("needs_human", "invoice_late", order)
    within = f"{facts['invoice_normal_workdays'].value}个工作日"
    requested = replace(order, invoice="electronic_normal:requested")
    return requested, _done("invoice_requested", "invoice_requested", order, days=within)


def _report_parcel(order: Order, facts: Mapping[str, PolicyFact]) -> ActionResult:
    if not order.parcels:
        return refused("not_yet", "parcel_none", order)
    hours = f"{facts['parcel_check_hours'].value}小时"
    return _done("parcel_reported", "parcel_reported", order, hours=hours)
