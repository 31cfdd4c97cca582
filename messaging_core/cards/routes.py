"""HTTP: pressing a card's buttons, leaving details, and what an enterprise has been left."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.cards import actions, store
from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_reader
from messaging_core.errors import forbidden
from messaging_core.kernel.unit import Unit
from messaging_core.transport.answers import Answer, Count, Id, Time
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Cursor, Limit, PathId, before

router = APIRouter(prefix="/v1", tags=["cards"])
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")]
PathSeq = Annotated[int, Path(ge=1, le=2**62)]
_MESSAGE = "/conversations/{conversation_id}/messages/{seq}"


class Press(Body):
    """Which button."""

    button: Key


class Details(Body):
    """What a person leaves, by the form's fields, and that he agrees to its words."""

    button: Key
    answers: Annotated[dict[str, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=20)]
    consent: bool


class Pressed(Answer):
    """What the button does: the page it opens, or what it says as the presser's own text."""

    act: Literal["open", "say", "form"]
    url: str
    say: str


class ButtonCount(Answer):
    """How many people have pressed a button."""

    button: str
    people: Count


class Presses(Answer):
    """The buttons of a card that were pressed."""

    items: list[ButtonCount]


class Lead(Answer):
    """What a person has left, and the words he agreed to, when."""

    id: Id
    conversation_id: Id
    seq: Count
    button: str
    account_id: Id
    account_name: str
    answers: dict[str, str]
    consent: str
    consented_at: Time


class OneLead(Answer):
    """What a person has left."""

    lead: Lead


class Leads(Answer):
    """A page of leads, newest first."""

    items: list[Lead]
    next_cursor: str | None


def _view(row: store.LeadRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "conversation_id": str(row.conversation_id),
        "seq": row.seq,
        "button": row.button,
        "account_id": str(row.account_id),
        "account_name": row.account_name,
        "answers": msgspec.json.decode(row.answers),
        "consent": row.consent,
        "consented_at": format_time(row.consented_at),
    }


@router.post(f"{_MESSAGE}/press", response_model=Pressed)
async def press(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, body: Press) -> Response:
    """Press a button; a dead one is refused, whatever the client's clock says."""
    button = await core.run(
        lambda unit: actions.press(unit, actor, conversation_id=int(conversation_id), seq=seq, key=body.button)
    )
    return json_response({"act": button.act, "url": button.url, "say": button.say})


@router.get(f"{_MESSAGE}/presses", response_model=Presses)
async def count_presses(core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq) -> Response:
    """Return how many people have pressed each button; for the enterprise whose card it is."""

    def query(connection: Connection) -> dict[str, int]:
        check_reader(connection, actor, int(conversation_id))
        conversation = conversations.find(connection, int(conversation_id))
        if conversation is None or not actor.serves(conversation.enterprise_id or 0):
            raise forbidden("staff_only")
        return store.count_presses(connection, int(conversation_id), seq)

    found = await core.read(query)
    return json_response({"items": [{"button": key, "people": people} for key, people in sorted(found.items())]})


@router.post(f"{_MESSAGE}/lead", status_code=201, response_model=OneLead)
async def leave_details(
    core: CoreDep, actor: ChatActor, conversation_id: PathId, seq: PathSeq, body: Details
) -> Response:
    """Leave one's details with a form, agreeing to its words; the same once more changes nothing."""

    def action(unit: Unit) -> Any:
        lead_id = actions.leave_details(
            unit,
            actor,
            conversation_id=int(conversation_id),
            seq=seq,
            key=body.button,
            answers=body.answers,
            consent=body.consent,
        )
        lead = store.find_lead(unit.connection, lead_id)
        assert lead is not None
        return {"lead": _view(lead)}

    return json_response(await core.run(action), status=201)


@router.get("/leads", response_model=Leads)
async def list_leads(core: CoreDep, actor: ChatActor, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Return what one's enterprise has been left, newest first."""
    enterprise_id = actor.enterprise_id
    if enterprise_id is None or not actor.serves(enterprise_id):
        raise forbidden("staff_only")
    rows = await core.read(
        lambda c: store.list_leads(c, enterprise_id=enterprise_id, before_id=before(cursor), limit=limit)
    )
    next_cursor = str(rows[-1].id) if len(rows) == limit else None
    return json_response({"items": [_view(row) for row in rows], "next_cursor": next_cursor})


@router.delete("/leads/{lead_id}", status_code=204)
async def withdraw_lead(core: CoreDep, actor: ChatActor, lead_id: PathId) -> Response:
    """Forget a lead: the right of who left it, and of the enterprise's managers."""
    await core.run(lambda unit: actions.withdraw(unit, actor, lead_id=int(lead_id)))
    return Response(status_code=204)
