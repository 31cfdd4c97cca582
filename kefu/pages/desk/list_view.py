"""The left side as HTML: tabs with their counts, and the rows of the one that is open."""

from __future__ import annotations

from kefu.base.clock import format_time
from kefu.pages.desk import words
from kefu.pages.desk.model import Board, Entry, Tab
from kefu.pages.staff.html import avatar, empty, esc

SHOWN = 100
_NAMES: dict[Tab, str] = {"queue": "排队", "mine": "我的", "all": "全部", "closed": "已结束"}
_EMPTY: dict[Tab, tuple[str, str, str]] = {
    "queue": ("queue", "没有人在排队", "顾客要求人工时会出现在这里。"),
    "mine": ("chat", "您还没有接待中的会话", "从排队列表接入一位顾客。"),
    "all": ("all", "现在没有进行中的会话", "顾客开口后，机器人和人工的会话都会列在这里。"),
    "closed": ("end", "还没有结束的会话", ""),
}


def tabs(board: Board, chosen: Tab) -> str:
    """Return the tabs; the queue's and the unread count stand beside their names."""
    counts = {"queue": len(board.queue()), "mine": board.unread() or len(board.mine())}
    loud = {"queue": bool(counts["queue"]), "mine": bool(board.unread())}
    buttons = []
    for tab, name in _NAMES.items():
        count = counts.get(tab, 0)
        badge = f'<b class="count{" loud" if loud.get(tab) else ""}">{count}</b>' if count else ""
        buttons.append(
            f'<button role="tab" data-do="tab" data-tab="{tab}" aria-selected="{str(tab == chosen).lower()}">'
            f"{name}{badge}</button>"
        )
    return f'<div class="tabs" role="tablist" aria-label="会话列表">{"".join(buttons)}</div>'


def rows(entries: list[Entry], tab: Tab, *, chosen: int | None) -> str:
    """Return the rows of a list, at most SHOWN of them."""
    if not entries:
        return empty(*_EMPTY[tab])
    shown = "".join(_row(entry, place, tab, chosen=chosen) for place, entry in enumerate(entries[:SHOWN], start=1))
    more = f'<p class="more">还有 {len(entries) - SHOWN} 个会话未列出</p>' if len(entries) > SHOWN else ""
    return f'<div class="entries" role="list">{shown}</div>{more}'


def _row(entry: Entry, place: int, tab: Tab, *, chosen: int | None) -> str:
    selected = entry.conversation_id == chosen
    if entry.state == "queued":
        since = format_time(entry.queued_at or entry.changed_at)
        side = f'<span class="wait" data-since="{since}" title="已等待"></span>'
        place_mark = f'<span class="place" title="排队第 {place} 位">{place}</span>' if tab == "queue" else ""
        mood = words.mood(entry.reason)
        line = f'{place_mark}<span class="chip {mood or "chip-wait"}">{esc(words.reason(entry.reason))}</span>'
    else:
        side = f'<time data-at="{esc(entry.said_at)}"></time>' if entry.said_at else ""
        line = _holder(entry)
    unread = f'<b class="count loud">{min(entry.unread, 99)}</b>' if entry.unread else ""
    stars = f'<span class="stars" title="满意度">{"★" * entry.stars}</span>' if entry.stars else ""
    said = esc(entry.words) or "还没有消息"
    return (
        f'<button role="listitem" class="entry{" chosen" if selected else ""}" data-do="open" '
        f'data-conversation="{entry.conversation_id}" aria-current="{str(selected).lower()}">'
        f"{avatar(entry.customer_name, entry.customer_id)}"
        f'<span class="entry-main"><span class="entry-top"><strong>{esc(entry.customer_name)}</strong>{side}</span>'
        f'<span class="entry-said"><span>{said}</span>{unread}</span>'
        f'<span class="entry-line">{line}{stars}</span></span></button>'
    )


def _holder(entry: Entry) -> str:
    if entry.state == "bot":
        return '<span class="chip chip-bot">机器人</span>'
    if entry.state == "agent":
        return f'<span class="chip chip-agent">{esc(entry.agent_name or "客服")}</span>'
    return f'<span class="chip">{words.STATE.get(entry.state, "")}</span>'
