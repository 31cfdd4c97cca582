"""Pictures, videos and cards of a conversation as HTML; addresses were checked when they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kefu.pages.desk import words
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
    "product_card": "[商品]",
    "order_card": "[订单]",
    "coupon_card": "[优惠券]",
    "mini_program": "[小程序]",
    "card": "[卡片]",
    "red_packet": "[红包]",
    "system_notice": "[通知]",
    "recalled": "[已撤回]",
    "deleted": "[已删除]",
    "merged": "[聊天记录]",
}


def line(kind: str, body: Mapping[str, Any]) -> str | None:
    """Return a message in a few words for a list, None for other kinds."""
    if kind == "emoji":
        return str(body.get("emoji", ""))
    if kind not in _LINES:
        return None
    return (
        f"{_LINES[kind]} {body.get('note') or body.get('title') or body.get('name') or body.get('url') or ''}".strip()
    )


def in_short(kind: str, body: Mapping[str, Any]) -> str:
    """Return any message in one line, as lists and quotations show it."""
    said = line(kind, body)
    return (said if said is not None else str(body.get("text") or f"[{kind}]")).replace("\n", " ")[:120]


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
        return _film(body, load)
    if kind in ("recalled", "deleted"):
        return f'<div class="bubble gone">{"消息已撤回" if kind == "recalled" else "您已删除这条消息"}</div>'
    if kind == "merged":
        return _merged(body)
    if kind == "link":
        title = body.get("preview", {}).get("title") or body["url"]
        return _card("链接", title, [body.get("note")], body["url"])
    card = _CARDS.get(kind)
    return card(body) if card is not None else None


def _film(body: Mapping[str, Any], load: Load) -> str:
    poster = f' poster="{esc(load(body["poster_id"]))}&amp;variant=thumb"' if body.get("poster_id") else ""
    # Without a poster the first frame stands for it, which needs the file's head.
    preload = "none" if poster else "metadata"
    shown = f'<video controls playsinline preload="{preload}" src="{esc(load(body["media_id"]))}"{poster}></video>'
    template = body.get("template")
    if template:
        steps = "".join(f"<li>{esc(shot['say'])} · {shot['ms'] / 1000:g} 秒</li>" for shot in template["shots"])
        shown += f"<figcaption><b>拍同款 · {esc(template['title'])}</b><ol>{steps}</ol></figcaption>"
    return f'<figure class="shown-media">{shown}{_note(body)}</figure>'


def _merged(body: Mapping[str, Any]) -> str:
    items = body.get("items", ())
    said = "".join(
        f"<p><b>{esc(each['sender_name'])}</b> {esc(in_short(each['kind'], each['body']))}</p>" for each in items
    )
    title = esc(body.get("title") or "聊天记录")
    return f'<details class="card merged"><summary>{title}<small>{len(items)} 条</small></summary>{said}</details>'


def _order(body: Mapping[str, Any]) -> str:
    number = body.get("order_id")
    total = yuan(body["total_fen"]) if body.get("total_fen") is not None else ""
    kind = f"订单 {number}" if number else "商品订单"
    state = words.ORDER_CARD.get(body.get("status", "to_buy"), body.get("status", ""))
    facts = [f"{total} · 共 {body.get('quantity', 1)} 件" if total else f"共 {body.get('quantity', 1)} 件"]
    return _card(kind, body["title"], [*facts, body.get("note")], body.get("url", ""), mark=state)


def _coupon(body: Mapping[str, Any]) -> str:
    fen, percent = body.get("amount_fen"), body.get("percent")
    worth = f"立减 {yuan(fen)}" if fen is not None else f"减 {percent}%"
    least = f"满 {yuan(body['min_spend_fen'])} 可用" if body.get("min_spend_fen") else "无门槛"
    until = f'<time data-at="{esc(body["expires_at"])}"></time> 前有效' if body.get("expires_at") else ""
    return _card("优惠券", body["title"], [least, body.get("note")], body.get("url", ""), mark=worth, foot=until)


def _program(body: Mapping[str, Any]) -> str:
    return _card(f"小程序 · {body['name']}", body["title"], [body.get("note")], body.get("url", ""))


def _offer(body: Mapping[str, Any]) -> str:
    buttons = "".join(f"<li>{esc(button['label'])}</li>" for button in body.get("buttons", ()))
    shown = _card("卡片", body["title"], [body.get("text") or body.get("note")], body.get("url", ""))
    return f'{shown}<ul class="choices" aria-label="给顾客的按钮">{buttons}</ul>' if buttons else shown


def _packet(body: Mapping[str, Any]) -> str:
    split = "拼手气" if body.get("split") == "random" else "普通"
    return _card("红包", body.get("note") or "恭喜发财", [f"{split} · {body.get('shares', 1)} 份"], "")


def _notice(body: Mapping[str, Any]) -> str:
    return _card("系统通知", body["title"], [body.get("text")], body.get("url", ""))


_CARDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "order_card": _order,
    "coupon_card": _coupon,
    "mini_program": _program,
    "card": _offer,
    "red_packet": _packet,
    "system_notice": _notice,
}


def _note(body: Mapping[str, Any]) -> str:
    return f"<figcaption>{esc(body['note'])}</figcaption>" if body.get("note") else ""


def _card(kind: str, title: str, facts: list[str | None], url: str, *, mark: str = "", foot: str = "") -> str:
    """Return a card: what it is and how it stands, its title, its facts; `foot` is HTML."""
    state = f"<b>{esc(mark)}</b>" if mark else ""
    said = "".join(f'<span class="card-fact">{esc(fact)}</span>' for fact in facts if fact)
    below = f'<span class="card-fact">{foot}</span>' if foot else ""
    inside = (
        f'<div class="card-head"><span>{esc(kind)}</span>{state}</div><div class="card-main"><span class="card-text">'
        f'<span class="card-title">{esc(title)}</span>{said}{below}</span></div>'
    )
    if url:
        return f'<a class="card" href="{esc(url)}" target="_blank" rel="noopener noreferrer">{inside}</a>'
    return f'<div class="card">{inside}</div>'
