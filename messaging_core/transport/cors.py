"""Which other sites may use the messenger from their pages: those that a live site key names, and no others."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from messaging_core.core import Core
from messaging_core.errors import StorageUnavailable
from messaging_core.identity.store import list_site_origins

API = "/v1/"
_KEEP_US = 30_000_000
_ASK_AGAIN_US = 2_000_000
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_HEADERS = "Authorization, Content-Type, Accept-Language, Idempotency-Key"
_PREFLIGHT_S = "600"


class SiteOrigins:
    """The origins of all live site keys, as of a moment ago.

    A known origin is believed for 30 s, an unknown one is looked up again after 2 s. That only decides who may read
    answers: a revoked key is refused at once, wherever the request comes from.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._known: frozenset[str] = frozenset()
        self._read_at_us: int | None = None

    async def has(self, origin: str) -> bool:
        """Return whether a live site key names this origin; while the database is away, what was last known."""
        now_us = self._core.clock.now_us()
        keep_us = _KEEP_US if origin in self._known else _ASK_AGAIN_US
        if self._read_at_us is None or now_us - self._read_at_us >= keep_us:
            self._read_at_us = now_us
            try:
                self._known = await self._core.read(lambda connection: list_site_origins(connection, now_us=now_us))
            except StorageUnavailable:
                self._read_at_us = None
        return origin in self._known


class Cors:
    """Lets pages of known origins read answers under `prefixes`; everybody else's browser keeps them back.

    Cookies are never allowed along: a page that calls from elsewhere has its token, and nothing else.
    """

    def __init__(self, app: ASGIApp, *, core: Core, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._origins = SiteOrigins(core)
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer a browser that asks beforehand whether it may."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        allowed = origin if origin is not None and await self._origins.has(origin) else None
        if allowed is not None and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _permission(allowed)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if allowed is not None:
                    answer["Access-Control-Allow-Origin"] = allowed
                    answer["Access-Control-Expose-Headers"] = "Retry-After"
                if scope["path"].startswith(API):
                    answer.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def _permission(origin: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_S,
            "Cache-Control": "no-store",
            "Vary": "Origin",
        },
    )
