"""Limits hold, are told with a code, and leave normal clients alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Connection

from messaging_core.api import Core
from messaging_core.settings import Limits, Settings
from tests.safety.conftest import NewCore, http_client
from tests.safety.live import DEADLINE_S, Frame, Live, Wire, join, serve
from tests.safety.world import World
from tests.support.talkative import TALKATIVE

Serve = Callable[..., Any]


def send(conversation_id: str, client_msg_id: str, text: str = "在吗") -> Frame:
    """Return a send frame."""
    fields = {"conversation_id": conversation_id, "client_msg_id": client_msg_id, "kind": "text"}
    return {"type": "send", **fields, "body": {"text": text}}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.005)


def with_limits(new_core: NewCore, **limits: Any) -> Core:
    return new_core(limits=Limits(**limits))


# --- rates -------------------------------------------------------------------------------------------------------


async def test_frames_over_the_rate_are_refused_one_by_one(new_core: NewCore, world: World) -> None:
    async with (
        serve(with_limits(new_core, frames_per_s=4, frames_burst=3)) as live,
        await join(live, world.tokens["lin"]) as lin,
        await join(live, world.tokens["mi"]) as mi,
    ):
        answers = [await lin.ask(send(world.ids["direct"], f"r{n}")) for n in range(6)]
        refused = next(answer for answer in answers if answer["type"] == "error")
        assert refused["code"] == "rate_limited"
        assert 0 < refused["data"]["retry_after_ms"] <= 250
        assert refused["data"]["client_msg_id"] == "r3"
        assert refused["data"]["conversation_id"] == world.ids["direct"]
        assert (await mi.ask(send(world.ids["direct"], "m1")))["type"] == "ack"
        async with asyncio.timeout(DEADLINE_S):
            while (await lin.ask(send(world.ids["direct"], "r3")))["type"] != "ack":
                await asyncio.sleep(refused["data"]["retry_after_ms"] / 1000)


async def test_frames_that_cannot_be_read_count_too(new_core: NewCore, world: World) -> None:
    async with (
        serve(with_limits(new_core, frames_per_s=0.01, frames_burst=3)) as live,
        await join(live, world.tokens["lin"]) as lin,
    ):
        for _ in range(4):
            await lin.say(b"{")
        codes = [(await lin.hear())["code"] for _ in range(4)]
        assert codes == ["invalid_frame"] * 3 + ["rate_limited"]


async def test_requests_over_the_rate_are_refused_for_the_account_alone(new_core: NewCore, world: World) -> None:
    async with serve(with_limits(new_core, requests_per_s=0.5, requests_burst=2)) as live, live.http() as http:
        answers = [await http.get("/v1/me", headers=world.auth("lin")) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "rate_limited"
        assert 0 < int(answers[2].headers["retry-after"]) <= 2
        assert (await http.get("/v1/me", headers=world.auth("mi"))).status_code == 200


async def test_guessing_tokens_is_slowed_down_and_holds_nobody_else_up(new_core: NewCore, world: World) -> None:
    async with serve(with_limits(new_core, requests_per_s=0.01, requests_burst=3)) as live, live.http() as http:
        guesses = [await http.get("/v1/me", headers={"Authorization": f"Bearer kf_s_{n}"}) for n in range(4)]
        assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]
        async with await Wire.open(live) as wire:
            assert (await wire.hello("kf_s_another_guess"))["code"] == "rate_limited"
            assert await wire.closed() == 4429
        assert (await http.get("/v1/me", headers=world.auth("lin"))).status_code == 200
        async with await join(live, world.tokens["lin"]) as lin:
            assert await lin.answers() == []


# --- visitors and addresses --------------------------------------------------------------------------------------


class _Addresses:
    """One application for requests from many addresses."""

    def __init__(self, core: Core, world: World) -> None:
        self._app = http_client(core)._transport.app  # type: ignore[attr-defined]
        self._world = world

    async def visit(self, address: str) -> int:
        transport = httpx.ASGITransport(self._app, client=(address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as http:
            return (await http.post("/v1/visitors", json={}, headers=self._world.auth("site_key"))).status_code


@pytest_asyncio.fixture
async def addresses(new_core: NewCore, world: World) -> AsyncIterator[_Addresses]:
    core = with_limits(new_core, visitors_per_hour=2)
    await core.start()
    yield _Addresses(core, world)
    await core.close()


async def test_an_address_makes_so_many_visitors_an_hour(addresses: _Addresses) -> None:
    assert [await addresses.visit("192.0.2.1") for _ in range(3)] == [201, 201, 429]
    assert await addresses.visit("192.0.2.2") == 201


async def test_all_addresses_of_one_ipv6_network_are_one(addresses: _Addresses) -> None:
    assert [await addresses.visit(f"2001:db8:1:2::{n}") for n in range(1, 4)] == [201, 201, 429]
    assert await addresses.visit("2001:db8:1:3::1") == 201


async def test_an_ipv4_address_written_as_ipv6_is_the_same(addresses: _Addresses) -> None:
    written = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"]
    assert [await addresses.visit(address) for address in written] == [201, 201, 429]


async def _visit_through(live: Live, world: World, forwarded_for: str) -> int:
    async with live.http() as http:
        headers = {**world.auth("site_key"), "X-Forwarded-For": forwarded_for, "Forwarded": f"for={forwarded_for}"}
        return (await http.post("/v1/visitors", json={}, headers=headers)).status_code


async def test_a_client_cannot_choose_the_address_that_is_counted(new_core: NewCore, world: World) -> None:
    async with serve(with_limits(new_core, visitors_per_hour=2)) as live:
        codes = [await _visit_through(live, world, f"192.0.2.{n}") for n in range(3)]
        assert codes == [201, 201, 429]


async def test_behind_a_trusted_proxy_the_address_that_the_proxy_saw_is_counted(
    new_core: NewCore, world: World
) -> None:
    core = new_core(limits=Limits(visitors_per_hour=2), trusted_proxies="127.0.0.1")
    async with serve(core) as live:
        # What stands before the proxy's own entry was written by the client.
        codes = [await _visit_through(live, world, f"198.51.100.{n}, 192.0.2.7") for n in range(3)]
        assert codes == [201, 201, 429]
        assert await _visit_through(live, world, "192.0.2.8") == 201


# --- connections -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True])
async def test_an_account_has_so_many_connections(new_core: NewCore, world: World, plain: bool) -> None:
    async with serve(with_limits(new_core, connections_per_account=2), plain=plain) as live:
        first, second = await join(live, world.tokens["lin"]), await join(live, world.tokens["lin"])
        async with await Wire.open(live) as third:
            refused = await third.hello(world.tokens["lin"], lang="en")
            assert refused["code"] == "too_many_connections"
            assert refused["data"] == {"limit": 2}
            assert await third.closed() == 4429
        async with live.http() as http:
            polled = await http.post("/v1/poll", json={"wait_ms": 0}, headers=world.auth("lin"))
            assert polled.json()["code"] == "too_many_connections"
        async with await join(live, world.tokens["mi"]) as mi:
            assert await mi.answers() == []
        await first.connection.close()
        async with asyncio.timeout(DEADLINE_S):
            while True:
                async with await Wire.open(live) as again:
                    if (await again.hello(world.tokens["lin"]))["type"] == "welcome":
                        break
        await second.connection.close()


@pytest.mark.parametrize("plain", [False, True])
async def test_an_address_has_so_many_connections_also_without_a_hello(
    new_core: NewCore, world: World, plain: bool
) -> None:
    async with serve(with_limits(new_core, connections_per_address=2), plain=plain) as live:
        silent = [await Wire.open(live) for _ in range(2)]
        async with await Wire.open(live) as third:
            assert (await third.hear())["code"] == "too_many_connections"
            assert await third.closed() == 4429
        async with live.http() as http:
            assert (await http.get("/v1/me", headers=world.auth("lin"))).status_code == 200
        for wire in silent:
            await wire.connection.close()
        async with asyncio.timeout(DEADLINE_S):
            while True:
                async with await Wire.open(live) as again:
                    if (await again.hello(world.tokens["lin"]))["type"] == "welcome":
                        break


@pytest.mark.parametrize("plain", [False, True])
async def test_who_says_no_hello_in_time_is_sent_away(new_core: NewCore, world: World, plain: bool) -> None:
    async with serve(with_limits(new_core, hello_timeout_s=0.2), plain=plain) as live:
        async with await Wire.open(live) as silent, await Wire.open(live) as slow:
            # A hello that comes byte by byte has no more time than one that does not come.
            slow.connection.transport.write(b"\x01\x81\0\0\0\0{")
            for wire in (silent, slow):
                assert await wire.closed() == 4400
                assert wire.seen[0]["code"] == "hello_expected"
        async with await join(live, world.tokens["lin"]) as lin:
            assert await lin.answers() == []


# --- sizes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True])
async def test_a_frame_may_be_so_large_and_no_larger(new_core: NewCore, world: World, plain: bool) -> None:
    async with serve(with_limits(new_core, frame_bytes=4096), plain=plain) as live:
        async with await join(live, world.tokens["lin"]) as lin:
            frame = b'{"type":"ping","ref":"big","x":"' + b"x" * 4096
            await lin.say(frame[: 4096 - 2] + b'"}')
            assert (await lin.hear())["type"] == "pong"
            await lin.say(frame[: 4097 - 2] + b'"}')
            assert await lin.closed() == 1009
        async with await join(live, world.tokens["lin"]) as lin:
            await lin.connection.send([b'{"type":"ping","x":"' + b"x" * 4000, b"x" * 4000, b'"}'], text=True)
            assert await lin.closed() == 1009
        async with await join(live, world.tokens["lin"]) as lin:
            assert await lin.answers() == []


@pytest.mark.parametrize(("lang", "word"), [("zh", "太长"), ("en", "too long")])
async def test_a_text_may_be_so_long_and_no_longer(new_core: NewCore, world: World, lang: str, word: str) -> None:
    async with (
        serve(with_limits(new_core, text_chars=10)) as live,
        await join(live, world.tokens["lin"], lang=lang) as lin,
    ):
        assert (await lin.ask(send(world.ids["direct"], "fits", "茶" * 10)))["type"] == "ack"
        refused = await lin.ask(send(world.ids["direct"], "long", "😀" * 11))
        assert (refused["code"], refused["data"]["limit"], refused["data"]["used"]) == ("message_too_long", 10, 11)
        assert word in refused["detail"]
        assert (await lin.ask(send(world.ids["direct"], "long", "😀" * 10)))["type"] == "ack"


async def test_a_client_watches_so_many_accounts(new_core: NewCore, world: World) -> None:
    async with serve(with_limits(new_core, watched_accounts=2)) as live, await join(live, world.tokens["lin"]) as lin:
        mine = [world.ids[name] for name in ("mi", "bot", "qiao")]
        refused = await lin.ask({"type": "watch", "account_ids": mine})
        assert (refused["code"], refused["data"]["limit"]) == ("invalid_request", 2)
        await lin.say({"type": "watch", "account_ids": mine[:2]})
        assert {(await lin.hear_until(type="presence"))["account_id"] for _ in range(2)} == set(mine[:2])


# --- load --------------------------------------------------------------------------------------------------------


class Halt:
    """Holds the database's writer until it is let go: whatever is sent meanwhile waits."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._go = threading.Event()
        self._held = threading.Event()

    async def __aenter__(self) -> None:
        def wait(_connection: Connection) -> None:
            self._held.set()
            self._go.wait(DEADLINE_S)

        self._core.database.submit(wait, lambda _result, _error: None)
        await until(self._held.is_set)

    async def __aexit__(self, *_: object) -> None:
        self._go.set()


def frames_read(core: Core) -> float:
    return core.metrics.registry.get_sample_value("kefu_frames_received_total") or 0.0


async def test_what_waits_is_bounded_and_refused_beyond_and_nothing_acknowledged_is_lost(
    new_core: NewCore, world: World
) -> None:
    core = with_limits(new_core, pending_sends=5, frames_per_s=1e6, frames_burst=10_000)
    async with serve(core) as live, await join(live, world.tokens["lin"]) as lin:
        conversation = world.ids["direct"]
        async with Halt(core):
            for n in range(12):
                await lin.say({**send(conversation, f"o{n}"), "ref": f"o{n}"})
                await lin.answers()  # so that each is a batch's worth of its own
        told = {f"o{n}": await lin_answer(lin, f"o{n}") for n in range(12)}
        refused = [ref for ref, answer in told.items() if answer["type"] == "error"]
        assert 0 < len(refused) < 12
        for ref in refused:
            assert told[ref]["code"] == "overloaded"
            assert told[ref]["data"]["client_msg_id"] == ref
            assert told[ref]["data"]["retry_after_ms"] > 0
        for ref in told:
            again = await lin.ask(send(conversation, ref))
            assert again["type"] == "ack"
            assert again["duplicate"] == (ref not in refused)


async def lin_answer(wire: Wire, ref: str) -> Frame:
    seen = next((frame for frame in wire.seen if frame.get("ref") == ref), None)
    return seen or await wire.hear_until(ref=ref)


@pytest.mark.parametrize("plain", [False, True])
async def test_a_client_with_much_under_way_is_not_read_from_and_loses_nothing(
    new_core: NewCore, world: World, plain: bool
) -> None:
    count = 600
    much = Limits(sends_in_flight=8, frames_per_s=1e6, frames_burst=1_000_000, pending_sends=1_000_000)
    core = new_core(limits=much, safety=TALKATIVE)
    async with serve(core, plain=plain) as live, await join(live, world.tokens["lin"]) as lin:
        async with Halt(core):
            writing = asyncio.create_task(_say_all(lin, world.ids["direct"], count))
            await until(lambda: frames_read(core) >= 8)
            async with await join(live, world.tokens["mi"]) as mi:
                for _ in range(20):
                    await mi.answers()
            # What one read from the socket brought is taken; then the socket is left alone.
            assert frames_read(core) - 20 <= (8 if plain else count // 3)
        acked: list[str] = []
        while len(acked) < count:
            frame = await lin.hear()
            if frame["type"] == "ack":
                acked.append(frame["client_msg_id"])
        await writing
        assert acked == [f"w{n}" for n in range(count)]


async def _say_all(wire: Wire, conversation_id: str, count: int) -> None:
    for n in range(count):
        await wire.say(send(conversation_id, f"w{n}", "水" * 2000))


async def test_settings_name_every_limit() -> None:
    for name, field in type(Settings().limits).model_fields.items():
        assert field.description, name
