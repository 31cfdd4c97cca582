"""HTTP: reports, appeals, one's own standing; the risk desk; words of enterprises."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints
from sqlalchemy import Connection

from messaging_core.errors import invalid
from messaging_core.identity.policy import check_operator
from messaging_core.safety import actions, answers, cases_store, policy, views, words
from messaging_core.transport.http import ChatActor, CoreDep, SanctionedActor, json_response
from messaging_core.transport.inputs import Body, Cursor, IdText, Limit, Line, PathId, Remark, after, before

router = APIRouter(prefix="/v1", tags=["safety"])
Kind = Annotated[Literal["held", "report", "appeal"] | None, Query()]
State = Annotated[Literal["open", "decided", "withdrawn"], Query()]


ListedWord = Annotated[str, Query(min_length=1, max_length=32)]


class NewReport(Body):
    """A complaint about somebody in a conversation."""

    conversation_id: IdText
    account_id: IdText
    reason: Literal["harassment", "fraud", "illegal", "sexual", "spam", "other"]
    text: Remark = ""
    message_ids: Annotated[list[IdText], Field(max_length=20)] = []


class NewAppeal(Body):
    """A wish that a reviewer looks again: at a sanction, or at a message that was refused after it was held."""

    sanction_id: IdText | None = None
    conversation_id: IdText | None = None
    client_msg_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,64}$")] | None = None
    text: Annotated[Remark, StringConstraints(min_length=1)]


class Decision(Body):
    """A reviewer's verdict."""

    verdict: Literal["release", "confirm", "dismiss", "made_up", "ban", "grant", "reject"]
    note: Remark = ""


class Label(Body):
    """Whether a rule in shadow mode would have been right."""

    right: bool


class NewWords(Body):
    """Words that an enterprise adds to its screening."""

    words: Annotated[list[Annotated[Line, StringConstraints(min_length=1, max_length=32)]], Field(max_length=1000)]
    category: Line = "own"


@router.post("/reports", status_code=201, response_model=answers.CaseId)
async def report(core: CoreDep, actor: ChatActor, body: NewReport) -> Response:
    """Report somebody; the risk desk sees what was said last."""
    case_id = await core.run(
        lambda unit: actions.report(
            unit,
            actor,
            conversation_id=int(body.conversation_id),
            account_id=int(body.account_id),
            reason=body.reason,
            text=body.text,
            message_ids=[int(id_) for id_ in body.message_ids],
        )
    )
    return json_response({"case_id": str(case_id)}, status=201)


@router.post("/appeals", status_code=201, response_model=answers.CaseId)
async def appeal(core: CoreDep, actor: SanctionedActor, body: NewAppeal) -> Response:
    """Appeal against a sanction, or for a message that was refused; once each."""
    sanction_id, conversation_id, client_msg_id = body.sanction_id, body.conversation_id, body.client_msg_id
    if sanction_id is not None:
        case_id = await core.run(
            lambda unit: actions.appeal_sanction(unit, actor, sanction_id=int(sanction_id), text=body.text)
        )
    elif conversation_id is not None and client_msg_id is not None:
        case_id = await core.run(
            lambda unit: actions.appeal_message(
                unit, actor, conversation_id=int(conversation_id), client_msg_id=client_msg_id, text=body.text
            )
        )
    else:
        raise invalid("missing", "sanction_id")
    return json_response({"case_id": str(case_id)}, status=201)


@router.get("/appeals", response_model=answers.Appeals)
async def list_appeals(core: CoreDep, actor: SanctionedActor) -> Response:
    """Return one's own last appeals and what became of them, newest first."""
    rows = await core.read(lambda connection: cases_store.list_appeals(connection, actor.account_id, limit=50))
    return json_response({"items": [views.appeal_of(row) for row in rows]})


@router.get("/safety/standing", response_model=answers.OneStanding)
async def own_standing(core: CoreDep, actor: SanctionedActor) -> Response:
    """Return one's own score, limits and sanctions."""
    return await _standing(core, actor.account_id)


@router.get("/review/cases", response_model=answers.Cases)
async def list_cases(
    core: CoreDep, actor: ChatActor, state: State = "open", kind: Kind = None, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Return the queue of the risk desk, those that wait longest first."""
    check_operator(actor)

    def query(connection: Connection) -> Any:
        rows = cases_store.list_cases(connection, state=state, kind=kind, after_id=after(cursor), limit=limit)
        return {
            "items": [views.summary_of(row) for row in rows],
            "next_cursor": str(rows[-1].id) if len(rows) == limit else None,
            "open": cases_store.count_open(connection),
        }

    return json_response(await core.read(query))


@router.get("/review/cases/{case_id}", response_model=answers.OneCase)
async def get_case(core: CoreDep, actor: ChatActor, case_id: PathId) -> Response:
    """Return a case with what was said and the person's history."""
    check_operator(actor)
    now_us, rules = core.clock.now_us(), core.settings.safety
    found = await core.read(lambda connection: views.case(connection, int(case_id), now_us=now_us, rules=rules))
    return json_response({"case": found})


@router.post("/review/cases/{case_id}/decision", response_model=answers.OneCase)
async def decide(core: CoreDep, actor: ChatActor, case_id: PathId, body: Decision) -> Response:
    """Decide a case, once."""
    await core.run(lambda unit: actions.decide(unit, actor, case_id=int(case_id), verdict=body.verdict, note=body.note))
    return await get_case(core, actor, case_id)


@router.get("/review/rules", response_model=answers.RuleReports)
async def list_rules(core: CoreDep, actor: ChatActor) -> Response:
    """Return how each rule stands and how often it erred."""
    check_operator(actor)
    now_us, rules = core.clock.now_us(), core.settings.safety
    items = await core.read(lambda connection: views.rules_report(connection, now_us=now_us, rules=rules))
    return json_response({"items": items})


@router.get("/review/shadow", response_model=answers.ShadowSanctions)
async def list_shadow(core: CoreDep, actor: ChatActor, rule: str, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """Return whom a rule in shadow mode would have sanctioned."""
    check_operator(actor)
    if rule not in policy.RULES:
        raise invalid("wrong_choice", "rule", limit=", ".join(policy.RULES))
    rows = await core.read(lambda connection: views.shadow_of(connection, rule, before_id=before(cursor), limit=limit))
    return json_response({"items": rows, "next_cursor": rows[-1]["id"] if len(rows) == limit else None})


@router.put("/review/sanctions/{sanction_id}/label", status_code=204)
async def label(core: CoreDep, actor: ChatActor, sanction_id: PathId, body: Label) -> Response:
    """Say whether a sanction in shadow mode would have been right."""
    await core.run(lambda unit: actions.label_shadow(unit, actor, sanction_id=int(sanction_id), right=body.right))
    return Response(status_code=204)


@router.get("/review/accounts/{account_id}/standing", response_model=answers.OneStanding)
async def standing_of(core: CoreDep, actor: ChatActor, account_id: PathId) -> Response:
    """Return somebody's standing."""
    check_operator(actor)
    return await _standing(core, int(account_id))


@router.get("/enterprises/{enterprise_id}/words", response_model=answers.Words)
async def list_words(core: CoreDep, actor: ChatActor, enterprise_id: PathId) -> Response:
    """Return an enterprise's own words."""
    rows = await core.read(lambda connection: words.list_words(connection, actor, enterprise_id=int(enterprise_id)))
    return json_response({"items": [{"word": row.word, "category": row.category} for row in rows]})


@router.post("/enterprises/{enterprise_id}/words", response_model=answers.Words)
async def add_words(core: CoreDep, actor: ChatActor, enterprise_id: PathId, body: NewWords) -> Response:
    """Add words that hold messages in the enterprise's conversations."""
    await core.run(
        lambda unit: words.add_words(
            unit, actor, enterprise_id=int(enterprise_id), words=body.words, category=body.category
        )
    )
    words.forget(core, int(enterprise_id))
    return await list_words(core, actor, enterprise_id)


@router.delete("/enterprises/{enterprise_id}/words", status_code=204)
async def remove_word(core: CoreDep, actor: ChatActor, enterprise_id: PathId, word: ListedWord) -> Response:
    """Remove a word."""
    await core.run(lambda unit: words.remove_word(unit, actor, enterprise_id=int(enterprise_id), word=word))
    words.forget(core, int(enterprise_id))
    return Response(status_code=204)


async def _standing(core: CoreDep, account_id: int) -> Response:
    now_us, rules = core.clock.now_us(), core.settings.safety
    found = await core.read(lambda connection: views.standing(connection, account_id, now_us=now_us, rules=rules))
    return json_response({"standing": found})
