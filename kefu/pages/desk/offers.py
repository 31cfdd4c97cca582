"""Cards with a button that an agent makes by hand: a limited offer that opens a page, or a form for one's details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.base.clock import HOUR_US, format_time
from messaging_core.errors import invalid

FORM = (
    '<form data-do="send_offer" class="offer"><label>标题<input name="title" maxlength="60" required '
    'placeholder="限时福利" autofocus></label><label>说明<input name="text" maxlength="200" '
    'placeholder="今晚八点前下单立减"></label><label>按钮<input name="label" maxlength="20" required value="去看看">'
    '</label><label>多久后失效<select name="hours"><option value="1">1 小时</option><option value="24" selected>1 天'
    '</option><option value="72">3 天</option><option value="0">不失效</option></select></label>'
    '<fieldset><label><input type="radio" name="act" value="open" checked>打开网页</label>'
    '<label><input type="radio" name="act" value="form">请顾客留下手机号</label></fieldset>'
    '<label>网页地址（打开网页时填）<input name="url" maxlength="500" placeholder="/demo/ 或 https://…"></label>'
    '<label>同意条款（留手机号时填）<input name="consent" maxlength="300" '
    'value="仅用于本次回访，可随时要求删除。"></label><button class="button">发送</button></form>'
)
"""The dialog's inside."""


def card_of(told: Mapping[str, str], *, now_us: int) -> dict[str, Any]:
    """Return the body of a `card` as its form was filled in; raises `invalid_request` for what it cannot be."""
    title, label = told.get("title", "").strip(), told.get("label", "").strip()
    if not title or not label:
        raise invalid("empty", "title" if not title else "label")
    button: dict[str, Any] = {"key": "go", "label": label, "act": "form" if told.get("act") == "form" else "open"}
    if button["act"] == "open":
        button["url"] = told.get("url", "").strip()
    else:
        phone = {"key": "phone", "label": "手机", "kind": "phone", "required": True}
        name = {"key": "name", "label": "怎么称呼您", "kind": "text", "required": False}
        button["form"] = {"fields": [phone, name], "consent": told.get("consent", "").strip()}
    hours = int(told["hours"]) if told.get("hours", "").isdecimal() else 0
    if hours:
        button["expires_at"] = format_time(now_us + hours * HOUR_US)
    body: dict[str, Any] = {"title": title, "buttons": [button]}
    text = told.get("text", "").strip()
    return {**body, "text": text} if text else body
