"""What can be done about an enterprise's standing: be verified by a reviewer, accept the terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity import standing_store, store
from messaging_core.identity.policy import Actor, check_operator, check_right
from messaging_core.kernel.unit import Unit

Unlocked = Literal["archive", "words", "export", "desk", "bots", "broadcasts"]
UNLOCKED: tuple[Unlocked, ...] = ("archive", "words", "export", "desk", "bots", "broadcasts")
"""What a verified enterprise (蓝V) may use: cloud archive, own words to screen, export, desk, bots, broadcasts."""


def check_unlocked(account: store.AccountRow, what: Unlocked) -> None:
    """Refuse what only verified enterprises may use."""
    if not account.verified:
        raise forbidden("not_verified", what=what, apply_url=f"/v1/enterprises/{account.id}/verification-requests")


def request_verification(unit: Unit, actor: Actor, *, enterprise_id: int, documents: Sequence[str], note: str) -> int:
    """Ask the platform to verify an enterprise and return the request's id; one at a time."""
    check_right(actor, "verification", enterprise_id)
    account = _enterprise(unit, enterprise_id)
    if account.verified:
        raise CoreError("already_exists", what="verification")
    if standing_store.find_pending(unit.connection, enterprise_id) is not None:
        raise CoreError("already_exists", what="verification_request")
    request_id = unit.new_id()
    standing_store.insert_request(
        unit.connection,
        id=request_id,
        enterprise_id=enterprise_id,
        documents=msgspec.json.encode(list(documents)).decode(),
        note=note,
        requested_by=actor.account_id,
        requested_at=unit.now_us,
        state="pending",
        reason="",
        reviewer_id=None,
        reviewed_at=None,
    )
    return request_id


def decide_verification(unit: Unit, actor: Actor, *, request_id: int, approve: bool, reason: str) -> None:
    """Verify an enterprise or refuse it with a reason; each request is decided once."""
    check_operator(actor)
    request = standing_store.find_request(unit.connection, request_id)
    if request is None:
        raise not_found("verification_request")
    if request.state != "pending":
        raise CoreError("already_decided")
    standing_store.update_request(
        unit.connection,
        request_id,
        state="approved" if approve else "refused",
        reason=reason,
        reviewer_id=actor.account_id,
        reviewed_at=unit.now_us,
    )
    if approve:
        store.update_account(unit.connection, request.enterprise_id, verified=True)


def publish_terms(unit: Unit, actor: Actor, *, text_zh: str, text_en: str) -> int:
    """Put a new version of the terms in force and return its number: every enterprise is asked again."""
    check_operator(actor)
    version = standing_store.current_version(unit.connection) + 1
    standing_store.insert_terms(
        unit.connection,
        version=version,
        text_zh=text_zh,
        text_en=text_en,
        published_by=actor.account_id,
        published_at=unit.now_us,
    )
    return version


def accept_terms(unit: Unit, actor: Actor | None, *, enterprise_id: int, version: int | None = None) -> None:
    """Accept the terms in force for an enterprise. `version` is the one that was read: another is refused.

    `actor` None: the program, which sets up an enterprise of its own (the demo).
    """
    if actor is not None:
        check_right(actor, "accept_terms", enterprise_id)
    _enterprise(unit, enterprise_id)
    current = standing_store.current_version(unit.connection)
    if version is not None and version != current:
        raise CoreError("terms_changed", limit=current, used=version)
    standing_store.insert_acceptance(
        unit.connection,
        enterprise_id=enterprise_id,
        version=current,
        by=actor.account_id if actor is not None else None,
        at_us=unit.now_us,
    )
    store.update_account(unit.connection, enterprise_id, terms_version=current)


def _enterprise(unit: Unit, enterprise_id: int) -> store.AccountRow:
    row = store.find_account(unit.connection, enterprise_id)
    if row is None or row.kind != "enterprise":
        raise not_found("account")
    return row
