"""What an agent can send besides words: goods, orders, coupons, offers, mini-programs, by the names of buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.shop import ShopUnavailable
from kefu.pages.desk import dialogs, offers, orders, programs
from messaging_core.api import CouponBook, OrderBook

if TYPE_CHECKING:
    from kefu.pages.desk.page import DeskPage

Told = Mapping[str, str]
Command = Callable[["DeskPage", Told], Awaitable[None]]


async def _products(page: DeskPage, told: Told) -> None:
    shop = page.house.shop_of(page.desk.enterprise_id)
    try:
        page.catalogue = list(await shop.products()) if shop is not None else []
    except ShopUnavailable:
        page.catalogue = []
    page.show_modal("products", dialogs.products(page.catalogue, "", available=bool(page.catalogue)))


async def _search_products(page: DeskPage, told: Told) -> None:
    page.show_found(dialogs.product_rows(dialogs.match_products(page.catalogue, told.get("query", ""))))


async def _send_product(page: DeskPage, told: Told) -> None:
    shop, entry = page.house.shop_of(page.desk.enterprise_id), page.about(told)
    page.dismiss()
    if shop is None or entry is None:
        return
    try:
        # What the list showed may be minutes old: the card shows what holds now.
        products = await shop.get_products([told.get("product", "")])
    except ShopUnavailable:
        page.toast("店铺系统暂时没有回应，商品卡片没有发出", wrong=True)
        return
    if not products:
        page.toast("这件商品已经下架", wrong=True)
        return
    if page.house.catalogues is not None:
        page.house.catalogues.note(page.desk.enterprise_id, products)
    if told.get("as") == "order":
        await page.desk.send(entry.conversation_id, kind="order_card", body=dialogs.buy_card_of(products[0]))
    else:
        await page.desk.send(entry.conversation_id, kind="product_card", body=dialogs.card_of(products[0]))


async def _coupons(page: DeskPage, told: Told) -> None:
    book, entry = CouponBook(page.house.core, page.desk.actor), page.about(told)
    held = await book.held_by(entry.customer_id) if entry is not None else []
    page.show_modal("coupons", dialogs.coupons(await book.lines(), held))


async def _give_coupon(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    page.dismiss()
    if entry is not None:
        book = CouponBook(page.house.core, page.desk.actor)
        await book.issue(entry.conversation_id, int(told["coupon"]))


async def _offer(page: DeskPage, told: Told) -> None:
    page.show_modal("offer", dialogs.offer())


async def _send_offer(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        body = offers.card_of(told, now_us=page.house.core.clock.now_us())
        await page.desk.send(entry.conversation_id, kind="card", body=body)
        page.dismiss()


async def _program(page: DeskPage, told: Told) -> None:
    page.show_modal("program", dialogs.program())


async def _send_program(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is not None:
        await page.desk.send(entry.conversation_id, kind="mini_program", body=programs.card_of(told))
        page.dismiss()


async def _orders(page: DeskPage, told: Told) -> None:
    entry = page.about(told)
    if entry is None:
        return
    book, shop = OrderBook(page.house.core, page.desk.actor), page.house.shop_of(page.desk.enterprise_id)
    found = await orders.find(book, shop, customer_id=entry.customer_id)
    page.show_modal("orders", dialogs.orders(found))


async def _send_order(page: DeskPage, told: Told) -> None:
    entry, order_id = page.about(told), told.get("order", "")
    page.dismiss()
    if entry is None:
        return
    book, shop = OrderBook(page.house.core, page.desk.actor), page.house.shop_of(page.desk.enterprise_id)
    # What the list showed may be minutes old: the card shows what holds now.
    order = await orders.find_told(shop, order_id, customer_id=entry.customer_id)
    if order is not None:
        await book.show_told(entry.conversation_id, order, customer_id=entry.customer_id)
    else:
        await book.show(entry.conversation_id, order_id)


CARD_COMMANDS: dict[str, Command] = {
    "products": _products,
    "search_products": _search_products,
    "send_product": _send_product,
    "coupons": _coupons,
    "give_coupon": _give_coupon,
    "offer": _offer,
    "send_offer": _send_offer,
    "program": _program,
    "send_program": _send_program,
    "orders": _orders,
    "send_order": _send_order,
}
