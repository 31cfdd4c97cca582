"""Cards that open a mini-program, made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging_core.errors import invalid

FORM = (
    '<form data-do="send_program" class="offer"><label>小程序名称<input name="name" maxlength="60" required '
    'placeholder="月茶会员" autofocus></label><label>卡片标题<input name="title" maxlength="60" required '
    'placeholder="查看积分与会员权益"></label><label>小程序编号（AppID）<input name="app_id" maxlength="60" required '
    'placeholder="wx0123456789abcdef" autocapitalize="off"></label><label>打开哪一页（可不填）<input name="path" '
    'maxlength="500" placeholder="pages/member/index"></label><label>打不开小程序时的网页（可不填）<input name="url" '
    'maxlength="500" placeholder="/demo/ 或 https://…"></label><label>附言（可不填）<input name="note" maxlength="200">'
    '</label><button class="button">发送</button></form>'
)
"""The dialog's inside."""
_MUST = ("name", "title", "app_id")


def card_of(told: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a `mini_program` as its form was filled in; raises `invalid_request` for what is missing."""
    body = {key: told.get(key, "").strip() for key in (*_MUST, "path", "url", "note")}
    for key in _MUST:
        if not body[key]:
            raise invalid("empty", key)
    return {key: text for key, text in body.items() if text}
