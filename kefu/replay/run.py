"""A whole replay: scripts through a bounded number of customers at once, each dialogue noted when it is over."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

from kefu.base.errors import ConfigError
from kefu.replay.player import Line, PlayOptions, play
from kefu.replay.records import Journal, PlayedDialogue
from kefu.replay.script import Script
from kefu.replay.stage import Stage
from messaging_core.client import ApiError, ClientError, KefuClient, NetworkError

Played = Callable[[PlayedDialogue], None]
_CONNECT_S = 20.0


async def run_replay(
    scripts: Sequence[Script], stage: Stage, journal: Journal, options: PlayOptions, *, played: Played
) -> None:
    """Play what the journal does not hold yet; `played` hears of each dialogue.

    Dialogues of one customer of the shop never overlap: he has one conversation. Raises ConfigError when the server
    refuses or goes away; what was played until then is in the journal.
    """
    known = await stage.known_customers()
    free = asyncio.Semaphore(options.concurrency)
    turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(script: Script) -> None:
        async with turns[script.customer or script.id], free:
            dialogue = await _play_one(script, stage, options, known)
            journal.add(dialogue)
            played(dialogue)

    waiting = [script for script in scripts if script.id not in journal.played]
    try:
        async with asyncio.TaskGroup() as group:
            for script in waiting:
                group.create_task(one(script))
    except* (ApiError, ClientError, NetworkError, TimeoutError) as errors:
        first = errors.exceptions[0]
        raise ConfigError(f"{stage.url}: {first!r}") from first
    except* ConfigError as errors:
        raise errors.exceptions[0] from None


async def _play_one(script: Script, stage: Stage, options: PlayOptions, known: dict[str, str]) -> PlayedDialogue:
    if script.customer is None:
        token = await stage.new_customer(f"回放 {script.id}"[:40])
    elif script.customer in known:
        token = await stage.token_of(known[script.customer])
    else:
        raise ConfigError(f"{script.place}: 店铺里没有顾客 {script.customer} · the shop has no such customer")
    async with KefuClient(
        stage.url, token, name="kefu-replay", features=(), keep_messages=10, http=stage.http(token)
    ) as client:
        await client.wait_synced(_CONNECT_S)
        conversation = await client.http.create_service(stage.enterprise_id)
        if script.customer is not None and conversation.session is not None and conversation.session.state != "closed":
            # What an earlier sample left in the session's memory must not help this one.
            await stage.close_session(conversation.session.id)
            conversation = await client.http.create_service(stage.enterprise_id)
        await _held(client, conversation.id)
        return await play(script, Line(client, conversation.id), stage, options)


async def _held(client: KefuClient, conversation_id: str) -> None:
    """Wait until the client holds the conversation that was just made."""
    news = asyncio.Event()
    off = client.on(lambda _frame: news.set())
    try:
        async with asyncio.timeout(_CONNECT_S):
            while conversation_id not in client.states:
                news.clear()
                await news.wait()
        await client.sync(conversation_id)
    finally:
        off()
