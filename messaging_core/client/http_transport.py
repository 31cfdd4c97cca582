"""One HTTP request, with its token, language and typed answer or error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from .errors import ApiError, NetworkError, ProtocolError

Answer = TypeVar("Answer")


class _Problem(msgspec.Struct):
    code: str
    status: int = 0
    detail: str = ""
    data: dict[str, Any] = {}


class HttpTransport:
    """The requests of one token over one pool of connections, which is opened with the first request."""

    __slots__ = ("_client", "_headers", "_owned", "_timeout_s", "_url")

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        lang: str = "zh",
        timeout_s: float = 15.0,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._url = base_url(url)
        self._headers = {"Accept-Language": lang}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._timeout_s = timeout_s
        self._client = client
        self._owned = client is None

    async def request(
        self,
        answer: type[Answer],
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        content: bytes | None = None,
        query: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Make a request and return its answer as `answer` (a struct, or None for no content).

        `body` goes as JSON, `content` as it is. Fields of `query` that are None are left out. Raises ApiError for a
        refusal, NetworkError when there was no answer, ProtocolError when the answer is not what it should be.
        """
        response = await self._ask(
            method,
            path,
            content=msgspec.json.encode(body) if body is not None else content,
            kind="application/json" if body is not None else "application/octet-stream",
            query=query,
            idempotency_key=idempotency_key,
            timeout_s=timeout_s,
        )
        if answer is type(None):
            return None
        try:
            return msgspec.json.decode(response.content, type=answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProtocolError(f"{method} {path}: {error}") from error

    async def load(self, path: str, *, query: Mapping[str, object] | None = None) -> bytes:
        """Return the bytes of something that is no JSON; raises as `request`."""
        return (await self._ask("GET", path, query=query)).content

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        kind: str = "",
        query: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        headers = self._headers
        if idempotency_key is not None:
            headers = {**headers, "Idempotency-Key": idempotency_key}
        if content is not None:
            headers = {**headers, "Content-Type": kind}
        try:
            response = await self._pool().request(
                method,
                self._url + path,
                params={key: _text(value) for key, value in (query or {}).items() if value is not None},
                content=content,
                headers=headers,
                timeout=timeout_s if timeout_s is not None else self._timeout_s,
            )
        except (httpx.TransportError, AttributeError) as error:
            # AttributeError: under uvloop, anyio asks a socket that was reset meanwhile for its peer.
            raise NetworkError(f"{method} {path}: {type(error).__name__} {error}") from error
        if response.status_code >= 300:
            raise _refusal(response)
        return response

    async def aclose(self) -> None:
        """Close the pool of connections, unless it was lent."""
        if self._client is not None and self._owned:
            await self._client.aclose()
            self._client = None

    def _pool(self) -> httpx.AsyncClient:
        if self._client is None:
            # Without TLS there is nothing to verify, and loading the certificates costs 20 ms and 1 MB a client.
            self._client = httpx.AsyncClient(verify=self._url.startswith("https:"))
        return self._client


def base_url(url: str) -> str:
    """Return the HTTP address of a server given by http, https, ws or wss, without a slash at the end."""
    scheme, separator, rest = url.partition("://")
    schemes = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
    if not separator or scheme not in schemes:
        raise ValueError(f"not the address of a server: {url}")
    return f"{schemes[scheme]}://{rest.rstrip('/')}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(response: httpx.Response) -> ApiError:
    status = response.status_code
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Not ours: a proxy in between answers with a page of its own, which says nothing to a user.
        problem = _Problem(code=f"http_{status}", detail=response.reason_phrase)
    data = dict(problem.data)
    retry_after = response.headers.get("Retry-After", "")
    if retry_after.isdigit():
        data.setdefault("retry_after_ms", int(retry_after) * 1000)
    return ApiError(problem.code, status, problem.detail, data)
