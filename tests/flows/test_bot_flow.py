"""The main job over real sockets: a customer asks, the bot answers, an agent takes over and gives back, a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.encoding.use import UseEncoder
from messaging_core.client import Event, Heard, KefuClient, Message
from tests.support.demo_bot import GREETING, MoonTea

PATIENCE_S = 90.0


class Customer:
    """Lin with her phone: what she says, and what she has seen."""

    def __init__(self, client: KefuClient, conversation_id: str) -> None:
        self.client = client
        self.conversation_id = conversation_id
        self._events: list[Event] = []
        self._news = asyncio.Event()
        client.on(self._hear)

    def _hear(self, frame: Heard) -> None:
        if isinstance(frame, Event) and frame.conversation_id == self.conversation_id:
            self._events.append(frame)
            self._news.set()

    async def say(self, text: str) -> int:
        """Say something and return its place in the conversation."""
        ack = await self.client.send_text(self.conversation_id, text)
        assert ack.seq is not None
        return ack.seq

    def heard(self, seq: int, origin: str) -> list[Message]:
        """Return what somebody has said after a place; the greeting answers nothing."""
        messages = [event.message for event in self._events if event.seq > seq and event.message is not None]
        return [one for one in messages if one.origin == origin and not is_greeting(one)]

    async def ask(self, text: str, *, origin: str = "bot") -> list[Message]:
        """Say something and return the answer, whole."""
        seq = await self.say(text)
        await self.until(lambda: bool(self.heard(seq, origin)), f"an answer to {text!r}")
        await self.client.sync(self.conversation_id)
        return self.heard(seq, origin)

    async def step(self, kind: str, after: int) -> Event:
        """Wait for a step of the session and return it."""
        await self.until(lambda: any(e.kind == kind and e.seq > after for e in self._events), kind)
        return next(e for e in self._events if e.kind == kind and e.seq > after)

    async def until(self, holds: object, what: str) -> None:
        """Wait until a condition holds."""
        assert callable(holds)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}; heard {self._events[-5:]}") from None


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoonTea]:
    place: Path = tmp_path_factory.mktemp("moon-tea")
    running = MoonTea(place / "data", UseEncoder())
    yield running
    running.server.stop()


@pytest_asyncio.fixture
async def lin(shop: MoonTea) -> AsyncIterator[Customer]:
    async with KefuClient(shop.url, shop.customer("C1001")) as client:
        await client.wait_synced(PATIENCE_S)
        conversation = await client.http.create_service(shop.enterprise_id)
        yield Customer(client, conversation.id)


def is_greeting(message: Message) -> bool:
    """Return whether a message is the greeting of a session."""
    return str(message.client_msg_id).startswith("greeting:")


def words(messages: list[Message]) -> str:
    """Return all words of some messages."""
    return "\n".join(str(message.body.get("text", "")) for message in messages)


async def test_three_questions_a_card_a_human_a_restart_and_the_bot_again(shop: MoonTea, lin: Customer) -> None:
    assert "16:00" in words(await lin.ask("今天下单什么时候发货？"))
    assert "268元" in words(await lin.ask("明前西湖龙井100克多少钱"))

    seq = await lin.say("有什么推荐的绿茶")
    await lin.until(lambda: any(one.kind == "product_card" for one in lin.heard(seq, "bot")), "a card")
    card = next(one.body for one in lin.heard(seq, "bot") if one.kind == "product_card")
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False) as http:
        page = await http.get(card["url"])
        assert (page.status_code, card["title"] in page.text) == (200, True)
        assert (await http.get(card["image_url"])).headers["content-type"].startswith("image/svg")

    seq = await lin.say("转人工")
    queued = await lin.step("session.queued", seq)
    assert lin.heard(seq, "bot") != []  # she is told
    async with shop.desk("xiaoshen") as desk:
        waiting = (await desk.sessions(state="queued")).items
        assert [(one.id, one.customer_name) for one in waiting] == [(queued.data["session_id"], "林小姐")]  # type: ignore[index]
        await desk.take(waiting[0].id)
        taken = await lin.step("session.assigned", queued.seq)

        shop.restart()
        await lin.client.wait_synced(PATIENCE_S)

        seq = await lin.say("这款适合送长辈吗")
        await desk.send(lin.conversation_id, client_msg_id="x1", kind="text", body={"text": "很合适，我帮您配礼盒。"})
        await lin.until(lambda: bool(lin.heard(seq, "agent")), "the agent")
        assert lin.heard(taken.seq, "bot") == []

        await desk.hand_back(waiting[0].id)
        back = await lin.step("session.handed_back", seq)
    answer = await lin.ask("开发票要几天")
    assert "个工作日" in words(answer)
    assert lin.heard(back.seq, "agent") == []


async def test_a_first_message_is_greeted_once(shop: MoonTea) -> None:
    async with KefuClient(shop.url, shop.customer("C1004")) as client:
        await client.wait_synced(PATIENCE_S)
        conversation = await client.http.create_service(shop.enterprise_id)
        customer = Customer(client, conversation.id)
        await customer.ask("保质期多久")
        page = await client.http.messages(conversation.id)
        assert words(page).count(GREETING) == 1


async def test_a_question_that_a_crash_interrupts_is_answered_once(shop: MoonTea) -> None:
    async with KefuClient(shop.url, shop.customer("C1005")) as client:
        await client.wait_synced(PATIENCE_S)
        conversation = await client.http.create_service(shop.enterprise_id)
        customer = Customer(client, conversation.id)
        for question in ("正山小种多少钱", "支持花呗分期吗"):
            seq = await customer.say(question)
            shop.restart()
            await customer.until(lambda seq=seq: bool(customer.heard(seq, "bot")), question)  # type: ignore[misc]
            await client.sync(conversation.id)
            turns = {str(one.client_msg_id).split(":")[0] for one in customer.heard(seq, "bot")}
            assert len(turns) == 1


async def test_a_shop_system_that_is_down_is_said_so_and_the_second_time_a_human_comes(shop: MoonTea) -> None:
    headers = {"Authorization": f"Bearer {shop.server.operator_token}"}
    async with (
        httpx.AsyncClient(base_url=shop.url, trust_env=False, headers=headers) as operator,
        KefuClient(shop.url, shop.customer("C1006")) as client,
    ):
        await client.wait_synced(PATIENCE_S)
        customer = Customer(client, (await client.http.create_service(shop.enterprise_id)).id)
        await operator.put("/demo/shop/availability", json={"available": False})
        try:
            assert await customer.ask("我的订单到哪了")
            seq = await customer.say("大红袍多少钱")
            await customer.step("session.queued", seq)
        finally:
            await operator.put("/demo/shop/availability", json={"available": True})


async def test_only_the_operator_may_switch_the_shop_off(shop: MoonTea) -> None:
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False) as http:
        assert (await http.put("/demo/shop/availability", json={"available": False})).status_code == 401
        headers = {"Authorization": f"Bearer {shop.agent('shen')}"}
        refused = await http.put("/demo/shop/availability", json={"available": False}, headers=headers)
        assert refused.status_code == 403
