"""What can be done with order references: the shop reports them, conversations show them as cards."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from messaging_core.commerce import orders_store as store
from messaging_core.commerce.attribution import Leader, Touch, choose_leader
from messaging_core.conversations import store as conversations
from messaging_core.conversations.policy import service_key
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError, not_found, ruled_out
from messaging_core.identity.policy import Actor, check_right
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store as messages
from messaging_core.messages.actions import send_batch
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import SendRequest, Sent

_TOUCHES = 200
"""How many messages before an order are looked at: a constant, whatever the conversation's length."""
_UNTOLD: dict[str, object] = {"status": "paid", "quantity": 1, "product_id": "", "image_url": "", "url": ""}
"""What stands in a new order for what the shop has not told of it."""


@dataclass(slots=True, frozen=True)
class Share:
    """What one agent or bot has led to, or, with `led_by` none, what nobody has; money in fen."""

    led_by: str
    account_id: int | None
    name: str | None
    orders: int
    total_fen: int
    commission_fen: int


@dataclass(slots=True, frozen=True)
class ToldOrder:
    """An order as the shop tells it; `status` is one of an order card's, `placed_at` microseconds UTC.

    What is None is not told: what was known of it stays.
    """

    order_id: str
    title: str
    total_fen: int
    status: str | None
    placed_at: int
    quantity: int | None = None
    product_id: str | None = None
    image_url: str | None = None
    url: str | None = None


def report(
    unit: Unit,
    actor: Actor | None,
    order: ToldOrder,
    *,
    enterprise_id: int,
    customer_id: int | None = None,
    conversation_id: int | None = None,
    message_id: int | None = None,
) -> None:
    """Write an order of the shop, or what has changed about it; what led to it is decided once, when it is new.

    The customer's service conversation is found by himself, by the conversation, or by the message he came from.
    Without an actor the shop's own system in this process tells it.
    """
    if actor is not None:
        check_right(actor, "orders", enterprise_id)
    fields = ("title", "total_fen", *_UNTOLD)
    shown = {name: told for name in fields if (told := getattr(order, name)) is not None}
    known = store.find_order(unit.connection, enterprise_id, order.order_id)
    if known is not None:
        store.update_order(unit.connection, known.id, **shown, updated_at=unit.now_us)
        return
    place = _find_conversation(unit, enterprise_id, customer_id=customer_id, conversation_id=conversation_id)
    leader, customer = Leader(), customer_id
    if place is not None:
        leader = choose_leader(
            _touches(unit, place),
            placed_at_us=order.placed_at,
            window_h=unit.tools.settings.orders.attribution_h,
            message_id=message_id,
        )
        session = desk.find_current(unit.connection, place)
        customer = session.customer_id if session is not None else customer
    store.insert_order(
        unit.connection,
        id=unit.new_id(),
        enterprise_id=enterprise_id,
        shop_order_id=order.order_id,
        customer_id=customer,
        conversation_id=place,
        led_by=leader.led_by,
        led_by_id=leader.account_id,
        message_id=leader.message_id,
        placed_at=order.placed_at,
        updated_at=unit.now_us,
        **(_UNTOLD | shown),
    )


def send_card(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    client_msg_id: str,
    shop_order_id: str,
    assignment_version: int | None = None,
) -> Sent:
    """Show an order in its customer's service conversation, as the shop reported it; customer, agent and bot may."""
    conversation = conversations.find(unit.connection, conversation_id)
    member = conversations.find_member(unit.connection, conversation_id, actor.account_id)
    if conversation is None or member is None or member.left_seq is not None:
        raise CoreError("not_a_member")
    session = desk.find_current(unit.connection, conversation_id) if conversation.kind == "service" else None
    order = session and store.find_order(unit.connection, session.enterprise_id, shop_order_id)
    if session is None or order is None or order.customer_id != session.customer_id:
        raise not_found("order")
    card = {
        "title": order.title,
        "status": order.status,
        "order_id": order.shop_order_id,
        "product_id": order.product_id,
        "quantity": order.quantity,
        "total_fen": order.total_fen,
        "image_url": order.image_url,
        "url": order.url,
    }
    request = SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind="order_card",
        v=1,
        body=read_body("order_card", 1, msgspec.json.encode(card), unit.tools.settings.limits),
        settle=lambda _request, _outcome: None,
        assignment_version=assignment_version,
    )
    outcome = send_batch(unit, [request])[0]
    if not isinstance(outcome, Sent):
        raise outcome if isinstance(outcome, CoreError) else ruled_out(outcome.rule)
    return outcome


def sum_shares(
    connection: Connection, enterprise_id: int, *, from_us: int, to_us: int, commission_bp: int
) -> list[Share]:
    """Return what each has led to in `[from, to)`, the most first, without orders that were closed or refunded."""
    return [
        Share(
            row.led_by,
            row.led_by_id,
            row.leader_name,
            row.orders,
            int(row.total_fen),
            0 if row.led_by == "none" else int(row.total_fen) * commission_bp // 10_000,
        )
        for row in store.sum_by_leader(connection, enterprise_id, from_us=from_us, to_us=to_us)
    ]


def _find_conversation(
    unit: Unit, enterprise_id: int, *, customer_id: int | None, conversation_id: int | None
) -> int | None:
    if conversation_id is not None:
        found = conversations.find(unit.connection, conversation_id)
        if found is None or found.kind != "service" or found.enterprise_id != enterprise_id:
            raise not_found("conversation")
        return int(found.id)
    if customer_id is None:
        return None
    return conversations.find_by_key(unit.connection, service_key(enterprise_id, customer_id))


def _touches(unit: Unit, conversation_id: int) -> list[Touch]:
    rows = messages.list_latest(unit.connection, conversation_id, limit=_TOUCHES)
    return [Touch(row.id, row.sender_id, row.origin, row.kind, row.created_at) for row in rows]
