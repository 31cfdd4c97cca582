"""HTTP: uploads in parts, and loading what was uploaded."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import Field
from starlette.responses import StreamingResponse

from kefu.base.clock import format_time
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor, check_scope
from messaging_core.media import actions, answers, policy, store
from messaging_core.transport.http import ChatActor, CoreDep, get_actor, json_response, optional_bearer
from messaging_core.transport.idempotency import Key, create_once
from messaging_core.transport.inputs import Body, IdText, PathId

router = APIRouter(prefix="/v1", tags=["media"])
_MOST_BYTES = 1 << 40
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_LOADED: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": dict.fromkeys(sorted(policy.INLINE), _BINARY)}
    for status, what in ((200, "the bytes"), (206, "a part of them"))
}


class NewUpload(Body):
    """What is to come."""

    use: Literal["image", "gif", "video", "emoji"]
    bytes: Annotated[int, Field(ge=1, le=_MOST_BYTES)]


class WantedLinks(Body):
    """Which uploads a page wants to show."""

    ids: Annotated[list[IdText], Field(min_length=1, max_length=100)]


def read_measured(row: store.MediaRow) -> dict[str, Any]:
    """Return the facts of an upload's bytes."""
    return {
        "mime": row.mime,
        "bytes": row.kept_bytes,
        "width": row.width,
        "height": row.height,
        "duration_ms": row.duration_ms,
    }


def _view(row: store.MediaRow, *, part_bytes: int) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "use": row.use,
        "state": row.state,
        "bytes": row.bytes,
        "offset": row.received,
        "part_bytes": part_bytes,
        "expires_at": format_time(row.expires_at) if row.expires_at is not None else None,
        "reason": row.reason,
        "media": read_measured(row) if row.state == "ready" else None,
    }


@router.post("/uploads", status_code=201, response_model=answers.OneUpload)
async def begin_upload(core: CoreDep, request: Request, actor: ChatActor, body: NewUpload, key: Key) -> Response:
    """Begin an upload; its parts follow with PATCH."""

    def action(unit: Any) -> Any:
        media_id = actions.begin(unit, actor, use=body.use, size=body.bytes)
        row = actions.get_own(unit.connection, actor, media_id)
        return {"upload": _view(row, part_bytes=core.settings.media.part_bytes)}

    return await create_once(core, request, actor, key, body, action)


@router.get("/uploads/{upload_id}", response_model=answers.OneUpload)
async def get_upload(core: CoreDep, actor: ChatActor, upload_id: PathId) -> Response:
    """Return how far one's own upload is: a client that comes back goes on at `offset`."""
    row = await core.read(lambda connection: actions.get_own(connection, actor, int(upload_id)))
    return json_response({"upload": _view(row, part_bytes=core.settings.media.part_bytes)})


@router.patch(
    "/uploads/{upload_id}",
    response_model=answers.OneUpload,
    openapi_extra={"requestBody": {"content": {"application/octet-stream": _BINARY}, "required": False}},
)
async def add_part(
    core: CoreDep,
    request: Request,
    actor: ChatActor,
    upload_id: PathId,
    offset: Annotated[int, Query(ge=0, le=_MOST_BYTES)],
) -> Response:
    """Bring the part that begins at `offset`; with the last one the whole is measured, and taken or refused."""
    data = await request.body()
    row = await core.media.take_part(actor, media_id=int(upload_id), start=offset, data=data)
    if row.state == "refused":
        raise policy.refused(row.reason, limit="")
    return json_response({"upload": _view(row, part_bytes=core.settings.media.part_bytes)})


@router.delete("/uploads/{upload_id}", status_code=204)
async def abandon_upload(core: CoreDep, actor: ChatActor, upload_id: PathId) -> Response:
    """Forget one's own upload that no message shows."""
    await core.run(lambda unit: actions.abandon(unit, actor, media_id=int(upload_id)))
    await core.media.empty_trash()
    return Response(status_code=204)


@router.post("/media/links", response_model=answers.Links)
async def make_links(core: CoreDep, actor: ChatActor, body: WantedLinks) -> Response:
    """Return addresses for a page's `<img>` and `<video>`; they end after some minutes."""
    reader = policy.reader_of(actor)
    ids = [int(text) for text in body.ids]
    rows = await core.read(lambda c: store.list_readable(c, ids, reader))
    found = []
    for row in sorted(rows, key=lambda row: ids.index(row.id)):
        url, ends_at_us = core.media.link(row.id, reader)
        thumb = f"{url}&variant=thumb" if row.thumb_key is not None else None
        found.append({"id": str(row.id), "url": url, "thumb_url": thumb, "expires_at": format_time(ends_at_us)})
    return json_response({"items": found})


async def get_loader(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(optional_bearer)]
) -> Actor | None:
    """Return who loads, None for a page that has only a ticket."""
    if credentials is None:
        return None
    actor = await get_actor(request, credentials)
    check_scope(actor, "chat")
    return actor


@router.get("/media/{media_id}", response_class=Response, responses=_LOADED)
async def load_media(
    core: CoreDep,
    request: Request,
    actor: Annotated[Actor | None, Depends(get_loader)],
    media_id: PathId,
    ticket: Annotated[str | None, Query(max_length=200)] = None,
    variant: Literal["full", "thumb"] = "full",
) -> Response:
    """Return the bytes to who may read a message that shows them, or has a ticket of someone who may."""
    row = await core.media.find(int(media_id), actor=actor, ticket=ticket if actor is None else None)
    key, size, mime = row.key, row.kept_bytes, row.mime
    if variant == "thumb" and row.thumb_key is not None:
        key, size, mime = row.thumb_key, row.thumb_bytes, "image/webp"
    span = read_range(request.headers.get("range"), size)
    start, end = span or (0, size)
    headers = {
        **safe_headers(mime, keep_s=core.settings.media.link_expires_s),
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
    }
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = core.media.read(key, start=start, size=end - start)
    return StreamingResponse(body, status_code=200 if span is None else 206, media_type=mime, headers=headers)


def safe_headers(mime: str, *, keep_s: int) -> dict[str, str]:
    """Return headers under which no browser takes bytes for anything but a picture or a video."""
    shown = "inline" if mime in policy.INLINE else "attachment"
    return {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": shown,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": f"private, max-age={keep_s}",
        "Referrer-Policy": "no-referrer",
    }


def read_range(asked: str | None, size: int) -> tuple[int, int] | None:
    """Return [start, end) of a single range; None, for everything, for forms that we need not know (RFC 9110)."""
    found = _RANGE.match(asked) if asked is not None else None
    if found is None or found.group(1) == found.group(2) == "":
        return None
    first, last = found.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    if start >= end:
        raise CoreError("range_not_there", limit=size)
    return start, end
