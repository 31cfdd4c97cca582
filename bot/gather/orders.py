"""Answers about the customer's own orders, and things done to them after a yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.decision import Evidence
from bot.dialogue.state import Choice, Pending
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding
from bot.gather.order_words import tell_orders, title
from bot.gather.scene import Scene
from bot.shop import ActionName, Order

_MOST_TOLD = 2
# An invoice is asked about more often than asked for.
_DO_IT = re.compile("(?:帮我|给我|我要|替我|麻烦).{0,4}开|申请开票|开.{0,3}发票吧")
_OPEN = ("unpaid", "paid", "packed", "partially_shipped", "shipped")


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which of a customer's orders a wish is about, and what can be done for it."""

    relevant: Callable[[Order], bool]
    returns: bool = False
    action: ActionName | None = None
    act_when: tuple[str, ...] = ()
    human_when: tuple[str, ...] = ()


def _stuck(order: Order) -> bool:
    return any(parcel.status in ("lost", "stalled") for parcel in order.parcels)


def on_the_way(order: Order) -> bool:
    """Whether a parcel of an order is with its carrier."""
    return order.status in ("shipped", "partially_shipped")


_KINDS: dict[str, _Kind] = {
    "order_status": _Kind(lambda order: True),
    "track_parcel": _Kind(on_the_way),
    "ship_urge": _Kind(
        lambda order: order.status in ("paid", "packed", "partially_shipped"),
        action="urge_shipping",
        act_when=("paid", "packed", "partially_shipped"),
    ),
    "cancel_order": _Kind(
        lambda order: order.status in _OPEN,
        action="cancel_order",
        act_when=("unpaid", "paid"),
        human_when=("packed", "partially_shipped", "shipped"),
    ),
    "change_address": _Kind(
        lambda order: order.status in _OPEN,
        action="change_address",
        act_when=("unpaid", "paid"),
        human_when=("packed", "partially_shipped", "shipped"),
    ),
    "refund_status": _Kind(lambda order: bool(order.returns or order.refunded_fen), returns=True),
    "refund_amount": _Kind(lambda order: bool(order.returns or order.refunded_fen), returns=True),
    "invoice": _Kind(
        lambda order: order.status == "delivered" and not order.invoice,
        action="request_invoice",
        act_when=("delivered",),
    ),
    "parcel_lost": _Kind(
        lambda order: _stuck(order) or order.status == "delivered",
        action="report_parcel",
        act_when=("shipped", "delivered", "partially_shipped"),
    ),
}
ORDER_INTENTS = frozenset(_KINDS)


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Answer from the customer's own orders; None when the shop does not know him or no order fits."""
    kind = _KINDS.get(asked.intent)
    if kind is None:
        return None
    order_no = asked.slots.get("order_no") or next(iter(asked.orders), None)
    if asked.intent == "invoice" and not (_DO_IT.search(asked.wish.plain) or "order_no" in asked.slots):
        return None
    if order_no is not None:
        return await _named(order_no, asked, kind, scene)
    orders = [order for order in await scene.orders() if kind.relevant(order)]
    if not orders and asked.intent == "track_parcel":
        orders = [order for order in await scene.orders() if order.status in ("paid", "packed", "delivered")][:1]
    if not orders:
        return await _none_fits(asked, scene)
    if kind.action and len(orders) > 1 and asked.intent in ("cancel_order", "change_address"):
        return _which(orders, asked, scene)
    return _told(orders[:_MOST_TOLD], asked, kind, scene)


async def perform(name: ActionName, order_id: str, scene: Scene) -> Finding:
    """Do what the customer has just agreed to; once per turn and order, however often the turn is decided."""
    customer = await scene.customer()
    if customer is None:
        return Finding("not_linked", "action:not_linked", scene.wording.say("order.not_linked"), hand_off="intent")
    result = await scene.view.shop.act(
        name,
        order_id=order_id,
        customer_id=customer.customer_id,
        key=f"{scene.turn.session_id}:{scene.turn.id}:{name}:{order_id}",
        note=scene.tracked.state.slots.get("address", "") if name == "change_address" else "",
    )
    return Finding(
        reason="action" if result.done else "action_refused",
        key=f"action:{name}:{order_id}",
        text=result.text,
        evidence=(Evidence("order", result.fact or f"order:{order_id}", result.text, data={"code": result.code}),),
        grounds=(result.text, order_id),
        orders=(order_id,),
        hand_off=None if result.done else "intent",
    )


async def _named(order_no: str, asked: Asked, kind: _Kind, scene: Scene) -> Finding:
    customer = await scene.customer()
    if customer is None:
        return Finding(
            "not_linked",
            "order:not_linked",
            scene.wording.say("order.not_linked"),
            evidence=(Evidence("rule", "rule:order_needs_account", order_no),),
            hand_off="intent",
            orders=(order_no,),
        )
    order = await scene.view.shop.find_order(order_id=order_no, customer_id=customer.customer_id)
    if order is None:
        return Finding(
            "order_unknown",
            f"order:{order_no}",
            scene.wording.say("order.unknown", order=order_no),
            evidence=(Evidence("order", f"order:{order_no}", "没有这个顾客的这笔订单"),),
            grounds=(order_no,),
            offer_human=True,
        )
    return _told([order], asked, kind, scene)


def _told(orders: Sequence[Order], asked: Asked, kind: _Kind, scene: Scene) -> Finding:
    told = tell_orders(orders, zone=scene.zone, returns=kind.returns)
    first = orders[0]
    base = Finding(
        reason="order",
        key=f"{asked.intent}:{','.join(order.order_id for order in orders)}:{first.status}",
        text=scene.wording.say("order.told", orders=told.text) if len(orders) == 1 else told.text,
        evidence=told.evidence,
        promises=told.promises,
        grounds=(told.text,),
        orders=tuple(order.order_id for order in orders),
    )
    if first.status in kind.human_when:
        return replace(base, text=f"{told.text}{scene.wording.say('order.needs_human')}", hand_off="intent")
    if kind.action == "change_address" and first.status in kind.act_when and "address" not in asked.slots:
        return replace(
            base,
            text=f"{told.text}{scene.wording.say('order.ask_address')}",
            act="clarify",
            pending=Pending("slot", intent="change_address", slot="address"),
        )
    if kind.action and first.status in kind.act_when:
        address = asked.slots.get("address", "")
        question = scene.wording.say(f"order.confirm_{kind.action}", address=address)
        yes, no = Choice("是的，麻烦了", "是的，麻烦了"), Choice("先不用", "先不用")
        return replace(
            base,
            text=f"{told.text}{question}",
            grounds=(*base.grounds, address),
            slots={"address": address} if address else {},
            act="clarify",
            choices=(yes, no),
            pending=Pending("action", intent=kind.action, slot=first.order_id, choices=(yes, no)),
        )
    if _stuck(first):
        return replace(base, offer_human=True)
    return base


def _which(orders: Sequence[Order], asked: Asked, scene: Scene) -> Finding:
    choices = tuple(Choice(title(order)[:60], order.order_id, intent=asked.intent) for order in orders[:3])
    return Finding(
        reason="orders_close",
        key="which_order",
        act="clarify",
        text=scene.wording.say("ask.which_order"),
        choices=choices,
        pending=Pending("slot", intent=asked.intent, slot="order_no", choices=choices),
        evidence=tuple(Evidence("order", f"order:{order.order_id}", title(order)) for order in orders[:3]),
        grounds=tuple(title(order) for order in orders),
    )


async def _none_fits(asked: Asked, scene: Scene) -> Finding | None:
    if await scene.customer() is None or not await scene.orders():
        return None
    if asked.intent in ("refund_amount", "cancel_order", "change_address", "invoice"):
        return None
    return Finding(
        "order", f"{asked.intent}:none", scene.wording.say(f"order.none_{asked.intent}"),
        evidence=(Evidence("order", "orders:own", "没有符合的订单"),),
    )  # fmt: skip
