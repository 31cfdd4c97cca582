"""The running core of one node: database, hub, senders, sweep. Everything that acts goes through `run` or `send`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection

from kefu.base.clock import SECOND_US, Clock, SystemClock, format_time
from kefu.base.ids import IdFactory, time_of
from messaging_core.commerce.actions import REFUND, refund
from messaging_core.commerce.goods_guard import CatalogueOf
from messaging_core.conversations import store as conversations
from messaging_core.conversations.etiquette import UNANSWERED, notice_unanswered
from messaging_core.conversations.folding import Moment
from messaging_core.delivery.catch_up import CatchUp
from messaging_core.delivery.hub import Hub
from messaging_core.delivery.link import Link
from messaging_core.delivery.pending import release_due
from messaging_core.delivery.presence import Presence
from messaging_core.delivery.sweep import Sweep
from messaging_core.delivery.waiting import RELEASE
from messaging_core.desk.rota import Rota
from messaging_core.errors import CoreError, StorageUnavailable
from messaging_core.identity import store as identity
from messaging_core.identity.actions import authenticate
from messaging_core.identity.passwords import Passwords
from messaging_core.identity.policy import Actor
from messaging_core.integrations.subscribers import Subscribers
from messaging_core.kernel.broker import Broker
from messaging_core.kernel.database import Database, write
from messaging_core.kernel.group_commit import GroupCommit
from messaging_core.kernel.jobs import Jobs
from messaging_core.kernel.metrics import Metrics
from messaging_core.kernel.notes import read_note, write_note
from messaging_core.kernel.open import open_broker, open_database
from messaging_core.kernel.unit import Tools, Unit
from messaging_core.media.actions import CLEAN
from messaging_core.media.keeper import Keeper
from messaging_core.messages import actions as messages
from messaging_core.messages.model import Outcome, SendRequest
from messaging_core.messages.system_notices import TELL, tell_page
from messaging_core.safety import words
from messaging_core.safety.screen_guard import check_settings
from messaging_core.settings import Settings

log = structlog.get_logger("kefu.core")
T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class ReadMark:
    """How far an account says it has read; `refused` hears why that could not be written."""

    conversation_id: int
    account_id: int
    msg_no: int
    refused: Callable[[CoreError], None] | None = None


class Core:
    """One node of the messenger."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        database: Database | None = None,
        broker: Broker | None = None,
        catalogue_of: CatalogueOf | None = None,
    ) -> None:
        check_settings(settings.safety)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.node = settings.node if settings.node >= 0 else (0 if settings.is_sqlite else secrets.randbelow(1024))
        self.metrics = Metrics()
        self.database = database or open_database(settings)
        self.broker = broker or open_broker(settings, node=self.node)
        self.tools = Tools(self.clock, IdFactory(clock=self.clock, node=self.node), settings, catalogue_of)
        self.hub = Hub(broker=self.broker, read_events=lambda id_, seq: self.catch_up.read_events(id_, seq))
        self.catch_up = CatchUp(
            hub=self.hub,
            read=self.database.read,
            clock=self.clock,
            page=settings.delivery.replay_page,
            welcome=settings.limits.welcome_conversations,
            safety=settings.safety,
        )
        self.hub.attach = self._attach
        self.presence = Presence(
            hub=self.hub,
            broker=self.broker,
            clock=self.clock,
            node=self.node,
            ttl_s=settings.delivery.presence_ttl_s,
        )
        self.subscribers = Subscribers(self)
        self.hub.listen(self.subscribers.wake)
        self.hub.on_wake = self.subscribers.wake_one
        self.rota = Rota(self)
        self.media = Keeper(self)
        self.jobs = Jobs(
            self,
            {
                REFUND: refund,
                UNANSWERED: notice_unanswered,
                RELEASE: release_due,
                CLEAN: self.media.clean_job,
                TELL: tell_page,
            },
        )
        self.sweep = Sweep(self)
        self._sends: GroupCommit[SendRequest] = GroupCommit(
            self.database, apply=self._apply_sends, settle=self._settle_sends, limit=settings.limits.pending_sends
        )
        self._reads: GroupCommit[ReadMark] = GroupCommit(
            self.database, apply=_apply_reads, settle=self._settle_reads, limit=settings.limits.pending_sends
        )
        self._uses: GroupCommit[tuple[int, int]] = GroupCommit(
            self.database, apply=identity.note_uses, settle=self._settle_uses, limit=settings.limits.pending_sends
        )
        self._noting: set[int] = set()
        self.passwords = Passwords(settings.accounts)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.on_started: Callable[[], Awaitable[None]] | None = None
        """Called when the core runs, right before the server takes its first connection."""
        self.broker.subscribe("revoked", self._on_revoked)
        self.broker.subscribe("banned", lambda payload: self.cut_account(int(payload)))
        self.broker.subscribe(words.TOPIC, lambda payload: words.drop(self, payload))

    # --- life ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open database and broker, start subscribers and sweep."""
        await self.database.start()
        self.tools.ids.start_after(await write(self.database, lambda c: _take_ids(self.unit(c), node=self.node)))
        await self.broker.start()
        await self.subscribers.start()
        await self.media.start()
        self.sweep.start()
        self.jobs.start()
        if self.on_started is not None:
            await self.on_started()
        self.sweep.watch()

    async def close(self) -> None:
        """Tell all links to come back, finish what is under way, close the database."""
        await self.jobs.stop()
        await self.sweep.stop()
        self.cut_all()
        await self.subscribers.stop()
        await self.hub.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.passwords.close()
        await self.media.close()
        await self.database.close()
        await self.broker.close()

    # --- work ------------------------------------------------------------------------------------------------

    def unit(self, connection: Connection) -> Unit:
        """Return a unit of work over an open transaction."""
        return Unit(connection, self.tools, self.clock.now_us())

    async def run(self, action: Callable[[Unit], T]) -> T:
        """Run an action in one transaction; its events are told after the commit, before this returns."""

        def work(connection: Connection) -> tuple[T, Unit]:
            unit = self.unit(connection)
            return action(unit), unit

        result, unit = await write(self.database, work)
        self._tell(unit)
        return result

    def moment(self) -> Moment:
        """Return the present, as a list of conversations is judged by it."""
        return Moment(self.clock.now_us(), self.settings.safety)

    async def authenticate(self, secret: str, *, banned_too: bool = False) -> Actor:
        """Return who holds a token; raise `unauthenticated`, or `account_banned` unless he may come all the same."""
        now_us, rules = self.clock.now_us(), self.settings.safety
        return await self.read(
            lambda connection: authenticate(connection, secret, now_us=now_us, rules=rules, banned_too=banned_too)
        )

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on committed data."""
        return await self.database.read(query)

    def submit(self, request: SendRequest) -> None:
        """Send a message; `request.settle` hears the outcome once it is committed or refused."""
        self._sends.submit(request)

    async def send(self, request: SendRequest) -> Outcome:
        """Send a message and return its outcome."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def settle(_request: SendRequest, outcome: Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        request.settle = settle
        self.submit(request)
        return await future

    def mark_read(
        self,
        conversation_id: int,
        account_id: int,
        msg_no: int,
        *,
        refused: Callable[[CoreError], None] | None = None,
    ) -> None:
        """Move a read cursor; the members' links hear of it when it is committed."""
        self._reads.submit(ReadMark(conversation_id, account_id, msg_no, refused))

    def note_use(self, actor: Actor) -> None:
        """Note that a token is used, unless that was noted a short while ago; a lost note does no harm."""
        now_us = self.clock.now_us()
        if now_us - actor.used_at_us < self.settings.accounts.last_seen_s * SECOND_US or actor.token_id in self._noting:
            return
        self._noting.add(actor.token_id)
        self._uses.submit((actor.token_id, now_us))

    def _settle_uses(self, uses: list[tuple[int, int]], _result: None, error: BaseException | None) -> None:
        self._noting.difference_update(token_id for token_id, _ in uses)
        if error is not None:
            log.warning("token_uses.refused", count=len(uses), error=repr(error))

    def spawn(self, work: Any, *, name: str) -> None:
        """Run a coroutine beside the caller; its failure is logged, never swallowed."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, StorageUnavailable):  # nothing is wrong with the work: the sweep begins it again
            log.warning("task.storage_unavailable", task=task.get_name(), why=error.why)
        else:
            log.error("task.failed", task=task.get_name(), error=repr(error), exc_info=error)

    # --- after the commit ------------------------------------------------------------------------------------

    def _tell(self, unit: Unit) -> None:
        for hear in unit.on_commit:
            hear()
        self.hub.publish(unit.events)
        for account_id, encoded in unit.quiet.items():
            self.hub.set_quiet(account_id, encoded)
        for account_id, frame in unit.account_frames:
            self.hub.push_account(account_id, frame)
        for account_id in unit.banned_accounts:
            self.broker.publish("banned", b"%d" % account_id)
            self.cut_account(account_id)
        if unit.revoked_tokens:
            self.broker.publish("revoked", msgspec.json.encode(unit.revoked_tokens))
            self.cut_tokens(unit.revoked_tokens)

    def cut_all(self) -> None:
        """Tell all links to come back in a moment."""
        for links in tuple(self.hub.links.values()):
            for link in tuple(links):
                link.cut("server_stopping", 1012, retry_after_ms=1000)

    def cut_tokens(self, token_ids: list[int]) -> None:
        """Close the links that were opened with these tokens."""
        gone = set(token_ids)
        for links in tuple(self.hub.links.values()):
            for link in tuple(links):
                if link.actor.token_id in gone:
                    link.cut("token_revoked", 4401, resume=False)

    def cut_account(self, account_id: int) -> None:
        """Close the links of an account that has been banned on the platform."""
        for link in tuple(self.hub.links.get(account_id, ())):
            link.cut("account_banned", 4401, resume=False)

    def _on_revoked(self, payload: bytes) -> None:
        self.cut_tokens(msgspec.json.decode(payload, type=list[int]))

    def _apply_sends(self, connection: Connection, requests: list[SendRequest]) -> tuple[list[Outcome], Unit]:
        unit = self.unit(connection)
        return messages.send_batch(unit, requests), unit

    def _settle_sends(self, requests: list[SendRequest], result: Any, error: BaseException | None) -> None:
        if error is not None:
            refusal = self.refusal(error, doing="send")
            for request in requests:
                self._settle_one(request, refusal)
            self.metrics.refused.inc(len(requests))
            return
        outcomes, unit = result
        for request, outcome in zip(requests, outcomes, strict=True):
            self._settle_one(request, outcome)
        self.metrics.sent.inc(len(unit.events))
        self.metrics.batch.observe(len(requests))
        self._tell(unit)

    def _settle_one(self, request: SendRequest, outcome: Outcome) -> None:
        try:
            request.settle(request, outcome)
        except Exception as error:  # one caller's bug must not keep the others from hearing
            self.refusal(error, doing="settle")

    def _settle_reads(
        self, marks: list[ReadMark], result: list[int | None] | None, error: BaseException | None
    ) -> None:
        if error is not None:
            log.warning("read_cursors.refused", count=len(marks), error=repr(error))
            refusal = self.refusal(error, doing="read")
            for mark in marks:
                if mark.refused is not None:
                    mark.refused(refusal)
            return
        assert result is not None
        at = format_time(self.clock.now_us())
        for mark, moved in zip(marks, result, strict=True):
            if moved is not None:
                frame = (
                    f'{{"type":"cursor","conversation_id":"{mark.conversation_id}","account_id":"{mark.account_id}",'
                    f'"msg_no":{moved},"at":"{at}"}}'
                )
                self.hub.push_ephemeral(mark.conversation_id, frame.encode())

    def refusal(self, error: BaseException, *, doing: str) -> CoreError:
        """Return what the caller is told: the refusal itself, or for a bug an incident id (details in the log)."""
        if isinstance(error, CoreError):
            return error
        incident_id = f"i{self.tools.ids.new()}"
        log.error("bug", incident_id=incident_id, doing=doing, error=repr(error), exc_info=error)
        self.metrics.bugs.inc()
        return CoreError("internal", incident_id=incident_id)

    def _attach(self, link: Link, conversation_id: int) -> None:
        self.spawn(self.catch_up.attach(link, conversation_id), name="attach")


def _take_ids(unit: Unit, *, node: int) -> int:
    """Return a moment after which this node has made no ids; an id may run a second ahead of the clock.

    The moment is noted, so that it moves on with every start even if the clock does not.
    """
    name = f"ids:{node}"
    noted, newest_id = read_note(unit, name), identity.newest_id(unit.connection)
    after_us = max(
        conversations.newest_at(unit.connection) + SECOND_US,
        time_of(newest_id) if newest_id else 0,
        int(noted["after_us"]) + SECOND_US if noted is not None else 0,
    )
    write_note(unit, name, {"after_us": after_us})
    return after_us


def _apply_reads(connection: Connection, marks: list[ReadMark]) -> list[int | None]:
    # In one order everywhere, so that two nodes never wait for each other.
    places = sorted(range(len(marks)), key=lambda place: (marks[place].conversation_id, marks[place].account_id))
    moved: list[int | None] = [None] * len(marks)
    for place in places:
        mark = marks[place]
        moved[place] = conversations.advance_read(connection, mark.conversation_id, mark.account_id, mark.msg_no)
    return moved
