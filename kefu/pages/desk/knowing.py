"""What is known of a customer, read together for the pane beside his conversation."""

from __future__ import annotations

import structlog

from bot.shop import ShopUnavailable
from kefu.pages.desk.model import Entry
from kefu.pages.desk.side_view import Knowledge
from kefu.pages.staff.house import StaffHouse
from messaging_core.api import Desk

log = structlog.get_logger("kefu.desk")


async def know(house: StaffHouse, desk: Desk, entry: Entry) -> Knowledge:
    """Return labels, notes, orders and the bot's last decision; a shop that does not answer is said to be down."""
    file = await desk.file(entry.session_id)
    turn = None
    if house.bot is not None:
        turn = await house.bot.last_turn(enterprise_id=desk.enterprise_id, conversation_id=entry.conversation_id)
    shop = house.shop_of(desk.enterprise_id)
    if shop is None:
        return Knowledge(file, None, (), turn)
    try:
        customer = await shop.find_customer(account_id=entry.customer_id)
        orders = await shop.orders(customer_id=customer.customer_id) if customer is not None else ()
    except ShopUnavailable as error:
        log.warning("desk.shop_unavailable", error=str(error))
        return Knowledge(file, None, (), turn, shop_down=True)
    return Knowledge(file, customer, orders, turn)
