"""What stands above and below a conversation, as HTML: its customer, what can be done with it, and the composer."""

from __future__ import annotations

from kefu.pages.desk import words
from kefu.pages.desk.model import Entry
from kefu.pages.staff.html import avatar, empty, esc, icon


def head(entry: Entry | None, *, agent_id: int, manages: bool, online: bool) -> str:
    """Return the customer and the steps that the agent may take now."""
    if entry is None:
        return ""
    holds = entry.state == "agent" and (entry.agent_id == agent_id or manages)
    buttons = []
    if entry.state in ("bot", "queued") or (entry.state == "agent" and entry.agent_id != agent_id):
        buttons.append(_button("take", "hand", "接管", strong=True))
    if holds:
        buttons.append(_button("hand_back", "bot", "交还机器人"))
        buttons.append(_button("transfer", "swap", "转接"))
    if entry.state != "closed":
        buttons.append(_button("close", "end", "结束", quiet=True))
    holder = f" · {esc(entry.agent_name)}" if entry.state == "agent" and entry.agent_name else ""
    dot = f'<i class="dot {"on" if online else ""}"></i>{"在线" if online else "不在线"}'
    return (
        f'<button class="icon-button only-narrow" data-do="pane" data-pane="list" aria-label="回到列表">{icon("back")}'
        f"</button>{avatar(entry.customer_name, entry.customer_id, small=True)}"
        f'<div class="head-who" data-conversation="{entry.conversation_id}"><h2>{esc(entry.customer_name)}</h2>'
        f'<p><span class="state state-{entry.state}">{words.STATE.get(entry.state, "")}{holder}</span>{dot}</p></div>'
        f'<div class="head-do">{"".join(buttons)}'
        f'<button class="icon-button only-medium" data-do="pane" data-pane="side" aria-label="顾客资料">{icon("info")}'
        "</button></div>"
    )


def _button(do: str, icon_name: str, label: str, *, strong: bool = False, quiet: bool = False) -> str:
    look = "strong" if strong else "quiet" if quiet else ""
    # On a phone only the picture is shown.
    named = f'aria-label="{label}" title="{label}"'
    return f'<button class="act {look}" data-do="{do}" {named}>{icon(icon_name)}<span>{label}</span></button>'


def nothing_chosen(*, waiting: int) -> str:
    """Return what stands in the middle before a conversation is opened."""
    if waiting:
        return empty("chat", f"有 {waiting} 位顾客在等候", "点击左侧任一会话查看，或从排队列表接入。")
    return empty("leaf", "一切安静", "选择左侧的会话即可查看；有顾客要求人工时，排队列表会立刻亮起。")


def composer(entry: Entry | None, *, agent_id: int) -> str:
    """Return the composer for who has the session, and for others a line that says who has it."""
    if entry is None:
        return ""
    if entry.state == "agent" and entry.agent_id == agent_id:
        return (
            f'<form class="write" data-do="send" data-conversation="{entry.conversation_id}">'
            '<div class="phrases" role="listbox" aria-label="快捷话术" hidden></div>'
            '<div class="quoting" hidden><span></span><button type="button" class="icon-button quiet" '
            f'data-do="unquote" aria-label="不引用">{icon("close")}</button></div>'
            '<textarea name="text" rows="1" maxlength="5000" aria-label="回复顾客" '
            'placeholder="回复顾客，Enter 发送，Shift+Enter 换行，输入 / 选快捷话术"></textarea>'
            f'<div class="write-do"><button type="button" class="icon-button" data-do="phrases" aria-label="快捷话术" '
            f'title="快捷话术（/）">{icon("phrase")}</button>'
            f'<button type="button" class="icon-button" data-do="products" aria-label="发送商品卡片" '
            f'title="发送商品卡片">{icon("card")}</button>'
            f'<button type="button" class="icon-button" data-do="coupons" aria-label="发优惠券" '
            f'title="发优惠券">{icon("coupon")}</button>'
            f'<button type="button" class="icon-button" data-do="offer" aria-label="发活动卡片" '
            f'title="发活动卡片">{icon("offer")}</button>'
            f'<button type="button" class="icon-button" data-do="orders" aria-label="发订单" '
            f'title="发订单">{icon("order")}</button>'
            f'<button type="button" class="icon-button" data-do="program" aria-label="发小程序卡片" '
            f'title="发小程序卡片">{icon("program")}</button><span class="grow"></span>'
            f'<button class="icon-button strong" aria-label="发送" title="发送（Enter）">{icon("send")}</button>'
            "</div></form>"
        )
    lines = {
        "bot": "机器人正在接待。接管后由您回复，机器人即停止应答。",
        "queued": "顾客正在排队。接管后即可回复。",
        "agent": f"{entry.agent_name or '同事'} 正在接待。需要时可以接管。",
        "closed": "会话已结束。顾客再次来信会开启新的会话。",
    }
    take = '<button class="button" data-do="take">接管</button>' if entry.state != "closed" else ""
    return f'<div class="locked"><p>{esc(lines[entry.state])}</p>{take}</div>'
