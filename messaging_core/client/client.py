"""The client: stays connected, misses nothing, loses nothing."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .backoff import Backoff
from .connection import WebSocketLink
from .errors import ApiError, ClientClosed, ClientError, ConnectionLost, ProtocolError
from .exchange import Exchange
from .feed import Callback, Disconnected, Feed, Subscription
from .frames import Ack, Hello, Quote, Send, Typing, encode_body, encode_frame
from .http import HttpApi
from .http_transport import base_url
from .link import Link
from .models import Account, Member, Message
from .outbox import Entry, Outbox
from .outbox_file import OutboxFile
from .poll import PollLink
from .replica import Replica
from .replicas import Replicas
from .summaries import Summaries
from .unfolding import Unfolding

logger = logging.getLogger(__name__)

_STABLE_S = 5.0  # a connection that lasted this long was a success: the next pause is a short one again


class KefuClient:
    """One account's live connection, kept up by itself.

        async with KefuClient("https://chat.example", token) as client:
            ack = await client.send_text(conversation_id, "你好")
            async for frame in client.events(): ...

    Entering does not wait for the network: messages queue until there is one (`wait_connected` waits). A final refusal
    (wrong token, other protocol) ends the client: everything that waits, and every later call, raises it.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        lang: str = "zh",
        name: str = "kefu-py/0.1",
        features: Sequence[str] = ("presence",),
        cursors: Mapping[str, int] | None = None,
        outbox_file: Path | str | None = None,
        outbox_limit: int = 1000,
        outbox_window: int = 1,
        keep_messages: int = 200,
        unread_frames: int = 10_000,
        long_poll: bool = False,
        http: HttpApi | None = None,
        backoff: Backoff | None = None,
        ping_s: float | None = 20.0,
        hello_timeout_s: float = 10.0,
    ) -> None:
        """Prepare a client of the server at `url` (http, https, ws or wss; a path in front of /v1 is kept).

        Args:
            cursors: where an earlier client stopped (its `cursors`, empty the first time); what came since is then
                delivered as events. None begins with now.
            outbox_file: where unsent messages survive the process; one file for one account and one client.
            outbox_window: unacknowledged sends on the wire per conversation; above 1 see Outbox.
            keep_messages: the latest messages held per conversation.
            unread_frames: how far a reader of `events()` may fall behind before SlowReader.
            long_poll: use HTTP requests only, for networks that let no WebSocket through.
            http: lends an HttpApi; the client's own is closed with it.
            ping_s: pause between the WebSocket's own pings, seconds; None turns them off.
        """
        self._url = base_url(url)
        self._token, self._lang, self._name, self._features = token, lang, name, list(features)
        self._long_poll, self._ping_s, self._hello_timeout_s = long_poll, ping_s, hello_timeout_s
        self.http = http if http is not None else HttpApi(self._url, token, lang=lang)
        self._owns_http = http is None
        self._backoff = backoff if backoff is not None else Backoff()
        replicas = Replicas(cursors, keep=keep_messages)
        journal = OutboxFile(outbox_file) if outbox_file is not None else None
        self._exchange = Exchange(
            outbox=Outbox(limit=outbox_limit, window=outbox_window, journal=journal),
            replicas=replicas,
            feed=Feed(limit=unread_frames, cursors=lambda: replicas.cursors),
            on_wanting=lambda: self._summaries.start(),
        )
        self._summaries = Summaries(self.http, replicas, self._exchange.feed)
        self._unfolding = Unfolding(replicas, self._exchange.feed)
        self._ids = secrets.token_hex(6)
        self._sent = 0
        self._up = asyncio.Event()  # connected, or over
        self._over: ClientError | None = ClientClosed("enter the client first")
        self._runner: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        """Start to connect. A client is entered once."""
        if self._runner is not None:
            raise ClientClosed("a client is entered once")
        self._exchange.outbox.load()
        self._over = None
        self._runner = asyncio.create_task(self._run(), name="kefu-client")
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the client and all its tasks. What was not acknowledged stays in the outbox file, or is lost."""
        self._closing = True
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        await self._summaries.aclose()
        self._unfolding.close()
        self._finish(ClientClosed("the client is closed"))
        if self._owns_http:
            await self.http.aclose()

    # What the client knows.

    @property
    def account(self) -> Account | None:
        """Return who we are; None before the first connection."""
        return self._exchange.account

    @property
    def connected(self) -> bool:
        """Return whether there is a connection now."""
        return self._exchange.connected

    @property
    def cursors(self) -> dict[str, int]:
        """Return the last applied `seq` of each conversation, to hand to a client of a later process.

        A reader of `events()` that acts on them saves `Subscription.cursors` instead: what it was given.
        """
        return self._exchange.replicas.cursors

    @property
    def states(self) -> Mapping[str, Replica]:
        """Return all conversations that are held, by id."""
        return self._exchange.replicas

    @property
    def outbox(self) -> Outbox:
        """Return the messages that are not acknowledged yet."""
        return self._exchange.outbox

    def state(self, conversation_id: str) -> Replica:
        """Return what is known of a conversation; raise KeyError for one that is not held."""
        return self._exchange.replicas[conversation_id]

    def on(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` with every frame, after it was applied; return what ends that. It must be quick."""
        return self._exchange.feed.on(callback)

    def events(self) -> Subscription:
        """Return the frames from now on: each event once, in order, without gaps; and all other frames."""
        if self._over is not None and self._runner is not None:
            raise self._over
        return self._exchange.feed.subscribe()

    # What the client does.

    def enqueue(
        self,
        conversation_id: str,
        *,
        kind: str,
        body: Mapping[str, Any],
        v: int = 1,
        client_msg_id: str | None = None,
        assignment_version: int | None = None,
        quote: Quote | None = None,
    ) -> Entry:
        """Put a message into the outbox and return at once; `Entry.wait` waits for its acknowledgement.

        Raises OutboxFull at the limit, ApiError too_large for a frame that the server would not read.
        """
        self._check_open()
        if client_msg_id is None:
            self._sent += 1
            client_msg_id = f"{self._ids}-{self._sent}"
        fields: dict[str, Any] = {} if assignment_version is None else {"assignment_version": assignment_version}
        if quote is not None:
            fields |= quote.fields()
        send = Send(
            conversation_id=conversation_id,
            client_msg_id=client_msg_id,
            kind=kind,
            v=v,
            body=encode_body(body),
            ref=client_msg_id,
            **fields,
        )
        size, limit = len(encode_frame(send)), self._exchange.limits.frame_bytes
        if size > limit:
            raise ApiError("too_large", 413, f"{size} > {limit} bytes", {"limit": limit, "used": size})
        entry = self._exchange.outbox.add(send)
        self._exchange.wake()
        return entry

    async def send(
        self,
        conversation_id: str,
        *,
        kind: str,
        body: Mapping[str, Any],
        v: int = 1,
        client_msg_id: str | None = None,
        assignment_version: int | None = None,
        quote: Quote | None = None,
    ) -> Ack:
        """Send a message and wait until it is acknowledged, across reconnects; raise ApiError when it is refused.

        A refusal for the moment (rate, overload) is waited out. Cancelling gives up waiting, not sending: repeat with
        the same `client_msg_id` to wait again.
        """
        entry = self.enqueue(
            conversation_id,
            kind=kind,
            body=body,
            v=v,
            client_msg_id=client_msg_id,
            assignment_version=assignment_version,
            quote=quote,
        )
        return await entry.wait()

    async def send_text(
        self,
        conversation_id: str,
        text: str,
        *,
        client_msg_id: str | None = None,
        assignment_version: int | None = None,
    ) -> Ack:
        """Send a text; as `send`."""
        return await self.send(
            conversation_id,
            kind="text",
            body={"text": text},
            client_msg_id=client_msg_id,
            assignment_version=assignment_version,
        )

    def read(self, conversation_id: str, msg_no: int | None = None) -> None:
        """Mark messages as read up to `msg_no`, or all; told to the server now or with the next connection."""
        self._check_open()
        self._exchange.read(conversation_id, msg_no)

    def typing(self, conversation_id: str, on: bool = True) -> None:
        """Tell the others that we type, or stopped. Lost without a connection."""
        self._check_open()
        self._exchange.say(Typing(conversation_id=conversation_id, on=on, ref=f"typing/{conversation_id}"))

    def watch(self, account_ids: Iterable[str]) -> None:
        """Choose whose presence comes as Presence frames; it holds for later connections too."""
        self._check_open()
        self._exchange.watch(tuple(account_ids))

    async def sync(self, conversation_id: str) -> Replica:
        """Wait until a conversation is as new as the server's, and return it; raise KeyError for one not held."""
        self._check_open()
        await self._exchange.sync(conversation_id)
        return self._exchange.replicas[conversation_id]

    async def ping(self) -> float:
        """Return the seconds that the server took to answer; raise ConnectionLost without a connection."""
        self._check_open()
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._exchange.ping()
        return clock() - began

    async def wait_connected(self, timeout: float | None = None) -> None:
        """Wait for a connection; raise what ended the client, or TimeoutError after `timeout` seconds."""
        self._check_open()
        async with asyncio.timeout(timeout):
            await self._up.wait()
        self._check_open()

    async def wait_synced(self, timeout: float | None = None) -> None:
        """Wait for a connection over which everything that was missed has come; as `wait_connected`."""
        self._check_open()
        async with asyncio.timeout(timeout):
            await self._up.wait()
            self._check_open()
            await self._exchange.caught_up.wait()
        self._check_open()

    async def flush(self) -> None:
        """Wait until every message that waits now is acknowledged or refused; refusals are not raised here."""
        self._check_open()
        await asyncio.gather(*(entry.wait() for entry in self._exchange.outbox), return_exceptions=True)
        self._check_open()

    async def load_members(self, conversation_id: str) -> dict[str, Member]:
        """Fetch the members of a conversation into its state, where events keep them true."""
        replica = self.state(conversation_id)
        while True:
            asked_at, members, cursor = replica.members_seq, list[Member](), None
            while True:
                page = await self.http.members(conversation_id, cursor=cursor)
                members += page.items
                cursor = page.next_cursor
                if cursor is None:
                    break
            if replica.members_seq == asked_at:
                replica.set_members(members)
                return {member.account_id: member for member in members}

    async def load_history(self, conversation_id: str, *, limit: int = 50) -> list[Message]:
        """Fetch the page before the oldest message held, into the state; return it, oldest first."""
        replica = self.state(conversation_id)
        before_seq = replica.messages[0].seq if replica.messages else None
        page = await self.http.messages(conversation_id, before_seq=before_seq, limit=limit)
        replica.add_history(page)
        return page[::-1]

    # How it stays connected.

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                began_s = loop.time()
                lost = await self._live()
                if self._closing:  # a connection that breaks in the moment of a cancel takes the cancel with it
                    return
                if loop.time() - began_s > _STABLE_S:
                    self._backoff.reset()
                pause_s = self._backoff.next_s(at_least_s=lost.retry_after_ms / 1000)
                logger.info("connection lost (%s); trying again in %.2f s", lost, pause_s)
                self._exchange.feed.publish(Disconnected(code=lost.code, reason=lost.reason, retry_in_s=pause_s))
                await asyncio.sleep(pause_s)
        except ClientError as error:
            logger.error("the client ends: %s", error)
            self._finish(error)
        except Exception as error:
            logger.exception("the client ends because of a bug")
            over = ClientClosed(f"the client failed: {error!r}")
            over.__cause__ = error
            self._finish(over)

    async def _live(self) -> ConnectionLost:
        """Live through one connection and return how it was lost; raise what makes another one senseless."""
        link: Link = (
            PollLink(self.http)
            if self._long_poll
            else WebSocketLink(
                "ws" + self._url.removeprefix("http") + "/v1/ws",
                hello_timeout_s=self._hello_timeout_s,
                ping_s=self._ping_s,
            )
        )
        lost = ConnectionLost(0, "cancelled")
        try:
            self._exchange.begin(await link.open(self._hello()))
            self._up.set()
            await self._exchange.talk(link)
        except ConnectionLost as error:
            lost = error
        except ApiError as error:
            if error.final:
                raise
            lost = ConnectionLost(0, str(error), retry_after_ms=error.retry_after_ms or 0)
        except ProtocolError as error:
            logger.error("the server broke the protocol: %s", error)
            lost = ConnectionLost(0, str(error))
        finally:
            self._up.clear()
            self._exchange.end(lost)
            await link.close()
        if not lost.resume:
            raise lost
        return lost

    def _hello(self) -> Hello:
        return Hello(
            token=self._token,
            cursors=self._exchange.replicas.hello_cursors(),
            features=self._features,
            client=self._name,
            lang=self._lang,
        )

    def _check_open(self) -> None:
        if self._over is not None:
            raise self._over

    def _finish(self, error: ClientError) -> None:
        if self._over is None:
            self._over = error
        self._exchange.close(error)
        self._exchange.feed.finish(None if isinstance(error, ClientClosed) and error.__cause__ is None else error)
        self._exchange.caught_up.set()
        self._up.set()
