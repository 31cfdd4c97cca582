"""`kill -9` in the middle of bot turns: each message in exactly one turn, each turn one outcome, no reply doubled."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx

from eval.crash.bot_story import BotStory, check_story, read_story
from eval.crash.crowd import Somebody
from eval.crash.faults import Fault, Findings
from eval.crash.node import Node
from eval.crash.plan import Plan
from eval.crash.report import Report
from eval.crash.run import RAISED
from eval.crash.stage import Say
from eval.load.results import revision
from messaging_core.client import Backoff, HttpApi, KefuClient

# On one node nothing may depend on the sweep. On PostgreSQL a started server is another node, which may serve what the
# killed one had only when that lease has ended: the sweep finds it then.
_NO_SWEEP = {"KEFU_DELIVERY__SWEEP_S": "86400"}
_DEMO = ("kefu", "serve", "--demo")
_FIRST_START_S = 300.0
_BURSTS = (1, 1, 1, 2, 3)
_IN_A_TURN_S = 0.06
_WORDS = (
    "在吗", "龙井多少钱", "什么时候发货", "有什么推荐的绿茶", "可以开发票吗", "这个能退吗", "包邮吗",
    "白茶和红茶有什么区别", "我的快递到哪了", "有没有便宜一点的", "送长辈买什么好", "保质期多久",
)  # fmt: skip


async def bot(
    plan: Plan, *, folder: Path, say: Say, database: str | None = None, program: tuple[str, ...] = _DEMO
) -> Report:
    """Run it with the demo's trained bot, or with another `program` that has a bot for any enterprise."""
    node = Node(
        folder / "data",
        log=folder / "server.log",
        database=database,
        environ={**RAISED, **(_NO_SWEEP if database is None else {})},
        program=program,
        start_s=_FIRST_START_S,
    )
    run = _Run(plan, node, folder=folder, say=say, demo=program == _DEMO)
    began_s = time.monotonic()
    try:
        await asyncio.to_thread(node.start)
        run.progress = set(node.errors())
        await run.enter()
        await run.play()
        stories = await run.settle()
    finally:
        await run.close()
        await asyncio.to_thread(node.stop)
    return run.report(stories, seconds=time.monotonic() - began_s)


class _Run:
    """The customers, their clients, and what they had acknowledged."""

    def __init__(self, plan: Plan, node: Node, *, folder: Path, say: Say, demo: bool) -> None:
        self.plan, self.node, self.say = plan, node, say
        self.found = Findings()
        self.progress: set[str] = set()
        """Lines of the first start, in which the demo's bot is trained: no log lines, and no errors."""
        self._folder, self._demo = folder, demo
        self._rng = random.Random(f"{plan.seed}/bot")
        self._staff_token = ""
        self._clients: list[KefuClient] = []
        self._conversations: list[str] = []
        self._acknowledged: dict[str, set[str]] = {}
        self._asked = asyncio.Event()
        self.kills = 0

    @property
    def acknowledged(self) -> int:
        """Return how many messages were acknowledged so far."""
        return sum(len(ids) for ids in self._acknowledged.values())

    async def enter(self) -> None:
        """Make the customers and somebody who may look, and open the conversations."""
        async with HttpApi(self.node.url, self.node.operator_token) as api:
            enterprise_id = await self._find_enterprise(api)
            people = []
            for number in range(self.plan.clients):
                account = await api.create_account(f"customer {number}")
                token = await api.create_token(account.id, label="crash")
                people.append(Somebody(account_id=account.id, token=token.token))
        for who in people:
            async with HttpApi(self.node.url, who.token) as api:
                conversation = await api.create_service(enterprise_id)
            self._conversations.append(conversation.id)
            self._acknowledged[conversation.id] = set()
            client = KefuClient(self.node.url, who.token, backoff=Backoff(base_s=0.05, cap_s=0.3))
            self._clients.append(await client.__aenter__())
        self.say(f"{self.plan.clients} customers, seed {self.plan.seed}")

    async def _find_enterprise(self, api: HttpApi) -> str:
        """Return the demo's enterprise, or a new one with its bot turned on; and get a token of its staff."""
        async with httpx.AsyncClient(base_url=self.node.url, trust_env=False) as http:
            if self._demo:
                enterprise_id = str((await http.get("/demo/staff")).raise_for_status().json()["enterprise_id"])
            else:
                enterprise_id = (await api.create_enterprise("crash", verified=True)).id
                await api.accept_terms(enterprise_id, (await api.terms()).version)
            owner = await api.create_account("owner")
            await api.set_staff(enterprise_id, owner.id, "owner")
            token = await api.create_token(owner.id, enterprise_id=enterprise_id, label="crash")
            self._staff_token = token.token
            if not self._demo:
                headers = {"Authorization": f"Bearer {self._staff_token}"}
                body = {"auto_reply": True, "greeting": "您好"}
                (await http.put("/v1/bot/settings", json=body, headers=headers)).raise_for_status()
        return enterprise_id

    async def play(self) -> None:
        """Let everybody ask, and kill the server while it thinks about it."""
        talking = [asyncio.create_task(self._talk(number)) for number in range(self.plan.clients)]
        try:
            for number in range(1, self.plan.kills + 1):
                share = number / (self.plan.kills + 1) * self.plan.messages
                await self._reached(share, talking)
                await self._kill(number)
            await asyncio.gather(*talking)
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)

    async def _talk(self, number: int) -> None:
        rng = random.Random(f"{self.plan.seed}/{number}")
        client, conversation_id = self._clients[number], self._conversations[number]
        left = -(-self.plan.messages // self.plan.clients)
        pause_s = self.plan.clients / self.plan.per_second
        while left > 0:
            burst = min(left, rng.choice(_BURSTS))
            left -= burst
            await asyncio.gather(*(self._ask(client, conversation_id, rng.choice(_WORDS)) for _ in range(burst)))
            await asyncio.sleep(rng.uniform(0.0, 2 * pause_s * burst))

    async def _ask(self, client: KefuClient, conversation_id: str, text: str) -> None:
        ack = await client.send_text(conversation_id, text)
        self._acknowledged[conversation_id].add(ack.client_msg_id)
        self._asked.set()

    async def _reached(self, messages: float, talking: list[asyncio.Task[None]]) -> None:
        while self.acknowledged < messages and not all(task.done() for task in talking):
            self._asked.clear()
            await asyncio.wait_for(self._asked.wait(), self.plan.settle_s)

    async def _kill(self, number: int) -> None:
        """Kill it within a moment after a question was acknowledged: its turn is under way."""
        await asyncio.sleep(self._rng.uniform(0.0, _IN_A_TURN_S))
        self.say(f"kill -9 {number}/{self.plan.kills}: pid {self.node.pid} after {self.acknowledged} messages")
        await asyncio.to_thread(self.node.kill)
        self.kills += 1
        await asyncio.to_thread(self.node.start)

    async def settle(self) -> list[BotStory]:
        """Wait until every message has its turn, without help of the sweep, and read everything back."""
        self.say("all is asked; waiting for the last outcomes")
        deadline = time.monotonic() + self.plan.settle_s
        async with httpx.AsyncClient(base_url=self.node.url, trust_env=False, timeout=30.0) as http:
            while True:
                stories = [
                    await read_story(http, conversation_id, staff_token=self._staff_token)
                    for conversation_id in self._conversations
                ]
                if not any(story.waiting for story in stories) or time.monotonic() > deadline:
                    return stories
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        """End the clients."""
        for client in self._clients:
            await client.aclose()

    def report(self, stories: list[BotStory], *, seconds: float) -> Report:
        """Compare and return the outcome."""
        for story in stories:
            check_story(story, acknowledged=self._acknowledged[story.conversation_id], found=self.found)
        for line in (line for line in self.node.errors() if line not in self.progress):
            self.found.note(Fault.BROKEN, line[-1500:])
        turns = [turn for story in stories for turn in story.turns]
        outcomes = Counter(f"turns {turn['outcome']}" for turn in turns)
        facts = {
            "messages acknowledged": self.acknowledged,
            "messages stored": sum(len(story.messages("person")) for story in stories),
            "replies stored": sum(len(story.messages("bot")) for story in stories),
            "turns": len(turns),
            "turns of several messages": sum(turn["first_seq"] != turn["last_seq"] for turn in turns),
            "turns decided anew": sum(turn["restarts"] > 0 for turn in turns),
            "kills": self.kills,
            "starts of servers": self.node.starts,
            **dict(sorted(outcomes.items())),
        }
        return Report(
            scenario="bot",
            plan=self.plan,
            revision=revision(),
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(seconds, 1),
            facts=facts,
            faults=self.found.counts,
            examples={fault.value: words for fault, words in self.found.examples.items()},
        )
