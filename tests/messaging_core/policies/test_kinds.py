"""The kinds of messages, as the table 'Messages' has them: what each body may hold, and who may send it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kefu.base.clock import parse_time
from messaging_core.cards.policy import check_alive, check_answers
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor
from messaging_core.messages.kinds import KINDS, find_words, read_body, sent_part
from messaging_core.messages.kinds.card import Button, Form
from messaging_core.settings import Limits

LIMITS = Limits()
OFFER = {"title": "龙井", "product_id": "MT-1001"}
ORDER = {"title": "龙井", "order_id": "1", "status": "paid"}
COUPON = {"coupon_id": "c1", "title": "立减", "amount_fen": 2000}
PROGRAM = {"app_id": "moon-tea", "name": "月茶", "title": "会员日"}
NOTICE = {"title": "明早维护"}


def read(kind: str, body: Any) -> Any:
    return msgspec.json.decode(read_body(kind, 1, msgspec.json.encode(body), LIMITS))


SOON = "2026-11-30T16:00:00Z"
FORM = {"fields": [{"key": "phone", "label": "手机", "kind": "phone"}], "consent": "仅用于回访"}
OPEN = {"key": "go", "label": "去看看", "act": "open", "url": "https://moontea.example/sale"}
CARD = {"title": "限时福利", "buttons": [{**OPEN, "expires_at": SOON}]}
SHOT = {"say": "倒茶", "ms": 5000}


def template(*shots: int) -> dict[str, Any]:
    return {"media_id": "1", "template": {"title": "泡茶", "shots": [{**SHOT, "ms": ms} for ms in shots]}}


GOOD = [
    ("image", {"media_id": "1", "note": "新茶到了"}),
    ("gif", {"media_id": "1"}),
    ("video", {"media_id": "1", "poster_id": "2"}),
    ("brand_emoji", {"pack_id": "1", "emoji_id": "2"}),
    ("link", {"url": "https://moontea.example/a?b=c", "note": "看看"}),
    ("video_template", template(5000, 10000)),
    ("video_template", {"media_id": "1", "same_as": {"conversation_id": "2", "seq": 3}}),
    ("card", CARD),
    ("card", {"title": "留资", "buttons": [{"key": "form", "label": "预约", "act": "form", "form": FORM}]}),
    ("card", {"title": "问问", "buttons": [{"key": "say", "label": "多少钱", "act": "say", "say": "龙井多少钱"}]}),
    ("emoji", {"emoji": "👍"}),
    ("emoji", {"emoji": "👍🏽"}),
    ("emoji", {"emoji": "❤️"}),
    ("emoji", {"emoji": "🇨🇳"}),
    ("emoji", {"emoji": "👨‍👩‍👧‍👦"}),
    ("emoji", {"emoji": "🏴󠁧󠁢󠁥󠁮󠁧󠁿"}),
    ("emoji", {"emoji": "5️⃣"}),
    ("order_card", OFFER),
    ("order_card", ORDER),
    ("coupon_card", COUPON),
    ("coupon_card", {**COUPON, "expires_at": "2026-11-30T16:00:00+08:00"}),
    ("mini_program", {**PROGRAM, "path": "pages/a?b=c"}),
    ("system_notice", {**NOTICE, "level": "warning", "url": "https://kefu.example/notice"}),
]


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_a_body_is_taken(kind: str, body: Any) -> None:
    assert read(kind, body).items() >= body.items()


BAD = [
    ("image", {"media_id": "../1"}),
    ("image", {"media_id": ""}),
    ("link", {"url": "javascript:alert(1)"}),
    ("link", {"url": "/v1/me"}),
    ("link", {"url": "https://"}),
    ("video_template", template(5000, 10001)),
    ("video_template", {"media_id": "1"}),
    ("video_template", {**template(1000), "same_as": {"conversation_id": "2", "seq": 3}}),
    ("card", {"title": "空", "buttons": []}),
    ("card", {**CARD, "buttons": [{**OPEN, "url": "javascript:alert(1)"}]}),
    ("card", {**CARD, "buttons": [{**OPEN, "url": ""}]}),
    ("card", {**CARD, "buttons": [OPEN, OPEN]}),
    ("card", {**CARD, "buttons": [{**OPEN, "expires_at": "tomorrow"}]}),
    ("card", {**CARD, "buttons": [{"key": "f", "label": "预约", "act": "form"}]}),
    ("card", {**CARD, "buttons": [{"key": "f", "label": "预约", "act": "form", "form": {**FORM, "consent": ""}}]}),
    ("emoji", {"emoji": "a"}),
    ("emoji", {"emoji": "5"}),
    ("emoji", {"emoji": "👍👍"}),
    ("emoji", {"emoji": "🇨"}),
    ("emoji", {"emoji": "👍 加微信"}),
    ("emoji", {"emoji": "\ufe0f"}),
    ("order_card", {"title": "龙井"}),
    ("order_card", {"title": "龙井", "status": "paid", "product_id": "1"}),
    ("order_card", {**OFFER, "url": "javascript:alert(1)"}),
    ("order_card", {**ORDER, "status": "stolen"}),
    ("order_card", {**OFFER, "quantity": 0}),
    ("coupon_card", {"coupon_id": "c1", "title": "空"}),
    ("coupon_card", {**COUPON, "percent": 10}),
    ("coupon_card", {**COUPON, "expires_at": "soon"}),
    ("mini_program", {**PROGRAM, "app_id": "../../etc"}),
    ("mini_program", {**PROGRAM, "icon_url": "data:text/html,x"}),
    ("mini_program", {**PROGRAM, "path": "a\nb"}),
    ("system_notice", {"title": " "}),
]


@pytest.mark.parametrize(("kind", "body"), BAD)
def test_a_body_is_refused_with_its_place(kind: str, body: Any) -> None:
    with pytest.raises(CoreError) as refusal:
        read(kind, body)
    assert refusal.value.code == "invalid_request"
    assert str(refusal.value.data["field"]).startswith("body")


SHOP = 7
PERSON = Actor(1, "personal", "")
AGENT = Actor(2, "personal", "", SHOP, "agent")
ANALYST = Actor(3, "personal", "", SHOP, "analyst")
BOT = Actor(4, "bot", "", SHOP)
OTHER_BOT = Actor(5, "bot", "", 8)
SYSTEM = Actor(6, "system", "")
SENDERS = [
    ("emoji", None, PERSON, None),
    ("order_card", SHOP, PERSON, None),
    ("mini_program", None, PERSON, None),
    ("coupon_card", SHOP, AGENT, None),
    ("coupon_card", SHOP, BOT, None),
    ("coupon_card", SHOP, PERSON, "enterprise_sends"),
    ("coupon_card", SHOP, ANALYST, "enterprise_sends"),
    ("coupon_card", SHOP, OTHER_BOT, "enterprise_sends"),
    ("coupon_card", None, AGENT, "enterprise_sends"),
    ("card", SHOP, AGENT, None),
    ("card", SHOP, PERSON, "enterprise_sends"),
    ("card", None, PERSON, "enterprise_sends"),
    ("image", None, PERSON, None),
    ("system_notice", SHOP, SYSTEM, None),
    ("system_notice", SHOP, BOT, "system_only"),
    ("system_notice", SHOP, AGENT, "system_only"),
    ("system_notice", None, PERSON, "system_only"),
]


@pytest.mark.parametrize(("kind", "enterprise_id", "actor", "reason"), SENDERS)
def test_who_may_send_a_kind(kind: str, enterprise_id: int | None, actor: Actor, reason: str | None) -> None:
    if reason is None:
        KINDS[kind, 1].check_sender(actor, enterprise_id=enterprise_id)
        return
    with pytest.raises(CoreError) as refusal:
        KINDS[kind, 1].check_sender(actor, enterprise_id=enterprise_id)
    assert refusal.value.data["reason"] == reason


def test_the_words_of_a_body_are_all_that_people_read_in_it() -> None:
    body = msgspec.json.encode({"text": "选一款", "choices": [{"label": "龙井", "say": "龙井多少钱"}]})
    assert find_words("choices", 1, body).split("\n") == ["选一款", "龙井", "龙井多少钱"]
    assert find_words("emoji", 1, b'{"emoji":"\xf0\x9f\x91\x8d"}') == ""


def test_what_the_server_adds_is_no_part_of_what_was_sent() -> None:
    sent = read_body("image", 1, b'{"media_id":"1","media":{"mime":"text/html"}}', LIMITS)
    assert sent == b'{"media_id":"1"}'
    stored = b'{"media_id":"1","media":{"mime":"image/png","bytes":1,"width":1,"height":1}}'
    assert sent_part("image", 1, stored) == sent


# --- card buttons and forms ----------------------------------------------------------------------------------------

_END = parse_time(SOON)


def test_a_button_is_dead_from_its_time_on() -> None:
    button = msgspec.convert({**OPEN, "expires_at": SOON}, Button)
    check_alive(button, now_us=_END - 1)
    with pytest.raises(CoreError) as refusal:
        check_alive(button, now_us=_END)
    assert (refusal.value.code, refusal.value.data["expired_at"]) == ("button_expired", "2026-11-30T16:00:00.000000Z")
    check_alive(msgspec.convert(OPEN, Button), now_us=2**62)


_FORM = msgspec.convert(
    {
        "consent": "仅用于回访",
        "fields": [
            {"key": "phone", "label": "手机", "kind": "phone"},
            {"key": "mail", "label": "邮箱", "kind": "email", "required": False},
            {"key": "tea", "label": "茶", "kind": "choice", "options": ["龙井", "普洱"], "required": False},
        ],
    },
    Form,
)


@pytest.mark.parametrize(
    ("answers", "consent", "field"),
    [
        ({"phone": "138 0000 0000"}, True, None),
        ({"phone": "+86-13800000000", "mail": "lin@example.com", "tea": "龙井"}, True, None),
        ({"phone": "13800000000"}, False, "body.consent"),
        ({}, True, "body.answers.phone"),
        ({"phone": "加我"}, True, "body.answers.phone"),
        ({"phone": "13800000000", "mail": "lin"}, True, "body.answers.mail"),
        ({"phone": "13800000000", "tea": "咖啡"}, True, "body.answers.tea"),
        ({"phone": "13800000000", "more": "x"}, True, "body.answers.more"),
        ({"phone": "1" * 201}, True, "body.answers.phone"),
    ],
)
def test_a_form_takes_what_its_fields_ask_for_and_nothing_without_consent(
    answers: dict[str, str], consent: bool, field: str | None
) -> None:
    if field is None:
        assert check_answers(_FORM, answers, consent=consent) == answers
        return
    with pytest.raises(CoreError) as refusal:
        check_answers(_FORM, answers, consent=consent)
    assert refusal.value.data["field"] == field
