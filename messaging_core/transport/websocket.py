"""A WebSocket's life: hello, welcome, replay, then frames until one side goes."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from kefu.base.clock import format_time
from kefu.base.texts import Lang, pick_lang
from messaging_core.core import Core
from messaging_core.delivery.catch_up import Opening, error_frame
from messaging_core.delivery.link import Link
from messaging_core.errors import CoreError, forbidden
from messaging_core.identity.policy import Actor, check_scope
from messaging_core.transport import frames
from messaging_core.transport.carriers import AsgiCarrier, DirectCarrier
from messaging_core.transport.fast_protocol import EXTENSION, DirectWebSocketProtocol
from messaging_core.transport.http import client_address
from messaging_core.transport.limits import Connections
from messaging_core.transport.session import Session

log = structlog.get_logger("kefu.websocket")
PROTOCOL = 1
FEATURES = ["presence"]
_CLOSE = {
    "unauthenticated": 4401,
    "forbidden": 4401,
    "account_banned": 4401,
    "too_many_connections": 4429,
    "rate_limited": 4429,
    "storage_unavailable": 1013,
    "internal": 1011,
}


class Visit:
    """One connection from its first byte to its end; `end` gives back all that it holds, once."""

    __slots__ = ("_account_id", "_address", "_connections", "_core", "_ended", "link", "replay", "session")

    def __init__(self, core: Core, connections: Connections, address: str) -> None:
        self._core = core
        self._connections = connections
        self._address: str | None = None
        self._account_id: int | None = None
        self._ended = False
        self.link: Link | None = None
        self.session: Session | None = None
        self.replay: asyncio.Task[None] | None = None
        connections.enter_address(address)
        self._address = address

    def welcome(self, link: Link) -> None:
        """Count the account's connection and hold its link; raise `too_many_connections`."""
        self._connections.enter_account(link.actor.account_id)
        self._account_id = link.actor.account_id
        self._core.metrics.links.inc()
        self.link = link

    def end(self) -> None:
        """Leave every list the connection is on."""
        if self._ended:
            return
        self._ended = True
        replay, self.replay = self.replay, None
        if replay is not None:
            replay.cancel()
        if self.session is not None:
            self.session.close()
        if self.link is not None:
            self._core.metrics.links.dec()
            self._core.presence.forget(self.link)
            self._core.hub.remove_link(self.link)
        if self._account_id is not None:
            self._connections.leave_account(self._account_id)
        if self._address is not None:
            self._connections.leave_address(self._address)


async def serve_websocket(core: Core, connections: Connections, websocket: WebSocket) -> None:
    """Serve one connection: to its end, or until the session has adopted it."""
    await websocket.accept()
    try:
        visit = Visit(core, connections, client_address(websocket))
    except CoreError as refusal:
        await _refuse(core, websocket, refusal, "zh")
        return
    adopted = False
    try:
        adopted = await _serve(core, visit, websocket)
    except WebSocketDisconnect:
        log.debug("websocket.gone")
    finally:
        if not adopted:
            visit.end()


async def _serve(core: Core, visit: Visit, websocket: WebSocket) -> bool:
    lang: Lang = "zh"
    try:
        hello = await _read_hello(core, websocket)
        lang = pick_lang(hello.lang)
        cursors = {frames.parse_id(key): seq for key, seq in hello.cursors.items()}
        actor = await _authenticate(core, websocket, hello)
        link = Link(
            actor=actor,
            carrier=_carrier(websocket),
            session_id=core.tools.ids.new(),
            lang=lang,
            lag_limit=core.settings.limits.send_buffer_bytes,
            on_cut=core.metrics.count_cut,
        )
        visit.welcome(link)
        opening = await core.catch_up.open(link, cursors)
    except WebSocketDisconnect:
        raise
    except Exception as error:
        await _refuse(core, websocket, _count(websocket, core.refusal(error, doing="hello")), lang)
        return False
    link.push_frames([_welcome(core, link, hello, opening)])
    visit.session = session = Session(core, link)
    visit.replay = asyncio.create_task(_replay(core, visit, link, opening), name="replay")
    if isinstance(link.carrier, DirectCarrier):
        link.carrier.protocol.adopt(session.on_frame, visit.end)
        return True
    await _pass_on(websocket, session, link)
    return False


def _count(websocket: WebSocket, refusal: CoreError) -> CoreError:
    """Return the refusal of a hello; wrong tokens from one address are counted as over HTTP."""
    if refusal.code == "unauthenticated":
        try:
            websocket.app.state.request_buckets.take(client_address(websocket))
        except CoreError as flood:
            return flood
    return refusal


async def _pass_on(websocket: WebSocket, session: Session, link: Link) -> None:
    """Hand what ASGI receives to the session until one side goes."""
    try:
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            session.on_frame(text.encode("utf-8", "surrogatepass") if text is not None else message.get("bytes") or b"")
            await session.has_room()
    except RuntimeError:
        # Starlette raises it when we have closed the connection ourselves.
        if websocket.application_state is WebSocketState.CONNECTED and not link.closed:
            raise


def _welcome(core: Core, link: Link, hello: frames.Hello, opening: Opening) -> bytes:
    limits = core.settings.limits
    return msgspec.json.encode(
        {
            "type": "welcome",
            "protocol": PROTOCOL,
            "session_id": str(link.session_id),
            "account": view_account(link.actor),
            "at": format_time(core.clock.now_us()),
            "features": [feature for feature in FEATURES if feature in hello.features],
            "limits": {
                "frame_bytes": limits.frame_bytes,
                "text_chars": limits.text_chars,
                "welcome_conversations": limits.welcome_conversations,
            },
            "conversations": opening.summaries,
            "more": opening.more,
        }
    )


async def _replay(core: Core, visit: Visit, link: Link, opening: Opening) -> None:
    try:
        await core.catch_up.replay(link, opening)
        visit.replay = None
    except CoreError as refusal:
        # Storage failed under way: the client comes back with its cursors.
        log.warning("replay.failed", code=refusal.code)
        link.cut("server_stopping", 1013, retry_after_ms=1000)
    except Exception as error:
        core.refusal(error, doing="replay")
        link.cut("server_stopping", 1011, retry_after_ms=1000)


def _carrier(websocket: WebSocket) -> DirectCarrier | AsgiCarrier:
    direct = websocket.scope.get("extensions", {}).get(EXTENSION)
    if direct is not None:
        protocol: DirectWebSocketProtocol = direct["protocol"]
        return DirectCarrier(protocol)
    return AsgiCarrier(websocket)


async def _read_hello(core: Core, websocket: WebSocket) -> frames.Hello:
    try:
        message = await asyncio.wait_for(websocket.receive(), core.settings.limits.hello_timeout_s)
    except TimeoutError as error:
        raise CoreError("hello_expected") from error
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    data = message.get("text")
    raw = data.encode("utf-8", "surrogatepass") if data is not None else message.get("bytes") or b""
    frame = frames.decode(raw)
    if not isinstance(frame, frames.Hello):
        raise CoreError("hello_expected")
    if frame.protocol != PROTOCOL:
        raise CoreError("unsupported_protocol", protocol=frame.protocol)
    return frame


async def _authenticate(core: Core, websocket: WebSocket, hello: frames.Hello) -> Actor:
    actor = await core.authenticate(hello.token)
    check_scope(actor, "chat")
    origin = websocket.headers.get("origin")
    if actor.origins and origin is not None and origin not in actor.origins:
        raise forbidden("origin")
    core.note_use(actor)
    return actor


async def _refuse(core: Core, websocket: WebSocket, refusal: CoreError, lang: Lang) -> None:
    core.metrics.errors.labels(refusal.code).inc()
    data = dict(refusal.data)
    ref = data.pop("ref", None)
    frame = error_frame(
        refusal.code, refusal.status, refusal.detail(lang), data, ref=ref if isinstance(ref, str) else None
    )
    try:
        await websocket.send_text(frame.decode())
        await websocket.close(_CLOSE.get(refusal.code, 4400))
    except (RuntimeError, WebSocketDisconnect):
        log.debug("websocket.gone_before_refusal", code=refusal.code)


def view_account(actor: Actor) -> dict[str, object]:
    """Return the account of an actor as the wire shows it."""
    return {
        "id": str(actor.account_id),
        "kind": actor.kind,
        "name": actor.name,
        "enterprise_id": str(actor.enterprise_id) if actor.enterprise_id is not None else None,
        "staff_role": actor.staff_role,
    }
