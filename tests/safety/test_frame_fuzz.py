"""Whatever comes over the WebSocket: no incident, no harm to others, and the connection survives what it can."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from messaging_core.settings import Limits
from tests.safety.conftest import NewCore
from tests.safety.live import Live, Wire, join, serve
from tests.safety.world import NOWHERE, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
FUZZ = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LIMITS = Limits(frames_per_s=1e6, frames_burst=1_000_000, requests_per_s=1e6, requests_burst=1_000_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["direct", "plain"])
async def live(request: pytest.FixtureRequest, new_core: NewCore) -> AsyncIterator[Live]:
    """The server: with our own WebSocket protocol, and with uvicorn's, through ASGI."""
    async with serve(new_core(limits=LIMITS), plain=request.param == "plain") as running:
        yield running


# --- what is sent ------------------------------------------------------------------------------------------------

_HUGE = st.sampled_from(["1" + "0" * 30, "9" * 5000, "-" + "9" * 400, "1e400", "0.1", "-0", "NaN", "Infinity", "00"])
_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "\0", "a\n", "1\n", "٣", NOWHERE, "9" * 19, "9" * 20, "-1", "x" * 200, "\u202e", "😀", "{detail}", "%s%n"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
# Values as JSON that no encoder would write, beside those that one does.
_RAW_VALUES = (
    _VALUES.map(lambda value: json.dumps(value, ensure_ascii=False))
    | _HUGE
    | st.sampled_from(
        [
            '"\\ud800"',
            '"\\u0000"',
            '"\\uD83D\\uDE00"',
            "[" * 2000,
            "[" * 500 + "]" * 500,
            '{"a":' * 300 + "1" + "}" * 300,
            "",
        ]
    )
)


_VALID: list[dict[str, Any]] = [
    {"type": "send", "conversation_id": "@d", "client_msg_id": "f1", "kind": "text", "v": 1, "body": {"text": "在"}},
    {
        "type": "send",
        "conversation_id": "@d",
        "client_msg_id": "f2",
        "kind": "product_card",
        "v": 1,
        "body": {"product_id": "MT-1001", "title": "龙井", "price_fen": 26800, "url": "/p"},
        "assignment_version": 1,
    },
    {"type": "read", "conversation_id": "@d", "msg_no": 1},
    {"type": "typing", "conversation_id": "@d", "on": True},
    {"type": "watch", "account_ids": ["@m"]},
    {"type": "sync", "conversation_id": "@d", "after_seq": 0},
    {"type": "ping", "ref": "p"},
    {"type": "hello", "protocol": 1, "token": "kf_s_nobody", "cursors": {"@d": 1}},
    {"type": "unheard_of"},
]
"""`@d` and `@m` become the ids of Lin's and Mi's conversation and of Mi when a message is sent."""


def _with_ids(payload: bytes, world: World) -> bytes:
    return payload.replace(b"@d", world.ids["direct"].encode()).replace(b"@m", world.ids["mi"].encode())


def _write(fields: list[tuple[str, str]]) -> bytes:
    """Return an object with these keys and raw values, in this order, also when a key stands twice."""
    return ("{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in fields) + "}").encode("utf-8", "replace")


@st.composite
def mutated(draw: st.DrawFn, frames: list[dict[str, Any]] = _VALID) -> bytes:
    """A valid frame with fields replaced, dropped, doubled or added, then perhaps cut or with a byte changed."""
    frame = draw(st.sampled_from(frames))
    fields = [(key, json.dumps(value, ensure_ascii=False)) for key, value in frame.items()]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(fields) - 1))
        how = draw(st.sampled_from(["replace", "drop", "double", "add", "inside"]))
        if how == "replace":
            fields[place] = (fields[place][0], draw(_RAW_VALUES))
        elif how == "drop" and len(fields) > 1:
            del fields[place]
        elif how == "double":
            fields.append((fields[place][0], draw(_RAW_VALUES)))
        elif how == "add":
            fields.append((draw(_TEXTS), draw(_RAW_VALUES)))
        else:
            fields[place] = (fields[place][0], '{"text":' + draw(_RAW_VALUES) + "}")
    data = bytearray(_write(fields))
    for _ in range(draw(st.integers(0, 2))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    if draw(st.integers(0, 9)) == 0:
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)


_PAYLOADS = mutated() | st.binary(max_size=200)
_MESSAGES = st.lists(
    st.tuples(_PAYLOADS, st.sampled_from(["text", "text", "text", "binary", "fragments", "with_ping"])),
    min_size=1,
    max_size=6,
)


async def _send(wire: Wire, payload: bytes, how: str) -> None:
    if how == "binary":
        await wire.connection.send(payload)
    elif how == "text":
        await wire.say(payload)
    else:
        # The library would refuse to send a control frame, or an empty fragment, in the middle of a message.
        cuts = [payload[:1], b"", payload[1:5], payload[5:]]
        raw = [RawFrame(Opcode.TEXT if n == 0 else Opcode.CONT, part, fin=n == 3) for n, part in enumerate(cuts)]
        if how == "with_ping":
            raw.insert(2, RawFrame(Opcode.PING, b"are you there"))
        wire.connection.transport.write(b"".join(frame.serialize(mask=True) for frame in raw))


# --- tests -------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lin(live: Live, world: World) -> AsyncIterator[Wire]:
    async with await join(live, world.tokens["lin"], cursors={world.ids["direct"]: 0}) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mi(live: Live, world: World) -> AsyncIterator[Wire]:
    async with await join(live, world.tokens["mi"]) as wire:
        yield wire


@FUZZ
@given(messages=_MESSAGES)
@example(
    messages=[
        (b'{"type":"send","conversation_id":"@d","client_msg_id":"a\\n","kind":"text","body":{"text":"x"}}', "text")
    ]
)
@example(messages=[(b'{"type":"ping","x":' + b"[" * 60_000, "text")])
@example(
    messages=[(b'{"type":"send","conversation_id":"1","client_msg_id":"a","kind":"k","v":1' + b"0" * 60_000, "text")]
)
async def test_any_message_is_answered_and_harms_nobody(
    messages: list[tuple[bytes, str]], live: Live, lin: Wire, mi: Wire, world: World
) -> None:
    for payload, how in messages:
        payload = _with_ids(payload, world)
        if live.plain and how != "binary":
            # Here the server itself closes a connection over a text that is no UTF-8 (RFC 6455, section 8.1).
            payload = payload.decode("utf-8", "replace").encode()
        await _send(lin, payload, how)
    # Reading them parses them: what Lin sends must never break what Mi gets.
    for frame in await lin.answers() + await mi.answers():
        assert frame["type"] != "error" or frame["code"] not in ("internal", "storage_unavailable"), frame
    assert live.bugs == 0


async def test_after_all_that_everything_can_still_be_read(live: Live, lin: Wire, mi: Wire, world: World) -> None:
    last = 0
    async with live.http() as http:
        while True:
            page = await http.get(
                f"/v1/conversations/{world.ids['direct']}/events",
                params={"after_seq": last, "limit": 100},
                headers=world.auth("mi"),
            )
            items = page.json()["items"]
            if not items:
                break
            assert [item["seq"] for item in items] == list(range(last + 1, last + 1 + len(items)))
            last += len(items)
    assert last > 3
    start = len(mi.seen)
    synced = await mi.ask({"type": "sync", "conversation_id": world.ids["direct"], "after_seq": 0})
    assert synced["seq"] == last
    assert [f["seq"] for f in mi.seen[start:] if f["type"] == "event"] == list(range(1, last + 1))


@FUZZ
@given(messages=_MESSAGES)
@example(messages=[(b'{"type":"hello","protocol":1' + b"0" * 4000 + b',"token":"t"}', "text")])
@example(messages=[(b'{"type":"hello","protocol":1,"token":"t","cursors":{"1\\n":1}}', "text")])
async def test_any_first_message_is_refused_with_a_code(
    messages: list[tuple[bytes, str]], live: Live, world: World
) -> None:
    async with await Wire.open(live) as wire:
        for payload, how in messages:
            if live.plain and how != "binary":
                payload = payload.decode("utf-8", "replace").encode()
            await _send(wire, _with_ids(payload, world), how)
        assert await wire.closed() in (4400, 4401)
        assert [frame["type"] for frame in wire.seen] == ["error"]
        assert wire.seen[0]["code"] in (
            "invalid_frame",
            "unknown_frame",
            "hello_expected",
            "unsupported_protocol",
            "unauthenticated",
            "invalid_request",
        )
    assert live.bugs == 0


@FUZZ
@given(data=st.binary(min_size=1, max_size=400))
@example(data=b"\x81\x05hello")  # not masked
@example(data=b"\x83\x80\0\0\0\0")  # an opcode that does not exist
@example(data=b"\xf1\x80\0\0\0\0")  # reserved bits
@example(data=b"\x89\xfe\xff\xff\0\0\0\0" + b"x" * 300)  # a ping that is too long
@example(data=b"\x09\x80\0\0\0\0")  # a ping in fragments
@example(data=b"\x80\x80\0\0\0\0")  # the end of a message that never began
@example(data=b"\x81\xff" + b"\xff" * 12)  # 2**64 bytes to come
@example(data=b"\x88\x82\0\0\0\0\x03\xe7")  # a close code that must not be sent
async def test_bytes_that_are_no_websocket_harm_nobody_else(data: bytes, live: Live, lin: Wire, world: World) -> None:
    async with await join(live, world.tokens["gray"]) as wire:
        wire.connection.transport.write(data)
        wire.connection.transport.write_eof()
        await wire.closed()
    await lin.answers()
    assert live.bugs == 0
