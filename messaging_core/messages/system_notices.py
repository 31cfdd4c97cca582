"""Notices of the messenger to people: each has one line with the system, in which nobody but the system speaks.

One person is told in the transaction of the command. The staff of an enterprise are told by a durable job, a page of
them at a time; a notice has one `client_msg_id` everywhere, so nobody is told twice, whatever is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from messaging_core.conversations.actions import open_system_line
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity import logins_store, store
from messaging_core.identity.policy import Actor, check_operator
from messaging_core.kernel.jobs import Job, schedule
from messaging_core.kernel.unit import Unit
from messaging_core.messages.actions import send_batch
from messaging_core.messages.model import SendRequest

log = structlog.get_logger("kefu.notices")
TELL = "notice.tell"
"""The kind of the job that tells an enterprise's staff."""
_PAGE = 50


@dataclass(slots=True, frozen=True)
class Told:
    """A notice that was taken: its id, and how many people it is for."""

    id: int
    recipients: int


def tell_person(unit: Unit, actor: Actor, *, body: bytes, account_id: int | None = None, login: str = "") -> Told:
    """Tell one person, by account or by log-in name; `not_found` for whoever is no person."""
    _check_system(actor)
    if account_id is None:
        row = logins_store.find_login(unit.connection, login)
        account_id = row.account_id if row is not None else 0
    account = store.find_account(unit.connection, account_id)
    if account is None or account.kind != "personal":
        raise not_found("account")
    notice_id = unit.new_id()
    for refusal in _send(unit, actor, notice_id, body, [account_id]):
        raise refusal
    return Told(notice_id, 1)


def tell_staff(unit: Unit, actor: Actor, *, body: bytes, enterprise_id: int) -> Told:
    """Have everybody told who works for an enterprise."""
    _check_system(actor)
    account = store.find_account(unit.connection, enterprise_id)
    if account is None or account.kind != "enterprise":
        raise not_found("account")
    notice_id = unit.new_id()
    _schedule(unit, actor, notice_id, body, enterprise_id=enterprise_id, after_id=0)
    return Told(notice_id, store.count_staff(unit.connection, enterprise_id))


def tell_page(unit: Unit, job: Job) -> None:
    """Tell the next page of an enterprise's staff, and have the one after it told; whoever cannot be told is logged."""
    told = job.payload
    actor = Actor(int(told["system_id"]), "system", "")
    notice_id, enterprise_id, body = int(told["notice_id"]), int(told["enterprise_id"]), str(told["body"]).encode()
    after_id = int(told["after_id"])
    people = store.list_staff_ids(unit.connection, enterprise_id, after_id=after_id, limit=_PAGE)
    for refusal in _send(unit, actor, notice_id, body, people):
        log.warning("notice.not_told", notice_id=notice_id, enterprise_id=enterprise_id, code=refusal.code)
    if len(people) == _PAGE:
        _schedule(unit, actor, notice_id, body, enterprise_id=enterprise_id, after_id=people[-1])


def _check_system(actor: Actor) -> None:
    """Refuse everybody but the system's own account: a notice comes from the messenger, not from a person."""
    check_operator(actor)
    if actor.kind != "system":
        raise forbidden("system_only")


def _send(unit: Unit, actor: Actor, notice_id: int, body: bytes, people: list[int]) -> list[CoreError]:
    """Say it in each one's line with the system; return the refusals."""
    requests = [
        SendRequest(
            actor=actor,
            conversation_id=open_system_line(unit, system_id=actor.account_id, account_id=account_id),
            client_msg_id=f"notice:{notice_id}",
            kind="system_notice",
            v=1,
            body=body,
            settle=lambda _request, _outcome: None,
        )
        for account_id in people
    ]
    return [outcome for outcome in send_batch(unit, requests) if isinstance(outcome, CoreError)] if requests else []


def _schedule(unit: Unit, actor: Actor, notice_id: int, body: bytes, *, enterprise_id: int, after_id: int) -> None:
    schedule(
        unit,
        kind=TELL,
        run_at_us=unit.now_us,
        payload={
            "notice_id": str(notice_id),
            "system_id": str(actor.account_id),
            "enterprise_id": str(enterprise_id),
            "after_id": str(after_id),
            "body": body.decode(),
        },
        enterprise_id=enterprise_id,
    )
