"""Clients that were away, cut off or wrong: they end up with what the server has."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from messaging_core.client import (
    ConversationAdded,
    Event,
    HttpApi,
)
from tests.flows.people import Person, all_messages, equals_a_refetch, listen, people, texts, until, until_unread
from tests.support.server_process import ServerProcess


async def test_a_later_client_goes_on_where_an_earlier_one_stopped(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        async with mi.client(cursors={}) as his:
            heard = listen(his)
            await hers.send_text(chat.id, "第 1 条")
            await until(lambda: texts(heard, chat.id) == ["第 1 条"])
            saved = his.cursors
        for number in range(2, 8):
            await hers.send_text(chat.id, f"第 {number} 条")
        group = await hers.http.create_group("新群", [mi.id])
        await hers.send_text(group.id, "新群的第一句")

        later = mi.client(cursors=saved)
        heard = listen(later)
        async with later:
            await later.wait_synced(30)

            assert texts(heard, chat.id) == [f"第 {number} 条" for number in range(2, 8)]
            await until(lambda: texts(heard, group.id) == ["新群的第一句"])
            await equals_a_refetch(later, chat.id)
            await equals_a_refetch(later, group.id)
            assert [message.seq for message in await later.load_history(chat.id)] == [2]


async def test_messages_queue_while_the_server_is_dead_and_arrive_once_and_in_order(own_server: ServerProcess) -> None:
    lin, mi = await people(own_server, "林小姐", "小米")
    async with lin.client() as hers, mi.client() as his:
        await asyncio.gather(hers.wait_synced(30), his.wait_synced(30))
        heard = listen(his)
        chat = await hers.http.create_direct(mi.id)
        group = await hers.http.create_group("茶友群", [mi.id])
        await hers.send_text(chat.id, "之前")
        sends = [
            asyncio.ensure_future(hers.send_text(where, f"{name}{number}"))
            for number in range(40)
            for where, name in ((chat.id, "私"), (group.id, "群"))
        ]
        await until(lambda: len(texts(heard, chat.id)) >= 3)  # in the middle of it all

        own_server.kill()

        await until(lambda: not hers.connected and not his.connected)
        late = asyncio.ensure_future(hers.send_text(chat.id, "之后"))
        own_server.start()
        acks = await asyncio.wait_for(asyncio.gather(*sends, late), 60)
        await his.wait_synced(30)
        await until(lambda: len(texts(heard, chat.id)) >= 42 and len(texts(heard, group.id)) >= 40)

        assert texts(heard, chat.id) == ["之前", *(f"私{number}" for number in range(40)), "之后"]
        assert texts(heard, group.id) == [f"群{number}" for number in range(40)]
        stored = await all_messages(his.http, chat.id)
        by_id = {message.client_msg_id: message.seq for message in stored}
        assert len(stored) == len(by_id) == 42
        assert all(by_id[ack.client_msg_id] == ack.seq for ack in acks if ack.conversation_id == chat.id)
        for client in (hers, his):
            await equals_a_refetch(client, chat.id)
            await equals_a_refetch(client, group.id)


async def test_an_outbox_file_carries_messages_over_to_another_process(
    own_server: ServerProcess, tmp_path: Path
) -> None:
    lin, mi = await people(own_server, "林小姐", "小米")
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
        stored = await all_messages(online.http, chat.id)

    assert [message.body["text"] for message in reversed(stored)] == ["一", "二", "三"]


async def test_connections_that_break_all_the_time_lose_and_double_nothing(server: ServerProcess) -> None:
    """A proxy in between cuts every connection after a random number of bytes."""
    lin, mi = await people(server, "林小姐", "小米")
    network = random.Random(7)
    async with _Cutter(server.port, network) as cutter:
        bad = [Person(person.id, person.token, cutter.url) for person in (lin, mi)]
        async with lin.client() as good:
            chat = await good.http.create_direct(mi.id)
        async with bad[0].client(cursors={}) as hers, bad[1].client(cursors={}) as his:
            both = [listen(hers), listen(his)]
            sends = [
                *(hers.send_text(chat.id, f"林{number}") for number in range(60)),
                *(his.send_text(chat.id, f"米{number}") for number in range(60)),
            ]
            await asyncio.wait_for(asyncio.gather(*sends), 60)
            await until(lambda: all(len(texts(heard, chat.id)) >= 120 for heard in both))

            for heard in both:
                said = texts(heard, chat.id)
                for name in ("林", "米"):
                    assert [text for text in said if text[0] == name] == [f"{name}{n}" for n in range(60)]
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


async def test_long_polling_survives_a_restart(own_server: ServerProcess) -> None:
    lin, mi = await people(own_server, "林小姐", "小米")
    async with lin.client() as hers, mi.client(long_poll=True, cursors={}) as his:
        chat = await hers.http.create_direct(mi.id)
        heard = listen(his)
        await hers.send_text(chat.id, "一")
        await until(lambda: texts(heard, chat.id) == ["一"])
        own_server.kill()
        await until(lambda: not his.connected)
        sends = [asyncio.ensure_future(client.send_text(chat.id, "二")) for client in (hers, his)]
        own_server.start()
        await asyncio.wait_for(asyncio.gather(*sends), 60)

        await until(lambda: len(texts(heard, chat.id)) == 3)
        assert texts(heard, chat.id) == ["一", "二", "二"]
        await equals_a_refetch(his, chat.id)


async def test_a_conversation_beyond_the_welcome_is_whole_as_soon_as_something_happens(tmp_path: Path) -> None:
    small = ServerProcess(tmp_path / "data", settings={"KEFU_LIMITS__WELCOME_CONVERSATIONS": "1"}).start()
    try:
        small.wait_ready()
        lin, mi = await people(small, "林小姐", "小米")
        async with lin.client() as hers:
            old, new = [await hers.http.create_group(title, [mi.id]) for title in ("老群", "新群")]
            await hers.send_text(old.id, "一")
            await hers.send_text(new.id, "二")
            async with mi.client() as his:
                await his.wait_synced(30)
                heard = listen(his)
                assert list(his.states) == [new.id]
                await hers.send_text(old.id, "三")
                await until(lambda: any(isinstance(frame, ConversationAdded) for frame in heard))

                assert texts(heard, old.id) == ["三"]
                assert (his.state(old.id).title, his.state(old.id).unread) == ("老群", 2)
                await equals_a_refetch(his, old.id)
    finally:
        small.kill()


async def test_a_copy_that_is_ahead_of_the_server_is_replaced(server: ServerProcess) -> None:
    lin, mi = await people(server, "林小姐", "小米")
    async with lin.client() as hers:
        chat = await hers.http.create_direct(mi.id)
        await hers.send_text(chat.id, "一")
        async with mi.client(cursors={chat.id: 99}) as his:
            await his.wait_synced(30)
            heard = listen(his)
            await until(lambda: chat.id in his.states and not his.state(chat.id).needs_summary)
            await hers.send_text(chat.id, "二")
            await until(lambda: texts(heard, chat.id))
            assert texts(heard, chat.id) == ["二"]
            assert (his.state(chat.id).last_msg_no, his.state(chat.id).unread) == (2, 2)
            await equals_a_refetch(his, chat.id)


async def test_an_agent_who_comes_back_has_still_read_what_he_had_read(server: ServerProcess) -> None:
    lin, qiao = await people(server, "林小姐", "老乔")
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
        await until_unread(his, chat.id, 1)
        his.read(chat.id)
        await until(lambda: hers.state(chat.id).cursors.get(qiao.id) == 1)

        await his.http.hand_back(session.id)
        await until(lambda: his.state(chat.id).left)
        await his.http.take(session.id)
        await until(lambda: not his.state(chat.id).left)

        await his.ping()  # whatever had to be said was said
        await until(lambda: his.state(chat.id).session is not None)
        assert his.state(chat.id).unread == 0
        async with asyncio.timeout(30):
            while (await his.http.conversation(chat.id)).unread:
                await asyncio.sleep(0.02)
