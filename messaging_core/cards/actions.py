"""What can be done with cards, each in one transaction."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from messaging_core.cards import policy, store
from messaging_core.conversations import store as conversations
from messaging_core.conversations.reading import check_reader
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages.kinds.card import Button, Card
from messaging_core.messages.reading_store import find_message


def press(unit: Unit, actor: Actor, *, conversation_id: int, seq: int, key: str) -> Button:
    """Return what a button does, and note that the actor has pressed it; a dead one is refused."""
    button, enterprise_id = _find_button(unit.connection, actor, conversation_id, seq, key)
    policy.check_alive(button, now_us=unit.now_us)
    _note(unit, actor, conversation_id, seq, key, enterprise_id)
    return button


def leave_details(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    seq: int,
    key: str,
    answers: dict[str, str],
    consent: bool,
) -> int:
    """Keep what a person leaves with a form, with the words he agreed to and when; return the lead's id.

    The same once more changes nothing, something else is refused: it can be withdrawn and left anew.
    """
    button, enterprise_id = _find_button(unit.connection, actor, conversation_id, seq, key)
    if button.form is None or enterprise_id is None:
        raise invalid("wrong_choice", "body.button", limit="form")
    policy.check_alive(button, now_us=unit.now_us)
    kept = msgspec.json.encode(policy.check_answers(button.form, answers, consent=consent)).decode()
    known = store.find_own_lead(
        unit.connection, conversation_id=conversation_id, seq=seq, button=key, account_id=actor.account_id
    )
    if known is not None:
        if known.answers != kept:
            raise CoreError("already_exists", what="lead")
        return int(known.id)
    _note(unit, actor, conversation_id, seq, key, enterprise_id)
    lead_id = unit.new_id()
    store.insert_lead(
        unit.connection,
        id=lead_id,
        enterprise_id=enterprise_id,
        conversation_id=conversation_id,
        seq=seq,
        button=key,
        account_id=actor.account_id,
        answers=kept,
        consent=button.form.consent,
        consented_at=unit.now_us,
    )
    return lead_id


def withdraw(unit: Unit, actor: Actor, *, lead_id: int) -> None:
    """Forget a lead: the right of who left it, and of the enterprise's managers."""
    lead = store.find_lead(unit.connection, lead_id)
    if lead is None or not (lead.account_id == actor.account_id or actor.manages(lead.enterprise_id)):
        raise not_found("lead")
    store.delete_lead(unit.connection, lead_id)


def _find_button(
    connection: Connection, actor: Actor, conversation_id: int, seq: int, key: str
) -> tuple[Button, int | None]:
    """Return a button of a card that the actor may read, locked against others' presses, and whose card it is."""
    from_seq, _ = check_reader(connection, actor, conversation_id)
    conversation = conversations.lock(connection, conversation_id)
    assert conversation is not None
    row = find_message(connection, conversation_id, seq, viewer=actor.account_id)
    if row is None or seq < from_seq or row.deleted_seq is not None or row.kind != "card":
        raise not_found("message")
    return policy.find_button(msgspec.json.decode(row.body, type=Card), key), conversation.enterprise_id


def _note(unit: Unit, actor: Actor, conversation_id: int, seq: int, key: str, enterprise_id: int | None) -> None:
    store.note_press(
        unit.connection,
        conversation_id=conversation_id,
        seq=seq,
        button=key,
        account_id=actor.account_id,
        enterprise_id=enterprise_id,
        at=unit.now_us,
    )
