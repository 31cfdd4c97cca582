"""The staff's log-in: a token in an HttpOnly cookie; every form carries the CSRF token of its page."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from importlib import resources
from string import Template
from urllib.parse import parse_qs

import structlog
from fastapi import FastAPI, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from kefu.pages.staff import banned
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.html import avatar, esc
from messaging_core.api import Actor, staff_door
from messaging_core.errors import CoreError

log = structlog.get_logger("kefu.staff")
COOKIE = "kefu_staff"
PAGES = ("/desk", "/settings/bot", "/settings/shop", "/settings/orders", "/settings/emoji", "/settings/leads")
"""Where a log-in may lead."""
_CSRF = "kefu_csrf"
_CHOICE = "kefu_staff_choice"
_DEVICE = "客服工作台"
_REASONS = {"rate_limited": "often", "overloaded": "busy", "forbidden": "role", "account_banned": "banned"}
_WEEK_S = 7 * 86_400
_TOKEN_CHARS = 200
_MOST_FIELDS = 32
_WRONG = {
    "token": "令牌不正确、已失效，或不属于客服账号。请核对后重试。",
    "csrf": "页面已过期，请再试一次。",
    "person": "没有这位演示人物，请重新选择。",
    "login": "账号或密码不正确。",
    "often": "尝试次数太多，请一小时后再试，或联系店主。",
    "busy": "现在登录的人太多，请稍等几秒再试。",
    "role": "这个账号还不是任何企业的客服，请让店主把您加进来。",
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


async def door(house: StaffHouse, secret: str | None, onward: str) -> RedirectResponse:
    """Send a stranger to the log-in; whose account is banned finds there why, and not that his token is wrong."""
    wrong = "&wrong=banned" if await banned.find_refusal(house, (secret or "")[:_TOKEN_CHARS]) else ""
    return RedirectResponse(f"/staff/login?next={onward}{wrong}", 303)


def add_login(app: FastAPI, house: StaffHouse) -> None:
    """Add `/staff/login`, `/staff/logout` and, for whoever is banned, `/staff/appeal`."""

    @app.get("/staff/login", include_in_schema=False)
    async def show(request: Request, next: str = "/desk", wrong: str = "", appealed: str = "") -> Response:
        csrf = request.cookies.get(_CSRF) or secrets.token_urlsafe(24)
        note = f'<p class="wrong" role="alert">{_WRONG[wrong]}</p>' if wrong in _WRONG else ""
        if wrong == "banned":
            secret = request.cookies.get(COOKIE, "")[:_TOKEN_CHARS]
            note = await banned.notice(house, secret, csrf=csrf, appealed=appealed)
        page = HTMLResponse(await _page(house, csrf=csrf, onward=_safe(next), note=note))
        _set(request, page, _CSRF, csrf)
        return page

    @app.post("/staff/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = await read_form(request)
        onward = _safe(form.get("next", "/desk"))
        if not is_ours(request, form.get("csrf", "")):
            return _back(onward, "csrf")
        if "login" in form or "enterprise" in form:
            return await _by_password(house, request, form, onward)
        if "person" in form:
            secret = await house.demo.enter(form["person"]) if house.demo is not None else None
        else:
            secret = form.get("token", "").strip()
        actor = await find_actor(house, secret)
        if await banned.find_refusal(house, (secret or "")[:_TOKEN_CHARS]):
            turned_away = _back(onward, "banned")
            _set(request, turned_away, COOKIE, secret or "")  # by which he may appeal, and nothing else
            return turned_away
        if actor is None or secret is None:
            return _back(onward, "person" if "person" in form else "token")
        return _in(request, onward, secret, account_id=actor.account_id)

    @app.post("/staff/appeal", include_in_schema=False)
    async def appeal(request: Request) -> Response:
        form = await read_form(request)
        if not is_ours(request, form.get("csrf", "")):
            return _back("/desk", "csrf")
        told = await banned.appeal(house, request.cookies.get(COOKIE, "")[:_TOKEN_CHARS], form.get("text", ""))
        return RedirectResponse(f"/staff/login?wrong=banned&appealed={told}", 303)

    @app.post("/staff/logout", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        form = await read_form(request)
        answer = RedirectResponse("/staff/login", 303)
        if is_ours(request, form.get("csrf", "")):
            actor = await find_actor(house, request.cookies.get(COOKIE))
            if actor is not None:
                await staff_door.leave(house.core, actor)
            answer.delete_cookie(COOKIE, path="/")
        return answer


def csrf_of(request: Request) -> str:
    """Return the CSRF token that forms of a staff page carry."""
    return request.cookies.get(_CSRF, "")


async def _by_password(house: StaffHouse, request: Request, form: dict[str, str], onward: str) -> Response:
    """Let somebody in with his password, and ask whom he comes for where he works for several."""
    core = house.core
    try:
        if "enterprise" in form:
            actor = await core.authenticate(request.cookies.get(_CHOICE, "")[:_TOKEN_CHARS])
            enterprise_id = int(form["enterprise"]) if form["enterprise"].isdecimal() else 0
            issued = await staff_door.choose(core, actor, enterprise_id=enterprise_id, device=_DEVICE)
        else:
            login, password = form["login"], form.get("password", "")
            issued, employers = await staff_door.enter(core, request, login=login, password=password, device=_DEVICE)
            if len(employers) > 1:
                csrf = request.cookies.get(_CSRF, "")
                page = HTMLResponse(await _page(house, csrf=csrf, onward=onward, employers=employers))
                _set(request, page, _CHOICE, issued.secret)
                return page
    except CoreError as refusal:
        return _back(onward, _REASONS.get(refusal.code, "login"))
    answer = _in(request, onward, issued.secret, account_id=issued.account_id)
    answer.delete_cookie(_CHOICE, path="/")
    return answer


def _in(request: Request, onward: str, secret: str, *, account_id: int) -> Response:
    log.info("staff.logged_in", account_id=account_id)
    answer = RedirectResponse(onward, 303)
    _set(request, answer, COOKIE, secret)
    return answer


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, the first value of each; none of one with more than any of ours has."""
    raw = (await request.body()).decode("utf-8", "replace")
    try:
        return {name: values[0] for name, values in parse_qs(raw, max_num_fields=_MOST_FIELDS).items()}
    except ValueError:
        return {}


def is_ours(request: Request, csrf: str) -> bool:
    """Whether a request carries the token that only a page of ours can have told."""
    cookie = csrf_of(request)
    return bool(cookie) and hmac.compare_digest(cookie.encode(), csrf.encode())


def _safe(onward: str) -> str:
    """Return where to go after the log-in: one of our own staff pages."""
    return onward if onward in PAGES else "/desk"


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


async def _page(
    house: StaffHouse, *, csrf: str, onward: str, note: str = "", employers: Sequence[staff_door.Employer] = ()
) -> str:
    template = Template(resources.files(__package__).joinpath("login.html").read_text("utf-8"))
    people = await house.demo.people() if house.demo is not None and not employers else ()
    hidden = (
        f'<input type="hidden" name="csrf" value="{esc(csrf)}"><input type="hidden" name="next" value="{esc(onward)}">'
    )
    doors = "".join(
        f'<button class="door" name="person" value="{esc(person.key)}">{avatar(person.name, place)}'
        f"<span><strong>{esc(person.name)}</strong><small>{esc(person.about)}</small></span></button>"
        for place, person in enumerate(people)
    )
    demo = f'<form method="post" class="doors">{hidden}{doors}</form><p class="or">或用账号和密码登录</p>'
    shops = "".join(
        f'<button class="door" name="enterprise" value="{one.enterprise_id}">{avatar(one.name, one.enterprise_id)}'
        f"<span><strong>{esc(one.name)}</strong></span></button>"
        for one in employers
    )
    choice = f'<form method="post" class="doors">{hidden}{shops}</form>'
    return template.substitute(
        hidden=hidden,
        demo=demo if doors else "",
        choice=choice if employers else "",
        ways="" if not employers else " hidden",
        wrong=note,
        lead="您在几家企业做客服，选择这次要进入的一家。"
        if employers
        else "选择一位演示人物，直接进入工作台。"
        if doors
        else "用您的账号和密码登录。",
    )
