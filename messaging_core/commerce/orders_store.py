"""The table of order references with what led to each, and the only SQL that touches it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from messaging_core.conversations.store import conversations, members
from messaging_core.identity.store import accounts
from messaging_core.kernel.bulk import INT, TEXT, Bulk
from messaging_core.kernel.schema import AnyRow, Id, metadata

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, ForeignKey("accounts.id"), nullable=False),
    # The number in the shop's own system, which is the truth about the order.
    Column("shop_order_id", Text, nullable=False),
    Column("customer_id", Id, nullable=True),
    Column("conversation_id", Id, nullable=True),
    # agent, bot or none; who it was, and the message that decided it
    Column("led_by", Text, nullable=False),
    Column("led_by_id", Id, nullable=True),
    Column("message_id", Id, nullable=True),
    Column("product_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total_fen", Id, nullable=False),
    Column("status", Text, nullable=False),
    Column("image_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("placed_at", Id, nullable=False),
    Column("updated_at", Id, nullable=False),
    Index(None, "enterprise_id", "shop_order_id", unique=True),
    Index(None, "enterprise_id", "placed_at"),
    Index(None, "conversation_id", "id"),
    Index(None, "customer_id"),
)

OrderRow = AnyRow
_leader = accounts.alias("leader")
_customer = accounts.alias("customer")
_with_names = (
    select(orders, _leader.c.name.label("leader_name"), _customer.c.name.label("customer_name"))
    .outerjoin(_leader, _leader.c.id == orders.c.led_by_id)
    .outerjoin(_customer, _customer.c.id == orders.c.customer_id)
)

# An order is a customer's by himself, or by the conversation that it was reported for.
_shown = Bulk(
    "asked",
    {"conversation_id": INT, "number": TEXT},
    lambda asked: (
        select(asked.c.conversation_id, asked.c.number)
        .join(conversations, conversations.c.id == asked.c.conversation_id)
        .join(
            orders,
            and_(orders.c.enterprise_id == conversations.c.enterprise_id, orders.c.shop_order_id == asked.c.number),
        )
        .outerjoin(
            members,
            and_(
                members.c.conversation_id == asked.c.conversation_id,
                members.c.account_id == orders.c.customer_id,
                members.c.role == "customer",
            ),
        )
        .where(
            conversations.c.kind == "service",
            or_(
                members.c.account_id.is_not(None),
                and_(orders.c.customer_id.is_(None), orders.c.conversation_id == asked.c.conversation_id),
            ),
        )
    ),
)


def insert_order(connection: Connection, **values: object) -> None:
    """Add an order."""
    connection.execute(insert(orders).values(**values))


def update_order(connection: Connection, order_id: int, **values: object) -> None:
    """Change an order."""
    connection.execute(update(orders).where(orders.c.id == order_id).values(**values))


def find_order(connection: Connection, enterprise_id: int, shop_order_id: str) -> OrderRow | None:
    """Return an order by its number in the shop, or None."""
    query = _with_names.where(orders.c.enterprise_id == enterprise_id, orders.c.shop_order_id == shop_order_id)
    return connection.execute(query).one_or_none()


def find_shown(connection: Connection, asked: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those (service conversation, number in the shop) whose order is the customer's there, in one statement."""
    return {(row.conversation_id, row.number) for row in _shown.read(connection, asked)}


def list_orders(
    connection: Connection,
    enterprise_id: int,
    *,
    conversation_id: int | None = None,
    customer_id: int | None = None,
    before_id: int = 2**62,
    limit: int,
) -> list[OrderRow]:
    """Return an enterprise's orders, all or of one conversation or customer, newest first."""
    query = _with_names.where(orders.c.enterprise_id == enterprise_id, orders.c.id < before_id)
    if conversation_id is not None:
        query = query.where(orders.c.conversation_id == conversation_id)
    if customer_id is not None:
        query = query.where(orders.c.customer_id == customer_id)
    return list(connection.execute(query.order_by(orders.c.id.desc()).limit(limit)))


def sum_by_leader(connection: Connection, enterprise_id: int, *, from_us: int, to_us: int) -> list[OrderRow]:
    """Return led_by, led_by_id, leader_name, orders and total_fen of what was placed in `[from, to)` and not undone."""
    query = (
        select(
            orders.c.led_by,
            orders.c.led_by_id,
            _leader.c.name.label("leader_name"),
            func.count().label("orders"),
            func.sum(orders.c.total_fen).label("total_fen"),
        )
        .outerjoin(_leader, _leader.c.id == orders.c.led_by_id)
        .where(
            orders.c.enterprise_id == enterprise_id,
            orders.c.placed_at >= from_us,
            orders.c.placed_at < to_us,
            orders.c.status.not_in(("closed", "refunded")),
        )
        .group_by(orders.c.led_by, orders.c.led_by_id, _leader.c.name)
        .order_by(func.sum(orders.c.total_fen).desc(), orders.c.led_by)
    )
    return list(connection.execute(query))


def change_customer(connection: Connection, before_id: int, after_id: int) -> None:
    """Give a visitor's orders to the account that he turned out to be."""
    connection.execute(update(orders).where(orders.c.customer_id == before_id).values(customer_id=after_id))
