"""Makes the people of the bench over our HTTP API, as an operator would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from eval.load.http_client import HttpClient
from eval.load.kefu_wire import People

_AT_ONCE = 16
# A room of which no load client is a member: sends to it are refused.
FOREIGN_ROOM = "foreign"


class Api:
    """A few kept connections to the server, and JSON over them."""

    def __init__(self, clients: list[HttpClient]) -> None:
        self._clients = clients

    @classmethod
    async def open(cls, port: int) -> Api:
        """Connect."""
        return cls([await HttpClient.open(port) for _ in range(_AT_ONCE)])

    async def post(self, path: str, body: object, *, token: str, line: int = 0) -> Any:
        """Post on connection `line` and return the decoded answer; raise HttpError for a refusal."""
        return msgspec.json.decode(await self._clients[line].fetch("POST", path, token=token, body=body))

    async def each(self, count: int, work: Callable[[int, int], Awaitable[None]]) -> None:
        """Call `work(number, line)` for each number below `count`, as many at once as there are connections."""
        numbers = iter(range(count))

        async def worker(line: int) -> None:
            for number in numbers:
                await work(number, line)

        await asyncio.gather(*[worker(line) for line in range(len(self._clients))])

    def close(self) -> None:
        """Drop the connections."""
        for client in self._clients:
            client.close()


async def seed(port: int, operator_token: str, *, users: int, pairs: int, rooms: dict[str, int]) -> People:
    """Make `users` accounts with tokens, `pairs` direct conversations and groups of the given sizes.

    The members of a group are the first users, the owner user 0. One user more, in no pair, owns the room in which
    nobody else is a member.
    """
    api = await Api.open(port)
    count = users + 1
    accounts = [""] * count
    tokens = [""] * count
    direct = [""] * pairs
    made: dict[str, str] = {}

    async def account(number: int, line: int) -> None:
        body = {"name": f"load {number}", "kind": "personal"}
        accounts[number] = (await api.post("/v1/accounts", body, token=operator_token, line=line))["account"]["id"]
        body = {"account_id": accounts[number], "label": "load"}
        tokens[number] = (await api.post("/v1/tokens", body, token=operator_token, line=line))["token"]

    async def pair(number: int, line: int) -> None:
        body = {"kind": "direct", "account_id": accounts[2 * number + 1]}
        answer = await api.post("/v1/conversations", body, token=tokens[2 * number], line=line)
        direct[number] = answer["conversation"]["id"]

    async def group(name: str, owner: int, members: list[str]) -> None:
        body = {"kind": "group", "title": name, "member_ids": members}
        made[name] = (await api.post("/v1/conversations", body, token=tokens[owner]))["conversation"]["id"]

    try:
        await api.each(count, account)
        await api.each(pairs, pair)
        for name, size in rooms.items():
            await group(name, 0, accounts[1:size])
        await group(FOREIGN_ROOM, users, [accounts[users - 1]])
    finally:
        api.close()
    return People(tokens=tokens[:users], account_ids=accounts[:users], direct=direct, rooms=made)
