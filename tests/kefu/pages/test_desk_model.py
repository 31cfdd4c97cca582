"""What a desk page keeps and shows: lists, unread marks, and that nothing said can become markup."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import BotSettings
from kefu.pages.bot_settings.form import FormError, read_form
from kefu.pages.desk import kinds_view, list_view, thread_view
from kefu.pages.desk.model import Board, Entry

QIAO, LIN = 7, 9
EVIL = "<img src=x onerror=alert(1)>\"'"


def entry(place: int, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "session_id": place,
        "conversation_id": place,
        "customer_id": LIN,
        "customer_name": f"客{place}",
        "state": "queued",
        "agent_id": None,
        "agent_name": None,
        "reason": "human_wish",
        "summary": "",
        "opened_at": 0,
        "changed_at": 0,
        "queued_at": 100 - place,
        "stars": None,
        "words": "",
        "said_at": "",
        "from_customer": True,
        "unread": 0,
    }
    return Entry(**{**values, **changes})


def message(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "sender_id": str(LIN),
        "origin": "person",
        "kind": "text",
        "body": {"text": "在吗"},
        "seq": 3,
        "msg_no": 2,
        "at": "2026-11-22T08:00:00.000000Z",
        **changes,
    }


def test_the_queue_is_in_order_of_arrival() -> None:
    board = Board(agent_id=QIAO)
    board.replace([entry(1), entry(2), entry(3)])
    assert [one.session_id for one in board.queue()] == [3, 2, 1]


def test_what_was_said_while_one_looked_elsewhere_counts_as_unread_until_one_looks() -> None:
    board = Board(agent_id=QIAO)
    board.replace([entry(1, state="agent", agent_id=QIAO)])
    board.hear(1, message(), is_read=False)
    board.hear(1, message(), is_read=False)
    assert board.unread() == 2
    board.mark_read(1)
    assert board.unread() == 0
    board.hear(1, message(), is_read=True)
    assert board.unread() == 0


def test_what_is_said_to_a_colleague_or_the_bot_is_not_unread() -> None:
    board = Board(agent_id=QIAO)
    board.replace([entry(1, state="agent", agent_id=8), entry(2, state="bot")])
    for conversation in (1, 2):
        board.hear(conversation, message(), is_read=False)
    assert board.unread() == 0


def test_a_closed_session_leaves_the_lists() -> None:
    board = Board(agent_id=QIAO)
    board.replace([entry(1)])
    board.put(entry(1, state="closed"))
    assert board.all() == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text", {"text": EVIL}),
        ("choices", {"text": EVIL, "choices": [{"label": EVIL, "say": EVIL}]}),
        ("product_card", {"product_id": EVIL, "title": EVIL, "note": EVIL, "url": '/x"onmouseover="alert(1)'}),
        ("image", {"media_id": EVIL, "note": EVIL}),
        ("video", {"media_id": EVIL, "poster_id": EVIL, "note": EVIL}),
        ("link", {"url": f'https://a.example/"onmouseover="{EVIL}', "note": EVIL, "preview": {"title": EVIL}}),
        ("coupon_card", {"title": EVIL, "amount_fen": 1, "note": EVIL}),
        ("card", {"title": EVIL, "text": EVIL, "buttons": [{"label": EVIL}]}),
        ("emoji", {"emoji": EVIL}),
        (EVIL, {}),
    ],
)
def test_what_people_write_never_becomes_markup(kind: str, body: dict[str, Any]) -> None:
    shown = thread_view.item(message(kind=kind, body=body), customer_name=EVIL, names={})
    assert "<img src=x" not in shown
    assert '"onmouseover' not in shown


def test_names_and_reasons_in_the_list_never_become_markup() -> None:
    shown = list_view.rows([entry(1, customer_name=EVIL, words=EVIL, reason=EVIL)], "queue", chosen=None)
    assert "<img src=x" not in shown


def test_a_long_list_shows_its_first_hundred_and_says_so() -> None:
    shown = list_view.rows([entry(place) for place in range(150)], "all", chosen=None)
    assert shown.count('role="listitem"') == list_view.SHOWN
    assert "还有 50 个会话未列出" in shown


FIELDS: dict[str, Any] = {"name": "小月", "misses": "2", "repeats": "3"}


def test_the_form_keeps_what_it_does_not_show() -> None:
    before = BotSettings(deadline_ms=900, stages={})
    made = read_form({**FIELDS, "auto_reply": "1", "day0": "1", "start0": "09:00", "end0": "24:00"}, before)
    assert (made.auto_reply, made.deadline_ms) == (True, 900)
    assert made.hours.days[0] == (("09:00", "24:00"),)
    assert made.hours.days[1:] == ((),) * 6


def test_words_are_parted_by_any_comma_and_kept_once() -> None:
    assert read_form({**FIELDS, "words": "批发，发票、批发\n 团购 ,"}, BotSettings()).triggers.words == (
        "批发",
        "发票",
        "团购",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"greeting": "长" * 501}, "greeting"),
        ({"misses": "0"}, "misses"),
        ({"misses": "两次"}, "misses"),
        ({"repeats": "99"}, "repeats"),
        ({"day3": "1", "start3": "09:00", "end3": "09:00"}, "day3"),
        ({"day3": "1", "start3": "25:00", "end3": "26:00"}, "day3"),
        ({"day3": "1", "start3": "", "end3": ""}, "day3"),
    ],
)
def test_each_fault_names_its_field(changes: dict[str, str], field: str) -> None:
    with pytest.raises(FormError) as raised:
        read_form({**FIELDS, **changes}, BotSettings())
    assert raised.value.field == field
    assert raised.value.text.endswith("。")


MEDIA = {"media_id": "5", "media": {"mime": "image/png", "bytes": 1, "width": 1, "height": 1}}
SHOTS = {"title": "三步泡龙井", "shots": [{"say": "温杯", "ms": 4000}]}
KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "emoji": ({"emoji": "👍"}, ("👍",)),
    "image": ({**MEDIA, "note": "新茶"}, ("<img", "新茶")),
    "gif": (MEDIA, ("<img",)),
    "brand_emoji": ({**MEDIA, "name": "笑"}, ("<img",)),
    "video": (MEDIA, ("<video controls",)),
    "video_template": ({**MEDIA, "template": SHOTS}, ("<video controls", "拍同款 · 三步泡龙井", "温杯 · 4 秒")),
    "link": ({"url": "https://tea.example/a", "note": "看看"}, ('href="https://tea.example/a"', "看看")),
    "order_card": (
        {"title": "龙井", "status": "shipped", "order_id": "MT1", "quantity": 2, "total_fen": 53600},
        ("订单 MT1", "已发货", "¥536 · 共 2 件"),
    ),
    "coupon_card": (
        {
            "coupon_id": "N",
            "title": "新客立减",
            "amount_fen": 2000,
            "min_spend_fen": 10000,
            "expires_at": "2026-11-30T16:00:00Z",
        },
        ("优惠券", "立减 ¥20", "满 ¥100 可用", 'data-at="2026-11-30T16:00:00Z"'),
    ),
    "mini_program": ({"app_id": "moon-tea", "name": "月茶", "title": "会员日"}, ("小程序 · 月茶", "会员日")),
    "card": ({"title": "福利", "text": "半价", "buttons": [{"label": "去抢"}]}, ("福利", "半价", "<li>去抢</li>")),
    "red_packet": ({"packet_id": "1", "note": "喝茶", "split": "random", "shares": 3}, ("喝茶", "拼手气 · 3 份")),
    "system_notice": ({"title": "维护", "text": "今晚十点", "level": "info"}, ("系统通知", "维护", "今晚十点")),
    "merged": (
        {"title": "林小姐的聊天记录", "items": [{"sender_name": "林小姐", "kind": "text", "body": {"text": "在吗"}}]},
        ("林小姐的聊天记录", "1 条", "<b>林小姐</b> 在吗"),
    ),
    "recalled": ({"by": "7"}, ("消息已撤回",)),
    "deleted": ({}, ("您已删除这条消息",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_shown_in_words_and_in_one_line_for_the_list(kind: str) -> None:
    body, shown = KINDS[kind]
    html = kinds_view.show(kind, body, lambda media_id: f"/v1/media/{media_id}?") or ""
    assert [part for part in shown if part not in html] == []
    assert not kinds_view.in_short(kind, body).startswith(f"[{kind}")


def test_no_kind_of_the_messenger_is_unknown_to_the_desk() -> None:
    from messaging_core.messages.kinds import KINDS as known

    plain = {"text", "choices", "product_card"}
    assert {kind for kind, _ in known} - plain <= set(KINDS)


def test_a_quotation_reads_as_the_message_does_now_and_is_text() -> None:
    said = {3: {"seq": 3, "kind": "text", "body": {"text": EVIL}, "origin": "person", "sender_id": str(LIN)}}
    answer = {
        "seq": 5,
        "msg_no": 4,
        "kind": "text",
        "body": {"text": "能"},
        "origin": "agent",
        "sender_id": str(QIAO),
        "at": "",
        "reply_to": {"seq": 3, "message_id": "1", "sender_id": str(LIN)},
    }
    html = thread_view.item(answer, customer_name="林小姐", names={}, said=said)
    assert "<img" not in html and "&lt;img" in html
    said[3] = {**said[3], "kind": "recalled", "body": {"by": str(LIN)}}
    assert "原消息已不可见" in thread_view.item(answer, customer_name="林小姐", names={}, said=said)
