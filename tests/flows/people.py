"""People with accounts and clients of a real server, and what their tests wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from messaging_core.client import (
    Backoff,
    Event,
    Heard,
    HttpApi,
    KefuClient,
    Message,
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


async def people(server: ServerProcess, *names: str) -> list[Person]:
    """Make an account for each name, with a token."""
    async with HttpApi(server.url, server.operator_token) as operator:
        accounts = [await operator.create_account(name) for name in names]
        tokens = [await operator.create_token(account.id) for account in accounts]
    return [Person(account.id, token.token, server.url) for account, token in zip(accounts, tokens, strict=True)]


async def until(condition: Callable[[], object], *, timeout_s: float = 30.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


async def until_unread(client: KefuClient, conversation_id: str, count: int) -> None:
    """Wait until a client knows a conversation with so many unread messages."""
    await until(lambda: conversation_id in client.states and client.state(conversation_id).unread == count)


def listen(client: KefuClient) -> list[Heard]:
    """Return the list that takes all that a client hears."""
    heard: list[Heard] = []
    client.on(heard.append)
    return heard


def texts(heard: list[Heard], conversation_id: str) -> list[str]:
    """Return the texts heard in a conversation."""
    events = (frame for frame in heard if isinstance(frame, Event) and frame.conversation_id == conversation_id)
    return [event.message.body["text"] for event in events if event.message is not None]


async def equals_a_refetch(client: KefuClient, conversation_id: str) -> None:
    """Hold the client's state against what the server says now."""
    state = (await client.sync(conversation_id)).summary()
    assert state == await client.http.conversation(conversation_id)


async def all_messages(http: HttpApi, conversation_id: str) -> list[Message]:
    """Return all messages that the server holds, the newest first."""
    found: list[Message] = []
    while True:
        page = await http.messages(conversation_id, before_seq=found[-1].seq if found else None, limit=100)
        found += page
        if len(page) < 100:
            return found
