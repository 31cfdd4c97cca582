"""`python -m eval.load.bot`: how fast the bot answers, in an open loop: nobody waits for an answer before asking on."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import psutil
import typer
from rich.console import Console
from rich.table import Table

from eval.load import results
from eval.load.bot_texts import questions
from eval.load.ours import RAISED
from eval.load.processes import free_port
from eval.load.stats import percentile
from messaging_core.client import Ack, ApiError, Event, Heard, HttpApi, KefuClient

_P95_GOAL_MS = 60.0
_SETTLE_S = 8.0
_STALL = re.compile(r"^kefu_loop_stall_seconds_max(?:\{[^}]*\})? ([0-9.eE+-]+)$", re.MULTILINE)
_RSS = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
_TABLE_COLUMNS = 150


class Phase(msgspec.Struct, frozen=True):
    """One load and what it brought. Times in milliseconds, from a turn's last message to its outcome's commit."""

    name: str
    customers: int
    every_s: float
    seconds: float
    messages: int
    turns: int
    lost: int
    late_s: float
    """How far the load itself fell behind its plan at worst: far above zero, the load was measured."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    """CPU of the server for one turn, everything included: the figure that holds on a busy machine."""
    acts: dict[str, int]
    stall_ms: float | None
    rss_mb: float

    @property
    def rate(self) -> float:
        """Messages a second, as planned."""
        return self.customers / self.every_s


@dataclass(slots=True)
class Asker:
    """A customer who asks at fixed times, whatever comes back; a human's queue ends his session, and he asks on."""

    client: KefuClient
    conversation_id: str
    acks: list[Ack] = field(default_factory=list)
    closing: set[asyncio.Task[Any]] = field(default_factory=set)

    def hear(self, frame: Heard) -> None:
        """See to it that the next message opens a session with the bot."""
        if isinstance(frame, Event) and frame.kind == "session.queued" and frame.data is not None:
            task = asyncio.create_task(self._close(str(frame.data["session_id"])))
            self.closing.add(task)
            task.add_done_callback(self.closing.discard)

    async def _close(self, session_id: str) -> None:
        try:
            await self.client.http.close_session(session_id)
        except ApiError:
            return  # his next message was quicker

    async def ask(self, texts: Iterator[str], *, start_s: float, every_s: float, times: int) -> float:
        """Ask on time; return how late the latest message left."""
        loop = asyncio.get_running_loop()
        entries, late_s = [], 0.0
        for number in range(times):
            due_s = start_s + number * every_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            late_s = max(late_s, loop.time() - due_s)
            entries.append(self.client.enqueue(self.conversation_id, kind="text", body={"text": next(texts)}))
        self.acks += [await entry.wait() for entry in entries]
        return late_s


class Server:
    """The demo under load, seen by its operator and by its staff."""

    def __init__(self, url: str, *, pid: int, operator_token: str) -> None:
        self.url, self.pid = url, pid
        self._pool = httpx.AsyncClient(
            base_url=url, trust_env=False, timeout=60, limits=httpx.Limits(max_connections=40)
        )
        self._operator = HttpApi(url, operator_token, client=self._pool)
        self._staff = ""
        self._enterprise_id = ""

    async def open(self) -> None:
        """Become one of the staff, who may read what was decided."""
        listed = (await self._pool.get("/demo/staff")).raise_for_status().json()
        self._enterprise_id = str(listed["enterprise_id"])
        login = await self._pool.post(f"/demo/staff/{listed['staff'][0]['id']}/login")
        self._staff = login.raise_for_status().json()["token"]

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    @asynccontextmanager
    async def asker(self, number: int) -> AsyncIterator[Asker]:
        """Connect a new customer."""
        account = await self._operator.create_account(f"压测 {number}")
        token = (await self._operator.create_token(account.id, label="load", scopes=["chat"])).token
        http = HttpApi(self.url, token, client=self._pool)
        async with KefuClient(self.url, token, features=(), keep_messages=5, http=http) as client:
            await client.wait_connected(60)
            conversation = await client.http.create_service(self._enterprise_id)
            asker = Asker(client, conversation.id)
            client.on(asker.hear)
            yield asker

    async def turns(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return all turns of a conversation."""
        found: list[dict[str, Any]] = []
        query = {"conversation_id": conversation_id, "limit": "100"}
        while True:
            answer = await self._pool.get(
                "/v1/bot/turns", params=query, headers={"Authorization": f"Bearer {self._staff}"}
            )
            page = answer.raise_for_status().json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def stall_ms(self) -> float | None:
        """Return the longest stall of the event loop so far."""
        found = _STALL.search((await self._pool.get("/metrics")).text)
        return round(float(found[1]) * 1000, 1) if found else None

    def cpu_s(self) -> float:
        """Return the CPU time that the server has used, in seconds."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        """Return the server's resident memory."""
        found = _RSS.search(Path(f"/proc/{self.pid}/status").read_text())
        return round(int(found[1]) / 1024, 1) if found else 0.0


async def run_phase(
    server: Server, name: str, texts: Iterator[str], *, customers: int, every_s: float, seconds: float
) -> Phase:
    """Load the server with that many customers, their messages spread evenly over the time."""
    async with AsyncExitStack() as stack:
        askers = [await stack.enter_async_context(server.asker(number)) for number in range(customers)]
        begin_s = asyncio.get_running_loop().time() + 0.5
        cpu_s = server.cpu_s()
        late = await asyncio.gather(
            *(
                asker.ask(
                    texts,
                    start_s=begin_s + every_s * place / customers,
                    every_s=every_s,
                    times=max(1, round(seconds / every_s)),
                )
                for place, asker in enumerate(askers)
            )
        )
        cpu_s = server.cpu_s() - cpu_s
        turns = [turn for asker in askers for turn in await _settled(server, asker)]
        return _phase(
            name,
            askers,
            turns,
            customers=customers,
            every_s=every_s,
            seconds=seconds,
            late_s=max(late),
            cpu_s=cpu_s,
            stall_ms=await server.stall_ms(),
            rss_mb=server.rss_mb(),
        )


async def _settled(server: Server, asker: Asker) -> list[dict[str, Any]]:
    """Return an asker's turns once his last message is in one, or it is clear that it is lost."""
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + _SETTLE_S
    while True:
        turns = await server.turns(asker.conversation_id)
        taken = {row["message_id"] for turn in turns for row in turn["messages"]}
        if all(ack.message_id in taken for ack in asker.acks) or loop.time() > give_up_s:
            return turns
        await asyncio.sleep(0.2)


def _phase(name: str, askers: list[Asker], turns: list[dict[str, Any]], *, cpu_s: float, **rest: Any) -> Phase:
    said_at = {str(ack.message_id): ack.at for asker in askers for ack in asker.acks if ack.at is not None}
    taken, times, acts = set[str](), list[float](), dict[str, int]()
    for turn in turns:
        own = [row["message_id"] for row in turn["messages"] if row["message_id"] in said_at]
        taken.update(own)
        if own:
            last = max(said_at[one] for one in own)
            times.append((datetime.fromisoformat(turn["committed_at"]) - last).total_seconds() * 1000)
            acts[turn["act"]] = acts.get(turn["act"], 0) + 1
    return Phase(
        name=name,
        messages=len(said_at),
        turns=len(times),
        lost=len(said_at) - len(taken),
        p50_ms=round(percentile(times, 50), 1),
        p95_ms=round(percentile(times, 95), 1),
        p99_ms=round(percentile(times, 99), 1),
        cpu_ms=round(cpu_s * 1000 / max(len(times), 1), 1),
        acts=acts,
        **rest,
    )


@contextmanager
def serving(data: Path, log: Path) -> Iterator[tuple[str, int]]:
    """Run the demo over a workspace (trained first if it has no bot) and yield its address and process id."""
    kefu = Path(sys.executable).with_name("kefu")
    command = [str(kefu), "serve", "--demo", "--data", str(data), "--port", str(free_port())]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **RAISED}
        )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise typer.BadParameter(f"the demo did not start:\n{log.read_text(errors='replace')[-1500:]}")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(20)


async def _measure(server: Server, *, seconds: float, crowd: int, minutes: float, say: Any) -> list[Phase]:
    texts = questions(seed=7)
    await server.open()
    try:
        await run_phase(server, "warm-up", texts, customers=5, every_s=0.5, seconds=5)
        phases = [
            await run_phase(
                server, "20 customers, one message per 2 s", texts, customers=20, every_s=2, seconds=seconds
            )
        ]
        say(phases[-1])
        for rate in (20, 30, 40, 60, 80, 120, 160):
            step = await run_phase(server, f"{rate}/s", texts, customers=rate * 2, every_s=2, seconds=seconds / 2)
            phases.append(step)
            say(step)
            if step.p95_ms > _P95_GOAL_MS or step.lost:
                break
        if crowd:
            name = f"{crowd} sessions, one message per 10 s"
            phases.append(await run_phase(server, name, texts, customers=crowd, every_s=10, seconds=minutes * 60))
            say(phases[-1])
        return phases
    finally:
        await server.close()


def main(
    data: Annotated[
        Path | None, typer.Option(help="A demo workspace to use again; otherwise a new one is trained.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of the first phase; each step takes half of it.")] = 60.0,
    crowd: Annotated[int, typer.Option(help="Sessions of the last phase; 0 leaves it out.")] = 300,
    minutes: Annotated[float, typer.Option(help="Length of the last phase.")] = 5.0,
    out: Annotated[Path, typer.Option(help="Folder for the JSON log.")] = Path("bench-results"),
) -> None:
    """Measure the bot's turns: 20 customers, the highest rate at which p95 stays within 60 ms, a crowd."""
    out.mkdir(parents=True, exist_ok=True)
    console = Console()
    # A pipe reports 80 columns, in which the table says nothing.
    console.width = max(console.width, _TABLE_COLUMNS)
    started_at = datetime.now(UTC)

    def say(phase: Phase) -> None:
        console.print(
            f"{phase.name}: p50 {phase.p50_ms} ms, p95 {phase.p95_ms} ms, lost {phase.lost}, "
            f"stall {phase.stall_ms} ms, {phase.rss_mb} MB, load {phase.late_s * 1000:.0f} ms late"
        )

    with tempfile.TemporaryDirectory(prefix="bot-", dir=out) as folder:
        workspace = data or Path(folder) / "data"
        with serving(workspace, out / "bot-server.log") as (url, pid):
            token = (workspace / "operator.token").read_text().strip()
            server = Server(url, pid=pid, operator_token=token)
            phases = asyncio.run(_measure(server, seconds=seconds, crowd=crowd, minutes=minutes, say=say))
    _print(console, phases)
    log = out / f"bot-{started_at:%Y%m%d-%H%M%S}.json"
    whole = {
        "started_at": started_at.isoformat(),
        "revision": results.revision(),
        "phases": msgspec.to_builtins(phases),
    }
    log.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2))
    console.print(f"log {log}")
    if any(phase.lost for phase in phases):
        raise typer.Exit(1)


def _print(console: Console, phases: list[Phase]) -> None:
    table = Table(
        "load",
        "msg/s",
        "turns",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "CPU ms",
        "lost",
        "stall ms",
        "RSS MB",
        "late ms",
        box=None,
    )
    for one in phases:
        cells = (
            one.rate,
            one.turns,
            one.p50_ms,
            one.p95_ms,
            one.p99_ms,
            one.cpu_ms,
            one.lost,
            one.stall_ms,
            one.rss_mb,
        )
        table.add_row(
            one.name, *(f"{cell:g}" if cell is not None else "" for cell in cells), f"{one.late_s * 1000:.0f}"
        )
    console.print(table)
    held = [one.rate for one in phases if one.name.endswith("/s") and one.p95_ms <= _P95_GOAL_MS and not one.lost]
    if held:
        console.print(f"highest rate with p95 <= {_P95_GOAL_MS:g} ms: {max(held):g} messages a second")


if __name__ == "__main__":
    typer.run(main)
