"""Members who come and go during a run, by the hand of each group's owner, over HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from eval.crash.crowd import Crowd, Room
from eval.crash.waiting import until
from messaging_core.client import ApiError, HttpApi, NetworkError

_PAUSE_S = 3.0
_AGAIN_S = 0.2


class Churn:
    """The guests of one room are added and removed until `over()`; each change is repeated until it is confirmed."""

    def __init__(self, crowd: Crowd, room: Room, *, url: str, rng: random.Random, over: Callable[[], bool]) -> None:
        self._crowd = crowd
        self._room = room
        self._url = url
        self._random = rng
        self._over = over
        self.changes = 0
        self.present: set[str] = set()
        """The guests who were added last, by account id, as the server has confirmed it."""

    @property
    def place(self) -> str:
        """Return the id of the room."""
        return self._room.conversation_id

    @property
    def guests(self) -> list[str]:
        """Return the account ids of those who come and go."""
        return [self._crowd.people[number].account_id for number in self._room.guests]

    async def run(self) -> None:
        """Change the membership of a guest now and then."""
        guests = self.guests
        owner = self._crowd.people[self._room.members[0]]
        async with HttpApi(self._url, owner.token, timeout_s=10.0) as api:
            while guests and not await until(self._over, timeout_s=self._random.expovariate(1 / _PAUSE_S)):
                guest = self._random.choice(guests)
                if guest in self.present:
                    await self._remove(api, guest)
                    self.present.discard(guest)
                else:
                    await self._add(api, guest)
                    self.present.add(guest)
                self.changes += 1

    async def _add(self, api: HttpApi, guest: str) -> None:
        key = f"churn-{self._room.conversation_id}-{self.changes}"
        while True:
            try:
                return await api.add_members(self._room.conversation_id, [guest], idempotency_key=key)
            except NetworkError:
                await asyncio.sleep(_AGAIN_S)
            except ApiError as error:
                if not error.transient:
                    raise
                await asyncio.sleep(_AGAIN_S)

    async def _remove(self, api: HttpApi, guest: str) -> None:
        tried = False
        while True:
            try:
                return await api.remove_member(self._room.conversation_id, guest)
            except NetworkError:
                await asyncio.sleep(_AGAIN_S)
            except ApiError as error:
                if tried and error.code == "not_found":
                    return  # the try before had done it, only its answer was lost
                if not error.transient:
                    raise
                await asyncio.sleep(_AGAIN_S)
            tried = True
