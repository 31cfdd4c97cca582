"""The right side as HTML: what an agent should know of the customer, and why the bot did what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.shop import Customer, Order
from kefu.base.clock import format_time
from kefu.pages.desk import words
from kefu.pages.desk.model import Entry
from kefu.pages.staff.house import LastTurn
from kefu.pages.staff.html import empty, esc, icon, yuan
from messaging_core.api import File

_EVIDENCE_SHOWN = 8


@dataclass(slots=True, frozen=True)
class Knowledge:
    """All that the side panel shows; `shop_down` says that the shop's system did not answer."""

    file: File
    customer: Customer | None
    orders: Sequence[Order]
    turn: LastTurn | None
    shop_down: bool = False


# Where the panel lies over the conversation, this is the way back to it.
_BACK = (
    '<button class="side-back only-medium" data-do="pane" data-pane="talk" aria-label="回到会话">'
    f"{icon('back')}<span>回到会话</span></button>"
)


def side(entry: Entry | None, knowledge: Knowledge | None) -> str:
    """Return the panel; loading while nothing is known yet."""
    if entry is None:
        return empty("user", "顾客资料", "打开一个会话，这里会显示顾客、订单和机器人的判断依据。")
    if knowledge is None:
        return _BACK + '<div class="skeleton"></div><div class="skeleton tall"></div><div class="skeleton"></div>'
    return (
        _BACK
        + _summary(entry, knowledge.turn)
        + _customer(knowledge)
        + _labels(knowledge.file)
        + _orders(knowledge)
        + _turn(knowledge.turn)
        + _notes(knowledge.file)
    )


def _section(title: str, inside: str, *, extra: str = "", css: str = "") -> str:
    return f'<section class="box {css}"><header><h3>{title}</h3>{extra}</header>{inside}</section>'


def _summary(entry: Entry, turn: LastTurn | None) -> str:
    if entry.state not in ("queued", "agent") or not (entry.summary or entry.reason):
        return ""
    # Who presses the button himself leaves no summary of the bot's: what he asked last is the next best.
    summary = entry.summary or (f"顾客最后问机器人：{turn.said[:200]}" if turn is not None and turn.said else "")
    text = f"<p>{esc(summary)}</p>" if summary else ""
    chip = f'<span class="chip {words.mood(entry.reason) or "chip-wait"}">{esc(words.reason(entry.reason))}</span>'
    return _section("转人工摘要", text, extra=chip, css="summary")


def _customer(known: Knowledge) -> str:
    if known.shop_down:
        return _section("顾客", '<p class="faint">店铺系统暂时没有回应，稍后会自动重试。</p>')
    customer = known.customer
    if customer is None:
        return _section("顾客", '<p class="faint">访客，尚未关联店铺会员。</p>')
    note = f"<dt>店铺备注</dt><dd>{esc(customer.note)}</dd>" if customer.note else ""
    chips = "".join(f'<span class="chip">{esc(label)}</span>' for label in customer.labels)
    return _section(
        "顾客",
        f"<dl><dt>会员</dt><dd>{esc(customer.name)} · {esc(customer.level)}</dd>"
        f"<dt>积分</dt><dd>{customer.points}</dd>{note}</dl>{chips and f'<p class=chips>{chips}</p>'}",
    )


def _labels(file: File) -> str:
    def row(subject: str, title: str, labels: list[str]) -> str:
        chips = "".join(
            f'<span class="chip label">{esc(label)}<button data-do="unlabel" data-subject="{subject}" '
            f'data-label="{esc(label)}" aria-label="去掉标签 {esc(label)}">{icon("close")}</button></span>'
            for label in labels
        )
        return (
            f'<div class="labels"><span class="faint">{title}</span>{chips}'
            f'<form data-do="label" data-subject="{subject}"><input name="label" maxlength="30" placeholder="＋ 标签" '
            f'aria-label="给{title}加标签" list="known-labels" autocomplete="off"></form></div>'
        )

    known = "".join(f'<option value="{esc(label)}">' for label in file.known_labels)
    return _section(
        "标签",
        row("session", "本次会话", file.session_labels)
        + row("customer", "这位顾客", file.customer_labels)
        + f'<datalist id="known-labels">{known}</datalist>',
    )


def _orders(known: Knowledge) -> str:
    if known.shop_down or known.customer is None:
        return ""
    if not known.orders:
        return _section("订单", '<p class="faint">还没有订单。</p>')
    return _section(
        "订单", "".join(_order(order) for order in known.orders), extra=f"<small>{len(known.orders)}</small>"
    )


def _order(order: Order) -> str:
    lines = "".join(
        f"<li>{esc(line.name)} <small>{esc(line.label)}</small><span>×{line.quantity}</span></li>"
        for line in order.lines
    )
    parcels = ""
    for parcel in order.parcels:
        last = parcel.events[-1] if parcel.events else None
        latest = f'<p>{esc(last.text)} <time data-at="{format_time(last.at_us)}"></time></p>' if last else ""
        parcels += (
            f'<div class="parcel"><p><strong>{esc(parcel.carrier)}</strong> {esc(parcel.tracking_no)}'
            f'<span class="chip">{esc(words.PARCEL.get(parcel.status, parcel.status))}</span></p>{latest}</div>'
        )
    returns = "".join(
        f'<p class="parcel">{esc(words.RETURN.get(back.kind, back.kind))} · '
        f"{esc(words.RETURN.get(back.status, back.status))} · {yuan(back.refund_fen)}</p>"
        for back in order.returns
    )
    return (
        f'<details class="order"><summary><span><b>{esc(order.order_id)}</b>'
        f'<time data-at="{format_time(order.created_at_us)}"></time></span>'
        f'<span><span class="chip">{esc(words.ORDER.get(order.status, order.status))}</span>'
        f'<b class="card-price">{yuan(order.total_fen)}</b></span>'
        f"</summary><ul>{lines}</ul>{parcels}{returns}</details>"
    )


def _turn(turn: LastTurn | None) -> str:
    if turn is None:
        return _section("机器人依据", '<p class="faint">机器人还没有在这个会话里作过判断。</p>')
    confidence = f"{turn.confidence:.0%}" if turn.confidence is not None else "—"
    meter = f'<span class="meter"><i style="width:{(turn.confidence or 0):.0%}"></i></span>'
    why = f"<dt>转人工</dt><dd>{esc(words.reason(turn.handoff_reason))}</dd>" if turn.handoff_reason else ""
    rows = "".join(
        f"<li><header><span>{esc(words.EVIDENCE.get(one.kind, one.kind))}</span>"
        f"{f'<small>{one.score:.2f}</small>' if one.score is not None else ''}</header>"
        f"<p>{esc(one.text)}</p><code>{esc(one.source)}</code></li>"
        for one in turn.evidence[:_EVIDENCE_SHOWN]
    )
    return _section(
        "机器人依据",
        f"<blockquote>{esc(turn.said[:200])}</blockquote><dl><dt>做法</dt><dd>{esc(words.ACT.get(turn.act, turn.act))}"
        f" · {esc(words.why(turn.reason))}</dd><dt>意图</dt><dd>{esc(turn.intent or '未识别')}</dd>"
        f"<dt>置信度</dt><dd>{meter}{confidence}</dd>{why}</dl><ol class='evidence'>{rows}</ol>",
    )


def _notes(file: File) -> str:
    rows = "".join(
        f'<li><p>{esc(note.text)}</p><small>{esc(note.author_name)} <time data-at="{format_time(note.at)}"></time>'
        f'<button data-do="unnote" data-note="{note.id}" aria-label="删除备注">{icon("trash")}</button></small></li>'
        for note in file.notes
    )
    return _section(
        "备注",
        '<form class="note" data-do="note"><textarea name="text" rows="2" maxlength="2000" '
        'placeholder="只有同事能看到" aria-label="写备注"></textarea>'
        f'<button class="button plain">保存备注</button></form><ul class="notes">{rows}</ul>',
    )
