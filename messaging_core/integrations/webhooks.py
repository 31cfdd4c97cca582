"""Webhooks: events go out signed and retried; a webhook bot's answers come back over the same door."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import structlog

from kefu.base.errors import PluginError
from messaging_core.conversations.etiquette import QUESTION_UNANSWERED
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError, not_found
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.integrations import store
from messaging_core.integrations.subscriber import Delivery
from messaging_core.kernel.event_log import MESSAGE_SENT, Event
from messaging_core.kernel.outward import Unreachable, pin
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import NO_QUOTE, Quote, SendRequest

if TYPE_CHECKING:
    from messaging_core.core import Core

log = structlog.get_logger("kefu.webhooks")
_MAX_ANSWER = 65_536
_MAX_REPLIES = 10


class _Reply(msgspec.Struct):
    kind: str
    body: msgspec.Raw
    v: int = 1


class _Answer(msgspec.Struct):
    replies: list[_Reply] = []


class _Unanswered(msgspec.Struct):
    message_seq: int


class _Message(msgspec.Struct):
    sender_id: str
    origin: str


class Webhook:
    """A subscriber that posts each event to an address and, for a bot, sends what the answer holds."""

    from_start = False

    def __init__(self, core: Core, row: AnyRow) -> None:
        self._core = core
        self._id: int = row.id
        self._url: str = row.url
        self._shown = shown_url(row.url)
        self._secret: str = row.secret
        self._bot_id: int | None = row.bot_account_id
        self.name = consumer_name(row.id)
        self.enterprise_id: int | None = row.enterprise_id
        self.kinds: frozenset[str] | None = frozenset(row.kinds.split())

    async def handle(self, delivery: Delivery) -> None:
        """Post one event; anything but a 2xx answer is a failure and is tried again."""
        event = delivery.event
        asked = _find_asked(event, self._bot_id) if self._bot_id is not None else None
        session = None
        if asked is not None:
            # The version is read before the bot thinks: when an agent takes over meanwhile, its reply is refused.
            session = await self._core.read(lambda connection: desk.find_current(connection, event.conversation_id))
        answer = await self._post(event.frame(), f"{event.conversation_id}-{event.seq}")
        if asked is not None:
            await self._reply(event.conversation_id, event.seq, answer, session, asked)

    async def _post(self, body: bytes, delivery_id: str) -> bytes:
        now = self._core.clock.now_us() // 1_000_000
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "kefu-webhook/1",
            "Kefu-Delivery": f"{self._id}-{delivery_id}",
            "Kefu-Signature": sign(self._secret, now, body),
        }
        settings = self._core.settings.delivery
        try:
            # For the whole of it: httpx's own limit begins anew with each byte.
            async with asyncio.timeout(settings.webhook_timeout_s):
                return await self._exchange(body, headers)
        except TimeoutError as error:
            limit_s = f"{settings.webhook_timeout_s:g}"
            raise PluginError(f"{self._shown} {limit_s} 秒内没有应答 · did not answer within {limit_s} s") from error

    async def _exchange(self, body: bytes, headers: dict[str, str]) -> bytes:
        settings = self._core.settings.delivery
        url, extra, extensions = await _pin(self._url, allow_private=settings.webhook_private_hosts)
        try:
            async with (
                httpx.AsyncClient(
                    timeout=settings.webhook_timeout_s, follow_redirects=False, trust_env=False
                ) as client,
                client.stream("POST", url, content=body, headers={**headers, **extra}, extensions=extensions) as answer,
            ):
                if not 200 <= answer.status_code < 300:
                    raise PluginError(
                        f"{self._shown} 应答了 {answer.status_code}，应为 2xx · answered {answer.status_code}"
                    )
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > _MAX_ANSWER:
                        raise PluginError(
                            f"{self._shown} 应答超过 {_MAX_ANSWER} 字节 · answered more than {_MAX_ANSWER} bytes"
                        )
                return content
        except httpx.HTTPError as error:
            raise PluginError(f"{self._shown} 连接失败 · failed: {error!r}") from error

    async def _reply(
        self, conversation_id: int, seq: int, content: bytes, session: desk.SessionRow | None, asked: int
    ) -> None:
        if not content.strip():
            return
        try:
            answer = msgspec.json.decode(content, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PluginError(
                f"{self._shown} 的应答不是 {{replies: []}} · answered what is no {{replies: []}}: {error}"
            ) from error
        bot_id = self._bot_id
        assert bot_id is not None
        bot = Actor(account_id=bot_id, kind="bot", name="", enterprise_id=self.enterprise_id)
        for place, reply in enumerate(answer.replies[:_MAX_REPLIES]):
            try:
                body = read_body(reply.kind, reply.v, reply.body, self._core.settings.limits)
            except CoreError as refusal:
                zh, en = refusal.detail("zh"), refusal.detail("en")
                raise PluginError(f"{self._shown} 第 {place} 条回复：{zh} · reply {place}: {en}") from refusal
            outcome = await self._core.send(
                SendRequest(
                    actor=bot,
                    conversation_id=conversation_id,
                    # The same event gives the same ids, so a retry never doubles a reply.
                    client_msg_id=f"wh.{self._id}.{seq}.{place}",
                    kind=reply.kind,
                    v=reply.v,
                    body=body,
                    settle=lambda _request, _outcome: None,
                    assignment_version=session.assignment_version if session is not None else None,
                    # In a group a bot says whom it answers: that is what lets it speak.
                    quote=Quote(reply_to=asked) if session is None else NO_QUOTE,
                )
            )
            if isinstance(outcome, CoreError):
                if outcome.code in ("assignment_changed", "not_a_member", "client_msg_id_reused", "not_allowed"):
                    log.info("webhook.reply_refused", code=outcome.code, conversation_id=conversation_id, seq=seq)
                    return
                raise outcome


def _find_asked(event: Event, bot_id: int) -> int | None:
    """Return `seq` of the message that the bot may answer on this event: a person's, never a bot's or the system's.

    In a group the core refuses what goes against etiquette, whatever the answer was.
    """
    if event.kind == QUESTION_UNANSWERED and event.data is not None:
        return msgspec.json.decode(event.data, type=_Unanswered).message_seq
    if event.kind != MESSAGE_SENT or event.message is None:
        return None
    return event.seq if msgspec.json.decode(event.message, type=_Message).origin == "person" else None


def shown_url(url: str) -> str:
    """Return an address as logs and operators see it: receivers carry their secrets in user, path or query."""
    scheme, slashes, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}{slashes}{host}/…"


def consumer_name(webhook_id: int) -> str:
    """Return the subscriber's name of a webhook."""
    return f"webhook:{webhook_id}"


def sign(secret: str, at: int, body: bytes) -> str:
    """Return the signature header: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    mac = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def verify(secret: str, header: str, body: bytes, *, now: int, tolerance_s: int = 300) -> bool:
    """Return whether a signature is right and not older than `tolerance_s`; for receivers."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isdigit() or abs(now - int(at)) > tolerance_s:
        return False
    return hmac.compare_digest(sign(secret, int(at), body), header)


async def _pin(url: str, *, allow_private: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    try:
        return await pin(url, allow_private=allow_private)
    except Unreachable as error:
        hint = "; KEFU_DELIVERY__WEBHOOK_PRIVATE_HOSTS=true 可允许 · allows it" if error.inner else ""
        raise PluginError(f"{shown_url(url)} 到不了 · cannot be reached: {error}{hint}") from error


async def create(core: Core, *, enterprise_id: int, url: str, kinds: list[str], bot_account_id: int | None) -> AnyRow:
    """Store a webhook and start to serve it."""
    webhook_id = core.tools.ids.new()

    def action(unit: Unit) -> AnyRow:
        if bot_account_id is not None:
            bot = identity.find_account(unit.connection, bot_account_id)
            if bot is None or bot.kind != "bot" or bot.enterprise_id != enterprise_id:
                raise not_found("account")
        store.insert_webhook(
            unit.connection,
            id=webhook_id,
            enterprise_id=enterprise_id,
            url=url,
            secret=f"whsec_{secrets.token_urlsafe(32)}",
            kinds=" ".join(kinds),
            bot_account_id=bot_account_id,
            created_at=unit.now_us,
        )
        rows = store.list_webhooks(unit.connection, enterprise_id=enterprise_id)
        return next(row for row in rows if row.id == webhook_id)

    row = await core.run(action)
    await core.subscribers.add(Webhook(core, row))
    return row


async def remove(core: Core, *, enterprise_id: int, webhook_id: int) -> bool:
    """Stop and forget a webhook; return whether it was there."""
    name = consumer_name(webhook_id)

    def action(unit: Unit) -> bool:
        if not store.delete_webhook(unit.connection, webhook_id, enterprise_id=enterprise_id):
            return False
        store.forget(unit.connection, name=name)
        return True

    if not await core.run(action):
        return False
    await core.subscribers.remove(name)
    return True


async def load(core: Core) -> None:
    """Serve the webhooks that are stored, and stop serving those that are gone; at start and in each sweep."""
    rows = {consumer_name(row.id): row for row in await core.read(store.list_webhooks)}
    served = [name for name in core.subscribers.names() if name.startswith("webhook:")]
    for name in served:
        if name not in rows:
            await core.subscribers.remove(name)
    for name, row in rows.items():
        if name not in served:
            await core.subscribers.add(Webhook(core, row))
