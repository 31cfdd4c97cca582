"""Credit and sanctions: what a decision of the risk desk does to somebody, and how an error is taken back."""

from __future__ import annotations

from kefu.base.clock import DAY_US
from messaging_core.kernel.unit import Unit
from messaging_core.safety import cases_store, policy, store


def enter(
    unit: Unit, account_id: int, delta: int, *, reason: str, case_id: int | None = None, sanction_id: int | None = None
) -> int:
    """Write a reasoned entry into somebody's credit ledger and return his score."""
    standing = store.lock_standing(unit.connection, account_id)
    score = policy.new_score(standing.score, delta)
    store.insert_credit(
        unit.connection,
        id=unit.new_id(),
        account_id=account_id,
        delta=score - standing.score,
        score=score,
        reason=reason,
        sanction_id=sanction_id,
        case_id=case_id,
        at=unit.now_us,
    )
    store.put_standing(unit.connection, account_id, score=score)
    return score


def confirm_violation(unit: Unit, account_id: int, *, case_id: int) -> None:
    """Take credit for a violation that a human has confirmed, and freeze where enough people have complained."""
    enter(unit, account_id, unit.tools.settings.safety.credit_violation, reason="violation", case_id=case_id)
    freeze_if_due(unit, account_id, case_id=case_id, confirmed=True)


def freeze_if_due(unit: Unit, account_id: int, *, case_id: int, confirmed: bool = False) -> None:
    """Begin level 2 when both of its conditions hold; who is frozen already is not frozen twice."""
    rules = unit.tools.settings.safety
    since_us = unit.now_us - policy.report_window_us(rules)
    confirmed = confirmed or cases_store.has_confirmed(unit.connection, account_id, since_us=since_us)
    reporters = cases_store.count_reporters(unit.connection, account_id, since_us=since_us)
    if not policy.freezes(reporters=reporters, confirmed=confirmed, rules=rules):
        return
    standing = store.lock_standing(unit.connection, account_id)
    if standing.frozen_until is not None and unit.now_us < standing.frozen_until:
        return
    mode = policy.mode_of("level_2", rules)
    if mode == "off":
        return
    until_us = policy.freeze_until(unit.now_us, rules)
    row = store.sanction(
        unit,
        account_id,
        "level_2",
        episode=unit.now_us // DAY_US if mode == "shadow" else unit.new_id(),
        shadow=mode == "shadow",
        ends_at_us=until_us,
        case_id=case_id,
    )
    store.note_sanctions(unit.connection, [row])
    if mode == "on":
        store.put_standing(unit.connection, account_id, frozen_until=until_us)


def ban(unit: Unit, account_id: int, *, case_id: int) -> None:
    """Begin level 3: banned on the whole platform, on the blacklist, with all links closed, until it is overturned."""
    rules = unit.tools.settings.safety
    mode = policy.mode_of("level_3", rules)
    if mode == "off":
        return
    row = store.sanction(
        unit, account_id, "level_3", episode=unit.new_id(), shadow=mode == "shadow", ends_at_us=None, case_id=case_id
    )
    store.note_sanctions(unit.connection, [row])
    if mode == "on":
        enter(unit, account_id, rules.credit_ban, reason="ban", case_id=case_id)
        store.put_standing(unit.connection, account_id, banned_at=unit.now_us)
        unit.banned_accounts.append(account_id)


def overturn(unit: Unit, sanction_id: int, *, by_id: int, case_id: int) -> None:
    """Take a sanction back as an error: its effect ends, its credit returns, and the record says so."""
    row = store.find_sanction(unit.connection, sanction_id)
    if row is None or row.overturned_at is not None:
        return
    store.overturn(unit.connection, sanction_id, by_id=by_id, now_us=unit.now_us)
    if row.shadow:
        return
    if row.rule in ("level_1", "daily_cap"):
        store.forget_sent(unit.connection, row.account_id)
    if row.rule == "level_2":
        store.put_standing(unit.connection, row.account_id, frozen_until=None)
    if row.rule == "level_3":
        store.put_standing(unit.connection, row.account_id, banned_at=None)
    if row.case_id is not None:
        give_back(unit, row.case_id, appeal_id=case_id)


def give_back(unit: Unit, case_id: int, *, appeal_id: int) -> None:
    """Return the credit that a case has cost, once."""
    entries = store.list_credit_of_case(unit.connection, case_id)
    if any(entry.reason == "overturned" for entry in entries):
        return
    for entry in entries:
        if entry.delta < 0:
            enter(unit, entry.account_id, -entry.delta, reason="overturned", case_id=case_id, sanction_id=appeal_id)
