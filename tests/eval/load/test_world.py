"""Marks, answers and pages are counted exactly, however the stream is cut."""

import asyncio

import pytest

from eval.load.http_client import unchunk
from eval.load.kefu_wire import KefuClient, People
from eval.load.websocket import frame
from eval.load.world import NEVER_NS, RawClient, World, mark
from eval.load.xmpp_wire import XmppClient

PEOPLE = People(tokens=["t"], account_ids=["1"], direct=[], rooms={})


def listening() -> tuple[World, list[tuple[int, int]]]:
    """Return a world that has begun, and the list of (client, mark id) that it will see."""
    world = World()
    world.started_ns = 0
    seen: list[tuple[int, int]] = []
    world.on_mark = lambda client, mark_id, sent_ns: seen.append((client.index, mark_id))
    return world, seen


@pytest.mark.parametrize("size", [1, 3, 7, 50, 10_000])
async def test_each_mark_is_seen_once_in_pieces_of_any_size(size: int) -> None:
    world, seen = listening()
    client = RawClient(world, 5)
    stream = "".join(f'{{"text":"{mark(number)}"}}' for number in range(40)).encode()
    for start in range(0, len(stream), size):
        client.feed(stream[start : start + size])
    assert seen == [(5, number) for number in range(40)]


async def test_marks_from_before_the_start_are_not_counted() -> None:
    world, seen = listening()
    old = mark(1).encode()
    world.started_ns = NEVER_NS
    RawClient(world, 0).feed(old)
    assert seen == []


async def test_every_world_has_a_run_id_of_its_own() -> None:
    assert len({World().run for _ in range(50)}) == 50


@pytest.mark.parametrize("size", [1, 4, 6, 1000])
async def test_acknowledgements_are_counted_once_in_pieces_of_any_size(size: int) -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=False)
    answers = [client.promise() for _ in range(4)]
    stream = b'{"type":"ack","ref":"1"}' * 3
    for start in range(0, len(stream), size):
        client.feed(stream[start : start + size])
    assert [answer.done() for answer in answers] == [True, True, True, False]


async def test_a_text_about_acks_is_no_acknowledgement() -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=False)
    answer = client.promise()
    client.feed(b'{"type":"event","message":{"body":{"text":"say \\"ack\\" please"}}}')
    assert not answer.done()


async def test_a_refusal_fails_the_send_with_the_servers_words() -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=False)
    answer = client.promise()
    client.feed(b'{"type":"error","code":"not_a_member"}')
    with pytest.raises(RuntimeError, match="not_a_member"):
        await answer


async def test_a_wanted_refusal_is_an_answer_and_is_counted() -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=True)
    answer = client.promise()
    client.feed(b'{"type":"error","code":"not_a_member"}')
    await answer
    assert world.refused == 1


async def test_a_lost_connection_fails_what_waits_for_it() -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=False)
    answer, hello = client.promise(), client.expect(b"welcome")
    client.connection_lost(None)
    assert world.dropped == 1
    for future in (answer, hello):
        with pytest.raises(ConnectionError):
            await future


async def test_expected_patterns_are_found_in_order_and_across_pieces() -> None:
    world, _ = listening()
    client = RawClient(world, 0)
    first, second = client.expect(b"one"), client.expect(b"two")
    client.data_received(b"xxo")
    client.data_received(b"ne tw")
    assert first.done()
    assert not second.done()
    client.data_received(b"o")
    assert (await second)[0] == b"two"


async def test_an_xmpp_group_send_is_accepted_by_the_senders_own_echo() -> None:
    world, seen = listening()
    sender, other = XmppClient(world, 3), XmppClient(world, 4)
    echo: asyncio.Future[None] = world.loop.create_future()
    world.echoes[7003] = echo
    stanza = f"<message><body>{mark(7003)}</body></message>".encode()
    other.feed(stanza)
    assert not echo.done()
    sender.feed(stanza)
    assert echo.done()
    assert seen == [(4, 7003), (3, 7003)]


async def test_a_ping_between_frames_is_answered_with_its_payload() -> None:
    world, _ = listening()
    client = KefuClient(world, 0, PEOPLE, refusals=False)
    written: list[bytes] = []

    class Transport(asyncio.Transport):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            written.append(bytes(data))

    client.transport = Transport()
    client.feed(b"\x81\x02{}\x89\x04abcd\x81\x02{}")
    assert written == [frame(b"abcd", 0x8A)]
    client.feed('\x81\x05"茶"'.encode())
    assert len(written) == 1


@pytest.mark.parametrize(("size", "head"), [(125, 6), (126, 8), (65_535, 8), (65_536, 14)])
def test_frames_have_the_shortest_head_for_their_size(size: int, head: int) -> None:
    payload = b"x" * size
    built = frame(payload)
    assert len(built) == head + size
    assert built[1] & 0x80, "a client must mask"
    assert built.endswith(payload)


def test_chunks_are_joined() -> None:
    assert unchunk(b"4\r\nWiki\r\nA;note=1\r\n0123456789\r\n0\r\n\r\n") == b"Wiki0123456789"
