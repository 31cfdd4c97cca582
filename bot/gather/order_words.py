"""An order in words: state, parcels, refunds; every number comes from the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.decision import Evidence
from bot.gather.finding import Promise
from bot.replies.render import date_words, minute, money
from bot.shop import Order, Parcel, Return

STATES = {
    "unpaid": "待付款",
    "paid": "已付款，等仓库打包",
    "packed": "已打包，等快递揽收",
    "partially_shipped": "部分发货",
    "shipped": "已发货",
    "delivered": "已签收",
    "return_requested": "申请退货，审核中",
    "returned": "退货已收到，等退款",
    "refunded": "已退款",
    "cancelled": "已取消",
}
_PARCEL_STATES = {
    "in_transit": "运输中",
    "out_for_delivery": "派送中",
    "delivered": "已签收",
    "stalled": "物流停滞，正在催快递核查",
    "lost": "快递确认遗失，可以补发或全额退款，由您选",
}
_RETURN_STATES = {
    "requested": "等审核",
    "approved": "审核通过，等您寄回",
    "in_transit": "退货在路上",
    "received": "仓库已收到，等财务退款",
    "refunded": "已退款",
    "rejected": "审核没有通过",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of an order, with its evidence and promises; all numbers in it are the order's own."""

    text: str
    evidence: tuple[Evidence, ...]
    promises: tuple[Promise, ...] = ()


def tell_orders(orders: Sequence[Order], *, zone: str, returns: bool = False) -> Told:
    """Tell some orders, each with its parcels, or with its returns."""
    parts = [_tell(order, zone=zone, returns=returns) for order in orders]
    return Told(
        "\n".join(part.text for part in parts),
        tuple(evidence for part in parts for evidence in part.evidence),
        tuple(promise for part in parts for promise in part.promises),
    )


def title(order: Order) -> str:
    """Name an order: its number and its first goods."""
    if not order.lines:
        return order.order_id
    more = f"等{len(order.lines)}样" if len(order.lines) > 1 else ""
    return f"{order.order_id}（{order.lines[0].name}{more}）"


def _tell(order: Order, *, zone: str, returns: bool) -> Told:
    source = f"order:{order.order_id}"
    state = "" if returns and order.returns else STATES.get(order.status, order.status)
    lines = [f"{title(order)}：{state}"] if state else [f"{title(order)}"]
    promises: list[Promise] = []
    if returns:
        for one in order.returns:
            lines.append(_return_words(one, zone))
            promises.append(
                Promise("refund", f"{source}/{one.return_id}", one.status, str(one.refund_fen), money(one.refund_fen))
            )
        if not order.returns and order.refunded_fen:
            lines.append(f"已退{money(order.refunded_fen)}")
    else:
        for parcel in order.parcels:
            lines.append(_parcel_words(parcel, zone))
            if parcel.expected_on and parcel.delivered_at_us is None and parcel.status not in ("lost", "stalled"):
                said = date_words(parcel.expected_on)
                promises.append(
                    Promise("date", f"{source}/{parcel.parcel_id}", parcel.status, parcel.expected_on, said)
                )
        if order.status == "unpaid":
            lines.append(f"应付{money(order.total_fen)}")
    text = "，".join(lines) + "。"
    return Told(text, (Evidence("order", source, text),), tuple(promises))


def _parcel_words(parcel: Parcel, zone: str) -> str:
    words = f"{parcel.carrier} {parcel.tracking_no} {_PARCEL_STATES.get(parcel.status, parcel.status)}"
    if parcel.events:
        last = parcel.events[-1]
        words += f"，最新进度 {minute(last.at_us, zone)} {last.text}"
    if parcel.expected_on and parcel.status in ("in_transit", "out_for_delivery"):
        words += f"，预计{date_words(parcel.expected_on)}送到"
    return words


def _return_words(one: Return, zone: str) -> str:
    kind = {"return": "退货退款", "refund_only": "仅退款", "exchange": "换货"}.get(one.kind, one.kind)
    words = f"{kind}{_RETURN_STATES.get(one.status, one.status)}"
    if one.refunded_at_us is not None:
        return f"{words}，{money(one.refund_fen)}在{minute(one.refunded_at_us, zone)}已原路退回"
    return f"{words}，应退{money(one.refund_fen)}" if one.refund_fen else words
