"""What agents keep for themselves and each other: quick phrases, labels, notes. Customers never see it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from messaging_core.desk import notebook_store, store
from messaging_core.desk.agents import check_serves
from messaging_core.desk.notebook_store import Subject
from messaging_core.errors import forbidden, invalid, not_found
from messaging_core.identity.policy import Actor, check_manages
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit

LABELS_A_SUBJECT = 20
PHRASES_AN_OWNER = 200


@dataclass(slots=True, frozen=True)
class File:
    """What the desk knows of a session and its customer."""

    session: store.SessionRow
    session_labels: list[str]
    customer_labels: list[str]
    notes: list[AnyRow]
    known_labels: list[str]


def read_file(connection: Connection, actor: Actor, *, session_id: int) -> File:
    """Return labels and notes of a session and its customer."""
    session = _get_session(connection, actor, session_id)
    enterprise_id = session.enterprise_id
    return File(
        session=session,
        session_labels=notebook_store.list_labels(connection, enterprise_id, "session", session.id),
        customer_labels=notebook_store.list_labels(connection, enterprise_id, "customer", session.customer_id),
        notes=notebook_store.list_notes(connection, enterprise_id, session.customer_id),
        known_labels=notebook_store.list_known_labels(connection, enterprise_id),
    )


def put_labels(unit: Unit, actor: Actor, *, session_id: int, subject: Subject, labels: list[str]) -> None:
    """Replace the labels of a session, or of its customer."""
    session = _get_session(unit.connection, actor, session_id)
    wanted = list(dict.fromkeys(label.strip() for label in labels))
    if len(wanted) > LABELS_A_SUBJECT:
        raise invalid("too_long", "labels", limit=LABELS_A_SUBJECT)
    enterprise_id = session.enterprise_id
    subject_id = session.id if subject == "session" else session.customer_id
    present = notebook_store.list_labels(unit.connection, enterprise_id, subject, subject_id)
    for label in present:
        if label not in wanted:
            notebook_store.remove_label(unit.connection, enterprise_id, subject, subject_id, label)
    for label in wanted:
        if label not in present:
            notebook_store.add_label(
                unit.connection,
                enterprise_id,
                subject,
                subject_id,
                label,
                by_id=actor.account_id,
                at_us=unit.now_us,
            )


def add_note(unit: Unit, actor: Actor, *, session_id: int, text: str) -> int:
    """Write a note on a session's customer and return its id."""
    session = _get_session(unit.connection, actor, session_id)
    note_id = unit.new_id()
    notebook_store.insert_note(
        unit.connection,
        id=note_id,
        enterprise_id=session.enterprise_id,
        customer_id=session.customer_id,
        author_id=actor.account_id,
        text=text.strip(),
        at=unit.now_us,
    )
    return note_id


def delete_note(unit: Unit, actor: Actor, *, note_id: int) -> None:
    """Remove one's note; managers remove anybody's."""
    note = notebook_store.find_note(unit.connection, note_id)
    if note is None or not actor.serves(note.enterprise_id):
        raise not_found("note")
    if note.author_id != actor.account_id:
        check_manages(actor, note.enterprise_id)
    notebook_store.delete_note(unit.connection, note_id)


def add_phrase(unit: Unit, actor: Actor, *, title: str, text: str, shared: bool) -> int:
    """Add a phrase of one's own, or for all (managers), and return its id."""
    enterprise_id = check_serves(actor)
    if shared:
        check_manages(actor, enterprise_id)
    owner_id = None if shared else actor.account_id
    present = notebook_store.list_phrases(unit.connection, enterprise_id, owner_id=actor.account_id)
    if sum(row.owner_id == owner_id for row in present) >= PHRASES_AN_OWNER:
        raise invalid("too_big", "phrases", limit=PHRASES_AN_OWNER)
    phrase_id = unit.new_id()
    notebook_store.insert_phrase(
        unit.connection,
        id=phrase_id,
        enterprise_id=enterprise_id,
        owner_id=owner_id,
        title=title.strip(),
        text=text,
        created_at=unit.now_us,
    )
    return phrase_id


def change_phrase(unit: Unit, actor: Actor, *, phrase_id: int, title: str, text: str) -> None:
    """Reword a phrase."""
    _check_owns(unit.connection, actor, phrase_id)
    notebook_store.update_phrase(unit.connection, phrase_id, title=title.strip(), text=text)


def delete_phrase(unit: Unit, actor: Actor, *, phrase_id: int) -> None:
    """Remove a phrase."""
    _check_owns(unit.connection, actor, phrase_id)
    notebook_store.delete_phrase(unit.connection, phrase_id)


def _check_owns(connection: Connection, actor: Actor, phrase_id: int) -> None:
    phrase = notebook_store.find_phrase(connection, phrase_id)
    if phrase is None or not actor.serves(phrase.enterprise_id):
        raise not_found("phrase")
    if phrase.owner_id is None:
        if not actor.manages(phrase.enterprise_id):
            raise forbidden("admin_only")
    elif phrase.owner_id != actor.account_id:
        raise not_found("phrase")


def _get_session(connection: Connection, actor: Actor, session_id: int) -> store.SessionRow:
    session = store.find_session(connection, session_id)
    if session is None or not actor.serves(session.enterprise_id):
        raise not_found("session")
    return session
