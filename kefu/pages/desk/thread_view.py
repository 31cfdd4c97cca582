"""A conversation as HTML: messages by whoever said them, the session's steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.pages.desk import kinds_view, words
from kefu.pages.staff.html import avatar, esc, icon, yuan

GONE = ("recalled", "deleted")


def item(
    frame: Mapping[str, Any],
    *,
    customer_name: str,
    names: Mapping[str, str],
    load: kinds_view.Load = lambda media_id: f"/v1/media/{media_id}?",
    said: Mapping[int, Mapping[str, Any]] = {},
) -> str:
    """Return a message, or a step of the session; `said`: messages by `seq`, where what is answered is looked up."""
    if frame.get("type") == "event":
        return _step(frame)
    return _message(frame, customer_name=customer_name, names=names, load=load, said=said)


def _message(
    message: Mapping[str, Any],
    *,
    customer_name: str,
    names: Mapping[str, str],
    load: kinds_view.Load,
    said: Mapping[int, Mapping[str, Any]],
) -> str:
    origin = message["origin"]
    if origin == "system":
        return f'<div class="notice"><span>{_body(message, load)}</span></div>'
    sender = int(message["sender_id"])
    who = _who(message, customer_name, names)
    mark = '<span class="ai" title="由 AI 生成">AI</span>' if origin == "bot" else ""
    face = (
        f'<span class="avatar avatar-small bot-face" aria-hidden="true">{icon("bot")}</span>'
        if origin == "bot"
        else avatar(who, sender, small=True)
    )
    return (
        f'<article class="msg from-{esc(origin)}" data-seq="{message["seq"]}" data-msg-no="{message["msg_no"]}">{face}'
        f'<div class="msg-main"><header>{mark}<span>{esc(who)}</span><time data-at="{esc(message["at"])}"></time>'
        f'{_marks(message)}<i class="seen"></i></header>{_quotation(message, said, customer_name, names)}'
        f"{_body(message, load)}{_reactions(message)}{_acts(message, who)}</div></article>"
    )


def _who(message: Mapping[str, Any], customer_name: str, names: Mapping[str, str]) -> str:
    unnamed = {"person": customer_name, "bot": "机器人"}.get(message["origin"], "客服")
    return customer_name if message["origin"] == "person" else names.get(message["sender_id"], unnamed)


def _marks(message: Mapping[str, Any]) -> str:
    marks = [text for field, text in (("forwarded", "转发"), ("edited_at", "已编辑")) if message.get(field)]
    return "".join(f'<span class="edited">{text}</span>' for text in marks)


def _quotation(
    message: Mapping[str, Any], said: Mapping[int, Mapping[str, Any]], customer_name: str, names: Mapping[str, str]
) -> str:
    """Return what a message answers, as it reads now: its words may have been recalled since."""
    answered = message.get("reply_to")
    if not answered:
        return ""
    quoted = said.get(answered["seq"])
    if quoted is None or quoted["kind"] in GONE:
        return '<blockquote class="quoted">原消息已不可见</blockquote>'
    words_ = kinds_view.in_short(quoted["kind"], quoted["body"])
    return f'<blockquote class="quoted"><b>{esc(_who(quoted, customer_name, names))}</b> {esc(words_)}</blockquote>'


def _acts(message: Mapping[str, Any], who: str) -> str:
    """Return what an agent can do with a message: answer it, and take back what his side has said."""
    if message["kind"] in GONE:
        return ""
    seq, short = message["seq"], esc(f"{who}：{kinds_view.in_short(message['kind'], message['body'])}")
    buttons = f'<button type="button" data-do="quote" data-seq="{seq}" data-said="{short}">引用</button>'
    if message["origin"] in ("agent", "bot"):
        buttons += f'<button type="button" data-do="recall" data-seq="{seq}">撤回</button>'
    return f'<div class="msg-do">{buttons}</div>'


def _reactions(message: Mapping[str, Any]) -> str:
    found = message.get("reactions") or {}
    shown = "".join(f"<li>{esc(emoji)}<b>{len(who)}</b></li>" for emoji, who in found.items())
    return f'<ul class="reactions" aria-label="回应">{shown}</ul>' if shown else ""


def _body(message: Mapping[str, Any], load: kinds_view.Load) -> str:
    body = message["body"]
    shown = kinds_view.show(message["kind"], body, load)
    if shown is not None:
        return shown
    if message["kind"] == "product_card":
        return card(body)
    if message["kind"] == "choices":
        buttons = "".join(f"<li>{esc(choice['label'])}</li>" for choice in body["choices"])
        said = f'<div class="bubble">{_text(body["text"])}</div>'
        return f'{said}<ul class="choices" aria-label="给顾客的选项">{buttons}</ul>'
    if "text" in body:
        return f'<div class="bubble">{_text(body["text"])}</div>'
    return f'<div class="bubble unknown">暂不支持显示的消息：{esc(message["kind"])}</div>'


def _text(text: str) -> str:
    return esc(text).replace("\n", "<br>")


def card(body: Mapping[str, Any]) -> str:
    """Return a product card; its address was checked when it was sent."""
    price = f'<b class="card-price">{yuan(body["price_fen"])}</b>' if body.get("price_fen") is not None else ""
    picture = f'<img src="{esc(body["image_url"])}" alt="" loading="lazy">' if body.get("image_url") else ""
    note = f'<div class="card-foot"><span>{esc(body["note"])}</span></div>' if body.get("note") else ""
    inside = (
        f'<div class="card-main"><span class="card-picture">{icon("card")}{picture}</span>'
        f'<span class="card-text"><span class="card-title">{esc(body["title"])}</span>{price}</span></div>{note}'
    )
    if body.get("url"):
        return f'<a class="card" href="{esc(body["url"])}" target="_blank" rel="noopener noreferrer">{inside}</a>'
    return f'<div class="card">{inside}</div>'


def _step(event: Mapping[str, Any]) -> str:
    data = event["data"]
    text = words.STEP.get(event["kind"], event["kind"]).format(agent=data.get("agent_name") or "客服")
    if event["kind"] == "session.queued" and data.get("reason"):
        text += f"（{words.reason(data['reason'])}）"
    return (
        f'<div class="notice" data-seq="{event["seq"]}"><span>{esc(text)} '
        f'<time data-at="{esc(event["at"])}"></time></span></div>'
    )
