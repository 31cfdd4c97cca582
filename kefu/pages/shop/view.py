"""The pages of packs and leads as HTML: pure functions, everything people wrote goes through `esc`."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.pages.shop.parts import hidden, time
from kefu.pages.staff.html import avatar, empty, esc, icon
from messaging_core.api import LeadLine, Pack

_STATES = {
    "draft": ("草稿", "chip"),
    "in_review": ("审核中", "chip chip-wait"),
    "approved": ("已上线", "chip chip-agent"),
    "refused": ("未通过", "chip mood-hot"),
}
_EDITABLE = ("draft", "refused")


def page(*, title: str, bar: str, body: str, said: str = "") -> str:
    """Return a whole page around its body; `said` is what the last press came to when it was refused."""
    note = f'<p class="said" role="alert">{esc(said)}</p>' if said else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{esc(title)} · Kefu 客服</title><link rel="icon" href="/static/icon.svg">'
        '<link rel="stylesheet" href="/static/css/base.css">'
        '<link rel="stylesheet" href="/staff/static/staff/staff.css">'
        '<link rel="stylesheet" href="/staff/static/shop/shop.css">'
        '<script type="module" src="/staff/static/shop/shop.js"></script></head><body class="shop">'
        f'<header class="bar">{bar}</header><main>{note}{body}</main></body></html>'
    )


def packs(found: Sequence[Pack], *, csrf: str, manages: bool, limit: int) -> str:
    """Return the emoji packs, each with what can be done in its state."""
    lead = "上传品牌表情，审核通过后所有人都能在聊天里使用。支持 PNG、WebP、GIF，单张不超过 512 KB。"
    new = (
        f'<form method="post" class="line new-pack">{hidden(csrf, "create")}<input name="name" maxlength="60" '
        'required placeholder="新表情包的名字" aria-label="新表情包的名字"><button class="button">新建</button></form>'
        if manages
        else '<p class="faint">只有店主和管理员可以修改表情包。</p>'
    )
    shown = "".join(_pack(one, csrf=csrf, manages=manages, limit=limit) for one in found)
    nothing = empty("star", "还没有表情包", "起个名字新建一个，再传几张图片。")
    return f'<h1>表情包</h1><p class="lead">{lead}</p>{new}{shown or nothing}'


def _pack(pack: Pack, *, csrf: str, manages: bool, limit: int) -> str:
    name, tone = _STATES[pack.state]
    editable = manages and pack.state in _EDITABLE
    pictures = "".join(
        f'<li><img src="{esc(one.url)}" alt="{esc(one.name)}" loading="lazy"><span>{esc(one.name)}</span>'
        + (_remove(pack, one.id, one.name, csrf) if editable else "")
        + "</li>"
        for one in pack.emoji
    )
    upload = (
        f'<li class="upload"><label>{icon("plus")}<span>添加图片</span><input type="file" multiple '
        f'accept="image/png,image/webp,image/gif" data-pack="{pack.id}" data-csrf="{esc(csrf)}"></label></li>'
        if editable and len(pack.emoji) < limit
        else ""
    )
    reason = f'<p class="reason">未通过的原因：{esc(pack.reason)}</p>' if pack.reason else ""
    if editable:
        locked = "" if pack.emoji else " disabled"
        step = _step(pack.id, csrf, "submit", "重新提交审核" if pack.state == "refused" else "提交审核", locked)
    elif manages:
        step = _step(pack.id, csrf, "withdraw", "撤回修改" if pack.state == "in_review" else "下线修改", "", plain=True)
    else:
        step = ""
    return (
        f'<section class="sheet" data-pack="{pack.id}"><header><h2>{esc(pack.name)}</h2>'
        f'<span class="{tone}">{name}</span><span class="grow"></span>'
        f"<small>{len(pack.emoji)} / {limit}</small></header>"
        f'{reason}<ul class="pictures">{pictures}{upload}</ul>'
        + (f'<p class="progress" role="status" hidden></p><footer>{step}</footer>' if step else "")
        + "</section>"
    )


def _step(pack_id: int, csrf: str, act: str, text: str, locked: str, *, plain: bool = False) -> str:
    tone = "button plain" if plain else "button"
    return (
        f'<form method="post">{hidden(csrf, act)}<input type="hidden" name="pack" value="{pack_id}">'
        f'<button class="{tone}"{locked}>{text}</button></form>'
    )


def _remove(pack: Pack, emoji_id: int, name: str, csrf: str) -> str:
    return (
        f'<form method="post">{hidden(csrf, "remove")}<input type="hidden" name="pack" value="{pack.id}">'
        f'<input type="hidden" name="emoji" value="{emoji_id}">'
        f'<button class="remove" aria-label="移除 {esc(name)}">{icon("close")}</button></form>'
    )


def leads(found: Sequence[LeadLine], *, csrf: str, manages: bool, onward: str) -> str:
    """Return the leads, newest first, each with the words its customer agreed to."""
    export = '<a class="button" href="/settings/leads.csv" download>导出 CSV</a>' if found else ""
    rows = "".join(_lead(one, csrf=csrf, manages=manages) for one in found)
    nothing = empty("user", "还没有留资", "顾客在卡片上填写表单后，会出现在这里。")
    more = f'<a class="button plain more" href="{esc(onward)}">查看更早的</a>' if onward else ""
    return (
        f'<div class="title"><div><h1>留资</h1><p class="lead">顾客在卡片表单里留下的信息，附本人同意的条款。</p></div>'
        f"{export}</div>{f'<ul class=leads>{rows}</ul>' if rows else nothing}{more}"
    )


def _lead(lead: LeadLine, *, csrf: str, manages: bool) -> str:
    answers = "".join(f"<dt>{esc(label)}</dt><dd>{esc(text)}</dd>" for label, text in lead.answers)
    forget = (
        f'<form method="post" data-sure="永久删除“{esc(lead.customer)}”留下的信息？">{hidden(csrf, "forget")}'
        f'<input type="hidden" name="lead" value="{lead.id}"><button class="remove" aria-label="删除">{icon("trash")}'
        "</button></form>"
        if manages
        else ""
    )
    source = f"<small>来自“{esc(lead.card)}”</small>" if lead.card else ""
    return (
        f'<li class="sheet lead-row"><header>{avatar(lead.customer, lead.id, small=True)}'
        f'<div><b>{esc(lead.customer)}</b>{source}</div><span class="grow"></span>'
        f"{time(lead.consented_at)}{forget}</header>"
        f'<dl>{answers}</dl><p class="consent">已同意：{esc(lead.consent)}</p></li>'
    )
