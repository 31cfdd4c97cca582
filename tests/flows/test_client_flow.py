"""The Python client and the real server, over a real socket: chats, groups, queues, restarts, long polls, the desk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from messaging_core.client import (
    ApiError,
    Backoff,
    ConversationAdded,
    ErrorFrame,
    Event,
    Heard,
    HttpApi,
    KefuClient,
    Message,
    PeerTyping,
    Presence,
    ReadCursor,
    Waiting,
)
from tests.support.server_process import ServerProcess


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: str
    token: str
    url: str

    def client(self, **options: Any) -> KefuClient:
        """Return a client that comes back quickly."""
        options.setdefault("backoff", Backoff(base_s=0.05, cap_s=0.3))
        return KefuClient(self.url, self.token, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that all tests share but those that kill theirs."""
    running = ServerProcess(tmp_path_factory.mktemp("flow") / "data").start()
    running.wait_ready()
    yield running
    running.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that a test may kill."""
    running = ServerProcess(tmp_path / "data").start()
    running.wait_ready()
    yield running
    running.kill()


async def _people(server: ServerProcess, *names: str) -> list[Person]:
    async with HttpApi(server.url, server.operator_token) as operator:
        accounts = [await operator.create_account(name) for name in names]
        tokens = [await operator.create_token(account.id) for account in accounts]
    return [Person(account.id, token.token, server.url) for account, token in zip(accounts, tokens, strict=True)]


async def _until(condition: Callable[[], object], *, timeout_s: float = 30.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


async def _until_unread(client: KefuClient, conversation_id: str, count: int) -> None:
    await _until(lambda: conversation_id in client.states and client.state(conversation_id).unread == count)


def _listen(client: KefuClient) -> list[Heard]:
    heard: list[Heard] = []
    client.on(heard.append)
    return heard


def _texts(heard: list[Heard], conversation_id: str) -> list[str]:
    events = (frame for frame in heard if isinstance(frame, Event) and frame.conversation_id == conversation_id)
    return [event.message.body["text"] for event in events if event.message is not None]


async def _equals_a_refetch(client: KefuClient, conversation_id: str) -> None:
    """Hold the client's state against what the server says now."""
    state = (await client.sync(conversation_id)).summary()
    assert state == await client.http.conversation(conversation_id)


async def test_two_people_chat(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = _listen(his)
        chat = await hers.http.create_direct(mi.id)

        acks = [await hers.send_text(chat.id, text) for text in ("在吗", "龙井还有货吗？")]
        await _until(lambda: len(_texts(heard, chat.id)) == 2)

        assert _texts(heard, chat.id) == ["在吗", "龙井还有货吗？"]
        assert [ack.msg_no for ack in acks] == [1, 2]
        assert his.state(chat.id).unread == 2
        assert hers.state(chat.id).unread == 0
        assert any(isinstance(frame, ConversationAdded) for frame in heard)
        for client in (hers, his):
            await _equals_a_refetch(client, chat.id)


async def test_reading_is_seen_by_both_sides_and_by_my_other_device(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his, mi.client() as his_phone:
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "一")
        await hers.send_text(chat.id, "二")
        for client in (his, his_phone):
            await _until_unread(client, chat.id, 2)
        seen = _listen(hers)

        his.read(chat.id)

        await _until(lambda: his_phone.state(chat.id).unread == 0)
        await _until(lambda: any(isinstance(frame, ReadCursor) for frame in seen))
        assert hers.state(chat.id).cursors == {mi.id: 2}
        assert (await his.http.conversation(chat.id)).unread == 0


async def test_typing_and_presence(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        heard = _listen(hers)
        await hers.wait_synced(30)
        hers.watch([mi.id])
        await _until(lambda: Presence in map(type, heard))
        async with mi.client() as his:
            await his.wait_synced(30)
            his.typing(chat.id)
            await _until(lambda: PeerTyping in map(type, heard))
        online = [frame.online for frame in heard if isinstance(frame, Presence)]
        await _until(lambda: [f.online for f in heard if isinstance(f, Presence)][-1] is False)
    assert online[:2] == [False, True]


async def test_who_leads_a_group_hears_at_once_that_somebody_wants_in(server: ServerProcess) -> None:
    lin, mi, qiao, gray = await _people(server, "林小姐", "小米", "老乔", "小灰")
    async with lin.client() as hers, mi.client() as his, qiao.client() as new, gray.client() as other:
        await asyncio.gather(*(client.wait_synced(30) for client in (hers, his, new, other)))
        owner, admin, asker, member = (_listen(client) for client in (hers, his, new, other))
        group = await hers.http.create_group("茶友群", [mi.id, gray.id])
        await hers.http.set_role(group.id, mi.id, "admin")
        await hers.http.change_group(group.id, join_approval=True)
        link = await hers.http.make_invite_link(group.id)
        await new.http.join_by_invite(link.code, words="老茶客")
        await _until(lambda: _waiting(owner) == [1] == _waiting(admin))
        await his.http.decide_join_request(group.id, qiao.id, accept=False)
        await _until(lambda: _waiting(owner) == [1, 0] == _waiting(admin))
        assert _waiting(asker) == _waiting(member) == []


def _waiting(heard: list[Heard]) -> list[int]:
    return [frame.count for frame in heard if isinstance(frame, Waiting)]


async def test_a_group_grows_and_shrinks_and_everybody_agrees(server: ServerProcess) -> None:
    lin, mi, qiao = await _people(server, "林小姐", "小米", "老乔")
    async with lin.client() as hers, mi.client() as his, qiao.client() as new:
        await asyncio.gather(*(client.wait_synced(30) for client in (hers, his, new)))
        heard = _listen(new)
        group = await hers.http.create_group("茶友群", [mi.id])
        await hers.send_text(group.id, "这句老乔看不到")
        await hers.http.add_members(group.id, [qiao.id])
        await hers.http.rename(group.id, "春茶群")
        await hers.http.set_role(group.id, mi.id, "admin")
        await hers.send_text(group.id, "欢迎老乔")
        await _until(lambda: _texts(heard, group.id) == ["欢迎老乔"])

        for client in (hers, his, new):
            await _equals_a_refetch(client, group.id)
            members = await client.load_members(group.id)
            assert {key: member.role for key, member in members.items()} == {
                lin.id: "owner",
                mi.id: "admin",
                qiao.id: "member",
            }
        assert new.state(group.id).unread == 1
        assert his.state(group.id).title == "春茶群"

        await hers.http.remove_member(group.id, qiao.id)
        await hers.send_text(group.id, "老乔走了")
        await _until(lambda: new.state(group.id).left)
        await _until(lambda: his.state(group.id).member_count == 2)
        assert "老乔走了" not in _texts(heard, group.id)
        with pytest.raises(ApiError, match="not_a_member"):
            await new.send_text(group.id, "还在吗")
        assert qiao.id not in (his.state(group.id).members or {})

        await hers.http.add_members(group.id, [qiao.id])
        await hers.send_text(group.id, "又来了")
        await _until(lambda: _texts(heard, group.id)[-1] == "又来了")
        assert "老乔走了" not in _texts(heard, group.id)
        await _equals_a_refetch(new, group.id)


async def test_a_later_client_goes_on_where_an_earlier_one_stopped(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        async with mi.client(cursors={}) as his:
            heard = _listen(his)
            await hers.send_text(chat.id, "第 1 条")
            await _until(lambda: _texts(heard, chat.id) == ["第 1 条"])
            saved = his.cursors
        for number in range(2, 8):
            await hers.send_text(chat.id, f"第 {number} 条")
        group = await hers.http.create_group("新群", [mi.id])
        await hers.send_text(group.id, "新群的第一句")

        later = mi.client(cursors=saved)
        heard = _listen(later)
        async with later:
            await later.wait_synced(30)

            assert _texts(heard, chat.id) == [f"第 {number} 条" for number in range(2, 8)]
            await _until(lambda: _texts(heard, group.id) == ["新群的第一句"])
            await _equals_a_refetch(later, chat.id)
            await _equals_a_refetch(later, group.id)
            assert [message.seq for message in await later.load_history(chat.id)] == [2]


async def test_the_same_id_is_the_same_message_and_other_content_is_refused(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)

        first = await hers.send_text(chat.id, "在吗", client_msg_id="c-1")
        again = await hers.send_text(chat.id, "在吗", client_msg_id="c-1")
        over_http = await hers.http.send(chat.id, client_msg_id="c-1", kind="text", body={"text": "在吗"})

        assert {(ack.seq, ack.message_id) for ack in (first, again, over_http)} == {(first.seq, first.message_id)}
        assert [ack.duplicate for ack in (first, again, over_http)] == [False, True, True]
        with pytest.raises(ApiError, match="client_msg_id_reused"):
            await hers.send_text(chat.id, "在不在", client_msg_id="c-1")


async def test_messages_queue_while_the_server_is_dead_and_arrive_once_and_in_order(own_server: ServerProcess) -> None:
    lin, mi = await _people(own_server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = _listen(his)
        chat = await hers.http.create_direct(mi.id)
        group = await hers.http.create_group("茶友群", [mi.id])
        await hers.send_text(chat.id, "之前")
        sends = [
            asyncio.ensure_future(hers.send_text(where, f"{name}{number}"))
            for number in range(40)
            for where, name in ((chat.id, "私"), (group.id, "群"))
        ]
        await _until(lambda: len(_texts(heard, chat.id)) >= 3)  # in the middle of it all

        own_server.kill()

        await _until(lambda: not hers.connected and not his.connected)
        late = asyncio.ensure_future(hers.send_text(chat.id, "之后"))
        own_server.start()
        acks = await asyncio.wait_for(asyncio.gather(*sends, late), 60)
        await his.wait_synced(30)
        await _until(lambda: len(_texts(heard, chat.id)) >= 42 and len(_texts(heard, group.id)) >= 40)

        assert _texts(heard, chat.id) == ["之前", *(f"私{number}" for number in range(40)), "之后"]
        assert _texts(heard, group.id) == [f"群{number}" for number in range(40)]
        stored = await _all_messages(his.http, chat.id)
        by_id = {message.client_msg_id: message.seq for message in stored}
        assert len(stored) == len(by_id) == 42
        assert all(by_id[ack.client_msg_id] == ack.seq for ack in acks if ack.conversation_id == chat.id)
        for client in (hers, his):
            await _equals_a_refetch(client, chat.id)
            await _equals_a_refetch(client, group.id)


async def _all_messages(http: HttpApi, conversation_id: str) -> list[Message]:
    found: list[Message] = []
    while True:
        page = await http.messages(conversation_id, before_seq=found[-1].seq if found else None, limit=100)
        found += page
        if len(page) < 100:
            return found


async def test_an_outbox_file_carries_messages_over_to_another_process(
    own_server: ServerProcess, tmp_path: Path
) -> None:
    lin, mi = await _people(own_server, "林小姐", "小米")
    file = tmp_path / "outbox.jsonl"
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
    own_server.kill()
    async with lin.client(outbox_file=file) as offline:
        for text in ("一", "二", "三"):
            offline.enqueue(chat.id, kind="text", body={"text": text})
    own_server.start()

    async with lin.client(outbox_file=file) as online:
        await asyncio.wait_for(online.flush(), 30)
        stored = await _all_messages(online.http, chat.id)

    assert [message.body["text"] for message in reversed(stored)] == ["一", "二", "三"]


async def test_connections_that_break_all_the_time_lose_and_double_nothing(server: ServerProcess) -> None:
    """A proxy in between cuts every connection after a random number of bytes."""
    lin, mi = await _people(server, "林小姐", "小米")
    network = random.Random(7)
    async with _Cutter(server.port, network) as cutter:
        bad = [Person(person.id, person.token, cutter.url) for person in (lin, mi)]
        async with lin.client() as good:
            chat = await good.http.create_direct(mi.id)
        async with bad[0].client(cursors={}) as hers, bad[1].client(cursors={}) as his:
            both = [_listen(hers), _listen(his)]
            sends = [
                *(hers.send_text(chat.id, f"林{number}") for number in range(60)),
                *(his.send_text(chat.id, f"米{number}") for number in range(60)),
            ]
            await asyncio.wait_for(asyncio.gather(*sends), 60)
            await _until(lambda: all(len(_texts(heard, chat.id)) >= 120 for heard in both))

            for heard in both:
                texts = _texts(heard, chat.id)
                for name in ("林", "米"):
                    assert [text for text in texts if text[0] == name] == [f"{name}{n}" for n in range(60)]
                seqs = [frame.seq for frame in heard if isinstance(frame, Event)]
                assert seqs == list(range(1, 122))
            assert cutter.cuts > 10


class _Cutter:
    """A TCP proxy that breaks each connection off after some thousand bytes in either direction."""

    def __init__(self, port: int, network: random.Random) -> None:
        self._target = port
        self._network = network
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0
        self.url = ""

    async def __aenter__(self) -> _Cutter:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        budget = [self._network.randint(1500, 9000)]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pipe(reader, far_writer, budget))
                group.create_task(self._pipe(far_reader, writer, budget))
        except* (OSError, asyncio.IncompleteReadError):
            pass  # one side is gone, and with it the connection
        finally:
            self.cuts += budget[0] <= 0
            for end in (writer, far_writer):
                end.transport.abort()
            self._tasks.discard(task)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: list[int]) -> None:
        while data := await reader.read(512):
            budget[0] -= len(data)
            if budget[0] <= 0:
                raise ConnectionResetError("cut")
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError("closed")


async def test_long_polling_sends_receives_and_learns_of_new_conversations(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers, mi.client(long_poll=True) as his:
        await his.wait_synced(30)
        heard = _listen(his)
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "在吗")
        await _until(lambda: _texts(heard, chat.id) == ["在吗"])

        ack = await his.send_text(chat.id, "在的")
        with pytest.raises(ApiError, match="client_msg_id_reused"):
            await his.send_text(chat.id, "不在", client_msg_id=ack.client_msg_id)
        await hers.send_text(chat.id, "好")
        await _until(lambda: _texts(heard, chat.id) == ["在吗", "在的", "好"])

        assert his.state(chat.id).unread == 1
        his.read(chat.id)
        await _until(lambda: hers.state(chat.id).cursors.get(mi.id) == 3)
        assert await his.ping() < 5
        await _equals_a_refetch(his, chat.id)


async def test_long_polling_survives_a_restart(own_server: ServerProcess) -> None:
    lin, mi = await _people(own_server, "林小姐", "小米")
    async with lin.client() as hers, mi.client(long_poll=True, cursors={}) as his:
        chat = await hers.http.create_direct(mi.id)
        heard = _listen(his)
        await hers.send_text(chat.id, "一")
        await _until(lambda: _texts(heard, chat.id) == ["一"])
        own_server.kill()
        await _until(lambda: not his.connected)
        sends = [asyncio.ensure_future(client.send_text(chat.id, "二")) for client in (hers, his)]
        own_server.start()
        await asyncio.wait_for(asyncio.gather(*sends), 60)

        await _until(lambda: len(_texts(heard, chat.id)) == 3)
        assert _texts(heard, chat.id) == ["一", "二", "二"]
        await _equals_a_refetch(his, chat.id)


async def test_a_revoked_token_ends_the_client(server: ServerProcess) -> None:
    (lin,) = await _people(server, "林小姐")
    async with lin.client() as hers:
        await hers.wait_synced(30)
        (token,) = (await hers.http.tokens()).items
        reader = asyncio.ensure_future(_read_to_the_end(hers))
        await hers.http.revoke_token(token.id)
        with pytest.raises(Exception, match="撤销"):
            await asyncio.wait_for(reader, 30)
    async with lin.client(lang="en") as again:
        with pytest.raises(ApiError, match="unauthenticated") as raised:
            await again.wait_connected(30)
        assert raised.value.detail.isascii()


async def _read_to_the_end(client: KefuClient) -> None:
    async for _frame in client.events():
        pass


async def test_a_customer_is_served_and_the_desk_sees_it(server: ServerProcess) -> None:
    lin, qiao, boss = await _people(server, "林小姐", "老乔", "掌柜")
    async with HttpApi(server.url, server.operator_token) as operator:
        shop = await operator.create_enterprise("月茶", verified=True)
        await operator.accept_terms(shop.id, (await operator.terms()).version)
        await operator.set_staff(shop.id, boss.id, "owner")
        await operator.set_staff(shop.id, qiao.id, "agent")
        token = await operator.create_token(qiao.id, enterprise_id=shop.id, label="desk")
        assert {member.role for member in await operator.staff(shop.id)} == {"owner", "agent"}
    desk = Person(qiao.id, token.token, server.url)
    async with lin.client() as hers, desk.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = _listen(his)
        chat = await hers.http.create_service(shop.id)
        await hers.send_text(chat.id, "有人吗")
        (session,) = (await his.http.sessions()).items
        assert (session.state, session.customer_name, session.conversation_id) == ("queued", "林小姐", chat.id)

        taken = await his.http.take(session.id)
        await _until(lambda: chat.id in his.states and his.state(chat.id).session is not None)
        await his.send_text(chat.id, "在的，您好")
        await _until(lambda: _texts(heard, chat.id) == ["在的，您好"])

        assert (taken.state, taken.agent_id) == ("agent", qiao.id)
        await _until(lambda: len(hers.state(chat.id).messages) == 2)
        assert [message.origin for message in hers.state(chat.id).messages] == ["person", "agent"]
        for client in (hers, his):
            await _equals_a_refetch(client, chat.id)
        closed = await his.http.close_session(session.id)
        assert closed.state == "closed"
        await _until(lambda: hers.state(chat.id).session is None)
        await _equals_a_refetch(hers, chat.id)


async def test_a_burst_over_the_rate_limit_is_slowed_down_and_not_lost(tmp_path: Path) -> None:
    limits = {"KEFU_LIMITS__FRAMES_PER_S": "60", "KEFU_LIMITS__FRAMES_BURST": "5"}
    limited = ServerProcess(tmp_path / "data", settings=limits).start()
    try:
        limited.wait_ready()
        lin, mi = await _people(limited, "林小姐", "小米")
        async with lin.client() as hers:
            heard = _listen(hers)
            chats = [await hers.http.create_direct(mi.id), await hers.http.create_group("茶友群")]
            sends = [hers.send_text(chat.id, str(number)) for number in range(25) for chat in chats]
            await asyncio.wait_for(asyncio.gather(*sends), 60)

            assert any(isinstance(frame, ErrorFrame) and frame.code == "rate_limited" for frame in heard)
            for chat in chats:
                stored = await _all_messages(hers.http, chat.id)
                assert [message.body["text"] for message in reversed(stored)] == [str(n) for n in range(25)]
    finally:
        limited.kill()


async def test_a_conversation_beyond_the_welcome_is_whole_as_soon_as_something_happens(tmp_path: Path) -> None:
    small = ServerProcess(tmp_path / "data", settings={"KEFU_LIMITS__WELCOME_CONVERSATIONS": "1"}).start()
    try:
        small.wait_ready()
        lin, mi = await _people(small, "林小姐", "小米")
        async with lin.client() as hers:
            old, new = [await hers.http.create_group(title, [mi.id]) for title in ("老群", "新群")]
            await hers.send_text(old.id, "一")
            await hers.send_text(new.id, "二")
            async with mi.client() as his:
                await his.wait_synced(30)
                heard = _listen(his)
                assert list(his.states) == [new.id]
                await hers.send_text(old.id, "三")
                await _until(lambda: any(isinstance(frame, ConversationAdded) for frame in heard))

                assert _texts(heard, old.id) == ["三"]
                assert (his.state(old.id).title, his.state(old.id).unread) == ("老群", 2)
                await _equals_a_refetch(his, old.id)
    finally:
        small.kill()


async def test_a_copy_that_is_ahead_of_the_server_is_replaced(server: ServerProcess) -> None:
    lin, mi = await _people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "一")
        async with mi.client(cursors={chat.id: 99}) as his:
            await his.wait_synced(30)
            heard = _listen(his)
            await _until(lambda: chat.id in his.states and not his.state(chat.id).needs_summary)
            await hers.send_text(chat.id, "二")
            await _until(lambda: _texts(heard, chat.id))
            assert _texts(heard, chat.id) == ["二"]
            assert (his.state(chat.id).last_msg_no, his.state(chat.id).unread) == (2, 2)
            await _equals_a_refetch(his, chat.id)


async def test_an_agent_who_comes_back_has_still_read_what_he_had_read(server: ServerProcess) -> None:
    lin, qiao = await _people(server, "林小姐", "老乔")
    async with HttpApi(server.url, server.operator_token) as operator:
        shop = await operator.create_enterprise("月茶", verified=True)
        await operator.set_staff(shop.id, qiao.id, "agent")
        token = await operator.create_token(qiao.id, enterprise_id=shop.id)
    async with lin.client() as hers, Person(qiao.id, token.token, server.url).client() as his:
        await his.wait_synced(30)
        chat = await hers.http.create_service(shop.id)
        await hers.send_text(chat.id, "有人吗")
        (session,) = (await his.http.sessions()).items
        await his.http.take(session.id)
        await _until_unread(his, chat.id, 1)
        his.read(chat.id)
        await _until(lambda: hers.state(chat.id).cursors.get(qiao.id) == 1)

        await his.http.hand_back(session.id)
        await _until(lambda: his.state(chat.id).left)
        await his.http.take(session.id)
        await _until(lambda: not his.state(chat.id).left)

        await his.ping()  # whatever had to be said was said
        await _until(lambda: his.state(chat.id).session is not None)
        assert his.state(chat.id).unread == 0
        async with asyncio.timeout(30):
            while (await his.http.conversation(chat.id)).unread:
                await asyncio.sleep(0.02)


async def test_errors_of_commands_are_typed_and_in_the_readers_language(server: ServerProcess) -> None:
    (lin,) = await _people(server, "林小姐")
    async with HttpApi(server.url, lin.token, lang="en") as http:
        with pytest.raises(ApiError) as raised:
            await http.conversation("1")
        assert (raised.value.code, raised.value.status) == ("not_found", 404)
        assert raised.value.detail.isascii()
        with pytest.raises(ApiError, match="forbidden"):
            await http.create_account("小米")
        first = await http.create_group("茶友群", idempotency_key="k-1")
        assert await http.create_group("茶友群", idempotency_key="k-1") == first
        with pytest.raises(ApiError, match="idempotency_key_reused"):
            await http.create_group("别的群", idempotency_key="k-1")
        assert [conversation.id async for conversation in http.all_conversations()] == [first.id]
