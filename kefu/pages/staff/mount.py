"""NiceGUI inside the product's application: only under the paths of staff pages, and only when the app has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from nicegui import core as nicegui_core
from nicegui import ui
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.login import COOKIE, door, find_actor
from messaging_core.api import Actor

KEY = "kefu.staff"
PAGES = ("/desk", "/settings/bot")
PREFIXES = ("/_nicegui", "/_nicegui_ws", "/favicon.ico")
# NiceGUI's pages compile their templates in the browser; nothing but our own host is ever asked.
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'self'"
)


def is_staff_path(path: str) -> bool:
    """Return whether a path belongs to NiceGUI."""
    return path in PAGES or any(path == prefix or path.startswith(prefix + "/") for prefix in PREFIXES)


@dataclass(slots=True, frozen=True)
class Visit:
    """What a page finds in its request's scope: whose house it is in, and who asks."""

    house: StaffHouse
    actor: Actor


class StaffMount(Mount):
    """Mounts NiceGUI without letting it answer for the rest of the site."""

    def __init__(self, house: StaffHouse) -> None:
        super().__init__("/", nicegui_core.app)
        self._house = house

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Mount.matches."""
        if scope["type"] not in ("http", "websocket") or not is_staff_path(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse other sites, send strangers to the log-in, and let the page know who asks."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 4403})
            else:
                await PlainTextResponse("forbidden", 403)(scope, receive, send)
            return
        if scope["path"] in PAGES:
            # Before NiceGUI keeps anything for him.
            secret = cookie_parser(headers.get("cookie", "")).get(COOKIE)
            actor = await find_actor(self._house, secret)
            if actor is None:
                await (await door(self._house, secret, scope["path"]))(scope, receive, send)
                return
            scope[KEY] = Visit(self._house, actor)
        await super().handle(scope, _as_text(receive) if scope["type"] == "websocket" else receive, send)


def _as_text(receive: Receive) -> Receive:
    """Return a `receive` whose messages are text: the messenger's WebSocket protocol hands on undecoded bytes."""

    async def decoded() -> Message:
        message = await receive()
        raw = message.get("bytes")
        if message["type"] == "websocket.receive" and raw is not None:
            return {"type": "websocket.receive", "text": raw.decode("utf-8", "replace")}
        return message

    return decoded


@cache
def _prepared() -> FastAPI:
    """Set NiceGUI up, once a process, and return the application that starts and stops it."""
    holder = FastAPI()
    ui.run_with(
        holder,
        title="Kefu 客服",
        language="zh-CN",
        dark=None,
        favicon=Path(str(resources.files("kefu") / "pages" / "static" / "icon.svg")),
        binding_refresh_interval=None,
        reconnect_timeout=20,
        message_history_length=200,
        tailwind=False,
        show_welcome_message=False,
    )
    return holder


async def _to_settings(_request: Request) -> Response:
    """Lead who knows only the short address to the bot's settings."""
    return RedirectResponse("/settings/bot", 303)


def mount_staff(app: FastAPI, house: StaffHouse) -> None:
    """Add NiceGUI, its life, and the files of staff pages to the application."""
    holder = _prepared()
    pages = Path(str(resources.files("kefu") / "pages"))
    for name in ("staff", "desk", "bot_settings", "shop"):
        folder = pages / name / "static"
        if folder.is_dir():
            app.mount(f"/staff/static/{name}", StaticFiles(directory=folder), name=f"staff-{name}")
    app.add_route("/settings", _to_settings, include_in_schema=False)
    app.router.routes.append(StaffMount(house))
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(scope_app: FastAPI) -> AsyncIterator[object]:
        async with inner(scope_app) as state, holder.router.lifespan_context(holder):
            yield state

    app.router.lifespan_context = lifespan  # type: ignore[assignment]
