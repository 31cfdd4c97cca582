"""The page of orders as HTML: pure functions, everything people wrote goes through `esc`."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.pages.desk.words import ORDER_CARD
from kefu.pages.shop.parts import field, hidden, section, time
from kefu.pages.staff.html import empty, esc, yuan
from messaging_core.api import OrderLine, Share

PERIODS = {7: "近 7 天", 30: "近 30 天", 90: "近 90 天", 0: "全部"}
STATES = {state: name for state, name in ORDER_CARD.items() if state != "to_buy"}
_LED = {"agent": ("客服", "chip"), "bot": ("机器人", "chip chip-agent")}
_UNDONE = ("closed", "refunded")


def title(*, window_h: int) -> str:
    """Return the heading, which says what attribution means here."""
    return (
        '<h1>订单归因</h1><p class="lead">每笔订单记在谁名下：下单前 '
        f"{window_h} 小时内，最后发卡片的客服或机器人；没有卡片，就看最后作答的人。订单第一次上报时定下，之后不变。</p>"
    )


def shares(found: Sequence[Share], *, days: int) -> str:
    """Return what each agent and bot has led to."""
    earns = any(one.commission_fen for one in found)
    periods = "".join(
        f'<a class="chip" href="?days={number}"{" aria-current=true" if number == days else ""}>{name}</a>'
        for number, name in PERIODS.items()
    )
    rows = "".join(
        f"<tr><td>{_leader(one.led_by, one.name or '')}</td><td>{one.orders}</td><td>{yuan(one.total_fen)}</td>"
        f"{f'<td>{yuan(one.commission_fen)}</td>' if earns else ''}</tr>"
        for one in found
    )
    table = (
        '<div class="wide"><table class="sums"><thead><tr><th>谁带来的</th><th>订单</th><th>金额</th>'
        f"{'<th>佣金</th>' if earns else ''}</tr></thead><tbody>{rows}</tbody></table></div>"
        if rows
        else '<p class="faint">这段时间没有订单。</p>'
    )
    lead = "按下单时间统计，不含已关闭和已退款的订单。"
    return section("业绩", lead, f'<nav class="periods" aria-label="时间范围">{periods}</nav>{table}')


def table(found: Sequence[OrderLine], *, onward: str) -> str:
    """Return the orders, each with the conversation that led to it."""
    if not found:
        return empty("order", "还没有订单", "店铺系统用 API 密钥上报的订单，和下面手工补录的，都会列在这里。")
    rows = "".join(_row(one) for one in found)
    more = f'<a class="button plain more" href="{esc(onward)}">查看更早的</a>' if onward else ""
    inside = (
        '<div class="wide"><table class="orders"><thead><tr><th>订单</th><th>下单时间</th><th>金额</th><th>会话</th>'
        f"<th>归因</th></tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )
    return section("订单", "新上报的在前；点会话可以回看顾客当时说了什么。", inside)


def _row(one: OrderLine) -> str:
    talk = (
        f'<a href="/desk?open={one.conversation_id}">{esc(one.customer or "访客")}</a>'
        if one.conversation_id is not None
        else f'<span class="faint">{esc(one.customer) or "—"}</span>'
    )
    amount = f"<s>{yuan(one.total_fen)}</s>" if one.status in _UNDONE else yuan(one.total_fen)
    several = f" × {one.quantity}" if one.quantity > 1 else ""
    return (
        f'<tr data-order="{esc(one.order_id)}"><td data-name="订单"><b>{esc(one.title)}{several}</b>'
        f"<small>{esc(one.order_id)} · {STATES.get(one.status, esc(one.status))}</small></td>"
        f'<td data-name="下单时间">{time(one.placed_at)}</td><td data-name="金额">{amount}</td>'
        f'<td data-name="会话">{talk}</td><td data-name="归因">{_leader(one.led_by, one.leader)}</td></tr>'
    )


def _leader(led_by: str, name: str) -> str:
    if led_by not in _LED:
        return '<span class="faint">自然到店</span>'
    word, look = _LED[led_by]
    return f'<span>{esc(name)} <span class="{look}">{word}</span></span>'


def report(talks: Sequence[tuple[int, str]], *, csrf: str) -> str:
    """Return the form by which an order is told by hand."""
    options = "".join(f'<option value="{talk_id}">{esc(name)}</option>' for talk_id, name in talks)
    states = "".join(
        f'<option value="{state}"{" selected" if state == "paid" else ""}>{name}</option>'
        for state, name in STATES.items()
    )
    form = (
        f'<form method="post" class="grid">{hidden(csrf, "report")}'
        f"{field('order', '订单号', 'required maxlength=100')}"
        f"{field('title', '买了什么', 'required maxlength=100 placeholder=明前西湖龙井')}"
        f"{field('yuan', '金额（元）', 'type=number min=0 step=0.01 required')}"
        f'<label><span>状态</span><select name="status">{states}</select></label>'
        f'<label><span>来自哪位顾客的会话</span><select name="conversation"><option value="">没有会话</option>{options}'
        "</select></label>"
        f"{field('hours', '几小时前下的单', 'type=number min=0 max=8760 value=0 required')}"
        '<button class="button">上报</button></form>'
    )
    lead = "店铺系统没有对接时在这里补录。订单号已经有的，只更新名称、金额和状态，归因不变。"
    return section("手工上报订单", lead, form)
