"""HTTP: quick phrases, labels, notes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import Connection

from kefu.base.clock import format_time
from messaging_core.desk import answers, notebook, notebook_store
from messaging_core.desk.agents import check_serves
from messaging_core.desk.notebook_store import Subject
from messaging_core.desk.routes import view as session_view
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit
from messaging_core.transport.http import ChatActor, CoreDep, json_response
from messaging_core.transport.inputs import Body, Name, PathId, Summary

router = APIRouter(prefix="/v1/desk", tags=["desk"])


def _check_said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


Said = Annotated[Summary, AfterValidator(_check_said)]
Label = Annotated[Name, StringConstraints(max_length=30)]


class NewPhrase(Body):
    """A phrase for oneself, or for all agents."""

    title: Name
    text: Said
    shared: bool = False


class Reworded(Body):
    """A phrase in other words."""

    title: Name
    text: Said


class NewLabels(Body):
    """All labels that shall be on."""

    labels: Annotated[list[Label], Field(max_length=notebook.LABELS_A_SUBJECT)]


class NewNote(Body):
    """What colleagues should know of a customer."""

    text: Said


def phrase_view(row: AnyRow) -> dict[str, Any]:
    """Return a phrase as agents see it."""
    return {"id": str(row.id), "title": row.title, "text": row.text, "shared": row.owner_id is None}


def note_view(row: AnyRow) -> dict[str, Any]:
    """Return a note as agents see it."""
    return {
        "id": str(row.id),
        "author_id": str(row.author_id),
        "author_name": row.author_name,
        "text": row.text,
        "at": format_time(row.at),
    }


def file_view(file: notebook.File) -> dict[str, Any]:
    """Return what the desk knows of a session."""
    return {
        "session": session_view(file.session),
        "session_labels": file.session_labels,
        "customer_labels": file.customer_labels,
        "known_labels": file.known_labels,
        "notes": [note_view(row) for row in file.notes],
    }


@router.get("/phrases", response_model=answers.Phrases)
async def list_phrases(core: CoreDep, actor: ChatActor) -> Response:
    """List the phrases of the enterprise and one's own."""
    enterprise_id = check_serves(actor)
    rows = await core.read(lambda c: notebook_store.list_phrases(c, enterprise_id, owner_id=actor.account_id))
    return json_response({"items": [phrase_view(row) for row in rows]})


@router.post("/phrases", status_code=201, response_model=answers.OnePhrase)
async def add_phrase(core: CoreDep, actor: ChatActor, body: NewPhrase) -> Response:
    """Add a phrase."""

    def action(unit: Unit) -> Any:
        made = notebook.add_phrase(unit, actor, title=body.title, text=body.text, shared=body.shared)
        return _phrase(unit.connection, made)

    return json_response(await core.run(action), status=201)


@router.put("/phrases/{phrase_id}", response_model=answers.OnePhrase)
async def change_phrase(core: CoreDep, actor: ChatActor, phrase_id: PathId, body: Reworded) -> Response:
    """Reword a phrase."""

    def action(unit: Unit) -> Any:
        notebook.change_phrase(unit, actor, phrase_id=int(phrase_id), title=body.title, text=body.text)
        return _phrase(unit.connection, int(phrase_id))

    return json_response(await core.run(action))


@router.delete("/phrases/{phrase_id}", status_code=204)
async def delete_phrase(core: CoreDep, actor: ChatActor, phrase_id: PathId) -> Response:
    """Remove a phrase."""
    await core.run(lambda unit: notebook.delete_phrase(unit, actor, phrase_id=int(phrase_id)))
    return Response(status_code=204)


@router.get("/sessions/{session_id}/file", response_model=answers.DeskFile)
async def get_file(core: CoreDep, actor: ChatActor, session_id: PathId) -> Response:
    """Return labels and notes of a session and its customer."""
    file = await core.read(lambda connection: notebook.read_file(connection, actor, session_id=int(session_id)))
    return json_response(file_view(file))


@router.put("/sessions/{session_id}/labels", response_model=answers.DeskFile)
async def put_session_labels(core: CoreDep, actor: ChatActor, session_id: PathId, body: NewLabels) -> Response:
    """Replace the session's labels."""
    return await _put_labels(core, actor, session_id, "session", body)


@router.put("/sessions/{session_id}/customer-labels", response_model=answers.DeskFile)
async def put_customer_labels(core: CoreDep, actor: ChatActor, session_id: PathId, body: NewLabels) -> Response:
    """Replace the labels of the session's customer."""
    return await _put_labels(core, actor, session_id, "customer", body)


async def _put_labels(core: CoreDep, actor: ChatActor, session_id: str, subject: Subject, body: NewLabels) -> Response:
    def action(unit: Unit) -> Any:
        notebook.put_labels(unit, actor, session_id=int(session_id), subject=subject, labels=body.labels)
        return file_view(notebook.read_file(unit.connection, actor, session_id=int(session_id)))

    return json_response(await core.run(action))


@router.post("/sessions/{session_id}/notes", status_code=201, response_model=answers.DeskFile)
async def add_note(core: CoreDep, actor: ChatActor, session_id: PathId, body: NewNote) -> Response:
    """Write a note on the session's customer."""

    def action(unit: Unit) -> Any:
        notebook.add_note(unit, actor, session_id=int(session_id), text=body.text)
        return file_view(notebook.read_file(unit.connection, actor, session_id=int(session_id)))

    return json_response(await core.run(action), status=201)


@router.delete("/notes/{note_id}", status_code=204)
async def delete_note(core: CoreDep, actor: ChatActor, note_id: PathId) -> Response:
    """Remove a note."""
    await core.run(lambda unit: notebook.delete_note(unit, actor, note_id=int(note_id)))
    return Response(status_code=204)


def _phrase(connection: Connection, phrase_id: int) -> dict[str, Any]:
    row = notebook_store.find_phrase(connection, phrase_id)
    assert row is not None
    return {"phrase": phrase_view(row)}
