"""Clients that are slow on purpose, or greedy: they are cut off, they cost little, and nobody else feels them."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import pytest

from messaging_core.api import Core, create_group
from messaging_core.settings import Limits
from tests.safety.conftest import NewCore
from tests.safety.live import DEADLINE_S, Live, join, serve
from tests.safety.raw import connect, read_frames
from tests.safety.test_limits import send, until
from tests.safety.world import World
from tests.support.talkative import TALKATIVE

FAST = {"frames_per_s": 1e6, "frames_burst": 1_000_000, "requests_per_s": 1e6, "requests_burst": 1_000_000}


def core_with(new_core: NewCore, **limits: Any) -> Core:
    return new_core(limits=Limits(**{**FAST, **limits}), safety=TALKATIVE)


def unread_bytes(live: Live) -> int:
    """Return the most that waits in this process for one client."""
    transports = [connection.transport for connection in live.server.server_state.connections]
    return max((transport.get_write_buffer_size() for transport in transports), default=0)


def narrow(live: Live) -> None:
    """Have the kernel hold little for the clients there are, so that what they do not read waits in the server."""
    for connection in live.server.server_state.connections:
        raw_socket = connection.transport.get_extra_info("socket")
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


async def still_works(live: Live, world: World) -> None:
    async with await join(live, world.tokens["gray"]) as gray:
        assert await gray.answers() == []


# --- HTTP --------------------------------------------------------------------------------------------------------

POLL = b"POST /v1/poll HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET /healthz HT",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        POLL + b"Content-Length: 20\r\n\r\n{",
        POLL + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET",
    ],
    ids=["nothing", "line", "head", "body", "chunk", "second request"],
)
async def test_a_request_that_does_not_arrive_in_time_ends_the_connection(
    new_core: NewCore, world: World, part: bytes
) -> None:
    async with serve(core_with(new_core, request_arrival_s=0.2)) as live, connect(live) as slow:
        slow.writer.write(part)
        started = time.monotonic()
        data = await slow.read_to_end()
        assert time.monotonic() - started < 4  # uvicorn itself gives an idle connection five seconds
        assert data.endswith(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await still_works(live, world)
        assert live.bugs == 0


async def test_an_empty_line_after_a_request_buys_no_time(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core, request_arrival_s=0.2)) as live, connect(live) as slow:
        slow.writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await slow.reader.readuntil(b"}")
        slow.writer.write(b"\r\n")  # with it uvicorn's own clock for idle connections stops
        assert b"408" in await slow.read_to_end()


async def test_a_request_that_waits_for_the_answer_to_another_is_not_slow(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core, request_arrival_s=0.1)) as live:
        async with live.http() as http:
            cursors = (await http.post("/v1/poll", json={}, headers=world.auth("mi"))).json()["cursors"]
        body = json.dumps({"cursors": cursors, "wait_ms": 400}).encode()
        auth = f"Authorization: {world.auth('mi')['Authorization']}\r\n".encode()
        async with connect(live) as raw:
            started = time.monotonic()
            raw.writer.write(POLL + auth + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"GET /healthz HT")
            assert (await raw.reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            assert time.monotonic() - started > 0.3, "the poll has not waited"


async def test_a_trickle_gets_no_more_time(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core, request_arrival_s=0.3)) as live, connect(live) as slow:
        slow.writer.write(b"GET /healthz HTTP/1.1\r\n")

        async def trickle() -> None:
            while not slow.writer.is_closing():
                slow.writer.write(b"X: y\r\n")
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert b"408" in await slow.read_to_end()
        trickling.cancel()


@pytest.mark.parametrize("head", [b"GET /healthz HTTP/1.1\r\nX: ", b"GET /"])
async def test_a_head_without_end_is_cut_off(new_core: NewCore, world: World, head: bytes) -> None:
    async with serve(core_with(new_core)) as live, connect(live) as greedy:
        greedy.writer.write(head)
        assert await greedy.push(b"a" * 65_536, times=1000)
        await still_works(live, world)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_may_be_so_large_and_no_larger(new_core: NewCore, world: World, chunked: bool) -> None:
    async with serve(core_with(new_core, frame_bytes=4096)) as live, live.http() as http:

        async def parts(size: int) -> Any:
            yield b'{"wait_ms":0,"x":"'
            yield b"y" * (size - 20)
            yield b'"}'

        async def post(size: int) -> Any:
            body = parts(size) if chunked else b"".join([part async for part in parts(size)])
            headers = {**world.auth("lin"), "Content-Type": "application/json"}
            return await http.post("/v1/poll", content=body, headers=headers)

        assert (await post(4096)).status_code == 200
        for size in (4097, 1_000_000):
            refused = await post(size)
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
            assert refused.json()["data"] == {"limit": 4096}
        assert (await http.get("/v1/me", headers=world.auth("lin"))).status_code == 200


async def test_a_content_length_that_lies_is_no_way_around_the_limit(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core, frame_bytes=4096)) as live:
        for length in (b"1e9", b"-1", b"+5", b"99999999999999999999999999", b"5\r\nContent-Length: 6"):
            async with connect(live) as raw:
                raw.writer.write(POLL + b"Content-Length: " + length + b"\r\nConnection: close\r\n\r\n{}")
                raw.writer.write_eof()
                status = (await raw.read_to_end())[9:12]
                assert status in (b"400", b"413"), (length, status)
        await still_works(live, world)
        assert live.bugs == 0


# --- WebSocket ---------------------------------------------------------------------------------------------------


async def test_a_slow_reader_is_cut_off_and_comes_back_without_a_gap(new_core: NewCore, world: World) -> None:
    core = core_with(new_core, send_buffer_bytes=200_000)
    conversation = world.ids["direct"]
    async with serve(core) as live, await join(live, world.tokens["mi"]) as mi:
        async with connect(live, receive_buffer=8192) as slow:
            await slow.upgrade()
            slow.hello(world.tokens["lin"], cursors={conversation: 2})
            await until(lambda: int(world.ids["lin"]) in core.hub.links)
            narrow(live)
            count = 0
            async with asyncio.timeout(DEADLINE_S):
                while int(world.ids["lin"]) in core.hub.links and not any(
                    link.closed for link in core.hub.links[int(world.ids["lin"])]
                ):
                    assert (await mi.ask(send(conversation, f"s{count}", "茶" * 4000)))["type"] == "ack"
                    count += 1
            assert unread_bytes(live) < 2 * 200_000
            frames, code = read_frames(await slow.read_to_end())
        assert code == 4408
        assert frames[-1]["type"] == "closing"
        assert (frames[-1]["code"], frames[-1]["resume"]) == ("slow_consumer", True)
        assert "消息不会丢失" in frames[-1]["detail"]
        seen = [frame["seq"] for frame in frames if frame["type"] == "event"]
        assert seen == list(range(3, 3 + len(seen)))
        async with await join(live, world.tokens["lin"], cursors={conversation: seen[-1]}) as lin:
            await lin.hear_until(type="synced")
            rest = [frame["seq"] for frame in lin.seen if frame["type"] == "event"]
        assert seen + rest == list(range(3, 3 + count))


async def test_a_slow_reader_holds_up_nobody_in_the_conversation(new_core: NewCore, world: World) -> None:
    core = core_with(new_core, send_buffer_bytes=200_000)
    async with serve(core) as live, await join(live, world.tokens["mi"]) as mi:
        async with connect(live, receive_buffer=8192) as slow:
            await slow.upgrade()
            slow.hello(world.tokens["lin"])
            await until(lambda: int(world.ids["lin"]) in core.hub.links)
            for n in range(60):
                await mi.ask(send(world.ids["direct"], f"h{n}", "茶" * 2000))
        events = [frame["seq"] for frame in mi.seen if frame["type"] == "event"]
        assert events == list(range(3, 3 + len(events)))
        assert len(events) >= 59


@pytest.mark.parametrize("plain", [False, True])
async def test_a_history_of_long_messages_comes_through(new_core: NewCore, world: World, plain: bool) -> None:
    """A page of them is larger than what a reader may lag behind."""
    core = core_with(new_core, send_buffer_bytes=400_000)
    async with serve(core, plain=plain) as live:
        async with await join(live, world.tokens["lin"]) as lin:
            for n in range(100):
                await lin.say(send(world.ids["direct"], f"l{n}", "\\" * 5000))
            while sum(frame["type"] == "ack" for frame in lin.seen) < 100:
                await lin.hear()
        async with await join(live, world.tokens["mi"], cursors={world.ids["direct"]: 0}) as mi:
            synced = await mi.hear_until(type="synced")
            assert synced["seq"] == 102
            assert [frame["seq"] for frame in mi.seen if frame["type"] == "event"] == list(range(1, 103))


@pytest.mark.parametrize("plain", [False, True])
async def test_nobody_can_lock_an_account_out_by_filling_its_welcome(
    new_core: NewCore, world: World, plain: bool
) -> None:
    """Anybody may put anybody into groups: many of them, each with a last message as long as they get."""
    core = core_with(new_core, send_buffer_bytes=400_000)
    async with serve(core, plain=plain) as live, await join(live, world.tokens["gray"]) as gray:
        actor = await core.authenticate(world.tokens["gray"])
        lin = int(world.ids["lin"])
        for n in range(60):
            group = await core.run(lambda unit, n=n: create_group(unit, actor, title=f"群{n}", member_ids=[lin]))  # type: ignore[misc]
            assert (await gray.ask(send(str(group), "g", "\\" * 5000)))["type"] == "ack"
        async with await join(live, world.tokens["lin"]) as victim:
            assert len(str(victim.seen[0])) > 500_000
            assert await victim.answers() == []


async def test_pings_whose_pongs_nobody_reads_end_the_connection(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core)) as live, connect(live, receive_buffer=8192) as greedy:
        await greedy.upgrade()
        greedy.hello(world.tokens["lin"])
        most, ended = 0, False
        while not ended and most < 64 * 1024 * 1024:
            ended = await greedy.push(b"\x89\xfd\0\0\0\0" + b"p" * 125, times=2000)
            most = max(most, unread_bytes(live))
        assert most < 8 * 1024 * 1024
        await still_works(live, world)


async def test_fragments_without_content_cost_nothing(new_core: NewCore, world: World) -> None:
    async with serve(core_with(new_core)) as live, connect(live) as greedy:
        await greedy.upgrade()
        greedy.hello(world.tokens["lin"])
        greedy.say(b'{"type":"ping",', fin=False)
        for _ in range(20):
            greedy.writer.write(b"\x00\x80\0\0\0\0" * 5000)
            await greedy.writer.drain()
        greedy.writer.write(b"".join(b"\x00\x81\0\0\0\0" + bytes([c]) for c in b'"x":"' + b"y" * 2000 + b'","ref":"f"'))
        greedy.say(b"}", opcode=0)
        data = b""
        async with asyncio.timeout(DEADLINE_S):
            while b'"ref":"f"' not in data:
                data += await greedy.reader.read(65_536)
                held = [getattr(c, "frames", []) for c in live.server.server_state.connections]
                assert max((len(frames) for frames in held), default=0) <= 65
        assert b'"type":"pong"' in data


async def test_who_answers_no_ping_and_reads_nothing_is_let_go(new_core: NewCore, world: World) -> None:
    core = core_with(new_core)
    async with (
        serve(core, ping_s=0.3) as live,
        await join(live, world.tokens["mi"]) as mi,
        connect(live, receive_buffer=8192) as dead,
    ):
        await dead.upgrade()
        dead.hello(world.tokens["lin"])
        await until(lambda: int(world.ids["lin"]) in core.hub.links)
        count = 0
        narrow(live)
        while unread_bytes(live) == 0:
            await mi.ask(send(world.ids["direct"], f"d{count}", "茶" * 5000))
            count += 1
        assert int(world.ids["lin"]) in core.hub.links
        await until(lambda: int(world.ids["lin"]) not in core.hub.links)
        await until(lambda: unread_bytes(live) == 0)


async def test_many_syncs_at_once_are_all_answered(new_core: NewCore, world: World) -> None:
    core = core_with(new_core, sends_in_flight=8)
    async with serve(core) as live, await join(live, world.tokens["lin"]) as lin:
        for n in range(200):
            await lin.say({"type": "sync", "ref": f"y{n}", "conversation_id": world.ids["direct"], "after_seq": 0})
        while sum(frame["type"] == "synced" for frame in lin.seen) < 200:
            await lin.hear()
        synced = {frame["ref"] for frame in lin.seen if frame["type"] == "synced"}
        assert synced == {f"y{n}" for n in range(200)}
        assert live.bugs == 0
