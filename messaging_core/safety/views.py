"""What people and reviewers read of safety: one's own standing, a case with its context, the rules in shadow mode."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from kefu.base.clock import DAY_US, SECOND_US, format_time
from messaging_core.delivery import pending_store
from messaging_core.errors import not_found
from messaging_core.identity import store as identity
from messaging_core.messages import reading_store as messages
from messaging_core.safety import cases_store, policy, store
from messaging_core.safety.policy import EMPTY, Sender
from messaging_core.settings import Safety

_CONTEXT = 20
REPORT_DAYS = 30


def standing(connection: Connection, account_id: int, *, now_us: int, rules: Safety) -> dict[str, Any]:
    """Return somebody's score, what he has used of his limits, and what holds him back."""
    row = store.find_standing(connection, account_id)
    sender = store.find_sender(connection, account_id) or Sender(EMPTY)
    score = row.score if row is not None else 100
    zone = policy.zone_of(rules.time_zone)
    day = policy.business_day(now_us, zone)
    frozen = row is not None and row.frozen_until is not None and now_us < row.frozen_until
    return {
        "account_id": str(account_id),
        "score": score,
        "daily": {
            "limit": policy.limit_for(rules.daily_cap, score=score, rules=rules),
            "used": sender.sent_on(day),
            "unlock_at": format_time(policy.day_start(day + 1, zone)),
        },
        "hourly": {
            "limit": policy.limit_for(rules.hourly, score=score, rules=rules),
            "used": sender.ring.count(since_us=now_us - round(rules.window_s * SECOND_US)),
        },
        "frozen_until": format_time(row.frozen_until) if row is not None and frozen else None,
        "banned": row is not None and row.banned_at is not None,
        "sanctions": [_sanction(one) for one in store.list_sanctions(connection, account_id)],
        "credit": [_entry(one) for one in store.list_credit(connection, account_id, before_id=2**62, limit=50)],
    }


def summary_of(row: cases_store.CaseRow) -> dict[str, Any]:
    """Return a case as it stands in the queue."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "state": row.state,
        "rule": row.rule,
        "account": {"id": str(row.account_id), "name": row.account_name or ""},
        "opened_by": {"id": str(row.opened_by), "name": row.opener_name or ""} if row.opened_by is not None else None,
        "conversation_id": str(row.conversation_id) if row.conversation_id is not None else None,
        "enterprise_id": str(row.enterprise_id) if row.enterprise_id is not None else None,
        "sanction_id": str(row.sanction_id) if row.sanction_id is not None else None,
        "opened_at": format_time(row.opened_at),
        "decided_at": format_time(row.decided_at) if row.decided_at is not None else None,
        "verdict": row.verdict,
        "note": row.note,
    }


def appeal_of(row: cases_store.CaseRow) -> dict[str, Any]:
    """Return an appeal as the one who made it sees it: a reviewer's notes stay at the risk desk."""
    return {
        "id": str(row.id),
        "state": row.state,
        "rule": row.rule,
        "text": msgspec.json.decode(row.data)["text"],
        "sanction_id": str(row.sanction_id) if row.sanction_id is not None else None,
        "pending_id": str(row.pending_id) if row.pending_id is not None else None,
        "opened_at": format_time(row.opened_at),
        "decided_at": format_time(row.decided_at) if row.decided_at is not None else None,
        "verdict": row.verdict,
    }


def case(connection: Connection, case_id: int, *, now_us: int, rules: Safety) -> dict[str, Any]:
    """Return all that a reviewer needs to decide: the message, what was found, what was said around it, the person."""
    row = cases_store.find_case(connection, case_id)
    if row is None:
        raise not_found("case")
    data = msgspec.json.decode(row.data)
    message = pending_store.find_pending(connection, row.pending_id) if row.pending_id is not None else None
    context = data.pop("context", None)
    if context is None and row.conversation_id is not None:
        said = messages.list_before(connection, row.conversation_id, before_seq=2**62, from_seq=0, limit=_CONTEXT)
        context = [msgspec.json.decode(raw) for raw in reversed(said)]
    context = context or []
    speakers = {int(one["sender_id"]) for one in context} | {row.account_id}
    names = identity.find_names(connection, sorted(speakers))
    since_us = now_us - policy.report_window_us(rules)
    sanction = store.find_sanction(connection, row.sanction_id) if row.sanction_id is not None else None
    return summary_of(row) | {
        "data": data,
        "message": _message(message) if message is not None else None,
        "context": context,
        "names": {str(id_): name for id_, name in names.items()},
        "reporters": cases_store.count_reporters(connection, row.account_id, since_us=since_us),
        "standing": standing(connection, row.account_id, now_us=now_us, rules=rules),
        "sanction": _sanction(sanction) if sanction is not None else None,
        "history": [summary_of(one) for one in cases_store.list_cases_of(connection, row.account_id, limit=20)],
    }


def rules_report(connection: Connection, *, now_us: int, rules: Safety) -> list[dict[str, Any]]:
    """Return for each rule how it stands, whom it met in the last 30 days, and how often that was an error.

    The rate is overturned / sanctioned; of a rule in shadow mode, of those that a reviewer has looked at.
    """
    found = store.count_by_rule(connection, since_us=now_us - REPORT_DAYS * DAY_US)
    counts = {(row.rule, bool(row.shadow)): row for row in found}
    return [
        {
            "rule": rule,
            "mode": policy.mode_of(rule, rules),
            "acted": _counts(counts.get((rule, False)), shadow=False),
            "shadow": _counts(counts.get((rule, True)), shadow=True),
        }
        for rule in policy.RULES
    ]


def shadow_of(connection: Connection, rule: str, *, before_id: int, limit: int) -> list[dict[str, Any]]:
    """Return whom a rule in shadow mode would have sanctioned, newest first."""
    rows = store.list_shadow(connection, rule=rule, before_id=before_id, limit=limit)
    names = identity.find_names(connection, sorted({row.account_id for row in rows}))
    return [
        _sanction(row)
        | {
            "account": {"id": str(row.account_id), "name": names.get(row.account_id, "")},
            "right": None if row.overturned_by is None else row.overturned_at is None,
        }
        for row in rows
    ]


def _counts(row: Any, *, shadow: bool) -> dict[str, Any]:
    if row is None:
        return {"sanctioned": 0, "people": 0, "reviewed": 0, "overturned": 0, "false_positive_rate": None}
    base = row.reviewed if shadow else row.sanctioned
    return {
        "sanctioned": row.sanctioned,
        "people": row.people,
        "reviewed": row.reviewed,
        "overturned": int(row.overturned or 0),
        "false_positive_rate": policy.false_positive_rate(overturned=int(row.overturned or 0), sanctioned=base),
    }


def _sanction(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "rule": row.rule,
        "hits": row.hits,
        "at": format_time(row.at),
        "ends_at": format_time(row.ends_at) if row.ends_at is not None else None,
        "overturned_at": format_time(row.overturned_at) if row.overturned_at is not None else None,
    }


def _entry(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "delta": row.delta,
        "score": row.score,
        "reason": row.reason,
        "case_id": str(row.case_id) if row.case_id is not None else None,
        "at": format_time(row.at),
    }


def _message(row: Any) -> dict[str, Any]:
    return {
        "client_msg_id": row.client_msg_id,
        "kind": row.kind,
        "v": row.v,
        "body": msgspec.json.decode(row.body),
        "status": row.status,
        "found": msgspec.json.decode(row.found),
        "score": row.score,
        "at": format_time(row.created_at),
    }
