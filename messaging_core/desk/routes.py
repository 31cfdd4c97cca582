"""HTTP: the desk's service sessions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.desk import actions, answers, store
from messaging_core.desk.agents import check_serves
from messaging_core.errors import not_found
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, PathId, Remark, Summary, before

router = APIRouter(prefix="/v1/desk/sessions", tags=["desk"])


class Reason(Body):
    """Why a human is wanted, and what the agent should know at once (from bots and staff)."""

    reason: Remark = ""
    summary: Summary = ""


class Rating(Body):
    """How content the customer is, from 1 to 5, and why."""

    stars: Annotated[int, Field(ge=1, le=5)]
    text: Remark = ""


class Target(Body):
    """To whom; null: back to the queue."""

    agent_id: IdText | None = None


def view(row: store.SessionRow) -> dict[str, Any]:
    """Return a session as staff see it."""
    return {
        "id": str(row.id),
        "enterprise_id": str(row.enterprise_id),
        "conversation_id": str(row.conversation_id),
        "customer_id": str(row.customer_id),
        "customer_name": row.customer_name,
        "state": row.state,
        "agent_id": str(row.agent_id) if row.agent_id is not None else None,
        "agent_name": row.agent_name,
        "assignment_version": row.assignment_version,
        "reason": row.reason,
        "opened_at": format_time(row.opened_at),
        "changed_at": format_time(row.changed_at),
        "closed_at": format_time(row.closed_at) if row.closed_at is not None else None,
        "queued_at": format_time(row.queued_at) if row.queued_at is not None else None,
        "summary": row.summary or "",
        "stars": row.stars,
        "stars_text": row.stars_text or "",
    }


def _shown(unit: Unit, session_id: str) -> dict[str, Any]:
    row = store.find_session(unit.connection, int(session_id))
    assert row is not None
    return {"session": view(row)}


@router.get("", response_model=answers.SessionList)
async def list_sessions(
    core: CoreDep,
    actor: ChatActor,
    state: Literal["bot", "queued", "agent", "closed"] | None = None,
    mine: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List the enterprise's sessions, newest first; without `state` all that are open."""
    enterprise_id = check_serves(actor)
    rows = await core.read(
        lambda connection: store.list_sessions(
            connection,
            enterprise_id,
            state=state,
            agent_id=actor.account_id if mine else None,
            before_id=before(cursor),
            limit=limit,
        )
    )
    items = [view(row) for row in rows]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.get("/queue", response_model=answers.Queue)
async def list_queue(core: CoreDep, actor: ChatActor, limit: Limit = 50) -> Response:
    """List who waits, in order of arrival."""
    enterprise_id = check_serves(actor)
    rows = await core.read(lambda connection: store.list_queue(connection, enterprise_id, limit=limit))
    return json_response({"items": [{**view(row), "position": place} for place, row in enumerate(rows, start=1)]})


@router.get("/{session_id}/place", response_model=answers.Place)
async def get_place(core: CoreDep, actor: ChatActor, session_id: PathId) -> Response:
    """Return the session's place in the queue: 1 is next, 0 does not wait."""

    def query(connection: Connection) -> int:
        session = store.find_session(connection, int(session_id))
        if session is None or not (actor.account_id == session.customer_id or actor.serves(session.enterprise_id)):
            raise not_found("session")
        return 1 + store.count_before(connection, session) if session.state == "queued" else 0

    return json_response({"position": await core.read(query)})


@router.put("/{session_id}/rating", response_model=answers.OneSession)
async def rate(core: CoreDep, actor: ChatActor, session_id: PathId, body: Rating) -> Response:
    """Say how content one is with a closed session."""

    def action(unit: Unit) -> Any:
        actions.rate(unit, actor, session_id=int(session_id), stars=body.stars, text=body.text)
        return _shown(unit, session_id)

    return json_response(await core.run(action))


@router.post("/{session_id}/request-agent", response_model=answers.OneSession)
async def request_agent(core: CoreDep, actor: ChatActor, session_id: PathId, body: Reason) -> Response:
    """Ask for a human."""

    def action(unit: Unit) -> Any:
        actions.request_agent(unit, actor, session_id=int(session_id), reason=body.reason, summary=body.summary)
        return _shown(unit, session_id)

    return json_response(await core.run(action))


@router.post("/{session_id}/take", response_model=answers.OneSession)
async def take(core: CoreDep, actor: ChatActor, session_id: PathId) -> Response:
    """Take the session over."""

    def action(unit: Unit) -> Any:
        actions.take(unit, actor, session_id=int(session_id))
        return _shown(unit, session_id)

    return json_response(await core.run(action))


@router.post("/{session_id}/hand-back", response_model=answers.OneSession)
async def hand_back(core: CoreDep, actor: ChatActor, session_id: PathId) -> Response:
    """Give the session back to the bot, or to the queue."""

    def action(unit: Unit) -> Any:
        actions.hand_back(unit, actor, session_id=int(session_id))
        return _shown(unit, session_id)

    return json_response(await core.run(action))


@router.post("/{session_id}/transfer", response_model=answers.OneSession)
async def transfer(core: CoreDep, actor: ChatActor, session_id: PathId, body: Target) -> Response:
    """Give the session to a colleague, or back to the queue."""

    def action(unit: Unit) -> Any:
        agent_id = int(body.agent_id) if body.agent_id is not None else None
        actions.transfer(unit, actor, session_id=int(session_id), agent_id=agent_id)
        return _shown(unit, session_id)

    return json_response(await core.run(action))


@router.post("/{session_id}/close", response_model=answers.OneSession)
async def close(core: CoreDep, actor: ChatActor, session_id: PathId) -> Response:
    """End the session."""

    def action(unit: Unit) -> Any:
        actions.close(unit, actor, session_id=int(session_id))
        return _shown(unit, session_id)

    return json_response(await core.run(action))
