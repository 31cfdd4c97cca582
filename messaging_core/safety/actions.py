"""What can be done at the risk desk: report somebody, appeal, decide. Every decision is a reviewer's, and recorded."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from messaging_core.conversations import store as conversations
from messaging_core.delivery import pending, pending_store
from messaging_core.errors import CoreError, forbidden, invalid, not_found
from messaging_core.identity.policy import Actor, check_operator
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store as messages
from messaging_core.safety import cases_store, credit, store

Verdict = Literal["release", "confirm", "dismiss", "made_up", "ban", "grant", "reject"]
VERDICTS: dict[str, tuple[Verdict, ...]] = {
    "held": ("release", "confirm", "ban"),
    "report": ("confirm", "dismiss", "made_up", "ban"),
    "appeal": ("grant", "reject"),
}
CONTEXT = 20
_TWICE_WITHIN_US = 24 * 3600 * 1_000_000


def report(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    account_id: int,
    reason: str,
    text: str,
    message_ids: list[int],
) -> int:
    """Report somebody of a conversation; the case keeps what was said last, as the reporter saw it.

    Who reports the same person again within a day adds nothing: `already_exists`.
    """
    if actor.is_machine:
        raise forbidden("personal_only")
    own = conversations.find_member(unit.connection, conversation_id, actor.account_id)
    if own is None:
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
    target = conversations.find_member(unit.connection, conversation_id, account_id)
    if target is None or account_id == actor.account_id:
        raise not_found("account")
    if cases_store.has_reported(
        unit.connection, reporter_id=actor.account_id, account_id=account_id, since_us=unit.now_us - _TWICE_WITHIN_US
    ):
        raise CoreError("already_exists", what="report")
    before_seq = own.left_seq + 1 if own.left_seq is not None else 2**62
    said = messages.list_before(
        unit.connection, conversation_id, before_seq=before_seq, from_seq=own.visible_from, limit=CONTEXT
    )
    context = [msgspec.json.decode(raw) for raw in reversed(said)]
    marked = [str(id_) for id_ in message_ids]
    data = {"reason": reason, "text": text, "marked": marked, "context": context}
    case_id = _open(
        unit,
        kind="report",
        rule=reason,
        account_id=account_id,
        opened_by=actor.account_id,
        conversation_id=conversation_id,
        enterprise_id=own.enterprise_id,
        data=data,
    )
    cases_store.insert_report(
        unit.connection,
        id=unit.new_id(),
        case_id=case_id,
        reporter_id=actor.account_id,
        account_id=account_id,
        conversation_id=conversation_id,
        at=unit.now_us,
    )
    credit.freeze_if_due(unit, account_id, case_id=case_id)
    return case_id


def appeal_sanction(unit: Unit, actor: Actor, *, sanction_id: int, text: str) -> int:
    """Ask a reviewer to look at a sanction of one's own again; once for each."""
    row = store.find_sanction(unit.connection, sanction_id)
    if row is None or row.account_id != actor.account_id or row.shadow:
        raise not_found("sanction")
    if row.overturned_at is not None or cases_store.find_of(unit.connection, sanction_id=sanction_id, kind="appeal"):
        raise CoreError("already_exists", what="appeal")
    return _open(
        unit,
        kind="appeal",
        rule=row.rule,
        account_id=actor.account_id,
        opened_by=actor.account_id,
        sanction_id=sanction_id,
        data={"text": text, "first_case": str(row.case_id) if row.case_id is not None else None},
    )


def appeal_ban(unit: Unit, actor: Actor, *, text: str) -> int:
    """Ask a reviewer to look again at one's own ban on the platform; `not_found` when there is none."""
    rows = store.list_sanctions(unit.connection, actor.account_id)
    ban = next((row for row in rows if row.rule == "level_3" and row.overturned_at is None), None)
    if ban is None:
        raise not_found("sanction")
    return appeal_sanction(unit, actor, sanction_id=ban.id, text=text)


def appeal_message(unit: Unit, actor: Actor, *, conversation_id: int, client_msg_id: str, text: str) -> int:
    """Ask a reviewer to look again at a message of one's own that was refused after it was held; once."""
    row = pending_store.find_by_key(
        unit.connection, conversation_id=conversation_id, sender_id=actor.account_id, client_msg_id=client_msg_id
    )
    if row is None or row.status != "refused":
        raise not_found("pending")
    if cases_store.find_of(unit.connection, pending_id=row.id, kind="appeal"):
        raise CoreError("already_exists", what="appeal")
    return _open(
        unit,
        kind="appeal",
        rule=row.rule,
        account_id=actor.account_id,
        opened_by=actor.account_id,
        conversation_id=conversation_id,
        enterprise_id=row.enterprise_id,
        pending_id=row.id,
        data={"text": text},
    )


def recall_pending(unit: Unit, actor: Actor, *, conversation_id: int, client_msg_id: str) -> None:
    """Take back a message of one's own that waits; a reviewer has nothing to look at any more."""
    row = pending.recall(unit, actor, conversation_id=conversation_id, client_msg_id=client_msg_id)
    case = cases_store.find_of(unit.connection, pending_id=row.id, kind="held")
    if case is not None and case.state == "open":
        cases_store.close_case(unit.connection, case.id, state="withdrawn", decided_at=unit.now_us)


def decide(unit: Unit, actor: Actor, *, case_id: int, verdict: Verdict, note: str) -> None:
    """Write a reviewer's verdict and do what follows from it; a case is decided once."""
    check_operator(actor)
    found = cases_store.find_case(unit.connection, case_id)
    if found is None:
        raise not_found("case")
    # The conversation first, as everywhere: a send holds it before it looks at what waits.
    waiting = pending.find_locked(unit, found.pending_id) if found.pending_id is not None else None
    case = cases_store.lock_case(unit.connection, case_id)
    assert case is not None
    if case.state != "open":
        raise CoreError("wrong_state", state=case.state, action="decide")
    if verdict not in VERDICTS[case.kind]:
        raise invalid("wrong_choice", "verdict", limit=", ".join(VERDICTS[case.kind]))
    if case.account_id == actor.account_id:
        raise forbidden("own_case")
    cases_store.close_case(
        unit.connection,
        case_id,
        state="decided",
        verdict=verdict,
        note=note,
        decided_at=unit.now_us,
        decided_by=actor.account_id,
    )
    if case.kind == "held":
        _decide_held(unit, actor, case, waiting, verdict)
    elif case.kind == "appeal":
        _decide_appeal(unit, actor, case, waiting, verdict)
    elif verdict == "made_up" and case.opened_by is not None:
        points = unit.tools.settings.safety.credit_false_report
        credit.enter(unit, case.opened_by, points, reason="false_report", case_id=case_id)
    if verdict in ("confirm", "ban"):
        credit.confirm_violation(unit, case.account_id, case_id=case_id)
    if verdict == "ban":
        credit.ban(unit, case.account_id, case_id=case_id)


def label_shadow(unit: Unit, actor: Actor, *, sanction_id: int, right: bool) -> None:
    """Say whether a rule in shadow mode would have been right about somebody; its false positives come of it."""
    check_operator(actor)
    row = store.find_sanction(unit.connection, sanction_id)
    if row is None or not row.shadow:
        raise not_found("sanction")
    store.label(unit.connection, sanction_id, by_id=actor.account_id, overturned_at=None if right else unit.now_us)


def _decide_held(
    unit: Unit, actor: Actor, case: cases_store.CaseRow, waiting: pending_store.PendingRow | None, verdict: Verdict
) -> None:
    """Let the message go or refuse it; either way it counts for the rule's rate of false alarms."""
    sanction = store.sanction(unit, case.account_id, case.rule, episode=case.id, case_id=case.id)
    if verdict == "release":
        sanction |= {"overturned_at": unit.now_us, "overturned_by": actor.account_id}
    store.note_sanctions(unit.connection, [sanction])
    if waiting is None or waiting.status != "held":
        return
    if verdict == "release":
        pending.release(unit, waiting)
    else:
        pending.refuse(unit, waiting, rule=case.rule)


def _decide_appeal(
    unit: Unit, actor: Actor, case: cases_store.CaseRow, waiting: pending_store.PendingRow | None, verdict: Verdict
) -> None:
    """Grant it: the sanction was an error, or the message goes after all."""
    if verdict != "grant":
        return
    if case.sanction_id is not None:
        credit.overturn(unit, case.sanction_id, by_id=actor.account_id, case_id=case.id)
    if waiting is not None and waiting.status == "refused":
        held = cases_store.find_of(unit.connection, pending_id=waiting.id, kind="held")
        if held is not None:
            store.overturn_of_case(unit.connection, held.id, by_id=actor.account_id, now_us=unit.now_us)
            credit.give_back(unit, held.id, appeal_id=case.id)
        pending.release(unit, waiting)


def _open(unit: Unit, *, kind: str, rule: str, account_id: int, data: dict[str, Any], **values: object) -> int:
    case_id = unit.new_id()
    row: dict[str, object] = {
        "id": case_id,
        "kind": kind,
        "state": "open",
        "rule": rule,
        "account_id": account_id,
        "opened_by": None,
        "conversation_id": None,
        "enterprise_id": None,
        "pending_id": None,
        "sanction_id": None,
        "data": msgspec.json.encode(data).decode(),
        "opened_at": unit.now_us,
        "decided_at": None,
        "decided_by": None,
        "verdict": None,
        "note": "",
    }
    cases_store.insert_cases(unit.connection, [row | values])
    return case_id
