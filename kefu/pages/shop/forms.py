"""What the enterprise's pages share on the way in and out: who asks, what a form says, the page that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from kefu.pages.shop import view
from kefu.pages.staff.frame import Where, bar
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import COOKIE, door, find_actor, is_ours, read_form
from messaging_core.api import Actor
from messaging_core.errors import CoreError, invalid

Before = Annotated[int, Query(ge=0, le=2**62)]
"""The id below which a page of a list begins."""


async def actor_of(house: StaffHouse, request: Request) -> Actor | None:
    """Return which of the staff asks, None for everybody else."""
    return await find_actor(house, request.cookies.get(COOKIE))


async def sent_form(house: StaffHouse, request: Request) -> tuple[Actor, Mapping[str, str]] | None:
    """Return who has sent a form of ours and what it says; None for a stranger or a page that is too old."""
    actor = await actor_of(house, request)
    form = await read_form(request)
    return (actor, form) if actor is not None and is_ours(request, form.get("csrf", "")) else None


async def to_door(house: StaffHouse, request: Request, page: str) -> Response:
    """Send somebody to the log-in, and from there back to a page."""
    return await door(house, request.cookies.get(COOKIE), page)


async def told(page: str, work: Callable[[], Awaitable[None]]) -> Response:
    """Do what a form asks for and show the page anew, with the refusal if there was one."""
    try:
        await work()
    except CoreError as refusal:
        return RedirectResponse(f"{page}?said={quote(refusal.detail('zh'))}", 303)
    return RedirectResponse(page, 303)


def show_page(request: Request, actor: Actor, where: Where, title: str, body: str, said: str) -> Response:
    """Return a page in the staff's frame; `body` is HTML, `said` what a refusal said."""
    html = view.page(title=title, bar=bar(request, actor, where), body=body, said=said[:300])
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


def manages(actor: Actor) -> bool:
    """Whether somebody manages the enterprise that he works for."""
    return actor.enterprise_id is not None and actor.manages(actor.enterprise_id)


def number(form: Mapping[str, str], name: str) -> int:
    """Return a whole number of a form, 0 where none stands or one that is greater than any id."""
    text = form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def fen(form: Mapping[str, str], name: str) -> int | None:
    """Return money that was written in yuan, None where nothing was."""
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        fen = Decimal(text) * 100
        whole = int(fen)
    except (InvalidOperation, OverflowError, ValueError):
        raise invalid("wrong_form", name) from None
    if fen != whole or not 0 <= whole <= 100_000_000:
        raise invalid("wrong_form", name)
    return whole
