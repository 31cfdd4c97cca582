"""The HTTP edge: who asks, in which language, how often; refusals as problem details (RFC 9457)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kefu.base.texts import Lang, pick_lang
from messaging_core.core import Core
from messaging_core.errors import CoreError, forbidden, invalid
from messaging_core.identity.policy import Actor, check_scope
from messaging_core.transport.invalid import explain_request
from messaging_core.transport.limits import Buckets, network_of

log = structlog.get_logger("kefu.http")
optional_bearer = HTTPBearer(auto_error=False, description="An opaque token from POST /v1/tokens")
PROBLEM = "application/problem+json"


def get_core(request: Request) -> Core:
    """Return the core of this application."""
    core: Core = request.app.state.core
    return core


async def get_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(optional_bearer)]
) -> Actor:
    """Return who asks; refuse missing or bad tokens, foreign origins and floods."""
    return await _ask(request, credentials)


async def get_sanctioned_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(optional_bearer)]
) -> Actor:
    """Return who asks with the scope `chat`, banned or not: whoever is banned sees why, and may appeal."""
    actor = await _ask(request, credentials, banned_too=True)
    check_scope(actor, "chat")
    return actor


async def _ask(
    request: Request, credentials: HTTPAuthorizationCredentials | None, *, banned_too: bool = False
) -> Actor:
    buckets: Buckets = request.app.state.request_buckets
    try:
        actor = await _authenticate(request, credentials, banned_too=banned_too)
    except CoreError:
        # Nobody is known yet, so it counts for the address; those who share it and have a token are not held up.
        buckets.take(client_address(request))
        raise
    buckets.take(actor.account_id)
    return actor


def client_address(request: HTTPConnection) -> str:
    """Return the network that limits count: the client's address, of IPv6 the /64 that one site has for itself."""
    return network_of(request.client.host) if request.client else "?"


async def _authenticate(
    request: Request, credentials: HTTPAuthorizationCredentials | None, *, banned_too: bool
) -> Actor:
    core = get_core(request)
    if credentials is None or len(credentials.credentials) > 200:
        raise CoreError("unauthenticated")
    actor = await core.authenticate(credentials.credentials, banned_too=banned_too)
    origin = request.headers.get("origin")
    if actor.origins and origin is not None and origin not in actor.origins:
        raise forbidden("origin")
    core.note_use(actor)
    return actor


def get_chat_actor(actor: Annotated[Actor, Depends(get_actor)]) -> Actor:
    """Return who asks; his token must have the scope `chat`."""
    check_scope(actor, "chat")
    return actor


def get_staff_actor(actor: Annotated[Actor, Depends(get_actor)]) -> Actor:
    """Return who asks: somebody with the scope `chat`, or an enterprise's API key, whose rights the action checks."""
    if actor.kind != "enterprise":
        check_scope(actor, "chat")
    return actor


CoreDep = Annotated[Core, Depends(get_core)]
AnyActor = Annotated[Actor, Depends(get_actor)]
ChatActor = Annotated[Actor, Depends(get_chat_actor)]
SanctionedActor = Annotated[Actor, Depends(get_sanctioned_actor)]
StaffActor = Annotated[Actor, Depends(get_staff_actor)]


def json_response(data: Any, *, status: int = 200) -> Response:
    """Return data (structs, dicts, raw JSON) as a response, without a second validation."""
    return Response(msgspec.json.encode(data), status_code=status, media_type="application/json")


def request_hash(request: Request, body: Any) -> str:
    """Return what makes two requests the same: method, path and body."""
    raw = msgspec.json.encode([request.method, request.url.path, body.model_dump(mode="json")])
    return hashlib.sha256(raw).hexdigest()


def lang_of(request: Request) -> Lang:
    """Return the language the client reads."""
    return pick_lang(request.headers.get("accept-language"))


def problem(refusal: CoreError, lang: Lang, *, status: int | None = None) -> Response:
    """Return a refusal as problem details; `status` where HTTP has a better one than the code's own."""
    status = status or refusal.status
    body = {
        "type": f"urn:kefu:error:{refusal.code}",
        "title": refusal.code,
        "status": status,
        "detail": refusal.detail(lang),
        "code": refusal.code,
        "data": refusal.data,
    }
    headers = {}
    if "retry_after_ms" in refusal.data:
        headers["Retry-After"] = str(-(-int(str(refusal.data["retry_after_ms"])) // 1000))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), status_code=status, media_type=PROBLEM, headers=headers)


def add_error_handlers(app: FastAPI, core: Core) -> None:
    """Give every refusal one shape."""

    @app.exception_handler(CoreError)
    async def on_refusal(request: Request, refusal: CoreError) -> Response:
        core.metrics.errors.labels(refusal.code).inc()
        return problem(refusal, lang_of(request))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        refusal = explain_request(error.errors()[0])
        core.metrics.errors.labels(refusal.code).inc()
        return problem(refusal, lang_of(request))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem(CoreError("not_found", what="page"), lang_of(request))
        if error.status_code == 405:
            answer = problem(invalid("wrong_method", request.method), lang_of(request), status=405)
        else:  # the body could not be read
            answer = problem(invalid("not_json", "body", hint=str(error.detail)), lang_of(request))
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> Response:
        return problem(core.refusal(error, doing=f"{request.method} {request.url.path}"), lang_of(request))


class BodyLimit:
    """Refuses bodies over a size, declared or not, before anybody holds them in memory."""

    def __init__(self, app: ASGIApp, *, limit: int, larger: dict[str, int] | None = None) -> None:
        """`larger`: the limits of paths with these beginnings."""
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its bytes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next((size for start, size in self._larger.items() if path.startswith(start)), self._limit)
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > limit:
                await self._refuse(scope, receive, send, limit)
                return
        seen, refused = 0, False

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit and not refused:
                refused = True
                await self._refuse(scope, receive, send, limit)
            return {"type": "http.disconnect"} if refused else message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        await self._app(scope, counted, unless_refused)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        # The connection stays open: closed with bytes unread, it would be reset and the answer lost on the way. What
        # still comes is thrown away, until the deadline for the whole request.
        await problem(CoreError("too_large", limit=limit), lang_of(Request(scope)))(scope, receive, send)
