"""Pictures, videos and cards of a conversation as HTML; addresses were checked when they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kefu.pages.staff.html import esc, yuan

Load = Callable[[str], str]
"""Returns the address under which the page loads an upload."""

_LINES = {
    "image": "[图片]",
    "gif": "[动图]",
    "video": "[视频]",
    "video_template": "[拍同款]",
    "brand_emoji": "[表情]",
    "link": "[链接]",
    "order_card": "[订单]",
    "coupon_card": "[优惠券]",
    "mini_program": "[小程序]",
    "card": "[卡片]",
    "recalled": "[已撤回]",
    "merged": "[聊天记录]",
}


def line(kind: str, body: Mapping[str, Any]) -> str | None:
    """Return a message in a few words for a list, None for other kinds."""
    if kind == "emoji":
        return str(body.get("emoji", ""))
    if kind not in _LINES:
        return None
    return f"{_LINES[kind]} {body.get('note') or body.get('title') or body.get('name') or ''}".strip()


def show(kind: str, body: Mapping[str, Any], load: Load) -> str | None:
    """Return a message's content, None for other kinds."""
    if kind == "emoji":
        return f'<div class="big-emoji">{esc(body["emoji"])}</div>'
    if kind in ("image", "gif", "brand_emoji"):
        picture = esc(load(body["media_id"]))
        small = f"{picture}&amp;variant=thumb" if kind == "image" else picture
        shown = f'<a href="{picture}" target="_blank" rel="noopener"><img src="{small}" alt="{_LINES[kind]}"></a>'
        return f'<figure class="shown-media shown-{kind}">{shown}{_note(body)}</figure>'
    if kind in ("video", "video_template"):
        poster = f' poster="{esc(load(body["poster_id"]))}&amp;variant=thumb"' if body.get("poster_id") else ""
        shown = f'<video controls preload="none" src="{esc(load(body["media_id"]))}"{poster}></video>'
        return f'<figure class="shown-media">{shown}{_note(body)}</figure>'
    if kind == "recalled":
        return '<div class="bubble gone">消息已撤回</div>'
    if kind == "merged":
        return _card(body.get("title") or _LINES[kind], f"{len(body.get('items', ()))} 条", "")
    if kind == "link":
        title = body.get("preview", {}).get("title") or body["url"]
        return _card(title, body.get("note", ""), body["url"])
    if kind in ("order_card", "coupon_card", "mini_program", "card"):
        price = next((yuan(body[key]) for key in ("total_fen", "amount_fen") if body.get(key) is not None), "")
        more = body.get("text") or body.get("note") or body.get("order_id") or ""
        buttons = " · ".join(str(button["label"]) for button in body.get("buttons", ()))
        return _card(body["title"], " · ".join(part for part in (price, more, buttons) if part), body.get("url", ""))
    return None


def _note(body: Mapping[str, Any]) -> str:
    return f"<figcaption>{esc(body['note'])}</figcaption>" if body.get("note") else ""


def _card(title: str, more: str, url: str) -> str:
    foot = f'<div class="card-foot"><span>{esc(more)}</span></div>' if more else ""
    inside = f'<div class="card-main"><span class="card-text"><span class="card-title">{esc(title)}</span></span></div>'
    if url:
        return f'<a class="card" href="{esc(url)}" target="_blank" rel="noopener noreferrer">{inside}{foot}</a>'
    return f'<div class="card">{inside}{foot}</div>'
