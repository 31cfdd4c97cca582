"""The staff's log-in: a token in an HttpOnly cookie; every form carries the CSRF token of its page."""

from __future__ import annotations

import hmac
import secrets
from importlib import resources
from string import Template
from urllib.parse import parse_qs

import structlog
from fastapi import FastAPI, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.html import avatar, esc
from messaging_core.api import Actor
from messaging_core.errors import CoreError

log = structlog.get_logger("kefu.staff")
COOKIE = "kefu_staff"
_CSRF = "kefu_csrf"
_WEEK_S = 7 * 86_400
_TOKEN_CHARS = 200
_WRONG = {
    "token": "令牌不正确、已失效，或不属于客服账号。请核对后重试。",
    "csrf": "页面已过期，请再试一次。",
    "person": "没有这位演示人物，请重新选择。",
}


async def find_actor(house: StaffHouse, secret: str | None) -> Actor | None:
    """Return who holds a token if he may serve customers, else None."""
    if not secret or len(secret) > _TOKEN_CHARS:
        return None
    try:
        actor = await house.core.authenticate(secret)
    except CoreError:
        return None
    if actor.enterprise_id is None or "chat" not in actor.scopes or not actor.serves(actor.enterprise_id):
        return None
    return actor


def add_login(app: FastAPI, house: StaffHouse) -> None:
    """Add `/staff/login` and `/staff/logout`."""

    @app.get("/staff/login", include_in_schema=False)
    async def show(request: Request, next: str = "/desk", wrong: str = "") -> Response:
        csrf = request.cookies.get(_CSRF) or secrets.token_urlsafe(24)
        page = HTMLResponse(await _page(house, csrf=csrf, onward=_safe(next), wrong=wrong))
        _set(request, page, _CSRF, csrf)
        return page

    @app.post("/staff/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = await _form(request)
        onward = _safe(form.get("next", "/desk"))
        if not _is_ours(request, form):
            return _back(onward, "csrf")
        if "person" in form:
            secret = await house.demo.enter(form["person"]) if house.demo is not None else None
        else:
            secret = form.get("token", "").strip()
        actor = await find_actor(house, secret)
        if actor is None or secret is None:
            return _back(onward, "person" if "person" in form else "token")
        log.info("staff.logged_in", account_id=actor.account_id, enterprise_id=actor.enterprise_id)
        answer = RedirectResponse(onward, 303)
        _set(request, answer, COOKIE, secret)
        return answer

    @app.post("/staff/logout", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        form = await _form(request)
        answer = RedirectResponse("/staff/login", 303)
        if _is_ours(request, form):
            answer.delete_cookie(COOKIE, path="/")
        return answer


def csrf_of(request: Request) -> str:
    """Return the CSRF token that forms of a staff page carry."""
    return request.cookies.get(_CSRF, "")


async def _form(request: Request) -> dict[str, str]:
    raw = (await request.body()).decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(raw, max_num_fields=10).items()}


def _is_ours(request: Request, form: dict[str, str]) -> bool:
    cookie = request.cookies.get(_CSRF, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), form.get("csrf", "").encode())


def _safe(onward: str) -> str:
    """Return where to go after the log-in: one of our own staff pages."""
    return onward if onward.split("?")[0] in ("/desk", "/settings/bot") else "/desk"


def _back(onward: str, wrong: str) -> Response:
    return RedirectResponse(f"/staff/login?next={onward}&wrong={wrong}", 303)


def _set(request: Request, answer: Response, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=_WEEK_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


async def _page(house: StaffHouse, *, csrf: str, onward: str, wrong: str) -> str:
    template = Template(resources.files(__package__).joinpath("login.html").read_text("utf-8"))
    people = await house.demo.people() if house.demo is not None else ()
    hidden = (
        f'<input type="hidden" name="csrf" value="{esc(csrf)}"><input type="hidden" name="next" value="{esc(onward)}">'
    )
    doors = "".join(
        f'<button class="door" name="person" value="{esc(person.key)}">{avatar(person.name, place)}'
        f"<span><strong>{esc(person.name)}</strong><small>{esc(person.about)}</small></span></button>"
        for place, person in enumerate(people)
    )
    demo = f'<form method="post" class="doors">{hidden}{doors}</form>' if doors else ""
    return template.substitute(
        hidden=hidden,
        demo=demo,
        wrong=f'<p class="wrong" role="alert">{_WRONG[wrong]}</p>' if wrong in _WRONG else "",
        lead="选择一位演示人物，直接进入工作台。" if doors else "粘贴店主发给您的客服令牌，进入工作台。",
        open="" if doors else " open",
    )
