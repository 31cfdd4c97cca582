"""HTTP: who works at the desk, and how the desk works."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from messaging_core.desk import agents, agents_store, answers
from messaging_core.desk.agents import check_serves
from messaging_core.desk.agents_store import DeskSettings
from messaging_core.desk.policy import Seat
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, PathId

router = APIRouter(prefix="/v1/desk", tags=["desk"])

Capacity = Annotated[int, Field(ge=0, le=1000)]


class NewStatus(Body):
    """Whether one works."""

    status: Literal["online", "away", "offline"]


class NewCapacity(Body):
    """How many sessions at once; null: as the desk's settings say."""

    capacity: Capacity | None


class NewSettings(Body):
    """How the desk works."""

    auto_assign: bool
    capacity: Annotated[int, Field(ge=1, le=1000)]
    grace_s: Annotated[int, Field(ge=5, le=86_400)]


def view(seat: Seat) -> dict[str, Any]:
    """Return an agent as colleagues see him."""
    return {
        "account_id": str(seat.account_id),
        "name": seat.name,
        "role": seat.role,
        "status": seat.status,
        "capacity": seat.capacity,
        "own_capacity": seat.own_capacity,
        "load": seat.load,
    }


def _settings_view(settings: DeskSettings) -> dict[str, Any]:
    return {"auto_assign": settings.auto_assign, "capacity": settings.capacity, "grace_s": settings.grace_s}


@router.get("/agents", response_model=answers.Seats)
async def list_agents(core: CoreDep, actor: ChatActor) -> Response:
    """List who may serve, with status, capacity and load."""
    enterprise_id = check_serves(actor)
    seats = await core.read(lambda connection: agents_store.list_seats(connection, enterprise_id))
    return json_response({"items": [view(seat) for seat in seats]})


@router.put("/status", response_model=answers.OneSeat)
async def set_status(core: CoreDep, actor: ChatActor, body: NewStatus) -> Response:
    """Say that one works, takes a break, or goes home."""

    def action(unit: Unit) -> Any:
        agents.set_status(unit, actor, status=body.status)
        return {"agent": view(agents.get_seat(unit, actor, account_id=actor.account_id))}

    answer = await core.run(action)
    core.rota.stir(check_serves(actor))
    return json_response(answer)


@router.put("/agents/{account_id}", response_model=answers.OneSeat)
async def set_capacity(core: CoreDep, actor: ChatActor, account_id: PathId, body: NewCapacity) -> Response:
    """Set how many sessions an agent may have at once."""

    def action(unit: Unit) -> Any:
        agents.set_capacity(unit, actor, account_id=int(account_id), capacity=body.capacity)
        return {"agent": view(agents.get_seat(unit, actor, account_id=int(account_id)))}

    answer = await core.run(action)
    core.rota.stir(check_serves(actor))
    return json_response(answer)


@router.get("/settings", response_model=answers.DeskSettings)
async def get_settings(core: CoreDep, actor: ChatActor) -> Response:
    """Return how the desk works."""
    enterprise_id = check_serves(actor)
    settings = await core.read(lambda connection: agents_store.read_settings(connection, enterprise_id))
    return json_response(_settings_view(settings))


@router.put("/settings", response_model=answers.DeskSettings)
async def put_settings(core: CoreDep, actor: ChatActor, body: NewSettings) -> Response:
    """Change how the desk works."""
    settings = DeskSettings(auto_assign=body.auto_assign, capacity=body.capacity, grace_s=body.grace_s)
    await core.run(lambda unit: agents.change_settings(unit, actor, settings))
    core.rota.stir(check_serves(actor))
    return json_response(_settings_view(settings))
