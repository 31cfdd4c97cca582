"""The people of a run and their conversations, made over HTTP as an operator would."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from messaging_core.client import HttpApi

Item = TypeVar("Item")
_AT_ONCE = 8
_GUESTS = 2
_SMALL, _MIDDLE = 5, 12
_WEIGHT_OF_ALL = 0.3


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """An account that talks."""

    account_id: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Room:
    """A conversation with its first members by number; `guests` come and go, the first member never does."""

    conversation_id: str
    members: tuple[int, ...]
    guests: tuple[int, ...] = ()
    weight: float = 1.0


@dataclass(kw_only=True)
class Crowd:
    """Everybody and every conversation."""

    people: list[Somebody] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)

    def rooms_of(self, number: int) -> list[Room]:
        """Return the rooms in which somebody is a member or a guest."""
        return [room for room in self.rooms if number in room.members or number in room.guests]


async def make_crowd(url: str, operator_token: str, *, clients: int, rng: random.Random) -> Crowd:
    """Make the accounts, a ring of direct conversations and another across, small and middle groups, one of all."""
    crowd = Crowd()
    made: dict[int, Somebody] = {}
    async with HttpApi(url, operator_token) as api:

        async def make(number: int) -> None:
            account = await api.create_account(f"crash {number}")
            token = await api.create_token(account.id, label="crash")
            made[number] = Somebody(account_id=account.id, token=token.token)

        await _each(range(clients), make)
    crowd.people = [made[number] for number in range(clients)]
    half = max(1, clients // 2)
    pairs = {tuple(sorted((i, (i + step) % clients))) for i in range(clients) for step in (1, half)}
    await _each(sorted(pairs), lambda pair: _direct(crowd, url, pair[0], pair[1]))
    sizes = [_SMALL] * max(1, clients // 8) + [_MIDDLE] * max(1, clients // 20)
    drawn = [rng.sample(range(clients), min(clients, size + _GUESTS)) for size in sizes]
    await _each(drawn, lambda who: _group(crowd, url, tuple(who[:-_GUESTS]), guests=tuple(who[-_GUESTS:])))
    await _group(crowd, url, tuple(range(clients)), weight=_WEIGHT_OF_ALL)
    # Made side by side, so their order is that of luck; what follows from the seed must not depend on it.
    crowd.rooms.sort(key=lambda room: (room.members, room.guests))
    return crowd


async def _direct(crowd: Crowd, url: str, one: int, other: int) -> None:
    async with HttpApi(url, crowd.people[one].token) as api:
        made = await api.create_direct(crowd.people[other].account_id)
    crowd.rooms.append(Room(conversation_id=made.id, members=(one, other)))


async def _group(
    crowd: Crowd, url: str, members: tuple[int, ...], *, guests: tuple[int, ...] = (), weight: float = 1.0
) -> None:
    ids = [crowd.people[number].account_id for number in members]
    async with HttpApi(url, crowd.people[members[0]].token) as api:
        made = await api.create_group(f"group of {len(members)}", ids[1:])
    crowd.rooms.append(Room(conversation_id=made.id, members=members, guests=guests, weight=weight))


async def _each(items: Iterable[Item], work: Callable[[Item], Awaitable[None]]) -> None:
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    await asyncio.gather(*[worker() for _ in range(_AT_ONCE)])
