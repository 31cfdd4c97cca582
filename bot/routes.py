"""HTTP: the bot's settings, what it did and why, what it promised, what customers think of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy import Connection

from bot import answers
from bot.configure import put_settings as store_settings
from bot.dialogue.state import DialogueState
from bot.retrieval.questions import Questions
from bot.settings import BotSettings
from bot.settings_check import read_settings
from bot.turns import store
from bot.turns.feedback import give_feedback, list_feedback
from bot.turns.guard import Decider
from bot.turns.preview import preview
from bot.turns.settings_store import find_settings
from bot.worker import FindDecider
from kefu.base.clock import format_time, parse_time
from messaging_core.api import (
    PROBLEMS,
    Actor,
    AnyRow,
    Body,
    ChatActor,
    Core,
    CoreDep,
    Cursor,
    IdText,
    Limit,
    PathId,
    ServiceSession,
    TimeText,
    before,
    check_manages,
    find_session,
    json_response,
)
from messaging_core.errors import forbidden, not_found

router = APIRouter(prefix="/v1/bot", tags=["bot"])
PromiseKind = Literal["price", "discount", "date", "refund", "stock", "fee", "policy"]
_HEAT_KEPT_US = 60_000_000
_HEAT_DAYS_US = 7 * 86_400_000_000
ConversationId = Annotated[IdText, Query()]
_SETTINGS_SCHEMA = "BotSettings"


class NewFeedback(Body):
    """Thumbs up or down for a reply; `none` takes it back."""

    message_id: IdText
    value: Literal["up", "down", "none"]


@runtime_checkable
class Suggesting(Protocol):
    """A decider that knows its FAQ's questions; `Pipeline` does."""

    @property
    def questions(self) -> Questions:
        """The questions."""
        ...


class Question(Body):
    """What a customer might say."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=5000)]


def add_bot(app: FastAPI, find_decider: FindDecider) -> None:
    """Give an application the bot's routes; `find_decider` is the worker's, and answers previews."""
    app.state.find_decider = find_decider
    app.state.faq_heat = {}
    app.include_router(router, responses=PROBLEMS)
    _describe_settings(app)


def _describe_settings(app: FastAPI) -> None:
    """Put the settings, which are read by msgspec, into the application's OpenAPI."""
    make = app.openapi
    _, parts = msgspec.json.schema_components((BotSettings,), ref_template="#/components/schemas/{name}")

    def openapi() -> dict[str, Any]:
        schema = make()
        for name, part in parts.items():
            schema["components"]["schemas"].setdefault(name, part)
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _manages(actor: Actor) -> int:
    if actor.enterprise_id is None:
        raise forbidden("enterprise_only")
    check_manages(actor, actor.enterprise_id)
    return actor.enterprise_id


def _serves(actor: Actor) -> int:
    if actor.enterprise_id is None or not actor.may("read_bot", actor.enterprise_id):
        raise forbidden("staff_only")
    return actor.enterprise_id


def _own_session(connection: Connection, conversation_id: str, enterprise_id: int) -> ServiceSession:
    """Return a conversation's newest session; another enterprise's is like one that does not exist."""
    session = find_session(connection, int(conversation_id))
    if session is None or session.enterprise_id != enterprise_id:
        raise not_found("conversation")
    return session


@router.get("/settings", response_model=answers.Settings)
async def get_settings(core: CoreDep, actor: ChatActor) -> Response:
    """Return the settings in force."""
    enterprise_id = _manages(actor)
    return json_response(answers.view_settings(await core.read(lambda c: find_settings(c, enterprise_id))))


@router.put(
    "/settings",
    response_model=answers.Settings,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_SETTINGS_SCHEMA}"}}},
        }
    },
)
async def put_settings(core: CoreDep, actor: ChatActor, request: Request) -> Response:
    """Store the settings as the next version; with `auto_reply` sessions open with the bot from now on."""
    enterprise_id = _manages(actor)
    settings = read_settings(await request.body())
    stored = await core.run(lambda unit: store_settings(unit, actor, enterprise_id=enterprise_id, settings=settings))
    return json_response(answers.view_settings(stored))


@router.get("/turns", response_model=answers.TurnList)
async def list_turns(
    core: CoreDep, actor: ChatActor, conversation_id: ConversationId, cursor: Cursor = None, limit: Limit = 20
) -> Response:
    """List a conversation's turns with their evidence, newest first."""
    enterprise_id = _serves(actor)

    def query(connection: Connection) -> list[dict[str, Any]]:
        _own_session(connection, conversation_id, enterprise_id)
        rows = store.list_turns(
            connection,
            enterprise_id=enterprise_id,
            conversation_id=int(conversation_id),
            before_id=before(cursor),
            limit=limit,
        )
        return _view_turns(connection, rows)

    items = await core.read(query)
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.get("/turns/{turn_id}", response_model=answers.OneTurn)
async def get_turn(core: CoreDep, actor: ChatActor, turn_id: PathId) -> Response:
    """Return one turn with its evidence."""
    enterprise_id = _serves(actor)

    def query(connection: Connection) -> dict[str, Any]:
        row = store.find_turn(connection, int(turn_id), enterprise_id=enterprise_id)
        if row is None:
            raise not_found("turn")
        return _view_turns(connection, [row])[0]

    return json_response({"turn": await core.read(query)})


def _view_turns(connection: Connection, rows: list[AnyRow]) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    messages, evidence = store.list_messages(connection, ids), store.list_evidence(connection, ids)
    feedback = list_feedback(connection, ids)
    return [
        answers.view_turn(
            row,
            messages=messages.get(row.id, []),
            evidence=evidence.get(row.id, []),
            feedback=feedback.get(row.id, []),
        )
        for row in rows
    ]


@router.get("/ledger", response_model=answers.Ledger)
async def list_ledger(
    core: CoreDep,
    actor: ChatActor,
    conversation_id: Annotated[IdText | None, Query()] = None,
    customer_id: Annotated[IdText | None, Query()] = None,
    kind: Annotated[PromiseKind | None, Query()] = None,
    fact: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    since: Annotated[TimeText | None, Query()] = None,
    until: Annotated[TimeText | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List what the bot has promised, newest first: to whom, of what, when, by which version of which fact."""
    enterprise_id = _serves(actor)
    wanted = store.LedgerFilter(
        conversation_id=int(conversation_id) if conversation_id is not None else None,
        customer_id=int(customer_id) if customer_id is not None else None,
        kind=kind,
        fact=fact,
        since_us=parse_time(since) if since is not None else None,
        until_us=parse_time(until) if until is not None else None,
    )
    rows = await core.read(
        lambda connection: store.list_ledger(
            connection, enterprise_id=enterprise_id, wanted=wanted, before_id=before(cursor), limit=limit
        )
    )
    items = [answers.view_promise(row) for row in rows]
    return json_response({"items": items, "next_cursor": items[-1]["id"] if len(items) == limit else None})


@router.get("/questions", response_model=answers.Questions)
async def list_questions(
    core: CoreDep,
    actor: ChatActor,
    request: Request,
    enterprise_id: Annotated[IdText, Query()],
    typed: Annotated[str | None, Query(max_length=200)] = None,
    like: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=10)] = 5,
) -> Response:
    """List questions of an enterprise's FAQ: for what is being `typed`, next to the entry `like`, or asked most."""
    find_decider: FindDecider = request.app.state.find_decider
    decider = find_decider(int(enterprise_id))
    if not isinstance(decider, Suggesting):
        return json_response({"items": []})
    questions, heat = decider.questions, await _heat(core, request.app, int(enterprise_id))
    if typed is not None:
        found = questions.typed(typed, heat=heat, limit=limit)
    elif like is not None:
        found = questions.alike(like, limit=limit)
    else:
        found = questions.hot(heat, limit=limit)
    return json_response({"items": [{"id": one.entry_id, "question": one.question} for one in found]})


async def _heat(core: Core, app: FastAPI, enterprise_id: int) -> Mapping[str, int]:
    """Return how often each entry was asked for of late; counted anew once a minute, not at each key stroke."""
    kept: dict[int, tuple[int, Mapping[str, int]]] = app.state.faq_heat
    now_us = core.clock.now_us()
    at_us, heat = kept.get(enterprise_id, (0, {}))
    if not 0 <= now_us - at_us < _HEAT_KEPT_US:
        since_us = now_us - _HEAT_DAYS_US
        heat = await core.read(lambda c: store.count_faq(c, enterprise_id=enterprise_id, since_us=since_us))
        kept[enterprise_id] = (now_us, heat)
    return heat


@router.post("/feedback", response_model=answers.Feedback)
async def post_feedback(core: CoreDep, actor: ChatActor, body: NewFeedback) -> Response:
    """Say what one thinks of a reply, as the customer of its conversation."""
    value = body.value if body.value != "none" else None
    await core.run(lambda unit: give_feedback(unit, actor, message_id=int(body.message_id), value=value))
    return json_response({"message_id": body.message_id, "value": body.value})


@router.post("/preview", response_model=answers.Preview)
async def post_preview(core: CoreDep, actor: ChatActor, request: Request, body: Question) -> Response:
    """Return what the bot would do if a new customer said this; nothing is sent or stored."""
    enterprise_id = _serves(actor)
    find_decider: FindDecider = request.app.state.find_decider
    decider = find_decider(enterprise_id)
    if decider is None:
        raise not_found("bot")
    return json_response(await _preview(core, actor, decider, enterprise_id=enterprise_id, text=body.text))


async def _preview(core: Core, actor: Actor, decider: Decider, *, enterprise_id: int, text: str) -> dict[str, Any]:
    stored = await core.read(lambda connection: find_settings(connection, enterprise_id))
    began_s = time.perf_counter()
    decided = await preview(core, actor, decider, enterprise_id=enterprise_id, settings=stored.settings, text=text)
    took_ms = round((time.perf_counter() - began_s) * 1000, 2)
    return answers.view_preview(decided.decision, error=decided.error, took_ms=took_ms)


@router.get("/summary", response_model=answers.Summary)
async def get_summary(core: CoreDep, actor: ChatActor, conversation_id: ConversationId) -> Response:
    """Return what an agent should know of a conversation at once."""
    enterprise_id = _serves(actor)

    def query(connection: Connection) -> dict[str, Any]:
        session = _own_session(connection, conversation_id, enterprise_id)
        turn = store.find_last_handoff(
            connection, enterprise_id=enterprise_id, session_id=session.id, conversation_id=session.conversation_id
        )
        state = store.find_state(connection, session.id) or DialogueState()
        return {
            "conversation_id": conversation_id,
            "session_id": str(session.id),
            "turn_id": str(turn.id) if turn is not None else None,
            "reason": turn.handoff_reason if turn is not None else None,
            "summary": turn.summary or "" if turn is not None else "",
            "at": format_time(turn.committed_at) if turn is not None else None,
            "slots": state.slots,
            "products": list(state.products),
            "orders": list(state.orders),
        }

    return json_response(await core.read(query))
