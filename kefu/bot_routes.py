"""The operator's switch over HTTP: which version of a bot is live. `kefu train` and `kefu bot` come through here."""

from __future__ import annotations

import msgspec
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from bot.pointers import list_pointers
from bot.turns.asked import list_asked
from kefu.base.errors import ConfigError
from kefu.bots import Bots
from kefu.bundle import KIND
from kefu.ledger import asked_row, ledger_filter, page
from kefu.operator_door import check_operator
from kefu.shadow.source import read_page
from messaging_core.api import Core


class Publishing(BaseModel):
    """Which version to make live, and why."""

    version: str = Field(min_length=1, max_length=64, pattern="^[0-9a-z]+$")
    note: str = Field("", max_length=200)


class RollingBack(BaseModel):
    """Which step of the history to go back to; none: the one before."""

    to: int | None = None


def add_bot_routes(app: FastAPI, core: Core, bots: Bots) -> None:
    """Add `/v1/operator/bots/{enterprise_id}`: history, publish, roll back."""

    @app.get("/v1/operator/bots", include_in_schema=False)
    async def all_bots(request: Request) -> Response:
        await check_operator(core, request)
        return JSONResponse(
            {"items": [{"enterprise_id": str(key), "version": bots.version(key)} for key in bots.all()]}
        )

    @app.get("/v1/operator/bots/{enterprise_id}/versions", include_in_schema=False)
    async def versions(request: Request, enterprise_id: int) -> Response:
        await check_operator(core, request)
        steps = await core.read(lambda c: list_pointers(c, enterprise_id=enterprise_id, kind=KIND))
        rows = [{"number": one.version, "version": one.hash, "note": one.note, "at_us": one.at_us} for one in steps]
        return JSONResponse({"items": rows, "loaded": bots.version(enterprise_id)})

    @app.post("/v1/operator/bots/{enterprise_id}/publish", include_in_schema=False)
    async def publish(request: Request, enterprise_id: int, wanted: Publishing) -> Response:
        actor = await check_operator(core, request)
        try:
            await bots.publish(enterprise_id, wanted.version, note=wanted.note, author_id=actor.account_id)
        except ConfigError as error:
            return _refused(error)
        return JSONResponse({"version": bots.version(enterprise_id)})

    @app.get("/v1/operator/bots/{enterprise_id}/documents", include_in_schema=False)
    async def documents(request: Request, enterprise_id: int) -> Response:
        await check_operator(core, request)
        shelf = bots.shelf(enterprise_id)
        held = shelf.current.documents if shelf.current is not None else {}
        return JSONResponse({"version": shelf.version, "documents": held})

    @app.post("/v1/operator/bots/{enterprise_id}/documents", include_in_schema=False)
    async def publish_documents(request: Request, enterprise_id: int, wanted: Publishing) -> Response:
        await check_operator(core, request)
        try:
            await bots.publish_documents(enterprise_id, wanted.version, note=wanted.note)
        except ConfigError as error:
            return _refused(error)
        return JSONResponse({"version": bots.shelf(enterprise_id).version})

    @app.get("/v1/operator/bots/{enterprise_id}/asked", include_in_schema=False)
    async def asked(request: Request, enterprise_id: int) -> Response:
        await check_operator(core, request)
        found = await core.read(lambda c: list_asked(c, enterprise_id=enterprise_id))
        return JSONResponse({"items": [asked_row(one) for one in found]})

    @app.get("/v1/operator/bots/{enterprise_id}/said", include_in_schema=False)
    async def said(request: Request, enterprise_id: int, after: int = 0) -> Response:
        await check_operator(core, request)
        try:
            page_of_turns = await core.read(lambda c: read_page(c, enterprise_id, after_id=after))
        except ConfigError as error:
            return _refused(error)
        return JSONResponse(msgspec.to_builtins(page_of_turns))

    @app.get("/v1/operator/bots/{enterprise_id}/ledger", include_in_schema=False)
    async def ledger(request: Request, enterprise_id: int, before: int | None = None) -> Response:
        await check_operator(core, request)
        try:
            wanted = ledger_filter(request.query_params)
        except ConfigError as error:
            return _refused(error)
        more = {} if before is None else {"before_id": before}
        return JSONResponse({"items": await core.read(lambda c: page(c, enterprise_id, wanted, **more))})

    @app.post("/v1/operator/bots/{enterprise_id}/rollback", include_in_schema=False)
    async def rollback(request: Request, enterprise_id: int, wanted: RollingBack) -> Response:
        actor = await check_operator(core, request)
        version = await bots.roll_back(enterprise_id, to=wanted.to, author_id=actor.account_id)
        return JSONResponse({"version": version})


def _refused(error: ConfigError) -> Response:
    return JSONResponse({"code": "refused", "detail": str(error)}, status_code=409)
