"""HTTP: an enterprise's verification and the terms it accepts; what its staff may do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.errors import not_found
from messaging_core.identity import answers, standing, standing_store, store
from messaging_core.identity.policy import check_operator, check_right
from messaging_core.identity.roles import RIGHTS
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, StaffActor, json_response, lang_of
from messaging_core.transport.inputs import Body, Cursor, Limit, Line, PathId, Remark, after

router = APIRouter(prefix="/v1", tags=["identity"])
_SHOWN = 50
TermsText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class NewRequest(Body):
    """Names of the documents that prove who the enterprise is."""

    documents: Annotated[list[Line], Field(min_length=1, max_length=20)]
    note: Remark = ""


class Verdict(Body):
    """What the reviewer says; a refusal has a reason."""

    approve: bool
    reason: Remark = ""


class NewTerms(Body):
    """A new version of the terms."""

    text_zh: TermsText
    text_en: TermsText


class Acceptance(Body):
    """The version that was read."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]


@router.post(
    "/enterprises/{enterprise_id}/verification-requests",
    status_code=201,
    response_model=answers.OneVerificationRequest,
)
async def request_verification(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: NewRequest) -> Response:
    """Ask for the mark of a verified enterprise (蓝V)."""

    def action(unit: Unit) -> Any:
        request_id = standing.request_verification(
            unit, actor, enterprise_id=int(enterprise_id), documents=body.documents, note=body.note
        )
        return _shown(unit.connection, request_id)

    return json_response(await core.run(action), status=201)


@router.get("/enterprises/{enterprise_id}/verification-requests", response_model=answers.VerificationRequestList)
async def list_own_requests(core: CoreDep, actor: ChatActor, enterprise_id: PathId) -> Response:
    """List an enterprise's requests with what became of them, newest first."""
    check_right(actor, "verification", int(enterprise_id))
    rows = await core.read(lambda c: standing_store.list_requests_of(c, int(enterprise_id), limit=_SHOWN))
    return json_response({"items": [_view(row) for row in rows], "next_cursor": None})


@router.get("/operator/verification-requests", response_model=answers.VerificationRequestList)
async def list_requests(
    core: CoreDep,
    actor: ChatActor,
    state: Literal["pending", "approved", "refused"] = "pending",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List the requests of a state in order of arrival: the reviewer's queue."""
    check_operator(actor)
    rows = await core.read(lambda c: standing_store.list_requests(c, state, after_id=after(cursor), limit=limit))
    items = [_view(row) for row in rows]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.post("/operator/verification-requests/{request_id}/decide", response_model=answers.OneVerificationRequest)
async def decide(core: CoreDep, actor: ChatActor, request_id: PathId, body: Verdict) -> Response:
    """Verify the enterprise, or refuse it with a reason."""

    def action(unit: Unit) -> Any:
        standing.decide_verification(unit, actor, request_id=int(request_id), approve=body.approve, reason=body.reason)
        return _shown(unit.connection, int(request_id))

    return json_response(await core.run(action))


@router.get("/terms", response_model=answers.Terms)
async def get_terms(core: CoreDep, request: Request) -> Response:
    """Return the 绿色沟通公约 in force, in the reader's language."""
    version, text = await core.read(lambda c: standing_store.find_terms(c, lang_of(request)))
    return json_response({"version": version, "text": text})


@router.post("/operator/terms", status_code=201, response_model=answers.TermsVersion)
async def publish_terms(core: CoreDep, actor: ChatActor, body: NewTerms) -> Response:
    """Put a new version of the terms in force; every enterprise accepts it before it sends on."""
    version = await core.run(
        lambda unit: standing.publish_terms(unit, actor, text_zh=body.text_zh, text_en=body.text_en)
    )
    return json_response({"version": version}, status=201)


@router.get("/enterprises/{enterprise_id}/terms", response_model=answers.TermsAcceptance)
async def get_acceptance(core: CoreDep, actor: ChatActor, enterprise_id: PathId) -> Response:
    """Return which version of the terms an enterprise has accepted."""
    check_right(actor, "read_staff", int(enterprise_id))
    return json_response(await core.read(lambda c: _acceptance(c, int(enterprise_id))))


@router.post("/enterprises/{enterprise_id}/terms", response_model=answers.TermsAcceptance)
async def accept_terms(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: Acceptance) -> Response:
    """Accept the terms for an enterprise."""

    def action(unit: Unit) -> Any:
        standing.accept_terms(unit, actor, enterprise_id=int(enterprise_id), version=body.version)
        return _acceptance(unit.connection, int(enterprise_id))

    return json_response(await core.run(action))


@router.get("/me/rights", response_model=answers.Rights)
async def get_rights(core: CoreDep, actor: StaffActor) -> Response:
    """Return what one may do in the enterprise of the token that asks, and what its verification unlocks."""
    own = actor.enterprise_id
    row = await core.read(lambda c: store.find_account(c, own)) if own is not None else None
    verified = row is not None and row.verified
    return json_response(
        {
            "enterprise_id": str(own) if own is not None else None,
            "role": actor.staff_role,
            "rights": [right for right in RIGHTS if actor.may(right, own)],
            "verified": verified,
            "unlocked": list(standing.UNLOCKED) if verified else [],
        }
    )


def _acceptance(connection: Connection, enterprise_id: int) -> dict[str, Any]:
    row, current = (
        standing_store.find_acceptance(connection, enterprise_id),
        standing_store.current_version(connection),
    )
    return {
        "version": row.version if row is not None else 0,
        "current": current,
        "accepted": row is not None and row.version == current,
        "accepted_by": str(row.accepted_by) if row is not None and row.accepted_by is not None else None,
        "accepted_at": format_time(row.accepted_at) if row is not None else None,
    }


def _shown(connection: Connection, request_id: int) -> dict[str, Any]:
    row = standing_store.find_request(connection, request_id)
    if row is None:
        raise not_found("verification_request")
    return {"request": _view(row)}


def _view(row: standing_store.RequestRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "enterprise_id": str(row.enterprise_id),
        "enterprise": row.name,
        "documents": msgspec.json.decode(row.documents, type=list[str]),
        "note": row.note,
        "requested_by": str(row.requested_by),
        "requested_at": format_time(row.requested_at),
        "state": row.state,
        "reason": row.reason,
        "reviewed_at": format_time(row.reviewed_at) if row.reviewed_at is not None else None,
    }
