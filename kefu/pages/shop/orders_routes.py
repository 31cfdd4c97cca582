"""`/settings/orders`: what was ordered, what led to it, what each agent and bot has led to, and orders told by hand."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response

from kefu.base.clock import DAY_US, HOUR_US
from kefu.pages.shop import orders_view as view
from kefu.pages.shop.forms import Before, actor_of, fen, number, sent_form, show_page, to_door, told
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import csrf_of
from messaging_core.api import Actor, Desk, OrderBook, ToldOrder
from messaging_core.errors import invalid

PATH = "/settings/orders"
_PAGE = 50
_DAYS = 30
_LONGEST_H = 365 * 24


def add_orders_page(app: FastAPI, house: StaffHouse) -> None:
    """Add the page; it must come before what answers for all of `/settings`."""

    @app.get(PATH, include_in_schema=False)
    async def show(request: Request, before: Before = 2**62, days: int = _DAYS, said: str = "") -> Response:
        actor = await actor_of(house, request)
        if actor is None:
            return await to_door(house, request, PATH)
        book, now_us = OrderBook(house.core, actor), house.core.clock.now_us()
        found = await book.page(before_id=before, limit=_PAGE)
        days = days if days in view.PERIODS else _DAYS
        body = view.title(window_h=book.window_h)
        if book.sums:
            shares = await book.shares(from_us=now_us - days * DAY_US if days else 0, to_us=now_us + 1)
            body += view.shares(shares, days=days)
        onward = f"{PATH}?days={days}&before={found[-1].id}" if len(found) == _PAGE else ""
        body += view.table(found, onward=onward)
        if book.reports:
            body += view.report(await _talks(house, actor), csrf=csrf_of(request))
        return show_page(request, actor, "orders", "订单归因", body, said)

    @app.post(PATH, include_in_schema=False)
    async def act(request: Request) -> Response:
        sent = await sent_form(house, request)
        if sent is None:
            return await to_door(house, request, PATH)
        actor, form = sent
        return await told(PATH, lambda: _report(house, actor, form))


async def _talks(house: StaffHouse, actor: Actor) -> list[tuple[int, str]]:
    """Return the conversations that an order may have come from, as (id, customer), each once."""
    desk = Desk(house.core, actor)
    rows = [row.session for row in (*await desk.board(), *await desk.closed())]
    return list({row.conversation_id: row.customer_name or "访客" for row in rows}.items())


async def _report(house: StaffHouse, actor: Actor, form: Mapping[str, str]) -> None:
    order_id, title = form.get("order", "").strip()[:100], form.get("title", "").strip()[:100]
    total = fen(form, "yuan")
    for name, value in (("order", order_id), ("title", title), ("yuan", total)):
        if value in ("", None):
            raise invalid("empty", name)
    status = form.get("status", "")
    if status not in view.STATES:
        raise invalid("wrong_choice", "status", limit="、".join(view.STATES.values()))
    hours = min(number(form, "hours"), _LONGEST_H)
    order = ToldOrder(order_id, title, total or 0, status, house.core.clock.now_us() - hours * HOUR_US)
    await OrderBook(house.core, actor).report(order, conversation_id=number(form, "conversation") or None)
