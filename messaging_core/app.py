"""The messenger as an ASGI application: a FastAPI app around one Core, and the server that runs it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

import anyio
from fastapi import APIRouter, FastAPI, Response, WebSocket
from sqlalchemy import text
from sqlalchemy.engine import make_url
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from uvicorn import Config, Server

from messaging_core.cards.routes import router as cards_router
from messaging_core.commerce.coupons_routes import router as coupons_router
from messaging_core.commerce.orders_routes import router as orders_router
from messaging_core.commerce.routes import router as commerce_router
from messaging_core.conversations.group_routes import router as groups_router
from messaging_core.conversations.invite_routes import router as invites_router
from messaging_core.conversations.own_routes import router as own_router
from messaging_core.conversations.routes import router as conversations_router
from messaging_core.core import Core
from messaging_core.delivery.routes import router as delivery_router
from messaging_core.desk.agents_routes import router as desk_agents_router
from messaging_core.desk.notebook_routes import router as desk_notebook_router
from messaging_core.desk.routes import router as desk_router
from messaging_core.errors import StorageUnavailable
from messaging_core.identity.attempts import Attempts
from messaging_core.identity.contacts_routes import router as contacts_router
from messaging_core.identity.founding_routes import router as founding_router
from messaging_core.identity.keys_routes import router as keys_router
from messaging_core.identity.logins_routes import router as logins_router
from messaging_core.identity.privacy_routes import router as privacy_router
from messaging_core.identity.routes import router as identity_router
from messaging_core.identity.standing_routes import router as standing_router
from messaging_core.integrations.routes import router as integrations_router
from messaging_core.kernel.lock import WorkspaceLock
from messaging_core.kernel.log import set_up_logs
from messaging_core.kernel.migrate import HEAD
from messaging_core.kernel.migrate import downgrade as run_downgrade
from messaging_core.kernel.migrate import upgrade as run_upgrade
from messaging_core.links.routes import router as links_router
from messaging_core.media.packs_routes import router as packs_router
from messaging_core.media.routes import router as media_router
from messaging_core.messages.acts_routes import router as acts_router
from messaging_core.messages.routes import router as messages_router
from messaging_core.messages.system_notices_routes import router as notices_router
from messaging_core.safety.routes import router as safety_router
from messaging_core.settings import Settings
from messaging_core.transport import answers
from messaging_core.transport.cors import API, Cors
from messaging_core.transport.fast_protocol import DirectWebSocketProtocol
from messaging_core.transport.http import BodyLimit, add_error_handlers, json_response
from messaging_core.transport.http_protocol import guarded
from messaging_core.transport.limits import Buckets, Connections
from messaging_core.transport.long_poll import router as poll_router
from messaging_core.transport.websocket import serve_websocket

__all__ = ["create_app", "find_running", "hold_workspace", "make_server", "migrate", "set_up_logs"]

_ROUTERS = (
    identity_router,
    logins_router,
    founding_router,
    keys_router,
    standing_router,
    contacts_router,
    privacy_router,
    conversations_router,
    own_router,
    groups_router,
    invites_router,
    messages_router,
    acts_router,
    notices_router,
    poll_router,
    desk_router,
    desk_agents_router,
    desk_notebook_router,
    integrations_router,
    commerce_router,
    coupons_router,
    orders_router,
    delivery_router,
    safety_router,
    media_router,
    packs_router,
    cards_router,
    links_router,
)


def create_app(core: Core, *, shared: tuple[str, ...] = ()) -> FastAPI:
    """Return the application; the core starts and ends with it.

    `shared`: paths besides the API that the sites of the site keys may load into their pages, each with its slashes.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await core.start()
        try:
            yield
        finally:
            await core.close()

    app = FastAPI(
        title="Kefu 客服 messaging core",
        version=metadata.version("kefu"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    limits = core.settings.limits
    app.state.core = core
    app.state.connections = Connections(
        per_account=limits.connections_per_account, per_address=limits.connections_per_address
    )
    app.state.request_buckets = Buckets(rate=limits.requests_per_s, burst=limits.requests_burst)
    app.state.visitor_buckets = Buckets(
        rate=max(limits.visitors_per_hour / 3600, 1e-6), burst=max(1, limits.visitors_per_hour)
    )
    app.state.attempts = Attempts(core.settings.accounts, core.clock)
    add_error_handlers(app, core)
    app.add_middleware(BodyLimit, limit=limits.frame_bytes, larger={"/v1/uploads/": core.settings.media.part_bytes})
    app.add_middleware(Cors, core=core, prefixes=(API, *shared))

    # First, because routes are tried in order and this one is asked for at every (re)connection.
    @app.websocket("/v1/ws")
    async def websocket(websocket: WebSocket) -> None:
        await serve_websocket(core, app.state.connections, websocket)

    app.router.routes.extend(_routes())
    _add_health(app, core)
    answers.describe_problems(app)

    return app


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes of all rooms: built once, for all applications of this process."""
    together = APIRouter()
    for router in _ROUTERS:
        together.include_router(router, responses=answers.PROBLEMS)
    return together.routes


def _add_health(app: FastAPI, core: Core) -> None:
    @app.get("/healthz", tags=["health"], response_model=answers.Health)
    async def healthz() -> Response:
        """Say that the process answers."""
        return json_response({"status": "ok"})

    @app.get("/readyz", tags=["health"], response_model=answers.Health, responses={503: {"model": answers.Health}})
    async def readyz() -> Response:
        """Say whether the database answers, so that requests make sense."""
        try:
            await core.read(lambda connection: connection.execute(text("SELECT 1")).scalar_one())
        except StorageUnavailable:
            return json_response({"status": "storage_unavailable"}, status=503)
        return json_response({"status": "ready"})

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Return Prometheus metrics."""
        return Response(core.metrics.text(), media_type="text/plain; version=0.0.4")


def make_server(app: FastAPI, core: Core, *, host: str, port: int) -> Server:
    """Return the uvicorn server with our WebSocket protocol, for an application that has all its routes."""
    _warm_up(app)
    limits = core.settings.limits
    trusted = core.settings.trusted_proxies
    return PoliteServer(
        core,
        Config(
            app,
            host=host,
            port=port,
            http=guarded(arrival_s=limits.request_arrival_s),
            loop="uvloop",
            ws=DirectWebSocketProtocol,
            ws_max_size=limits.frame_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=20.0,
            ws_ping_timeout=20.0,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted or None,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            backlog=4096,
        ),
    )


def _warm_up(app: FastAPI) -> None:
    """Have done now what others put off until the first request, in which no message would move meanwhile.

    FastAPI builds the routes of included routers then (half a second), and anyio imports what it is first asked for.
    """
    nowhere = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": [], "query_string": b""}
    for route in app.router.routes:
        route.matches(dict(nowhere))
    for name in ("connect_tcp", "create_memory_object_stream", "create_task_group", "open_file", "to_thread"):
        getattr(anyio, name)


class PoliteServer(Server):
    """Tells every client to come back before the sockets close: open polls end, nobody waits for a timeout."""

    def __init__(self, core: Core, config: Config) -> None:
        super().__init__(config)
        self._core = core

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn.Server.shutdown."""
        self._core.cut_all()
        await super().shutdown(sockets)


def migrate(settings: Settings, *, revision: str = HEAD, down: bool = False, branches: Sequence[str] = ()) -> None:
    """Bring the database's tables to `revision`; a newer database than this program is refused.

    `branches` names packages of other layers that keep tables in the same database (`bot.migrations`).
    """
    if down:
        run_downgrade(settings.database_url, revision=revision, branches=branches)
    else:
        run_upgrade(settings.database_url, revision=revision, branches=branches)


@contextmanager
def hold_workspace(settings: Settings, *, url: str) -> Iterator[None]:
    """Hold the lock of an SQLite workspace; on PostgreSQL any number of nodes may run."""
    if not settings.is_sqlite:
        yield
        return
    lock = _lock(settings)
    lock.acquire(url=url)
    try:
        yield
    finally:
        lock.release()


def find_running(settings: Settings) -> str | None:
    """Return the address of the server that runs on an SQLite workspace, or None."""
    holder = _lock(settings).holder() if settings.is_sqlite else None
    return str(holder["url"]) if holder and holder.get("url") else None


def _lock(settings: Settings) -> WorkspaceLock:
    return WorkspaceLock(Path(make_url(settings.database_url).database or ""))
