"""The errors of the client, one tree.

ClientError
├── ApiError          the server refused: `code`, `status`, `detail` (for people), `data`
├── NetworkError      an HTTP request had no answer; whether the server saw it is unknown
├── ConnectionLost    the live connection ended or could not be made; the client connects again by itself
├── ProtocolError     the server sent what protocol 1 does not allow
├── OutboxFull        too many unsent messages wait
├── OutboxCorrupt     the outbox file cannot be read
├── WebhookRefused    a webhook's request is not the messenger's, or stale (`webhooks.py`)
├── SlowReader        a reader of `events()` fell too far behind and was cut off
└── ClientClosed      the client was closed, or was never entered
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TRANSIENT_STATUS = frozenset({429, 503})


class ClientError(Exception):
    """Every error that this package raises on purpose."""


class ApiError(ClientError):
    """A refusal by the server, the same over HTTP and over the WebSocket."""

    def __init__(self, code: str, status: int, detail: str = "", data: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code} ({status}): {detail}")
        self.code = code
        self.status = status
        self.detail = detail
        self.data: dict[str, Any] = dict(data or {})

    @property
    def retry_after_ms(self) -> int | None:
        """Return when trying again makes sense, in milliseconds, if the server said so."""
        value = self.data.get("retry_after_ms")
        return int(value) if isinstance(value, int | float) else None

    @property
    def transient(self) -> bool:
        """Return whether the same request may succeed later: a limit of rate, or a service that is busy."""
        return self.status in _TRANSIENT_STATUS

    @property
    def final(self) -> bool:
        """Return whether the same request would be refused again: not a limit, an overload or a bug of the server."""
        return not self.transient and self.status < 500


class NetworkError(ClientError):
    """An HTTP request failed below HTTP. A POST with a key (`client_msg_id`, `idempotency_key`) is safe to repeat."""


class ConnectionLost(ClientError):
    """The live connection ended. `code` is the close code of the WebSocket, 0 when none was ever opened."""

    def __init__(self, code: int, reason: str, *, resume: bool = True, retry_after_ms: int = 0) -> None:
        super().__init__(f"{reason} ({code})" if code else reason)
        self.code = code
        self.reason = reason
        self.resume = resume
        self.retry_after_ms = retry_after_ms


class ProtocolError(ClientError):
    """A frame or an answer that protocol 1 does not allow; a bug of the server or of something between."""


class OutboxFull(ClientError):
    """The outbox holds as many unsent messages as it may; nothing was taken."""


class OutboxCorrupt(ClientError):
    """A line of the outbox file, other than a torn last one, is not an entry."""


class SlowReader(ClientError):
    """A reader of `events()` left more frames unread than its limit; `state()` is whole, the stream is not."""


class ClientClosed(ClientError):
    """The client is closed; a message that still waited stays in the outbox file, if there is one."""
