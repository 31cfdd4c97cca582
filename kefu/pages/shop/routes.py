"""`/settings/emoji` and `/settings/leads`: plain pages whose forms carry the CSRF token, behind the staff's log-in."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from kefu.base.clock import format_time
from kefu.pages.shop import view
from kefu.pages.shop.forms import Before, actor_of, manages, number, sent_form, show_page, to_door, told
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import csrf_of, is_ours
from messaging_core.api import EmojiShelf, LeadBook, LeadLine
from messaging_core.errors import CoreError

_PAGE = 50
_EXPORT_PAGE = 500
_LARGEST = 4 * 1024 * 1024
"""No picture of a pack comes near it: what is larger is not even read."""


def add_shop_pages(app: FastAPI, house: StaffHouse) -> None:
    """Add the pages of emoji packs and leads; they must come before what answers for all of `/settings`."""
    _add_packs(app, house)
    _add_leads(app, house)


def _add_packs(app: FastAPI, house: StaffHouse) -> None:
    @app.get("/settings/emoji", include_in_schema=False)
    async def show(request: Request, said: str = "") -> Response:
        actor = await actor_of(house, request)
        if actor is None:
            return await to_door(house, request, "/settings/emoji")
        shelf = EmojiShelf(house.core, actor)
        body = view.packs(await shelf.list_packs(), csrf=csrf_of(request), manages=manages(actor), limit=shelf.limit)
        return show_page(request, actor, "emoji", "表情包", body, said)

    @app.post("/settings/emoji", include_in_schema=False)
    async def act(request: Request) -> Response:
        sent = await sent_form(house, request)
        if sent is None:
            return await to_door(house, request, "/settings/emoji")
        actor, form = sent
        return await told("/settings/emoji", lambda: _change(EmojiShelf(house.core, actor), form))

    @app.post("/settings/emoji/{pack_id}", include_in_schema=False)
    async def upload(request: Request, pack_id: int, name: str) -> Response:
        actor = await actor_of(house, request)
        if actor is None or not is_ours(request, request.headers.get("x-csrf", "")):
            return JSONResponse({"detail": "页面已过期，请刷新后再试。"}, 403)
        if int(request.headers.get("content-length", _LARGEST + 1)) > _LARGEST:
            return JSONResponse({"detail": "图片太大。"}, 413)
        try:
            await EmojiShelf(house.core, actor).add(
                pack_id, name=name.strip()[:60] or "表情", data=await request.body()
            )
        except CoreError as refusal:
            return JSONResponse({"detail": refusal.detail("zh")}, refusal.status)
        return Response(status_code=204)


def _add_leads(app: FastAPI, house: StaffHouse) -> None:
    @app.get("/settings/leads", include_in_schema=False)
    async def show(request: Request, before: Before = 2**62, said: str = "") -> Response:
        actor = await actor_of(house, request)
        if actor is None:
            return await to_door(house, request, "/settings/leads")
        found = await LeadBook(house.core, actor).page(before_id=before, limit=_PAGE)
        onward = f"/settings/leads?before={found[-1].id}" if len(found) == _PAGE else ""
        body = view.leads(found, csrf=csrf_of(request), manages=manages(actor), onward=onward)
        return show_page(request, actor, "leads", "留资", body, said)

    @app.post("/settings/leads", include_in_schema=False)
    async def act(request: Request) -> Response:
        sent = await sent_form(house, request)
        if sent is None:
            return await to_door(house, request, "/settings/leads")
        actor, form = sent
        book = LeadBook(house.core, actor)
        return await told("/settings/leads", lambda: book.forget(number(form, "lead")))

    @app.get("/settings/leads.csv", include_in_schema=False)
    async def export(request: Request) -> Response:
        actor = await actor_of(house, request)
        if actor is None:
            return await to_door(house, request, "/settings/leads")
        headers = {"Content-Disposition": 'attachment; filename="leads.csv"', "Cache-Control": "no-store"}
        lines = _csv(LeadBook(house.core, actor))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _csv(book: LeadBook) -> AsyncIterator[str]:
    """Yield all leads, one answer a column pair; the byte order mark is for spreadsheets that guess."""
    yield "\ufeff" + _line(("时间", "顾客", "来自", "同意的条款", "项目", "内容"))
    before_id = 2**62
    while found := await book.page(before_id=before_id, limit=_EXPORT_PAGE):
        before_id = found[-1].id
        yield "".join(_line(row) for lead in found for row in _rows(lead))


def _rows(lead: LeadLine) -> list[tuple[str, ...]]:
    start = (format_time(lead.consented_at), lead.customer, lead.card, lead.consent)
    return [(*start, label, text) for label, text in lead.answers] or [(*start, "", "")]


def _line(values: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_harmless(value) for value in values])
    return buffer.getvalue()


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: customers wrote it."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else text


async def _change(shelf: EmojiShelf, form: Mapping[str, str]) -> None:
    step = form.get("do")
    if step == "create":
        await shelf.create(form.get("name", "").strip()[:60] or "表情包")
        return
    pack_id = number(form, "pack")
    if step == "remove":
        await shelf.remove(pack_id, number(form, "emoji"))
    elif step == "submit":
        await shelf.submit(pack_id)
    elif step == "withdraw":
        await shelf.withdraw(pack_id)
