"""Two server processes on one PostgreSQL and one NATS: people on either node talk as if there were one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from messaging_core.client import (
    ApiError,
    Backoff,
    ClientError,
    ConversationAdded,
    Heard,
    HttpApi,
    KefuClient,
    PeerTyping,
    Presence,
    ReadCursor,
)
from tests.support.nats import TestNats
from tests.support.postgres import TestPostgres
from tests.support.server_process import ServerProcess


@dataclass(frozen=True)
class Pair:
    """Two nodes and three people: lin connects to the first node, qiao and mi to the second."""

    one: ServerProcess
    two: ServerProcess
    ids: dict[str, str]
    tokens: dict[str, str]

    def client(self, name: str, node: ServerProcess) -> KefuClient:
        """Return a client of `name` on `node`."""
        return KefuClient(node.url, self.tokens[name], backoff=Backoff(base_s=0.05, cap_s=0.3))


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, postgres: TestPostgres, nats_server: TestNats
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    database, folder = postgres.create(), tmp_path_factory.mktemp("nodes")
    nodes = []
    for number in ("1", "2"):
        # The sweep is slow here, so that what arrives in time has come through the broker.
        settings = {"KEFU_NODE": number, "KEFU_DELIVERY__SWEEP_S": "60"}
        node = ServerProcess(folder / number, database=database, broker=nats_server.url, settings=settings)
        nodes.append(node.start())
        node.wait_ready()
    yield nodes[0], nodes[1]
    for node in nodes:
        node.kill()
    postgres.drop(database)


@pytest.fixture
async def pair(servers: tuple[ServerProcess, ServerProcess]) -> Pair:
    one, two = servers
    ids, tokens = {}, {}
    async with HttpApi(one.url, one.operator_token) as operator:
        for name in ("lin", "qiao", "mi"):
            account = await operator.create_account(name)
            ids[name] = account.id
            tokens[name] = (await operator.create_token(account.id)).token
    return Pair(one, two, ids, tokens)


def listen(client: KefuClient) -> list[Heard]:
    heard: list[Heard] = []
    client.on(heard.append)
    return heard


async def until(condition: Callable[[], object], *, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def texts(client: KefuClient, conversation_id: str) -> list[str]:
    if conversation_id not in client.states:
        return []
    return [str(message.body["text"]) for message in client.state(conversation_id).messages]


async def test_messages_reach_the_sockets_of_the_other_node_in_order(pair: Pair) -> None:
    async with pair.client("lin", pair.one) as lin, pair.client("qiao", pair.two) as qiao:
        await asyncio.gather(lin.wait_connected(), qiao.wait_connected())
        heard = listen(qiao)
        direct = await lin.http.create_direct(pair.ids["qiao"])
        await until(lambda: any(isinstance(frame, ConversationAdded) for frame in heard))
        await asyncio.gather(*[lin.send_text(direct.id, f"第{n}条") for n in range(30)])
        await qiao.send_text(direct.id, "收到")
        await until(lambda: len(texts(qiao, direct.id)) == 31)
        await until(lambda: len(texts(lin, direct.id)) == 31)
        assert texts(qiao, direct.id) == texts(lin, direct.id)
        assert qiao.state(direct.id).last_seq == lin.state(direct.id).last_seq == 32


async def test_typing_reading_and_presence_cross_the_nodes(pair: Pair) -> None:
    async with pair.client("lin", pair.one) as lin:
        await lin.wait_connected()
        direct = await lin.http.create_direct(pair.ids["qiao"])
        heard = listen(lin)
        lin.watch([pair.ids["qiao"]])
        async with pair.client("qiao", pair.two) as qiao:
            await qiao.wait_connected()
            await until(lambda: any(isinstance(frame, Presence) and frame.online for frame in heard))
            ack = await lin.send_text(direct.id, "在吗")
            await until(lambda: texts(qiao, direct.id) == ["在吗"])
            qiao.typing(direct.id)
            await until(lambda: any(isinstance(frame, PeerTyping) and frame.on for frame in heard))
            qiao.read(direct.id, ack.msg_no)
            await until(lambda: any(isinstance(frame, ReadCursor) and frame.msg_no == ack.msg_no for frame in heard))
        await until(lambda: isinstance(heard[-1], Presence) and not heard[-1].online)


async def test_who_is_removed_on_one_node_hears_nothing_more_on_the_other(pair: Pair) -> None:
    async with (
        pair.client("lin", pair.one) as lin,
        pair.client("qiao", pair.two) as qiao,
        pair.client("mi", pair.two) as mi,
    ):
        await asyncio.gather(lin.wait_connected(), qiao.wait_connected(), mi.wait_connected())
        group = await lin.http.create_group("茶友群", [pair.ids["qiao"], pair.ids["mi"]])
        await lin.send_text(group.id, "大家好")
        await until(lambda: texts(qiao, group.id) == texts(mi, group.id) == ["大家好"])
        await lin.http.remove_member(group.id, pair.ids["mi"])
        await lin.send_text(group.id, "只给留下的人")
        await until(lambda: texts(qiao, group.id)[-1] == "只给留下的人")
        with pytest.raises(ApiError) as refusal:
            await mi.send_text(group.id, "我还在吗")
        assert refusal.value.code == "not_a_member"
        assert texts(mi, group.id) == ["大家好"]


async def test_a_token_revoked_on_one_node_closes_the_socket_on_the_other(pair: Pair) -> None:
    async with pair.client("qiao", pair.two) as qiao, HttpApi(pair.one.url, pair.one.operator_token) as operator:
        await qiao.wait_connected()
        mine = await qiao.http.tokens()
        await operator.revoke_token(next(token.id for token in mine.items if token.current))
        await until(lambda: not qiao.connected)
        with pytest.raises(ClientError, match="撤销"):
            await qiao.wait_connected()


async def test_when_a_node_dies_its_people_go_on_at_the_other_and_miss_nothing(
    pair: Pair, tmp_path: Path, postgres: TestPostgres, nats_server: TestNats
) -> None:
    third = ServerProcess(
        tmp_path / "third",
        database=postgres.url_of(_database_of(pair.one)),
        broker=nats_server.url,
        settings={"KEFU_NODE": "3"},
    ).start()
    third.wait_ready()
    async with pair.client("qiao", pair.two) as qiao:
        await qiao.wait_connected()
        async with pair.client("lin", third) as lin:
            direct = await lin.http.create_direct(pair.ids["qiao"])
            await lin.send_text(direct.id, "一")
            await until(lambda: texts(qiao, direct.id) == ["一"])
            third.kill()
            cursors = lin.cursors
        await qiao.send_text(direct.id, "二")
        await qiao.send_text(direct.id, "三")
        again = KefuClient(pair.one.url, pair.tokens["lin"], cursors=cursors)
        async with again:
            await again.wait_synced()
            await until(lambda: texts(again, direct.id)[-2:] == ["二", "三"])
            await again.send_text(direct.id, "四")
            await until(lambda: texts(qiao, direct.id)[-1] == "四")


def _database_of(server: ServerProcess) -> str:
    arguments = server.arguments
    return arguments[arguments.index("--database") + 1].split("?")[0].rsplit("/", 1)[1]
