"""`/settings/shop`: the enterprise's coupons, staff, standing and keys, as plain forms with the CSRF token."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response

from kefu.base.clock import DAY_US
from kefu.pages.shop import house_view as view
from kefu.pages.shop.forms import actor_of, fen, manages, number, sent_form, show_page, to_door, told
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import csrf_of
from messaging_core.api import Actor, Communities, CouponBook, Office
from messaging_core.errors import invalid

PATH = "/settings/shop"


def add_house_page(app: FastAPI, house: StaffHouse) -> None:
    """Add the page; it must come before what answers for all of `/settings`."""

    async def page(request: Request, actor: Actor, said: str, fresh: str = "") -> Response:
        csrf, leads = csrf_of(request), manages(actor)
        office, book = Office(house.core, actor), CouponBook(house.core, actor)
        body = "<h1>店铺</h1>"
        body += view.coupons(await book.lines(), csrf=csrf, manages=leads)
        groups = Communities(house.core, actor)
        person = f"?person={actor.account_id}" if house.demo is not None else ""
        body += view.communities(await groups.lines(), csrf=csrf, limit=groups.limit, chat=f"/chat{person}")
        body += view.team(await office.workers(), csrf=csrf, manages=leads, own_id=actor.account_id)
        body += view.standing(await office.standing(), csrf=csrf, manages=leads)
        if leads:
            body += view.keys(await office.keys(), csrf=csrf, fresh=fresh)
        return show_page(request, actor, "shop", "店铺", body, said)

    @app.get(PATH, include_in_schema=False)
    async def show(request: Request, said: str = "") -> Response:
        actor = await actor_of(house, request)
        return await to_door(house, request, PATH) if actor is None else await page(request, actor, said)

    @app.post(PATH, include_in_schema=False)
    async def act(request: Request) -> Response:
        sent = await sent_form(house, request)
        if sent is None:
            return await to_door(house, request, PATH)
        actor, form = sent
        if form.get("do") != "key":
            return await told(PATH, lambda: _change(house, actor, form))
        made: list[str] = []
        refusal = await told(PATH, lambda: _make_key(house, actor, form, made))
        # A secret does not go through an address: the page that answers shows it.
        return await page(request, actor, "", made[0]) if made else refusal


async def _make_key(house: StaffHouse, actor: Actor, form: Mapping[str, str], made: list[str]) -> None:
    scopes = [name.removeprefix("scope_") for name in form if name.startswith("scope_")]
    made.append((await Office(house.core, actor).make_key(form.get("label", "").strip()[:100], scopes)).secret)


async def _change(house: StaffHouse, actor: Actor, form: Mapping[str, str]) -> None:
    act, id_ = form.get("do", ""), number(form, "id")
    office, book = Office(house.core, actor), CouponBook(house.core, actor)
    match act:
        case "coupon":
            await _make_coupon(house, book, form)
        case "close":
            await book.close(id_)
        case "preload":
            await book.preload(id_)
        case "unpreload":
            await book.preload(None)
        case "redeem":
            order_id, total_fen = form.get("order", "").strip()[:100], fen(form, "yuan") or 0
            await book.redeem(number(form, "grant"), order_id=order_id, total_fen=total_fen)
        case "community":
            await Communities(house.core, actor).create(form.get("title", "").strip()[:60] or "社群")
        case "hire":
            await office.put_worker(form.get("role", ""), login=form.get("login", "").strip()[:64])
        case "role":
            await office.put_worker(form.get("role", ""), account_id=id_)
        case "fire":
            await office.remove_worker(id_)
        case "verify":
            documents = [one.strip()[:100] for one in form.get("documents", "").split("、") if one.strip()]
            await office.ask_to_be_verified(documents[:20])
        case "accept":
            await office.accept_terms(id_)
        case "unkey":
            await office.revoke_key(id_)


async def _make_coupon(house: StaffHouse, book: CouponBook, form: Mapping[str, str]) -> None:
    title = form.get("title", "").strip()[:60]
    if not title:
        raise invalid("empty", "title")
    days = min(max(number(form, "days"), 1), 365)
    await book.create(
        title=title,
        amount_fen=fen(form, "yuan"),
        percent=number(form, "percent") or None,
        min_spend_fen=fen(form, "least") or 0,
        ends_at_us=house.core.clock.now_us() + days * DAY_US,
        total=number(form, "total") or None,
    )
