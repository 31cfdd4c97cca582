"""The client on a real socket against a scripted server: broken connections, gaps, refusals, closing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeVar

import pytest

from messaging_core.client import (
    Account,
    Ack,
    ApiError,
    Backoff,
    ClientClosed,
    ConnectionLost,
    ConversationAdded,
    Disconnected,
    ErrorFrame,
    Event,
    Heard,
    KefuClient,
    Presence,
    UnknownFrame,
    Welcome,
)
from tests.messaging_core.client.peer import AT, Peer, Talk, summary, until

TEA = "731000000000000001"
Frame = TypeVar("Frame")


def _client(peer: Peer, **options: Any) -> KefuClient:
    return KefuClient(peer.url, "kf_s_dGVh", backoff=Backoff(base_s=0.01, cap_s=0.05), **options)


def _seqs(heard: list[Heard]) -> list[int]:
    return [frame.seq for frame in heard if isinstance(frame, Event)]


async def test_the_first_frame_is_a_hello_with_token_language_and_cursors() -> None:
    hellos: list[dict[str, Any]] = []

    async def script(talk: Talk) -> None:
        hellos.append(await talk.welcome())
        await talk.hang()

    async with Peer(script) as peer, _client(peer, lang="en", cursors={TEA: 41}, name="test/1") as client:
        await client.wait_connected(5)

    assert hellos == [
        {
            "type": "hello",
            "protocol": 1,
            "token": "kf_s_dGVh",
            "features": ["presence"],
            "client": "test/1",
            "lang": "en",
            "cursors": {TEA: 41},
        }
    ]


async def test_a_send_is_acknowledged() -> None:
    sends: list[dict[str, Any]] = []

    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=3))
        sends.append(await talk.hear("send"))
        await talk.acknowledge(sends[0], seq=4)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        ack = await client.send_text(TEA, "在吗")

    assert isinstance(ack, Ack)
    assert (ack.seq, ack.msg_no, ack.duplicate) == (4, 4, False)
    assert {key: sends[0][key] for key in ("conversation_id", "kind", "v", "body")} == {
        "conversation_id": TEA,
        "kind": "text",
        "v": 1,
        "body": {"text": "在吗"},
    }


async def test_what_was_not_acknowledged_is_sent_again_with_the_same_id_and_in_order() -> None:
    heard: list[list[str]] = [[], []]

    async def dies(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        heard[0].append((await talk.hear("send"))["client_msg_id"])
        await talk.die()  # committed or not: the client cannot know

    async def lives(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        for seq in (1, 2, 3):
            send = await talk.hear("send")
            heard[1].append(send["client_msg_id"])
            await talk.acknowledge(send, seq=seq, duplicate=seq == 1)
        await talk.hang()

    async with Peer(dies, lives) as peer, _client(peer) as client:
        acks = await asyncio.gather(*(client.send_text(TEA, str(n), client_msg_id=f"m{n}") for n in range(3)))

    assert heard == [["m0"], ["m0", "m1", "m2"]]
    assert [(ack.client_msg_id, ack.duplicate) for ack in acks] == [("m0", True), ("m1", False), ("m2", False)]


async def test_messages_wait_while_there_is_no_server() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        await talk.acknowledge(await talk.hear("send"), seq=1)
        await talk.hang()

    async with Peer() as gone:
        port = int(gone.url.rpartition(":")[2])
    lost: list[Disconnected] = []
    async with _client(gone) as client:
        client.on(lambda frame: lost.append(frame) if isinstance(frame, Disconnected) else None)
        sending = asyncio.ensure_future(client.send_text(TEA, "在吗"))
        await until(lambda: len(lost) >= 2)
        assert not client.connected
        async with Peer(script, port=port):
            assert (await asyncio.wait_for(sending, 5)).seq == 1


async def test_after_a_reconnect_exactly_what_was_missed_is_delivered() -> None:
    hellos: list[dict[str, Any]] = []

    async def first(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=2))
        await talk.tell(TEA, 3)
        await talk.tell(TEA, 4)
        assert (await talk.hear("ping"))["ref"]
        await talk.die()

    async def second(talk: Talk) -> None:
        hellos.append(await talk.welcome(summary(TEA, last_seq=6, read=2)))
        for seq in (5, 6):
            await talk.tell(TEA, seq)
        await talk.say("synced", conversation_id=TEA, seq=6)
        await talk.tell(TEA, 7)
        await talk.hang()

    async with Peer(first, second) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        await until(lambda: 4 in _seqs(heard))
        with pytest.raises(ConnectionLost):
            await client.ping()
        await until(lambda: 7 in _seqs(heard))
        await client.wait_synced(5)

        assert _seqs(heard) == [3, 4, 5, 6, 7]
        assert hellos[0]["cursors"] == {TEA: 4}
        assert client.cursors == {TEA: 7}
        assert (client.state(TEA).unread, client.state(TEA).last_msg_no) == (5, 7)


async def test_a_gap_is_closed_before_anything_later_is_delivered_and_duplicates_are_not() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=2))
        await talk.tell(TEA, 3)
        await talk.tell(TEA, 3)
        await talk.tell(TEA, 6)
        sync = await talk.hear("sync")
        assert (sync["conversation_id"], sync["after_seq"]) == (TEA, 3)
        await talk.tell(TEA, 7)
        for seq in (4, 5, 6):
            await talk.tell(TEA, seq)
        await talk.say("synced", ref=sync["ref"], conversation_id=TEA, seq=6)
        again = await talk.hear("sync")  # 7 came too early, and is still missing
        assert again["after_seq"] == 6
        await talk.tell(TEA, 7)
        await talk.say("synced", ref=again["ref"], conversation_id=TEA, seq=7)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        await until(lambda: 7 in _seqs(heard))

    assert _seqs(heard) == [3, 4, 5, 6, 7]


async def test_sync_waits_until_all_is_applied() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=2))
        sync = await talk.hear("sync")
        await talk.tell(TEA, 3)
        await talk.say("synced", ref=sync["ref"], conversation_id=TEA, seq=3)
        refused = await talk.hear("sync")
        await talk.say("error", ref=refused["ref"], code="not_a_member", status=403, detail="", data={})
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        await client.wait_connected(5)

        assert (await client.sync(TEA)).last_seq == 3
        with pytest.raises(ApiError, match="not_a_member"):
            await client.sync(TEA)
        with pytest.raises(KeyError):
            await client.sync("4")


async def test_a_refused_message_raises_and_the_next_one_goes_on() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        send = await talk.hear("send")
        data = {"conversation_id": TEA, "client_msg_id": send["client_msg_id"]}
        await talk.say("error", ref=send["ref"], code="message_too_long", status=413, detail="太长", data=data)
        await talk.acknowledge(await talk.hear("send"), seq=1)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        long, short = await asyncio.gather(
            client.send_text(TEA, "长" * 10), client.send_text(TEA, "短"), return_exceptions=True
        )

    assert isinstance(long, ApiError)
    assert (long.code, long.status, long.detail) == ("message_too_long", 413, "太长")
    assert isinstance(short, Ack)
    assert [frame.code for frame in heard if isinstance(frame, ErrorFrame)] == ["message_too_long"]


async def test_a_refusal_for_the_moment_is_waited_out_and_order_is_kept() -> None:
    heard: list[str] = []

    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        send = await talk.hear("send")
        data = {"retry_after_ms": 30}
        await talk.say("error", ref=send["ref"], code="rate_limited", status=429, detail="", data=data)
        for seq in (1, 2):
            send = await talk.hear("send")
            heard.append(send["client_msg_id"])
            await talk.acknowledge(send, seq=seq)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        await asyncio.gather(*(client.send_text(TEA, n, client_msg_id=n) for n in ("a", "b")))

    assert heard == ["a", "b"]


async def test_a_refusal_for_hours_is_an_answer() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        send = await talk.hear("send")
        data = {"retry_after_ms": 3_600_000, "conversation_id": TEA, "client_msg_id": send["client_msg_id"]}
        await talk.say("error", ref=send["ref"], code="rate_limited", status=429, detail="", data=data)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        with pytest.raises(ApiError, match="rate_limited"):
            await client.send_text(TEA, "在吗")


async def test_a_wrong_token_ends_the_client_and_everything_that_waits() -> None:
    async def script(talk: Talk) -> None:
        await talk.hear("hello")
        await talk.say("error", code="unauthenticated", status=401, detail="请重新登录", data={})
        await talk.socket.close(4401)

    async with Peer(script) as peer, _client(peer) as client:
        events = client.events()
        sending = asyncio.ensure_future(client.send_text(TEA, "在吗"))
        for waiting in (client.wait_connected(5), client.wait_synced(5), sending, anext(events)):
            with pytest.raises(ApiError, match="unauthenticated"):
                await waiting
        with pytest.raises(ApiError, match="unauthenticated"):
            client.typing(TEA)
        with pytest.raises(ApiError, match="unauthenticated"):
            client.events()
    assert peer.connections == 1


async def test_a_revoked_token_ends_the_client() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        await talk.say("closing", code="token_revoked", resume=False, retry_after_ms=0, detail="这个登录已被撤销")
        await talk.socket.close(4401)

    async with Peer(script) as peer, _client(peer) as client:
        with pytest.raises(ConnectionLost, match="撤销") as raised:
            await client.send_text(TEA, "在吗")
    assert not raised.value.resume


async def test_an_overload_at_the_door_is_tried_again() -> None:
    async def full(talk: Talk) -> None:
        await talk.hear("hello")
        await talk.say("error", code="too_many_connections", status=429, detail="", data={"limit": 20})
        await talk.socket.close(4429)

    async def welcomes(talk: Talk) -> None:
        await talk.welcome()
        await talk.hang()

    async with Peer(full, welcomes) as peer, _client(peer) as client:
        await client.wait_connected(5)
    assert peer.connections == 2


async def test_the_client_waits_as_long_as_a_closing_server_asks() -> None:
    async def stops(talk: Talk) -> None:
        await talk.welcome()
        await talk.say("closing", code="server_stopping", resume=True, retry_after_ms=120, detail="服务正在重启")
        await talk.socket.close(1012)

    async def welcomes(talk: Talk) -> None:
        await talk.welcome()
        await talk.hang()

    async with Peer(stops, welcomes) as peer, _client(peer) as client:
        lost = await _first(client, Disconnected)
        await client.wait_connected(5)

    assert (lost.code, lost.reason) == (1012, "服务正在重启")
    assert lost.retry_in_s >= 0.12


async def _first(client: KefuClient, kind: type[Frame]) -> Frame:
    return await anext(frame async for frame in client.events() if isinstance(frame, kind))


@pytest.mark.parametrize("nonsense", ["tea", '{"type":"event"}', "[]"])
async def test_nonsense_from_the_server_is_logged_and_the_client_connects_anew(
    nonsense: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def mad(talk: Talk) -> None:
        await talk.welcome()
        await talk.socket.send(nonsense)
        await talk.socket.wait_closed()

    async def sane(talk: Talk) -> None:
        await talk.welcome()
        await talk.tell(TEA, 1)
        await talk.hang()

    async with Peer(mad, sane) as peer, _client(peer) as client:
        assert (await _first(client, Event)).seq == 1
    assert "broke the protocol" in caplog.text


async def test_frames_from_the_future_are_handed_on() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        await talk.say("sparkle", of="tea")
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        assert (await _first(client, UnknownFrame)).type == "sparkle"


async def test_a_new_conversation_comes_with_all_that_happened_since_we_joined() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        await talk.say("conversation", conversation=summary(TEA, last_seq=2, read=0, kind="direct"))
        await talk.tell(TEA, 3)
        sync = await talk.hear("sync")  # what came before the snapshot is history for the server, but new to us
        assert sync["after_seq"] == 0
        for seq in (1, 2, 3):
            await talk.tell(TEA, seq)
        await talk.say("synced", ref=sync["ref"], conversation_id=TEA, seq=3)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        await until(lambda: 3 in _seqs(heard))

        assert _seqs(heard) == [1, 2, 3]
        assert any(isinstance(frame, ConversationAdded) for frame in heard)
        assert client.state(TEA).unread == 3


async def test_a_conversation_that_began_while_we_were_away_is_delivered_too() -> None:
    async def first(talk: Talk) -> None:
        await talk.welcome()
        await talk.die()

    async def second(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=1, read=0))
        sync = await talk.hear("sync")
        assert sync["after_seq"] == 0
        await talk.tell(TEA, 1)
        await talk.say("synced", ref=sync["ref"], conversation_id=TEA, seq=1)
        await talk.hang()

    async with Peer(first, second) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        await until(lambda: _seqs(heard) == [1])
        await client.wait_synced(5)


async def test_what_was_read_offline_is_told_with_the_next_connection() -> None:
    reads: list[dict[str, Any]] = []
    has_read = asyncio.Event()

    async def first(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=5, read=1))
        await talk.die()

    async def second(talk: Talk) -> None:
        await has_read.wait()  # it stays offline until it has read
        await talk.welcome(summary(TEA, last_seq=5, read=1))
        await talk.say("synced", conversation_id=TEA, seq=5)
        reads.append(await talk.hear("read"))
        await talk.hang()

    async with Peer(first, second) as peer, _client(peer) as client:
        await until(lambda: TEA in client.states and not client.connected)
        client.read(TEA)
        assert client.state(TEA).unread == 0
        has_read.set()
        await until(lambda: reads)

    assert (reads[0]["conversation_id"], reads[0]["msg_no"]) == (TEA, 5)


async def test_cursors_of_others_and_of_my_other_devices_are_followed() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=5, read=1))
        await talk.say("cursor", conversation_id=TEA, account_id="11", msg_no=4, at=AT)
        await talk.say("cursor", conversation_id=TEA, account_id="10", msg_no=3, at=AT)
        await talk.hang()

    async with Peer(script) as peer, _client(peer) as client:
        await until(lambda: TEA in client.states and client.state(TEA).unread == 2)
        assert client.state(TEA).cursors == {"11": 4}


async def test_presence_is_watched_on_every_connection() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        assert (await talk.hear("watch"))["account_ids"] == ["11"]
        await talk.say("presence", account_id="11", online=True, at=AT)

    async def hang(talk: Talk) -> None:
        await script(talk)
        await talk.hang()

    async with Peer(script, hang) as peer, _client(peer) as client:
        heard: list[Heard] = []
        client.on(heard.append)
        client.watch(["11"])
        await until(lambda: len([frame for frame in heard if isinstance(frame, Presence)]) == 2)


async def test_a_cursor_ahead_of_the_server_drops_the_copy_and_fetches_it() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=3))
        data = {"seq": 3, "conversation_id": TEA}
        await talk.say("error", code="cursor_ahead", status=409, detail="", data=data)
        await talk.hang()

    async with Peer(script) as peer, _client(peer, cursors={TEA: 9}) as client:
        await client.wait_synced(5)
        assert TEA not in client.states
        assert client.cursors == {}


async def test_a_cursor_of_a_conversation_that_was_never_ours_does_not_hold_up_the_rest() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        data = {"conversation_id": TEA}
        await talk.say("error", code="not_a_member", status=403, detail="", data=data)
        await talk.hang()

    async with Peer(script) as peer, _client(peer, cursors={TEA: 9}) as client:
        await client.wait_synced(5)
        assert client.connected
        assert client.states[TEA].role is None


async def test_unsent_messages_survive_the_process_in_the_outbox_file(tmp_path: Path) -> None:
    got: list[str] = []

    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        for seq in (1, 2):
            send = await talk.hear("send")
            got.append(send["body"]["text"])
            await talk.acknowledge(send, seq=seq)
        await talk.hang()

    async with Peer() as gone:
        pass
    path = tmp_path / "outbox.jsonl"
    async with _client(gone, outbox_file=path) as client:
        for text in ("一", "二"):
            client.enqueue(TEA, kind="text", body={"text": text})

    async with Peer(script) as peer, _client(peer, outbox_file=path) as client:
        await asyncio.wait_for(client.flush(), 5)
        assert len(client.outbox) == 0

    assert got == ["一", "二"]
    assert path.read_bytes() == b"" or b"settled" in path.read_bytes()


async def test_closing_ends_readers_and_fails_what_waits() -> None:
    async with Peer() as peer:
        client = _client(peer)
        with pytest.raises(ClientClosed):
            client.read(TEA)
        async with client:
            reader = asyncio.ensure_future(_drain(client))
            sending = asyncio.ensure_future(client.send_text(TEA, "在吗"))
            await asyncio.sleep(0)
        assert await reader == []
        with pytest.raises(ClientClosed):
            await sending
        with pytest.raises(ClientClosed):
            await client.send_text(TEA, "在吗")
        with pytest.raises(ClientClosed):
            async with client:
                pass
        await client.aclose()


async def _drain(client: KefuClient) -> list[Heard]:
    return [frame async for frame in client.events()]


async def test_no_task_outlives_the_client() -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome(summary(TEA, last_seq=0))
        await talk.hang()

    async with Peer(script) as peer:
        async with _client(peer) as client:
            await client.wait_connected(5)
            assert any("kefu-client" in task.get_name() for task in asyncio.all_tasks())
        assert [task for task in asyncio.all_tasks() if "kefu-client" in task.get_name()] == []


async def test_cancelling_the_owner_closes_the_client() -> None:
    async with Peer() as peer:
        client = _client(peer)

        async def own() -> None:
            async with client:
                await asyncio.Event().wait()

        owner = asyncio.ensure_future(own())
        await until(lambda: peer.connections == 1)
        owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await owner
        assert [task for task in asyncio.all_tasks() if "kefu-client" in task.get_name()] == []


async def test_a_frame_larger_than_the_server_reads_is_refused_here() -> None:
    async with Peer() as peer, _client(peer) as client:
        with pytest.raises(ApiError, match="too_large"):
            await client.send_text(TEA, "长" * 40_000)
        assert len(client.outbox) == 0


async def test_a_failing_callback_does_not_end_the_reading(caplog: pytest.LogCaptureFixture) -> None:
    async def script(talk: Talk) -> None:
        await talk.welcome()
        for seq in (1, 2):
            await talk.tell(TEA, seq)
        await talk.hang()

    heard: list[Heard] = []

    def broken(frame: Heard) -> None:
        heard.append(frame)
        raise RuntimeError("spilled")

    async with Peer(script) as peer, _client(peer) as client:
        client.on(broken)
        await until(lambda: _seqs(heard) == [1, 2])
    assert "spilled" in caplog.text


def test_the_address_of_a_server_is_checked() -> None:
    with pytest.raises(ValueError, match="not the address"):
        KefuClient("chat.example", "token")


async def test_closing_ends_the_client_even_when_the_connection_breaks_in_the_same_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaks = asyncio.Event()

    class BreakingLink:
        """A link whose writer fails when told to, and whose reader hears nothing."""

        def __init__(self, *_: Any, **__: Any) -> None: ...

        async def open(self, _hello: Any) -> Welcome:
            account = Account(id="731000000000000010", kind="personal", name="林小姐", enterprise_id=None)
            return Welcome(protocol=1, session_id="731000000000000900", account=account, at=AT, conversations=[])

        async def read(self) -> Any:
            await asyncio.Event().wait()

        async def write(self, _frame: Any) -> None:
            await breaks.wait()
            raise ConnectionLost(0, "the connection broke off")

        async def close(self) -> None: ...

    monkeypatch.setattr("messaging_core.client.client.WebSocketLink", BreakingLink)
    client = KefuClient("http://127.0.0.1:1", "kf_s_dGVh", backoff=Backoff(base_s=0.01, cap_s=0.05))
    await client.__aenter__()
    await client.wait_connected(5)
    client.watch(["731000000000000011"])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    breaks.set()
    await asyncio.sleep(0)
    await asyncio.wait_for(client.aclose(), 5)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "something of the client goes on"
