"""The product put together: the messenger's application, the pages, and in demo mode the demo's people."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.routes import add_bot
from kefu.bot_routes import add_bot_routes
from kefu.bots import Bots
from kefu.catalogues import Catalogues
from kefu.demo.routes import add_demo
from kefu.demo.shop.shop import DemoShop
from kefu.pages.staff.bot_side import LiveBot
from kefu.pages.staff.demo_door import MoonTeaDoor
from kefu.pages.staff.house import StaffHouse
from kefu.pages.staff.mount import CSP as STAFF_CSP
from kefu.pages.staff.mount import is_staff_path
from kefu.pages.staff.site import add_staff_pages
from kefu.workspace import shop_folder
from messaging_core.api import Core, DeskWatch
from messaging_core.app import create_app as create_core_app

_CSP = (
    "default-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
_PAGE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
# Asked for again each time and answered "not modified": after an upgrade no browser runs yesterday's modules.
_FRESH = (b"cache-control", b"no-cache")
_STATIC = ("/static/", "/client/", "/widget/", "/staff/static/")
# What a shop's own site loads into its pages: the widget and the modules it is made of.
_SHARED = ("/client/", "/widget/", "/static/js/")


class PageHeaders:
    """Gives every answer the headers that keep pages from running or loading what is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                fresh = [_FRESH] if scope["path"].startswith(_STATIC) else []
                policy = STAFF_CSP if is_staff_path(scope["path"]) else _CSP
                page = [(b"content-security-policy", policy.encode()), *_PAGE_HEADERS]
                message = {**message, "headers": [*message["headers"], *page, *fresh]}
            await send(message)

        await self._app(scope, receive, with_headers)


def create_app(
    core: Core, *, demo: DemoShop | None = None, bots: Bots | None = None, catalogues: Catalogues | None = None
) -> FastAPI:
    """Return the whole product as one application; `demo` adds its shop, and people whom anybody may play."""
    app = create_core_app(core, shared=_SHARED)
    app.add_middleware(PageHeaders)
    pages = Path(str(resources.files("kefu") / "pages" / "static"))
    client = Path(str(resources.files("messaging_core") / "client" / "js"))

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(pages / "index.html")

    @app.get("/chat", include_in_schema=False)
    async def chat() -> FileResponse:
        return FileResponse(pages / "chat.html")

    @app.get("/enter", include_in_schema=False)
    async def enter() -> FileResponse:
        return FileResponse(pages / "enter.html")

    @app.get("/operator", include_in_schema=False)
    async def operator() -> FileResponse:
        return FileResponse(pages / "operator.html")

    @app.get("/review", include_in_schema=False)
    async def review() -> FileResponse:
        return FileResponse(pages / "review.html")

    app.mount("/static", StaticFiles(directory=pages), name="static")
    app.mount("/client", StaticFiles(directory=client), name="client")
    app.mount("/widget", StaticFiles(directory=pages.parent / "widget"), name="widget")
    if bots is not None:
        add_bot(app, bots.find)
        add_bot_routes(app, core, bots)
    add_staff_pages(
        app,
        StaffHouse(
            core,
            DeskWatch(core),
            bot=LiveBot(core, bots.find) if bots is not None else None,
            shop_of=bots.shop if bots is not None else lambda _enterprise_id: None,
            demo=MoonTeaDoor(core) if demo is not None else None,
            catalogues=catalogues,
        ),
    )
    if demo is not None:
        add_demo(app, core, demo, folder=shop_folder(core.settings))
    return app
