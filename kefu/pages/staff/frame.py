"""The frame around each staff page: its assets, and the bar at the top."""

from __future__ import annotations

from typing import Literal

from fastapi import Request
from nicegui import ui

from kefu.pages.staff.html import avatar, esc, icon
from kefu.pages.staff.login import csrf_of
from messaging_core.api import Actor

Where = Literal["desk", "bot", "shop", "orders", "emoji", "leads"]
_PLACES: tuple[tuple[Where, str, str, str], ...] = (
    ("desk", "/desk", "chat", "工作台"),
    ("bot", "/settings/bot", "settings", "机器人设置"),
    ("shop", "/settings/shop", "card", "店铺"),
    ("orders", "/settings/orders", "order", "订单"),
    ("emoji", "/settings/emoji", "star", "表情包"),
    ("leads", "/settings/leads", "user", "留资"),
)


def dress(*sheets: str, script: str | None = None) -> None:
    """Give the page our look: the shared sheets, its own, and its script."""
    links = ["/static/css/base.css", "/staff/static/staff/staff.css", *sheets]
    ui.add_head_html("".join(f'<link rel="stylesheet" href="{link}">' for link in links))
    if script is not None:
        ui.add_body_html(f'<script type="module" src="{script}"></script>')


def bar(request: Request, actor: Actor, where: Where, *, middle: str = "") -> str:
    """Return the bar: where one is, who one is, and the way out."""
    links = "".join(
        f'<a href="{href}"{" aria-current=page" if place == where else ""}>{icon(glyph)}<span>{name}</span></a>'
        for place, href, glyph, name in _PLACES
    )
    return (
        f'<a class="brand" href="/desk"><img src="/static/icon.svg" alt="" width="28" height="28"><b>Kefu 客服</b></a>'
        f'<nav aria-label="页面">{links}</nav><span class="grow"></span>{middle}'
        f'<span class="me">{avatar(actor.name, actor.account_id, small=True)}<span>{esc(actor.name)}</span></span>'
        f'<form method="post" action="/staff/logout"><input type="hidden" name="csrf" value="{esc(csrf_of(request))}">'
        f'<button class="icon-button quiet" aria-label="退出登录" title="退出登录">{icon("out")}</button></form>'
    )
