"""The settings page as HTML: switch, name and greeting, hours, triggers, preview, versions."""

from __future__ import annotations

from collections.abc import Sequence

from bot.settings import BotSettings
from kefu.base.clock import format_time
from kefu.pages.bot_settings.form import DAYS
from kefu.pages.desk import thread_view, words
from kefu.pages.staff.house import Preview, SettingsVersion
from kefu.pages.staff.html import esc, icon
from messaging_core.api import DeskSettings, Seat

_VERSIONS_SHOWN = 20
_ON = "已开启：机器人先接待，答不好就转人工。"
_OFF = "未开启：顾客直接进入人工排队。"


def form(settings: BotSettings, *, editable: bool) -> str:
    """Return the form with the settings in it."""
    off = "" if editable else " disabled"
    return (
        f'<form id="settings" data-do="save" novalidate><fieldset{off}>'
        + _switch_card(settings)
        + _card(
            "身份与问候",
            "顾客看到的名字，和会话开始时说的第一句话。",
            _text("name", "机器人名字", settings.name, limit=40)
            + _area("greeting", "问候语", settings.greeting, hint="留空则不问候。机器人消息始终标注由 AI 生成。"),
        )
        + _card(
            "服务时间", f"机器人在这些时间应答（{esc(settings.hours.zone)}）。不勾选即当天不应答。", _hours(settings)
        )
        + _card(
            "转人工",
            "顾客明确要求人工时总会转接；以下情况也转。",
            '<div class="checks">'
            + _check("complaint", "顾客投诉", checked=settings.triggers.complaint)
            + _check("anger", "顾客情绪激动", checked=settings.triggers.anger)
            + "</div><div class='pair'>"
            + _number("misses", "连续未答上来", settings.triggers.misses, unit="次")
            + _number("repeats", "重复同一回答", settings.triggers.repeats, unit="次")
            + "</div>"
            + _text(
                "words",
                "触发词",
                "，".join(settings.triggers.words),
                limit=2000,
                hint="顾客说到这些词立即转人工，用逗号分隔，如：发票抬头，批发",
            ),
        )
        + "</fieldset></form>"
    )


def _card(title: str, lead: str, inside: str) -> str:
    return f'<section class="sheet"><header><h2>{title}</h2><p>{lead}</p></header>{inside}</section>'


def _switch_card(settings: BotSettings) -> str:
    return (
        '<section class="sheet hero"><label class="switch"><input type="checkbox" name="auto_reply" value="1" '
        f'role="switch"{" checked" if settings.auto_reply else ""}><i></i><span><h2>自动应答</h2>'
        f'<p data-on="{_ON}" data-off="{_OFF}">{_ON if settings.auto_reply else _OFF}</p></span></label></section>'
    )


def _fault(name: str) -> str:
    return f'<p class="fault" data-fault="{name}" role="alert" hidden></p>'


def _text(name: str, label: str, value: str, *, limit: int, hint: str = "") -> str:
    more = f"<small>{hint}</small>" if hint else ""
    return (
        f'<div class="field"><label for="{name}">{label}</label><input id="{name}" name="{name}" value="{esc(value)}" '
        f'maxlength="{limit * 2}" autocomplete="off">{more}{_fault(name)}</div>'
    )


def _area(name: str, label: str, value: str, *, hint: str) -> str:
    return (
        f'<div class="field"><label for="{name}">{label}</label><textarea id="{name}" name="{name}" rows="3">'
        f"{esc(value)}</textarea><small>{hint}</small>{_fault(name)}</div>"
    )


def _number(name: str, label: str, value: int, *, unit: str) -> str:
    return (
        f'<div class="field"><label for="{name}">{label}</label><span class="with-unit"><input id="{name}" '
        f'name="{name}" value="{value}" inputmode="numeric"><em>{unit}</em></span>{_fault(name)}</div>'
    )


def _check(name: str, label: str, *, checked: bool) -> str:
    return (
        f'<label class="check"><input type="checkbox" name="{name}" value="1"{" checked" if checked else ""}>'
        f"{label}</label>"
    )


def _hours(settings: BotSettings) -> str:
    rows = ""
    for day, name in enumerate(DAYS):
        spans = settings.hours.days[day] if day < len(settings.hours.days) else ()
        start, end = spans[0] if spans else ("09:00", "21:00")
        more = f"<small>另有 {len(spans) - 1} 段</small>" if len(spans) > 1 else ""
        rows += (
            f'<div class="day"><label class="check"><input type="checkbox" name="day{day}" value="1"'
            f'{" checked" if spans else ""}>{name}</label><span class="span"><input name="start{day}" value="{start}" '
            f'maxlength="5" inputmode="numeric" aria-label="{name}开始"><i>至</i><input name="end{day}" value="{end}" '
            f'maxlength="5" inputmode="numeric" aria-label="{name}结束">{more}</span>{_fault(f"day{day}")}</div>'
        )
    return f'<div class="days">{rows}</div>' + _area(
        "off_hours_text", "非服务时间说一句", settings.off_hours_text, hint="留空则保持沉默，顾客等待人工。"
    )


def bar(*, editable: bool, version: int) -> str:
    """Return the line with the button that saves."""
    if not editable:
        return '<div class="save"><p>只有店主和管理员可以修改，您可以查看和试问。</p></div>'
    return (
        f'<div class="save"><p>当前第 <b>{version}</b> 版<span class="unsaved" hidden> · 有未保存的修改</span></p>'
        '<button class="button" form="settings">保存并立即生效</button></div>'
    )


def asking() -> str:
    """Return the preview's form."""
    return (
        f'<section class="sheet"><header><h2>{icon("play")}试问一句</h2>'
        "<p>用左侧当前填写的内容试答，不会发送给任何人。</p></header>"
        '<form data-do="ask" class="ask"><input name="question" maxlength="500" autocomplete="off" '
        'placeholder="例如：龙井多少钱？" aria-label="试问一句"><button class="button">试一试</button></form></section>'
    )


def answer(question: str, preview: Preview, *, name: str) -> str:
    """Return what the bot would say, and why."""
    said = "".join(
        thread_view.item(
            {
                "origin": "bot",
                "kind": kind,
                "body": body,
                "sender_id": "0",
                "seq": place,
                "msg_no": place,
                "at": "",
            },
            customer_name="",
            names={"0": name},
        )
        for place, (kind, body) in enumerate(preview.replies)
    )
    confidence = f"{preview.confidence:.0%}" if preview.confidence is not None else "—"
    rows = "".join(
        f"<li><header><span>{esc(words.EVIDENCE.get(one.kind, one.kind))}</span>"
        f"{f'<small>{one.score:.2f}</small>' if one.score is not None else ''}</header><p>{esc(one.text)}</p>"
        f"<code>{esc(one.source)}</code></li>"
        for one in preview.evidence
    )
    silent = '<p class="faint pad">机器人会保持沉默。</p>' if not preview.replies else ""
    return (
        f'<section class="sheet tried"><p class="asked">{esc(question)}</p><div class="items">{said}</div>{silent}'
        f"<dl><dt>做法</dt><dd>{esc(words.ACT.get(preview.act, preview.act))} · {esc(preview.reason)}</dd>"
        f"<dt>意图</dt><dd>{esc(preview.intent or '未识别')}</dd><dt>置信度</dt><dd>{confidence}</dd></dl>"
        f'<details><summary>依据 {len(preview.evidence)} 条</summary><ol class="evidence">{rows}</ol>'
        "</details></section>"
    )


def no_answer(text: str) -> str:
    """Return why there is no preview."""
    return f'<section class="sheet tried"><p class="faint">{esc(text)}</p></section>'


def history(versions: Sequence[SettingsVersion], *, editable: bool) -> str:
    """Return who changed what when; an older version can be brought back into the form."""
    rows = "".join(
        f'<li><span class="number">第 {one.version} 版</span><span><b>{esc(one.author)}</b> '
        f'<time data-at="{format_time(one.at_us)}"></time><small>{esc(_differs(one, before))}</small></span>'
        + (
            f'<button class="link" type="button" data-do="restore" data-version="{one.version}">填入</button>'
            if editable and place
            else ""
        )
        + "</li>"
        for place, (one, before) in enumerate(zip(versions[:_VERSIONS_SHOWN], [*versions[1:], None], strict=False))
        if one.version
    )
    listed = f'<ul class="versions">{rows}</ul>' if rows else '<p class="faint">还没有保存过，正在使用默认设置。</p>'
    return f'<section class="sheet"><header><h2>{icon("history")}修改记录</h2></header>{listed}</section>'


_FIELDS = {
    "auto_reply": "自动应答",
    "name": "名字",
    "greeting": "问候语",
    "hours": "服务时间",
    "off_hours_text": "非服务时间",
    "triggers": "转人工条件",
    "deadline_ms": "时限",
    "stages": "实现",
}


def _differs(one: SettingsVersion, before: SettingsVersion | None) -> str:
    if before is None:
        return "首次设置"
    changed = [
        name for field, name in _FIELDS.items() if getattr(one.settings, field) != getattr(before.settings, field)
    ]
    return "修改了" + "、".join(changed) if changed else "没有变化"


def desk_card(settings: DeskSettings, seats: Sequence[Seat], *, editable: bool) -> str:
    """Return how the human desk works: who gets the next customer, and how many at once."""
    off = "" if editable else " disabled"
    rows = "".join(
        f'<li><i class="dot {seat.status}"></i><span>{esc(seat.name)}</span>'
        f"<small>接待 {seat.load}/{seat.capacity}</small>"
        f'<input name="capacity{seat.account_id}" value="{seat.own_capacity if seat.own_capacity is not None else ""}" '
        f'placeholder="{settings.capacity}" inputmode="numeric" aria-label="{esc(seat.name)}的接待上限"></li>'
        for seat in seats
    )
    save = '<button class="button plain">保存接待设置</button>' if editable else ""
    return (
        '<section class="sheet"><header><h2>人工接待</h2><p>排队按先来后到；每位客服不会超过接待上限。</p></header>'
        f'<form data-do="save_desk"><fieldset{off}>'
        + _check("auto_assign", "自动分配给最有空的在线客服", checked=settings.auto_assign)
        + "<div class='pair'>"
        + _number("capacity", "每人接待上限", settings.capacity, unit="个")
        + _number("grace_s", "离线多久退回排队", settings.grace_s, unit="秒")
        + f'</div><ul class="seats">{rows}</ul>{save}</fieldset></form></section>'
    )
