"""Customers, orders, parcels and returns from their CSV files."""

from __future__ import annotations

from importlib.resources.abc import Traversable

from bot.shop import Customer, Order, OrderLine, Parcel, ParcelEvent, Product, Return
from kefu.demo.shop.problems import Problems
from kefu.demo.shop.rows import Row, read_rows

ORDER_STATES = (
    *("unpaid", "paid", "packed", "partially_shipped", "shipped", "delivered"),
    *("return_requested", "returned", "refunded", "cancelled"),
)
_PARCEL_STATES = ("in_transit", "out_for_delivery", "delivered", "stalled", "lost")
_STEPS = ("picked_up", "in_transit", "out_for_delivery", "delivered", "lost")
_RETURN_KINDS = ("return", "refund_only", "exchange")
_RETURN_STATES = ("requested", "approved", "in_transit", "received", "refunded", "rejected")
_CUSTOMER_COLUMNS = (
    *("customer_id", "name", "nickname", "phone_masked", "province", "city", "district", "address", "level"),
    *("spend_12m_fen", "points", "registered_at", "birthday", "labels", "note"),
)
_ORDER_COLUMNS = (
    *("order_id", "customer_id", "status", "created_at", "paid_at", "updated_at", "payment_method", "goods_fen"),
    *("promotion_id", "promotion_fen", "member_fen", "coupon_fen", "points_fen", "discount_fen", "shipping_fen"),
    *("extras_fen", "extras_note", "total_fen", "paid_fen", "refunded_fen", "receiver", "phone_masked", "province"),
    *("city", "district", "address", "express", "invoice", "buyer_note", "seller_note"),
)
_LINE_COLUMNS = (
    *("order_id", "line_no", "sku", "product_id", "name", "label", "quantity", "unit_price_fen", "line_total_fen"),
    "shipped_quantity",
)
_PARCEL_COLUMNS = (
    *("parcel_id", "order_id", "carrier", "tracking_no", "status", "line_nos", "shipped_at", "delivered_at"),
    "expected_on",
)
_EVENT_COLUMNS = ("parcel_id", "seq", "at", "place", "kind", "text")
_RETURN_COLUMNS = (
    *("return_id", "order_id", "kind", "line_nos", "reason", "status", "requested_at", "updated_at", "refund_fen"),
    *("refunded_at", "carrier", "tracking_no", "pays_shipping", "note"),
)


def read_customers(folder: Traversable, problems: Problems) -> dict[str, Customer]:
    """Return the customers by id."""
    found = {}
    for row in read_rows(folder, "customers.csv", _CUSTOMER_COLUMNS, problems, key="customer_id"):
        row.time_us("registered_at")
        row.whole("spend_12m_fen")
        customer = Customer(
            customer_id=row.need("customer_id"),
            name=row.need("nickname"),
            level=row.need("level"),
            points=row.whole("points"),
            labels=row.values("labels"),
            note=row.text("note"),
        )
        found[customer.customer_id] = customer
    return found


def read_orders(
    folder: Traversable, customers: dict[str, Customer], products: dict[str, Product], problems: Problems
) -> tuple[Order, ...]:
    """Return all orders with their lines, parcels and returns, in the order of the file."""
    rows = {
        row.cells["order_id"]: row for row in read_rows(folder, "orders.csv", _ORDER_COLUMNS, problems, key="order_id")
    }
    lines = _read_lines(folder, rows, products, problems)
    parcels = _read_parcels(folder, rows, problems)
    returns = _read_returns(folder, rows, problems)
    return tuple(
        Order(
            order_id=order_id,
            customer_id=row.known("customer_id", customers),
            status=row.choice("status", ORDER_STATES),
            created_at_us=row.time_us("created_at"),
            paid_at_us=row.time_or_none("paid_at"),
            total_fen=row.whole("total_fen"),
            paid_fen=row.whole("paid_fen"),
            refunded_fen=row.whole("refunded_fen"),
            address=_address(row),
            invoice=row.text("invoice"),
            lines=tuple(lines.get(order_id, ())),
            parcels=tuple(parcels.get(order_id, ())),
            returns=tuple(returns.get(order_id, ())),
        )
        for order_id, row in rows.items()
    )


def _address(row: Row) -> str:
    province, city = row.text("province"), row.text("city")
    return f"{'' if province == city else province}{city}{row.text('district')}{row.need('address')}"


def _read_lines(
    folder: Traversable, orders: dict[str, Row], products: dict[str, Product], problems: Problems
) -> dict[str, list[OrderLine]]:
    skus = {variant.sku for product in products.values() for variant in product.variants}
    found: dict[str, list[OrderLine]] = {}
    for row in read_rows(folder, "order_lines.csv", _LINE_COLUMNS, problems):
        quantity = row.whole("quantity", least=1)
        line = OrderLine(
            sku=row.known("sku", skus),
            product_id=row.known("product_id", products),
            name=row.need("name"),
            label=row.need("label"),
            quantity=quantity,
            unit_price_fen=row.whole("unit_price_fen"),
            shipped_quantity=row.whole("shipped_quantity"),
        )
        found.setdefault(row.known("order_id", orders), []).append(line)
    return found


def _read_parcels(folder: Traversable, orders: dict[str, Row], problems: Problems) -> dict[str, list[Parcel]]:
    rows = {
        row.cells["parcel_id"]: row
        for row in read_rows(folder, "parcels.csv", _PARCEL_COLUMNS, problems, key="parcel_id")
    }
    steps: dict[str, list[ParcelEvent]] = {}
    for row in read_rows(folder, "parcel_events.csv", _EVENT_COLUMNS, problems):
        event = ParcelEvent(row.time_us("at"), row.need("place"), row.choice("kind", _STEPS), row.need("text"))
        steps.setdefault(row.known("parcel_id", rows), []).append(event)
    found: dict[str, list[Parcel]] = {}
    for parcel_id, row in rows.items():
        order_id = row.known("order_id", orders)
        parcel = Parcel(
            parcel_id=parcel_id,
            order_id=order_id,
            carrier=row.need("carrier"),
            tracking_no=row.need("tracking_no"),
            status=row.choice("status", _PARCEL_STATES),
            shipped_at_us=row.time_or_none("shipped_at"),
            delivered_at_us=row.time_or_none("delivered_at"),
            expected_on=row.date_or_none("expected_on"),
            events=tuple(sorted(steps.get(parcel_id, ()), key=lambda step: step.at_us)),
        )
        found.setdefault(order_id, []).append(parcel)
    return found


def _read_returns(folder: Traversable, orders: dict[str, Row], problems: Problems) -> dict[str, list[Return]]:
    found: dict[str, list[Return]] = {}
    for row in read_rows(folder, "returns.csv", _RETURN_COLUMNS, problems, key="return_id"):
        order_id = row.known("order_id", orders)
        one = Return(
            return_id=row.need("return_id"),
            order_id=order_id,
            kind=row.choice("kind", _RETURN_KINDS),
            status=row.choice("status", _RETURN_STATES),
            reason=row.need("reason"),
            refund_fen=row.whole("refund_fen"),
            requested_at_us=row.time_us("requested_at"),
            refunded_at_us=row.time_or_none("refunded_at"),
        )
        found.setdefault(order_id, []).append(one)
    return found
