"""Reading back what the server has: over HTTP as a member, and with fresh clients from `seq` 0."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from eval.crash.crowd import Crowd, Room, Somebody
from eval.crash.evidence import Line, Numbers, Stored, line_of_event, line_of_message
from eval.crash.faults import Fault, Findings
from messaging_core.client import ClientError, Event, Heard, HttpApi, KefuClient

_PAGE = 100
_AT_ONCE = 6
_FRESH_S = 30.0


class Collector:
    """Reads from one server."""

    def __init__(self, crowd: Crowd, url: str) -> None:
        self._crowd = crowd
        self._url = url
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def read_logs(self, stored: Stored) -> None:
        """Read all events, history pages and members."""
        await asyncio.gather(*[self._read_room(stored, room) for room in self._crowd.rooms])

    async def read_numbers(self) -> dict[str, dict[str, Numbers]]:
        """Return every account's summaries."""
        found = await asyncio.gather(*[self._read_summaries(who) for who in self._crowd.people])
        return {who.account_id: numbers for who, numbers in zip(self._crowd.people, found, strict=True)}

    async def read_fresh(self, stored: Stored, found: Findings) -> None:
        """Let a new client of every account begin at `seq` 0 of every conversation that it was ever in."""
        views = await asyncio.gather(*[self._begin_anew(stored, who, found) for who in self._crowd.people])
        stored.fresh = {who.account_id: view for who, view in zip(self._crowd.people, views, strict=True)}

    @asynccontextmanager
    async def _api(self, who: Somebody) -> AsyncIterator[HttpApi]:
        async with self._slots, HttpApi(self._url, who.token) as api:
            yield api

    async def _read_room(self, stored: Stored, room: Room) -> None:
        place = room.conversation_id
        async with self._api(self._crowd.people[room.members[0]]) as api:
            log: list[Line] = []
            while True:
                page = await api.events(place, after_seq=log[-1].to_seq if log else 0, limit=_PAGE)
                log += map(line_of_event, page.items)
                if not page.items or log[-1].to_seq >= page.last_seq:
                    break
            history: list[Line] = []
            while True:
                messages = await api.messages(place, before_seq=history[-1].seq if history else None, limit=_PAGE)
                history += map(line_of_message, messages)
                if len(messages) < _PAGE:
                    break
            members = await api.members(place, limit=_PAGE)
            accounts = [member.account_id for member in members.items]
            while members.next_cursor is not None:
                members = await api.members(place, limit=_PAGE, cursor=members.next_cursor)
                accounts += [member.account_id for member in members.items]
        stored.log[place] = log
        stored.pages[place] = history[::-1]
        stored.members[place] = frozenset(accounts)

    async def _read_summaries(self, who: Somebody) -> dict[str, Numbers]:
        async with self._api(who) as api:
            return {
                made.id: Numbers(
                    last_seq=made.last_seq,
                    last_msg_no=made.last_msg_no,
                    read_msg_no=made.read_msg_no,
                    unread=made.unread,
                )
                async for made in api.all_conversations()
            }

    async def _begin_anew(self, stored: Stored, who: Somebody, found: Findings) -> dict[str, list[Line]]:
        views: dict[str, list[Line]] = {}

        def hear(frame: Heard) -> None:
            if isinstance(frame, Event):
                views.setdefault(frame.conversation_id, []).append(line_of_event(frame))

        was_in = [place for place, log in stored.log.items() if any(who.account_id in line.joined for line in log)]
        client = KefuClient(self._url, who.token, cursors=dict.fromkeys(was_in, 0), keep_messages=0)
        client.on(hear)
        async with self._slots, client:
            try:
                await client.wait_synced(_FRESH_S)
            except (TimeoutError, ClientError) as error:
                found.note(Fault.BROKEN, f"a fresh client of {who.account_id} gets no end: {error!r}")
        return views
