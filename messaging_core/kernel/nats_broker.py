"""The broker port over NATS core: at most once, which is all a wake-up needs."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from kefu.base.errors import ConfigError
from messaging_core.kernel.broker import Handler

log = structlog.get_logger("kefu.broker")
_PENDING_MAX = 4 * 1024 * 1024


class NatsBroker:
    """One connection; it reconnects by itself for ever, and the sweep covers what was missed meanwhile."""

    def __init__(self, url: str, *, node: int, prefix: str = "kefu") -> None:
        self._url = url
        self._node = b"%d " % node
        self._prefix = prefix
        self._client: Any = None
        self._handlers: dict[str, Handler] = {}
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(maxsize=10_000)
        self._sender: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and subscribe; raise ConfigError when the server is not there."""
        try:
            import nats
        except ModuleNotFoundError as error:
            raise ConfigError("用 NATS 要先装 nats-py · NATS needs nats-py: pip install 'kefu[scale]'") from error

        async def on_error(error: Exception) -> None:
            log.warning("broker.error", error=repr(error))

        try:
            self._client = await nats.connect(
                self._url,
                no_echo=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.5,
                pending_size=_PENDING_MAX,
                error_cb=on_error,
                allow_reconnect=True,
                connect_timeout=5,
            )
        except Exception as error:
            raise ConfigError(
                f"KEFU_BROKER: {self._url} 没有应答 · no NATS server answers at {self._url}: {error!r}"
            ) from error
        for subject, handler in self._handlers.items():
            await self._listen(subject, handler)
        self._sender = asyncio.create_task(self._send_forever(), name="broker-sender")

    async def close(self) -> None:
        """Stop sending and disconnect."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def publish(self, subject: str, payload: bytes) -> None:
        """See Broker.publish."""
        try:
            self._queue.put_nowait((subject, payload))
        except asyncio.QueueFull:
            log.warning("broker.full", dropped=subject)

    def subscribe(self, subject: str, handler: Handler) -> None:
        """See Broker.subscribe; call it before start."""
        self._handlers[subject] = handler

    async def _listen(self, subject: str, handler: Handler) -> None:
        async def on_message(message: Any) -> None:
            sender, _, payload = message.data.partition(b" ")
            if sender + b" " != self._node:
                handler(payload)

        await self._client.subscribe(f"{self._prefix}.{subject}", cb=on_message)

    async def _send_forever(self) -> None:
        while True:
            subject, payload = await self._queue.get()
            try:
                await self._client.publish(f"{self._prefix}.{subject}", self._node + payload)
            except Exception as error:
                log.warning("broker.unsent", subject=subject, error=repr(error))
