"""A server under traffic: versions go live and back, one runs in the shadow; no turn is lost or answered twice."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.artefact import load_artefact
from bot.encoding.use import UseEncoder
from kefu.bundle import KIND, SCHEMA_VERSION, read_bundle
from kefu.shadow.records import Journal
from messaging_core.client import KefuClient
from tests.flows.test_bot_flow import PATIENCE_S, Customer, words
from tests.support.demo_bot import MoonTea
from tests.support.forked import launch

QUESTIONS = ("今天下单什么时候发货？", "谢谢", "明前西湖龙井100克多少钱", "支持花呗分期吗", "开发票要几天", "多谢啦")
THANKS = ("谢谢", "多谢啦")
WHO = ("C1001", "C1002", "C1003")


class House(MoonTea):
    """Moon Tea with a second version, whose thanks are answered in other words."""

    def __init__(self, data: Path, encoder: UseEncoder) -> None:
        super().__init__(data, encoder)
        self.data = data
        root = data / "artefacts"
        now = read_bundle(root, self.version)
        files = {
            name: "\n".join(_dry(line) for line in text.split("\n")) if "utter_thanks:" in text else text
            for name, text in now.files.items()
        }
        assert files != now.files
        made = type(now)(now.model, now.faq, files).artefact(encoder_id=encoder.id)
        made.save(root)
        self.other = made.hash
        load_artefact(root / self.other, kind=KIND, schema_version=SCHEMA_VERSION)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command on the workspace; what it says goes to its standard output."""
        with self.server.log.open("a") as log:
            return launch(["kefu", *arguments, "--data", str(self.data)], environ={}, log=log)

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command and return its exit code and output."""
        return await asyncio.to_thread(end_of, self.start(*arguments))

    async def shadow(self, *arguments: str) -> dict[str, Any]:
        """Return a shadow's report."""
        code, told = await self.run("shadow", self.other, "--format", "json", *arguments)
        assert code in (0, 1), told + self.server.log.read_text("utf-8")[-2000:]
        report: dict[str, Any] = json.loads(told)
        return report

    @property
    def journal(self) -> Path:
        """Where the shadow notes what it has compared."""
        return self.data / "shadow" / f"{self.version[:16]}-{self.other[:16]}.jsonl"


def _dry(line: str) -> str:
    return line.replace("不客气，能帮上您就好～", "不谢。").replace("应该的，", "不谢，").replace("您太客气啦", "不谢")


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Read a command to its end."""
    assert process.stdout is not None
    with process.stdout:
        told = process.stdout.read()
    return process.wait(PATIENCE_S), told


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("moon-tea") / "data", UseEncoder())
    yield running
    running.server.stop()


@pytest_asyncio.fixture
async def customers(shop: House) -> AsyncIterator[list[Customer]]:
    async with AsyncExitStack() as stack:
        found = []
        for who in WHO:
            client = await stack.enter_async_context(KefuClient(shop.url, shop.customer(who)))
            await client.wait_synced(PATIENCE_S)
            conversation = await client.http.create_service(shop.enterprise_id)
            found.append(Customer(client, conversation.id))
        yield found


async def talk(customer: Customer) -> dict[str, str]:
    """Ask all questions, one after the other, and return the answers."""
    return {question: words(await customer.ask(question)) for question in QUESTIONS}


async def compared(shop: House, count: int) -> None:
    """Wait until the shadow has noted so many turns."""
    async with asyncio.timeout(PATIENCE_S):
        while not shop.journal.exists() or shop.journal.read_bytes().count(b"\n") < count:
            await asyncio.sleep(0.05)


async def test_publishing_rolling_back_and_a_shadow_under_traffic_lose_and_double_nothing(
    shop: House, customers: list[Customer]
) -> None:
    follower = shop.start("shadow", shop.other, "--follow", "--since", "1h", "--format", "json")
    await compared(shop, 0)
    talks = [asyncio.create_task(talk(customer)) for customer in customers]
    for command in ("publish", "rollback", "publish", "rollback"):
        code, told = await shop.run(command, *([shop.other] if command == "publish" else []))
        assert code == 0, told
    answers = await asyncio.gather(*talks)
    total = len(QUESTIONS) * len(customers)
    await compared(shop, total)
    follower.send_signal(signal.SIGINT)
    code, told = await asyncio.to_thread(end_of, follower)
    report = json.loads(told)

    assert code == 1
    assert (report["turns"], report["same"], report["conversations"]) == (total, total - 2 * len(customers), len(WHO))
    (kind,) = report["kinds"]
    assert kind["kind"] == "answer" and {one["text"] for one in kind["examples"]} == set(THANKS)
    assert {one["conversation_id"] for one in kind["examples"]} <= {one.conversation_id for one in customers}
    assert all(told for one in answers for told in one.values())
    async with shop.desk("shen") as desk:
        for customer in customers:
            turns = (await desk.bot_turns(customer.conversation_id)).items
            assert [turn.outcome for turn in turns] == ["replied"] * len(QUESTIONS)
            heard = [message.message_id for turn in turns for message in turn.messages if message.origin == "bot"]
            assert len(customer.heard(0, "bot")) == len(heard), "the shadow says nothing"


@pytest.mark.slow
async def test_a_shadow_goes_on_where_it_was_killed(shop: House, customers: list[Customer]) -> None:
    await asyncio.gather(*(talk(customer) for customer in customers))
    first = await shop.shadow("--again")
    assert first["turns"] >= len(QUESTIONS) * len(customers)
    raw = shop.journal.read_bytes()
    shop.journal.write_bytes(raw[: len(raw) // 2])  # killed in the middle of a line
    await talk(customers[0])
    report = await shop.shadow()
    assert report["turns"] == first["turns"] + len(QUESTIONS)
    assert report == await shop.shadow("--again"), "as if it had never been killed"
    lines = [one.turn_id for one in Journal(shop.journal).compared.values()]
    assert len(lines) == report["turns"] == shop.journal.read_bytes().count(b"\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("0" * 32,), "manifest.json"), (("../x",), "no version"), (("other", "--since", "gestern"), "--since")],
)
async def test_what_cannot_be_compared_is_refused_with_the_reason(
    shop: House, arguments: tuple[str, ...], says: str
) -> None:
    code, _ = await shop.run("shadow", *arguments)
    assert code == 2
    assert says in shop.server.log.read_text("utf-8")
