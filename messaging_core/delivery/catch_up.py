"""Bringing a link up to date: registered first, read second, live when nothing is missing.

A link in a feed that is not live gets nothing pushed; it reads events after its cursor until the feed's head is
reached with no wait in between, and goes live in that same turn of the loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from kefu.base.clock import Clock
from messaging_core.conversations import store as conversations
from messaging_core.conversations.folding import Moment
from messaging_core.conversations.summary import Summary, summarise
from messaging_core.delivery.hub import Hub
from messaging_core.delivery.link import CatchingUp, Link
from messaging_core.delivery.quiet import frames_for, read_quiet
from messaging_core.errors import CoreError
from messaging_core.identity.privacy_policy import Quiet
from messaging_core.kernel.event_log import MEMBER_LEFT, Event, hidden
from messaging_core.messages import reading_store as messages
from messaging_core.settings import Safety

log = structlog.get_logger("kefu.delivery")
T = TypeVar("T")
# Half of what waits for a receiver before it counts as behind, so that a page of long messages goes out in parts.
_PUSH_BYTES = 131_072


@dataclass(slots=True, frozen=True)
class Opening:
    """What a new link is told first, and what it still misses."""

    summaries: list[Summary]
    more: bool
    cursors: dict[int, int]
    """For each conversation the `seq` from which the link follows."""
    wanted: list[int]
    """Conversations whose cursor the client gave: they are answered with `synced`."""


class CatchUp:
    """Opens links and replays what they missed."""

    def __init__(
        self,
        *,
        hub: Hub,
        read: Callable[[Callable[[Connection], Any]], Awaitable[Any]],
        clock: Clock,
        page: int,
        welcome: int,
        safety: Safety,
    ) -> None:
        self._hub = hub
        self._read = read
        self._clock = clock
        self._page = page
        self._welcome = welcome
        self._safety = safety

    def _moment(self) -> Moment:
        return Moment(self._clock.now_us(), self._safety)

    async def open(self, link: Link, cursors: dict[int, int]) -> Opening:
        """Register a link in all its conversations and return its summaries; `replay` must follow.

        Conversations that come in between wait in `link.early` until the client has had its `welcome`.
        """
        self._hub.add_link(link)
        account_id = link.actor.account_id
        memberships = await self._read(lambda connection: conversations.list_memberships(connection, account_id))
        for row in memberships:
            self._hub.enter(link, row.conversation_id)
        shown = [row.conversation_id for row in memberships[: self._welcome]]

        def read(connection: Connection) -> tuple[list[Summary], dict[int, int], Quiet | None]:
            # Read again, now that every commit is heard: what the first look missed shows here.
            again = conversations.list_memberships(connection, account_id)
            summaries = summarise(connection, account_id, shown, self._moment())
            heads = {row.conversation_id: row.last_seq for row in again}
            return summaries, heads, read_quiet(connection, account_id)

        summaries, heads, quiet = await self._read(read)
        if not link.quiet_told:
            link.quiet = quiet
        known = {int(summary.id): summary.last_seq for summary in summaries}
        listed = {row.conversation_id for row in memberships}
        follow = {id_: cursors.get(id_, known.get(id_, head)) for id_, head in heads.items() if id_ in listed}
        follow.update({id_: seq for id_, seq in cursors.items() if id_ not in follow})
        for conversation_id in listed - follow.keys():
            self._hub.leave(link, conversation_id)
        assert link.early is not None
        link.early.update(id_ for id_ in heads if id_ not in follow)
        return Opening(summaries, len(memberships) > len(shown), follow, list(cursors))

    async def replay(self, link: Link, opening: Opening) -> None:
        """Send what each conversation has after its cursor, let the link in, and say `synced` for those asked for."""
        early, link.early = link.early or set(), None
        held, link.held = link.held, None
        if held:
            link.push_frames(held)
        for conversation_id in early - opening.cursors.keys():
            self._hub.attach(link, conversation_id)
        tasks = {conversation_id: CatchingUp() for conversation_id in opening.cursors}
        link.catching_up.update(tasks)
        try:
            account_id, wanted = link.actor.account_id, list(opening.cursors)
            bounds = await self._read(lambda connection: conversations.find_bounds(connection, account_id, wanted))
            for conversation_id, cursor in opening.cursors.items():
                bound = bounds.get(conversation_id)
                if bound is None:
                    self._refuse(link, conversation_id, CoreError("not_a_member"))
                else:
                    told = conversation_id in opening.wanted
                    await self._follow(link, conversation_id, cursor, bound, told=told)
                _end(link, conversation_id, tasks[conversation_id])
        finally:
            for conversation_id, task in tasks.items():
                _end(link, conversation_id, task)

    async def sync(self, link: Link, conversation_id: int, after_seq: int, *, ref: str | None = None) -> None:
        """Answer a client that has seen a gap: the events after `after_seq`, then `synced`."""
        await self._bound(link, conversation_id)
        while conversation_id in link.catching_up:
            await link.catching_up[conversation_id].ended.wait()
        task = link.catching_up[conversation_id] = CatchingUp()
        try:
            feed = self._hub.feeds.get(conversation_id)
            if feed is not None and link in feed.live:
                feed.pause(link)  # live again when it has caught up
            bound = await self._bound(link, conversation_id)
            await self._follow(link, conversation_id, after_seq, bound, told=True, ref=ref)
        finally:
            _end(link, conversation_id, task)

    async def attach(self, link: Link, conversation_id: int) -> None:
        """Bring a conversation to a link that did not know it: its summary, then all that happens after it."""
        if conversation_id in link.conversations or conversation_id in link.catching_up:
            return
        task = link.catching_up[conversation_id] = CatchingUp()
        account_id = link.actor.account_id
        try:
            while not link.closed:
                task.again = False
                self._hub.enter(link, conversation_id)
                summaries = await self._read(
                    lambda connection: summarise(connection, account_id, [conversation_id], self._moment())
                )
                if summaries:
                    break
                self._hub.leave(link, conversation_id)  # he has left again meanwhile
                if not task.again:
                    return
            else:
                return
            summary: Summary = summaries[0]
            link.push_frames([b'{"type":"conversation","conversation":%s}' % msgspec.json.encode(summary)])
            feed = self._hub.feeds.get(conversation_id)
            if conversation_id in link.conversations and feed is not None and feed.go_live(link, summary.last_seq):
                return
            bound = await self._bound(link, conversation_id)
            await self._follow(link, conversation_id, summary.last_seq, bound, told=False)
        except BaseException:
            self._hub.leave(link, conversation_id)  # so that the sweep tries again
            raise
        finally:
            _end(link, conversation_id, task)

    async def _bound(self, link: Link, conversation_id: int) -> Any:
        account_id = link.actor.account_id
        bounds = await self._read(
            lambda connection: conversations.find_bounds(connection, account_id, [conversation_id])
        )
        if conversation_id not in bounds:
            raise CoreError("not_a_member", conversation_id=str(conversation_id))
        return bounds[conversation_id]

    async def _follow(
        self, link: Link, conversation_id: int, cursor: int, bound: Any, *, told: bool, ref: str | None = None
    ) -> None:
        """Send what comes after `cursor` until the link is live, or to the event that ended the membership.

        Who leaves or comes in meanwhile, on whatever node, is followed: the bounds are read again.
        """
        end = bound.last_seq if bound.left_seq is None else bound.left_seq
        if cursor > end:
            self._refuse(link, conversation_id, CoreError("cursor_ahead", seq=end))
            cursor, told = end, False
        task = link.catching_up[conversation_id]
        live = False
        # `again` is not cleared here: the bounds may be older than what set it (many are read at once).
        while not link.closed and not live:
            if bound.left_seq is None and conversation_id not in link.conversations:
                self._hub.enter(link, conversation_id)
                task.again = False
                bound = await self._bound(link, conversation_id)
            cursor = self._hide(link, conversation_id, cursor, bound)
            if bound.left_seq is None:
                cursor, live = await self._reach_head(link, conversation_id, cursor, bound.last_seq)
            else:
                cursor = await self._reach_end(link, conversation_id, cursor, bound.left_seq)
                self._hub.leave(link, conversation_id)
                if not task.again:
                    break
            if not live:
                task.again = False
                bound = await self._bound(link, conversation_id)
        if told and not link.closed:
            link.push_frames([_synced(conversation_id, cursor, ref)])

    def _hide(self, link: Link, conversation_id: int, cursor: int, bound: Any) -> int:
        """Send a tombstone for what was said before the account (last) came in; return the new cursor."""
        last = bound.visible_from - 1
        if cursor >= last:
            return cursor
        tombstone = hidden(conversation_id, seq=cursor + 1, to_seq=last, at_us=self._clock.now_us())
        link.push_frames([tombstone.frame()])
        return int(last)

    async def _reach_head(self, link: Link, conversation_id: int, cursor: int, known: int) -> tuple[int, bool]:
        """Push events until the link is live; return the cursor, and False when it was taken out of the feed."""
        while not link.closed and conversation_id in link.conversations:
            feed = self._hub.feeds[conversation_id]
            if cursor >= known and feed.go_live(link, cursor):
                return cursor, True
            events = await self.read_events(conversation_id, cursor, viewer=link.actor.account_id)
            if not events:
                known = cursor  # the log ends here for now
                if not feed.live and feed.head > cursor:
                    feed.head = cursor
                continue
            left = self._find_leaving(link, events)
            shown = events if left is None else events[: left + 1]
            cursor = await self._push(link, shown)
            if left is not None:
                break
        return cursor, False

    async def _reach_end(self, link: Link, conversation_id: int, cursor: int, end: int) -> int:
        """Push events up to the one that ended the membership; return the cursor."""
        while cursor < end and not link.closed:
            events = await self.read_events(conversation_id, cursor, to_seq=end, viewer=link.actor.account_id)
            cursor = await self._push(link, events)
        return cursor

    def _find_leaving(self, link: Link, events: list[Event]) -> int | None:
        account_id = link.actor.account_id
        places = [n for n, event in enumerate(events) if event.kind == MEMBER_LEFT and event.account_id == account_id]
        return places[0] if places else None

    async def _push(self, link: Link, events: list[Event]) -> int:
        """Push a page; a client that reads is never told more at once than it may lag behind."""
        frames: list[bytes] = []
        size = 0
        for frame in frames_for(link, events, now_us=self._clock.now_us()):
            frames.append(frame)
            size += len(frame)
            if size > _PUSH_BYTES:
                link.push_frames(frames)
                frames, size = [], 0
                await link.carrier.drained()
        link.push_frames(frames)
        if len(events) == self._page:
            await link.carrier.drained()
        return events[-1].seq

    async def read_events(
        self, conversation_id: int, after_seq: int, *, to_seq: int | None = None, viewer: int = messages.NOBODY
    ) -> list[Event]:
        """Return the next page of events after `after_seq`, with the messages as `viewer` sees them."""
        page = self._page
        events: list[Event] = await self._read(
            lambda connection: messages.list_events(
                connection, conversation_id, after_seq=after_seq, to_seq=to_seq, limit=page, viewer=viewer
            )
        )
        return events

    def _refuse(self, link: Link, conversation_id: int, refusal: CoreError) -> None:
        data = {**refusal.data, "conversation_id": str(conversation_id)}
        link.push_frames([error_frame(refusal.code, refusal.status, refusal.detail(link.lang), data)])


def _end(link: Link, conversation_id: int, task: CatchingUp) -> None:
    if link.catching_up.get(conversation_id) is task:
        del link.catching_up[conversation_id]
    task.ended.set()


def error_frame(code: str, status: int, detail: str, data: dict[str, object], *, ref: str | None = None) -> bytes:
    """Return an `error` frame."""
    frame: dict[str, object] = {"type": "error"}
    if ref is not None:
        frame["ref"] = ref
    return msgspec.json.encode({**frame, "code": code, "status": status, "detail": detail, "data": data})


def _synced(conversation_id: int, seq: int, ref: str | None) -> bytes:
    frame: dict[str, object] = {"type": "synced", "conversation_id": str(conversation_id), "seq": seq}
    if ref is not None:
        frame["ref"] = ref
    return msgspec.json.encode(frame)
