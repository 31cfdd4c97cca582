"""Bad input gets a coded answer in the reader's language, and leaves nothing half done."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from kefu.base.clock import HOUR_US
from kefu.base.ids import time_of
from kefu.base.texts import LANGS, catalogue
from messaging_core.api import Core
from messaging_core.errors import STATUS
from messaging_core.messages import reading_store as messages
from messaging_core.settings import Limits, Settings
from tests.safety.conftest import NewCore, http_client
from tests.safety.digest import digest
from tests.safety.live import Frame, Live, Wire, join, serve
from tests.safety.test_limits import send
from tests.safety.world import NOWHERE, World
from tests.support.clock import START_US, FakeClock

CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PLACE = re.compile(r"\[\d+\]|\.\d+(?=\.|$)")
Refusal = tuple[str, str]
"""(code, word: the reason's name or a part of the English text)"""


@pytest_asyncio.fixture
async def core(new_core: NewCore) -> AsyncIterator[Core]:
    running = new_core(limits=Limits(frames_burst=10_000, requests_burst=10_000))
    yield running


@pytest_asyncio.fixture
async def live(core: Core) -> AsyncIterator[Live]:
    async with serve(core) as running:
        yield running


def check_told(told: dict[str, Any], lang: str, code: str, word: str) -> None:
    """Check a refusal: its code, its status, and a text in the language with every place filled in."""
    assert told["code"] == code, told
    assert told["status"] == STATUS[code]
    assert "?" not in told["detail"] and "{" not in told["detail"].replace("{}", "")
    assert bool(CHINESE.search(told["detail"])) == (lang == "zh"), told["detail"]
    if lang == "en":
        # A refusal calls a field as its user does; the cases say its path, which the wire tells beside it.
        field = str((told.get("data") or {}).get("field", ""))
        called = catalogue("en").get(f"field.{_PLACE.sub('', field).rpartition('.')[2]}", field)
        said = told["detail"].replace(called, field, 1) if field else told["detail"]
        assert word in said, told["detail"]


# --- texts -------------------------------------------------------------------------------------------------------


def test_every_text_is_there_in_both_languages() -> None:
    zh, en = (catalogue(lang) for lang in ("zh", "en"))
    assert zh.keys() == en.keys()
    assert {f"error.{code}" for code in STATUS} <= zh.keys()
    for key in zh:
        assert set(re.findall(r"{(\w+)}", zh[key])) == set(re.findall(r"{(\w+)}", en[key])), key
        assert CHINESE.search(zh[key]) and not CHINESE.search(en[key]), key


# --- frames ------------------------------------------------------------------------------------------------------

CONVERSATION = "@"  # becomes the id of a conversation of Lin's
SEND = {"type": "send", "conversation_id": CONVERSATION, "client_msg_id": "b1", "kind": "text", "body": {"text": "x"}}
BAD_FRAMES: dict[str, tuple[Frame | bytes, Refusal]] = {
    "not json": (b"hello", ("invalid_frame", "not valid JSON")),
    "empty": (b"", ("invalid_frame", "not valid JSON")),
    "cut off": (b'{"type":"ping"', ("invalid_frame", "not valid JSON")),
    "two objects": (b'{"type":"ping"}{"type":"ping"}', ("invalid_frame", "not valid JSON")),
    "NaN": (b'{"type":"read","conversation_id":"1","msg_no":NaN}', ("invalid_frame", "not valid JSON")),
    "not utf-8": (b'{"type":"ping","ref":"\xff"}', ("invalid_frame", "not valid UTF-8")),
    "lone surrogate": (b'{"type":"ping","ref":"\\ud800"}', ("invalid_frame", "not valid JSON")),
    "too deep": (b'{"type":"ping","x":' + b"[" * 5000, ("invalid_frame", "too deeply")),
    "an array": (b"[]", ("invalid_frame", "is not what it must be")),
    "no type": ({"ref": "1"}, ("unknown_frame", "''")),
    "unknown type": ({"type": "dance"}, ("unknown_frame", "'dance'")),
    "second hello": ({"type": "hello", "protocol": 1, "token": "x"}, ("invalid_frame", "once")),
    "ref too long": ({"type": "ping", "ref": "r" * 65}, ("invalid_frame", "ref")),
    "number as text": ({**SEND, "conversation_id": 5}, ("invalid_frame", "conversation_id")),
    "id with a sign": ({**SEND, "conversation_id": "-1"}, ("invalid_frame", "conversation_id")),
    "id in other digits": ({**SEND, "conversation_id": "١٢"}, ("invalid_frame", "conversation_id")),
    "id too large": ({**SEND, "conversation_id": "9" * 19}, ("invalid_request", "id")),
    "unknown conversation": ({**SEND, "conversation_id": NOWHERE}, ("not_a_member", "not in this conversation")),
    "client id missing": ({k: v for k, v in SEND.items() if k != "client_msg_id"}, ("invalid_frame", "{}")),
    "client id empty": ({**SEND, "client_msg_id": ""}, ("invalid_frame", "client_msg_id")),
    "client id too long": ({**SEND, "client_msg_id": "c" * 65}, ("invalid_frame", "client_msg_id")),
    "client id with a newline": ({**SEND, "client_msg_id": "c\n"}, ("invalid_frame", "client_msg_id")),
    "client id with a control": ({**SEND, "client_msg_id": "c\u0001"}, ("invalid_frame", "client_msg_id")),
    "client id in Chinese": ({**SEND, "client_msg_id": "消息"}, ("invalid_frame", "client_msg_id")),
    "unknown kind": ({**SEND, "kind": "hologram"}, ("unknown_kind", "hologram")),
    "unknown version": ({**SEND, "v": 2}, ("unknown_kind", "version 2")),
    "version without end": (
        b'{"type":"send","conversation_id":"1","client_msg_id":"v","kind":"text","body":{},"v":1' + b"0" * 400 + b"}",
        ("unknown_kind", "version 1000"),
    ),
    "body missing": ({k: v for k, v in SEND.items() if k != "body"}, ("invalid_frame", "{}")),
    "body of another kind": ({**SEND, "body": {"product_id": "1"}}, ("invalid_request", "body")),
    "body no object": ({**SEND, "body": "x"}, ("invalid_request", "body")),
    "text empty": ({**SEND, "body": {"text": ""}}, ("invalid_request", "body.text must not be empty")),
    "text of spaces": ({**SEND, "body": {"text": " \u3000\n"}}, ("invalid_request", "body.text must not be empty")),
    "text no text": ({**SEND, "body": {"text": 5}}, ("invalid_request", "body")),
    "text too long": ({**SEND, "body": {"text": "x" * 5001}}, ("message_too_long", "at most 5000")),
    "card runs a script": (
        {**SEND, "kind": "product_card", "body": {"product_id": "1", "title": "t", "url": "javascript:alert(1)"}},
        ("invalid_request", "body.url"),
    ),
    "card costs less than nothing": (
        {**SEND, "kind": "product_card", "body": {"product_id": "1", "title": "t", "price_fen": -1}},
        ("invalid_request", "body"),
    ),
    "read of nothing": ({"type": "read", "conversation_id": CONVERSATION}, ("invalid_frame", "{}")),
    "read below zero": ({"type": "read", "conversation_id": CONVERSATION, "msg_no": -1}, ("invalid_frame", "msg_no")),
    "read of half": ({"type": "read", "conversation_id": CONVERSATION, "msg_no": 1.5}, ("invalid_frame", "msg_no")),
    "read of a foreign one": ({"type": "read", "conversation_id": NOWHERE, "msg_no": 1}, ("not_a_member", "not in")),
    "typing perhaps": ({"type": "typing", "conversation_id": CONVERSATION, "on": 1}, ("invalid_frame", "on")),
    "watch a stranger": ({"type": "watch", "account_ids": [NOWHERE]}, ("forbidden", "share a conversation")),
    "watch a word": ({"type": "watch", "account_ids": ["mi"]}, ("invalid_frame", "account_ids")),
    "watch thousands": ({"type": "watch", "account_ids": ["1"] * 5001}, ("invalid_frame", "account_ids")),
    "sync from the future": (
        {"type": "sync", "conversation_id": CONVERSATION, "after_seq": 99},
        ("cursor_ahead", "ahead of the server"),
    ),
    "sync from beyond": (
        {"type": "sync", "conversation_id": CONVERSATION, "after_seq": 2**63},
        ("invalid_frame", "after_seq"),
    ),
}


@pytest.mark.parametrize("lang", LANGS)
async def test_a_bad_frame_is_refused_in_words_and_the_connection_lives(live: Live, world: World, lang: str) -> None:
    before = await live.core.read(digest)
    async with await join(live, world.tokens["lin"], lang=lang) as lin:
        for name, (frame, (code, word)) in BAD_FRAMES.items():
            if isinstance(frame, dict):
                frame = {k: world.ids["direct"] if v == CONVERSATION else v for k, v in frame.items()}
            start = len(lin.seen)
            await lin.say(frame)
            told = await lin.hear_until(type="error")
            check_told(told, lang, code, word)
            assert [f for f in await lin.answers() if f["type"] == "error"] == [], name
            assert len([f for f in lin.seen[start:] if f["type"] == "error"]) == 1, name
    assert await live.core.read(digest) == before
    assert live.bugs == 0


BAD_HELLOS: dict[str, tuple[Frame | bytes, Refusal, int]] = {
    "no frame": (b"\xff\xfe", ("invalid_frame", "not valid"), 4400),
    "another frame": ({"type": "ping"}, ("hello_expected", "must be hello"), 4400),
    "unknown frame": ({"type": "howdy"}, ("unknown_frame", "howdy"), 4400),
    "no token": ({"type": "hello", "protocol": 1}, ("invalid_frame", "{}"), 4400),
    "token no text": ({"type": "hello", "protocol": 1, "token": 5}, ("invalid_frame", "token"), 4400),
    "token too long": ({"type": "hello", "protocol": 1, "token": "x" * 201}, ("invalid_frame", "token"), 4400),
    "wrong token": ({"type": "hello", "protocol": 1, "token": "kf_s_x"}, ("unauthenticated", "Log in"), 4401),
    "empty token": ({"type": "hello", "protocol": 1, "token": ""}, ("unauthenticated", "Log in"), 4401),
    "protocol 2": ({"type": "hello", "protocol": 2, "token": "x"}, ("unsupported_protocol", "2"), 4400),
    "protocol -1": ({"type": "hello", "protocol": -1, "token": "x"}, ("unsupported_protocol", "-1"), 4400),
    "bad cursor": (
        {"type": "hello", "protocol": 1, "token": "x", "cursors": {"a": 1}}, ("invalid_frame", "cursors"), 4400,
    ),
    "cursor below zero": (
        {"type": "hello", "protocol": 1, "token": "x", "cursors": {"1": -1}},
        ("invalid_frame", "cursors"),
        4400,
    ),
    "cursor too large": (
        {"type": "hello", "protocol": 1, "token": "x", "cursors": {"9" * 19: 1}},
        ("invalid_request", "id"),
        4400,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_HELLOS)
@pytest.mark.parametrize("lang", LANGS)
async def test_a_bad_hello_is_refused_in_words_and_closes(live: Live, world: World, name: str, lang: str) -> None:
    frame, (code, word), close_code = BAD_HELLOS[name]
    readable = isinstance(frame, dict) and code not in ("invalid_frame", "unknown_frame", "hello_expected")
    async with await Wire.open(live) as wire:
        await wire.say({**frame, "lang": lang} if isinstance(frame, dict) else frame)
        assert await wire.closed() == close_code
    assert len(wire.seen) == 1
    # Before a hello is understood its language is not known, and Chinese is spoken.
    spoken = lang if readable and code not in ("unsupported_protocol",) else "zh"
    check_told(wire.seen[0], spoken, code, word)
    assert live.bugs == 0


async def test_a_hello_may_bring_hundreds_of_cursors_also_of_foreign_conversations(live: Live, world: World) -> None:
    cursors = {str(int(NOWHERE) + n): n for n in range(1500)}
    cursors |= {world.ids["service"]: 0, world.ids["direct"]: 1}
    async with await join(live, world.tokens["mi"], cursors=cursors) as mi:
        while len(refused := [frame for frame in mi.seen if frame["type"] == "error"]) < len(cursors) - 1:
            await mi.hear()
        assert {frame["code"] for frame in refused} == {"not_a_member"}
        assert {frame["data"]["conversation_id"] for frame in refused} == cursors.keys() - {world.ids["direct"]}
        assert [frame["seq"] for frame in mi.seen if frame["type"] == "event"] == [2]
        assert (await mi.ask(send(world.ids["direct"], "after")))["type"] == "ack"


# --- requests ----------------------------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
BAD_REQUESTS: dict[str, tuple[str, str, bytes, Refusal, int]] = {
    "no JSON": ("POST", "/v1/poll", b"{", ("invalid_request", "not valid JSON"), 422),
    "no UTF-8": ("POST", "/v1/poll", b'{"x":"\xff"}', ("invalid_request", "not valid JSON"), 422),
    "no object": ("POST", "/v1/poll", b"[]", ("invalid_request", "body has the wrong type"), 422),
    "nothing": ("POST", "/v1/conversations", b"", ("invalid_request", "body is missing"), 422),
    "field missing": ("POST", "/v1/conversations", b"{}", ("invalid_request", "body.kind is missing"), 422),
    "other word": ("POST", "/v1/conversations", b'{"kind":"club"}', ("invalid_request", "body.kind must be"), 422),
    "half a wish": (
        "POST", "/v1/conversations", b'{"kind":"direct"}', ("invalid_request", "account_id is missing"), 422,
    ),
    "name too long": (
        "POST", "/v1/conversations", b'{"kind":"group","title":"%s"}' % (b"x" * 101),
        ("invalid_request", "body.title is too long, at most 100"), 422,
    ),
    "name of nothing": (
        "POST", "/v1/conversations", b'{"kind":"group","title":" "}', ("invalid_request", "body.title"), 422,
    ),
    "name with NUL": (
        "POST", "/v1/conversations", b'{"kind":"group","title":"a\\u0000"}', ("invalid_request", "body.title"), 422,
    ),
    "name that turns round": (
        "POST", "/v1/conversations", b'{"kind":"group","title":"a\\u202eb"}', ("invalid_request", "body.title"), 422,
    ),
    "name of half a character": (
        "POST", "/v1/conversations", b'{"kind":"group","title":"\\ud83d"}', ("invalid_request", "body.title"), 422,
    ),
    "id no number": ("GET", "/v1/conversations/abc", b"", ("invalid_request", "path.conversation_id"), 422),
    "id too large": ("GET", "/v1/conversations/9999999999999999999", b"", ("invalid_request", "conversation_id"), 422),
    "id with a newline": ("GET", "/v1/conversations/1%0A", b"", ("invalid_request", "path.conversation_id"), 422),
    "limit too large": ("GET", "/v1/conversations?limit=101", b"", ("invalid_request", "query.limit must not be"), 422),
    "limit no number": ("GET", "/v1/conversations?limit=ten", b"", ("invalid_request", "query.limit"), 422),
    "cursor no cursor": ("GET", "/v1/conversations?cursor=x", b"", ("invalid_request", "query.cursor"), 422),
    "key too long": ("POST", "/v1/conversations", b'{"kind":"direct"}', ("invalid_request", "idempotency-key"), 422),
    "unknown page": ("GET", "/v2/everything", b"", ("not_found", "page"), 404),
    "unknown method": ("PUT", "/v1/me", b"", ("invalid_request", "does not take this method"), 405),
    "a key without end": (
        "POST", "/v1/poll", b'{"cursors":{"%s":1}}' % (b"x" * 60_000), ("invalid_request", "xx"), 422,
    ),
    "a time without zone": (
        "POST", "/v1/tokens", b'{"account_id":"1","expires_at":"2026-01-01T00:00:00"}',
        ("invalid_request", "body.expires_at"), 422,
    ),
    "a time beyond time": (
        "POST", "/v1/tokens", b'{"account_id":"1","expires_at":"9999-12-31T23:59:59-23:59"}',
        ("invalid_request", "body.expires_at"), 422,
    ),
    "an origin with a path": (
        "POST", "/v1/tokens", b'{"account_id":"1","origins":["https://a.example/b c"]}',
        ("invalid_request", "body.origins.0"), 422,
    ),
    "an address of no host": ("POST", "/v1/webhooks", b'{"url":"http://[::"}', ("invalid_request", "body.url"), 422),
    "an address of no port": (
        "POST", "/v1/webhooks", b'{"url":"http://a:99999"}', ("invalid_request", "body.url"), 422,
    ),
    "an address with NUL": (
        "POST", "/v1/webhooks", b'{"url":"http://a/\\u0000"}', ("invalid_request", "body.url"), 422,
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
async def test_a_bad_request_is_refused_in_words(live: Live, world: World, lang: str) -> None:
    before = await live.core.read(digest)
    async with live.http() as http:
        for name, (method, path, body, (code, word), status) in BAD_REQUESTS.items():
            headers = {**world.auth("lin"), **JSON, "Accept-Language": f"{lang}-XX,fr;q=0.5"}
            if name == "key too long":
                headers["Idempotency-Key"] = "k" * 65
            answer = await http.request(method, path, content=body, headers=headers)
            assert answer.status_code == status, (name, answer.text)
            told = answer.json()
            assert told["status"] == status
            check_told({**told, "status": STATUS[code]}, lang, code, word)
            assert len(answer.content) < 2000, name
    assert await live.core.read(digest) == before
    assert live.bugs == 0


# --- nothing half done -------------------------------------------------------------------------------------------


async def _refuse(http: httpx.AsyncClient, world: World, actor: str, path: str, body: Any) -> str:
    answer = await http.post(path, json=body, headers=world.auth(actor))
    assert answer.status_code >= 400
    return str(answer.json()["code"])


async def test_one_wrong_member_among_right_ones_undoes_all(core: Core, world: World) -> None:
    await core.start()
    before = await core.read(digest)
    people = [world.ids[name] for name in ("mi", "gray", "qiao")]
    group = f"/v1/conversations/{world.ids['group']}/members"
    async with http_client(core) as http:
        for wrong in (NOWHERE, world.ids["bot"], world.ids["moon_tea"], world.ids["visitor"]):
            new = {"kind": "group", "title": "半个群", "member_ids": [*people, wrong]}
            assert await _refuse(http, world, "lin", "/v1/conversations", new) == "not_found"
            assert await _refuse(http, world, "lin", group, {"account_ids": [*people, wrong]}) == "not_found"
        many = {"kind": "group", "title": "大群", "member_ids": [str(int(NOWHERE) + n) for n in range(51)]}
        assert await _refuse(http, world, "lin", "/v1/conversations", many) == "group_full"
        token = {"account_id": world.ids["lin"], "scopes": ["chat", "visit"]}
        assert await _refuse(http, world, "lin", "/v1/tokens", token) == "forbidden"
    assert await core.read(digest) == before
    await core.close()


async def test_a_client_id_is_one_message_whatever_way_it_comes(live: Live, world: World) -> None:
    conversation = world.ids["direct"]
    path = f"/v1/conversations/{conversation}/messages"
    async with live.http() as http, await join(live, world.tokens["lin"]) as lin:
        first = await lin.ask(send(conversation, "same", "一"))
        body = {"client_msg_id": "same", "kind": "text", "body": {"text": "一", "unknown": 1}}
        again = (await http.post(path, json=body, headers=world.auth("lin"))).json()
        assert (again["message_id"], again["seq"], again["duplicate"]) == (first["message_id"], first["seq"], True)
        before = await live.core.read(digest)
        for other in ({"body": {"text": "二"}}, {"kind": "product_card", "body": {"product_id": "1", "title": "一"}}):
            refused = await http.post(path, json={**body, **other}, headers=world.auth("lin"))
            assert (refused.status_code, refused.json()["code"]) == (409, "client_msg_id_reused")
            told = await lin.ask({"type": "send", "conversation_id": conversation, **body, **other})
            assert told["code"] == "client_msg_id_reused"
            assert told["data"]["client_msg_id"] == "same"
        assert await live.core.read(digest) == before
        # It is Lin's in this conversation, and nobody else's.
        async with await join(live, world.tokens["mi"]) as mi:
            assert (await mi.ask(send(conversation, "same", "二")))["duplicate"] is False
        assert (await lin.ask(send(world.ids["group"], "same", "二")))["duplicate"] is False


# --- clocks ------------------------------------------------------------------------------------------------------


async def test_what_time_a_client_believes_it_is_changes_nothing(live: Live, world: World) -> None:
    conversation = world.ids["direct"]
    async with await join(live, world.tokens["lin"]) as lin:
        for n, at in enumerate(("1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "soon", -1, 1e300)):
            frame = {**send(conversation, f"t{n}"), "at": at, "created_at": at, "seq": 9, "msg_no": 9, "sender_id": "1"}
            ack = await lin.ask(frame)
            assert (ack["at"], ack["seq"], ack["msg_no"]) == ("2026-11-22T08:00:00.000000Z", 3 + n, 2 + n)
        sent = [frame["message"] for frame in lin.seen if frame["type"] == "event"]
        assert {message["sender_id"] for message in sent} == {world.ids["lin"]}
        assert {message["at"] for message in sent} == {"2026-11-22T08:00:00.000000Z"}
    async with live.http() as http:
        dated = {**world.auth("lin"), "Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
        assert (await http.get("/v1/me", headers=dated)).status_code == 200


async def test_when_the_servers_clock_steps_back_numbers_and_ids_go_on(new_core: NewCore, world: World) -> None:
    clock = FakeClock()
    core = new_core(clock=clock)
    async with serve(core) as live, await join(live, world.tokens["lin"]) as lin:
        acks = [await lin.ask(send(world.ids["direct"], "c0"))]
        clock.at_us -= HOUR_US
        acks += [await lin.ask(send(world.ids["direct"], f"c{n}")) for n in range(1, 4)]
        assert [ack["seq"] for ack in acks] == [3, 4, 5, 6]
        ids = [int(ack["message_id"]) for ack in acks]
        assert ids == sorted(set(ids))
        async with await join(live, world.tokens["mi"], cursors={world.ids["direct"]: 2}) as mi:
            await mi.hear_until(type="synced")
            assert [frame["seq"] for frame in mi.seen if frame["type"] == "event"] == [3, 4, 5, 6]
    # A restart finds the clock still set back.
    again = Core(Settings(database=core.settings.database), clock=clock)
    async with serve(again) as live, await join(live, world.tokens["lin"]) as lin:
        later = await lin.ask(send(world.ids["direct"], "c9"))
        assert later["seq"] == 7
        assert int(later["message_id"]) > ids[-1]
        async with live.http() as http:
            for _ in range(3):
                made = await http.post("/v1/accounts", json={"name": "新人"}, headers=world.auth("operator"))
                assert made.status_code == 201
                assert time_of(int(made.json()["account"]["id"])) > START_US
        events = await again.read(
            lambda c: messages.list_events(c, int(world.ids["direct"]), after_seq=0, to_seq=None, limit=99)
        )
        assert [event.seq for event in events] == list(range(1, 8))
