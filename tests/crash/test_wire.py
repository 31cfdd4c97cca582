"""Reading along on the wire: frames in whatever pieces, repetitions and gaps, connections that are cut."""

from __future__ import annotations

import random
import socket

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from eval.crash.frame_reader import FrameReader
from eval.crash.gate import Gate, Side
from eval.crash.tap import Record, Tap
from messaging_core.delivery.link import frame_text

HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
ASKS = b"GET /v1/ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
ROOM = "1"


def masked(payload: bytes) -> bytes:
    mask = b"\x01\x02\x03\x04"
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return b"\x81" + size + mask + body


@pytest.mark.parametrize("step", [1, 2, 7, 1000, 100_000])
def test_messages_are_read_from_whatever_pieces(step: int) -> None:
    messages = [b"{}", b"x" * 125, b"y" * 126, b"z" * 65_535, "茶".encode() * 30_000]
    ping = b"\x89\x02hi"
    server = HEAD + ping.join(map(frame_text, messages))
    client = ASKS + b"".join(map(masked, messages[:4]))
    for stream, wanted in ((server, messages), (client, messages[:4])):
        reader = FrameReader()
        heard = [m for at in range(0, len(stream), step) for m in reader.feed(stream[at : at + step])]
        assert heard == wanted
        assert reader.is_websocket


def test_what_is_not_a_websocket_is_passed_over() -> None:
    reader = FrameReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + frame_text(b"{}")) == []
    assert not reader.is_websocket


def hear(*frames: dict[str, object], asked: tuple[dict[str, object], ...] = ()) -> Record:
    """Return the record of a connection that began with these frames of the server, then these of the client."""
    record = Record("lin")
    tap = Tap(record)
    tap.from_server(HEAD)
    tap.from_client(ASKS)
    for frame in asked:
        tap.from_client(masked(msgspec.json.encode(frame)))
    for frame in frames:
        tap.from_server(frame_text(msgspec.json.encode(frame)))
    return record


def event(seq: int, kind: str = "message.sent", **data: object) -> dict[str, object]:
    return {"type": "event", "conversation_id": ROOM, "seq": seq, "kind": kind, "data": data}


HELLO: dict[str, object] = {"type": "hello", "cursors": {ROOM: 3}}
SYNC: dict[str, object] = {"type": "sync", "conversation_id": ROOM, "after_seq": 1}
ADDED: dict[str, object] = {"type": "conversation", "conversation": {"id": ROOM, "last_seq": 9}}
WELCOME: dict[str, object] = {"type": "welcome", "conversations": [{"id": ROOM, "last_seq": 7}]}


@pytest.mark.parametrize(
    ("frames", "asked"),
    [
        ([event(4), event(5)], (HELLO,)),
        ([WELCOME, event(8)], ()),
        ([WELCOME, event(4), event(5)], (HELLO,)),
        ([event(4, "hidden", to_seq=8), event(9)], (HELLO,)),
        ([event(4), event(2), event(3), event(4), event(5)], (HELLO, SYNC)),
        ([event(4), ADDED, event(10)], (HELLO,)),
    ],
)
def test_events_in_order_are_no_fault(frames: list[dict[str, object]], asked: tuple[dict[str, object], ...]) -> None:
    record = hear(*frames, asked=asked)
    assert record.found.total == 0, record.found.examples
    assert record.events == sum(frame["type"] == "event" for frame in frames)


@pytest.mark.parametrize(
    ("frames", "fault"),
    [
        ([event(5)], "gap"),
        ([event(4), event(4)], "doubled"),
        ([event(4), event(5), event(4)], "doubled"),
        ([event(3)], "doubled"),
        ([event(4, "hidden", to_seq=8), event(8)], "doubled"),
    ],
)
def test_a_repetition_or_a_gap_on_the_wire_is_a_fault(frames: list[dict[str, object]], fault: str) -> None:
    assert hear(*frames, asked=(HELLO,)).found.counts[fault] == 1


def test_acknowledgements_are_kept_though_the_client_never_gets_them() -> None:
    ack = {"type": "ack", "conversation_id": ROOM, "client_msg_id": "c", "message_id": "9", "seq": 4, "msg_no": 2}
    assert [(r.client_msg_id, r.seq) for r in hear(ack).receipts] == [("c", 4)]


async def test_a_gate_finds_the_server_that_lives_and_breaks_off_in_the_middle_of_a_frame() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for text in connection:
            await connection.send(text)

    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))  # nobody listens there
        async with serve(echo, "127.0.0.1", 0) as server:
            alive = next(iter(server.sockets)).getsockname()[1]
            gate = Gate(Record("lin"), ports=[dead.getsockname()[1], alive], rng=random.Random(1))
            await gate.open()
            for _ in range(4):  # whichever it tries first
                async with connect(f"ws://127.0.0.1:{gate.port}/v1/ws", compression=None) as client:
                    await client.send('{"type":"pong"}')
                    assert await client.recv() == '{"type":"pong"}'
                    gate.cut(Side.SERVER, after_bytes=5)
                    await client.send('{"type":"pong"}')
                    with pytest.raises(ConnectionClosed):
                        await client.recv()
            assert gate.cuts == 4
            await gate.close()
