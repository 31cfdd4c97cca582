"""The desk's dialogs as HTML: to whom to transfer, which product to send, quick phrases, ending a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.shop import Product
from kefu.base.clock import format_time
from kefu.pages.desk import offers, programs, words
from kefu.pages.staff.html import avatar, esc, icon, yuan
from messaging_core.api import AnyRow, CouponLine, OrderLine, Seat, ToldOrder

PRODUCTS_SHOWN = 20


def _dialog(title: str, inside: str) -> str:
    return (
        f'<dialog class="modal" aria-label="{title}"><header><h2>{title}</h2><button class="icon-button quiet" '
        f'data-do="dismiss" aria-label="关闭">{icon("close")}</button></header>{inside}</dialog>'
    )


def transfer(seats: Sequence[Seat], *, agent_id: int, holder_id: int | None) -> str:
    """Return the colleagues with their status and room, and the queue."""
    rows = "".join(
        f'<button class="pick" data-do="transfer_to" data-agent="{seat.account_id}"'
        f"{'' if seat.room and seat.status != 'offline' else ' disabled'}>"
        f"{avatar(seat.name, seat.account_id, small=True)}<span><strong>{esc(seat.name)}"
        f"{'（我）' if seat.account_id == agent_id else ''}</strong>"
        f'<small><i class="dot {seat.status}"></i>{words.STATUS[seat.status]} · 接待 {seat.load}/{seat.capacity}'
        f"{'' if seat.room else ' · 已满'}</small></span></button>"
        for seat in sorted(seats, key=lambda seat: (seat.status != "online", -seat.room))
        if seat.account_id != holder_id
    )
    back = (
        f'<button class="pick" data-do="transfer_to" data-agent=""><span class="avatar avatar-small tone-7">'
        f"{icon('queue')}</span><span><strong>放回排队</strong>"
        "<small>由下一位有空的客服接待，保留先后</small></span></button>"
    )
    return _dialog("转接给", f'<div class="picks">{rows}{back}</div>')


def products(found: Sequence[Product], query: str, *, available: bool) -> str:
    """Return the catalogue's search with what it found."""
    if not available:
        return _dialog("发送商品", '<p class="faint pad">店铺目录暂时不可用，请稍后再试。</p>')
    return _dialog(
        "发送商品",
        '<form class="search" data-do="search_products">'
        f"{icon('search')}<input name='query' value='{esc(query)}' placeholder='搜索商品名、别名或品类' "
        f"autocomplete='off' aria-label='搜索商品' autofocus></form>"
        f"<div class='picks' id='found-products'>{product_rows(found)}</div>",
    )


def coupons(found: Sequence[CouponLine], held: Sequence[tuple[int, str, str]]) -> str:
    """Return the coupons that can be given to this customer now, and those he has: (number, title, state)."""
    rows = "".join(
        f'<button class="pick" data-do="give_coupon" data-coupon="{one.id}"><span><strong>{esc(one.title)}</strong>'
        f"<small>{f'立减 {yuan(one.amount_fen)}' if one.amount_fen is not None else f'减 {one.percent}%'} · "
        f"{f'满 {yuan(one.min_spend_fen)} 可用' if one.min_spend_fen else '无门槛'}</small></span></button>"
        for one in found
        if one.live
    )
    nothing = '<p class="faint pad">没有可发的优惠券，店主可以在“店铺”页新建。</p>'
    had = "".join(
        f"<li><b>{esc(title)}</b><small>券号 {grant_id} · {'已使用' if state == 'redeemed' else '未使用'}</small></li>"
        for grant_id, title, state in held
    )
    own = f'<h3 class="pad">这位顾客的券</h3><ul class="held">{had}</ul>' if had else ""
    return _dialog("发优惠券", (f'<div class="picks">{rows}</div>' if rows else nothing) + own)


def offer() -> str:
    """Return the form of a card with a button."""
    return _dialog("发活动卡片", offers.FORM)


def program() -> str:
    """Return the form of a mini-program's card."""
    return _dialog("发小程序卡片", programs.FORM)


def orders(found: Sequence[ToldOrder | OrderLine]) -> str:
    """Return the customer's orders to choose from."""
    rows = "".join(
        f'<button class="pick" data-do="send_order" data-order="{esc(one.order_id)}"><span><strong>{esc(one.title)}'
        f"</strong><small>订单 {esc(one.order_id)} · {words.ORDER_CARD.get(str(one.status), one.status)} · "
        f'<time data-at="{format_time(one.placed_at)}"></time></small></span>'
        f'<b class="card-price">{yuan(one.total_fen)}</b></button>'
        for one in found
    )
    nothing = '<p class="faint pad">这位顾客还没有订单。店铺系统上报订单后，就能在这里发给顾客。</p>'
    return _dialog("发订单", f'<div class="picks">{rows}</div>' if rows else nothing)


def product_rows(found: Sequence[Product]) -> str:
    """Return what a search found."""
    if not found:
        return '<p class="faint pad">没有找到，换个词试试。</p>'
    return "".join(_product(product) for product in found[:PRODUCTS_SHOWN])


def _product(product: Product) -> str:
    stock = sum(variant.stock for variant in product.variants)
    picture = f'<img src="{esc(product.image_url)}" alt="">' if product.image_url else ""
    key = esc(product.product_id)
    buy = (
        f'<button class="button plain" data-do="send_product" data-as="order" data-product="{key}" '
        f'aria-label="邀请下单 {esc(product.name)}">邀请下单</button>'
        if product.variants
        else ""
    )
    return (
        f'<div class="pick-row"><button class="pick" data-do="send_product" data-product="{key}">'
        f'<span class="card-picture small">{icon("card")}{picture}</span><span><strong>{esc(product.name)}</strong>'
        f"<small>{esc(product.category)} · 库存 {stock}</small></span>"
        f'<b class="card-price">{_price(product)}</b></button>{buy}</div>'
    )


def _price(product: Product) -> str:
    lowest = min((variant.price_fen for variant in product.variants), default=None)
    return "" if lowest is None else yuan(lowest) + (" 起" if len(product.variants) > 1 else "")


def match_products(catalogue: Sequence[Product], query: str) -> list[Product]:
    """Return the products that every word of the query fits: name, alias, category, series."""
    parts = query.lower().split()
    found = []
    for product in catalogue:
        text = " ".join((product.name, product.product_id, product.category, product.series, *product.aliases)).lower()
        if all(part in text for part in parts):
            found.append(product)
    return found


def card_of(product: Product) -> dict[str, Any]:
    """Return the body of a product card."""
    body: dict[str, Any] = {"product_id": product.product_id, "title": product.name}
    if product.variants:
        body["price_fen"] = min(variant.price_fen for variant in product.variants)
    if product.image_url:
        body["image_url"] = product.image_url
    if product.url:
        body["url"] = product.url
    return body


def buy_card_of(product: Product) -> dict[str, Any]:
    """Return the body of an order card with a buy entry: one piece at the lowest price."""
    body = card_of(product)
    body["total_fen"] = body.pop("price_fen", None)
    return {key: value for key, value in body.items() if value is not None}


def phrases(rows: Sequence[AnyRow], *, manages: bool) -> str:
    """Return the quick phrases with a form for a new one."""
    listed = "".join(
        f'<li><button class="pick" data-do="insert" data-text="{esc(row.text)}"><span><strong>{esc(row.title)}'
        f"{'' if row.owner_id is not None else '<em>全店</em>'}</strong><small>{esc(row.text)}</small></span></button>"
        + (
            f'<button class="icon-button quiet" data-do="unphrase" data-phrase="{row.id}" '
            f'aria-label="删除 {esc(row.title)}">{icon("trash")}</button>'
            if manages or row.owner_id is not None
            else ""
        )
        + "</li>"
        for row in rows
    )
    shared = '<label class="check"><input type="checkbox" name="shared" value="1">全店共用</label>' if manages else ""
    return _dialog(
        "快捷话术",
        f'<ul class="picks phrase-list">{listed or "<p class=faint>还没有话术，在下面添加第一条。</p>"}</ul>'
        '<form class="add" data-do="add_phrase"><input name="title" maxlength="100" placeholder="名称，如：发货时间" '
        'aria-label="名称" required><textarea name="text" rows="2" maxlength="2000" placeholder="话术内容" '
        f'aria-label="话术内容" required></textarea><div>{shared}<button class="button">添加</button></div></form>',
    )


def offered(rows: Sequence[AnyRow]) -> str:
    """Return the phrases that are offered under the composer, as JSON."""
    return msgspec.json.encode([{"title": row.title, "text": row.text} for row in rows[:6]]).decode()


def in_script(text: str) -> str:
    """Return a text as a line of script may hold it."""
    return msgspec.json.encode(text).decode()


def confirm_close() -> str:
    """Return the question before a session is ended."""
    return _dialog(
        "结束会话",
        '<p class="pad">结束后顾客会收到提示，并可为本次服务评分；再次来信会开启新的会话。</p>'
        '<footer><button class="button plain" data-do="dismiss">再想想</button>'
        '<button class="button" data-do="close_now">结束会话</button></footer>',
    )
