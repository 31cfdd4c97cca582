"""What the routes of safety and delivery answer, for `/openapi.json`."""

from __future__ import annotations

from typing import Any, Literal

from messaging_core.transport.answers import Answer, Count, Id, Time


class Used(Answer):
    """What is used of a limit, and when it begins anew."""

    limit: Count
    used: Count
    unlock_at: Time | None = None


class Sanction(Answer):
    """A rule that somebody met; `hits` how often in its episode."""

    id: Id
    rule: str
    hits: Count
    at: Time
    ends_at: Time | None
    overturned_at: Time | None


class CreditEntry(Answer):
    """A reasoned change of a credit score."""

    id: Id
    delta: int
    score: Count
    reason: str
    case_id: Id | None
    at: Time


class Standing(Answer):
    """Somebody's score, his limits and what holds him back."""

    account_id: Id
    score: Count
    daily: Used
    hourly: Used
    frozen_until: Time | None
    banned: bool
    sanctions: list[Sanction]
    credit: list[CreditEntry]


class OneStanding(Answer):
    """Somebody's standing."""

    standing: Standing


class CaseId(Answer):
    """A case that was opened."""

    case_id: Id


class Person(Answer):
    """An account by name."""

    id: Id
    name: str


class CaseSummary(Answer):
    """A case as it stands in the queue."""

    id: Id
    kind: Literal["held", "report", "appeal"]
    state: Literal["open", "decided", "withdrawn"]
    rule: str
    account: Person
    opened_by: Person | None
    conversation_id: Id | None
    enterprise_id: Id | None
    sanction_id: Id | None
    opened_at: Time
    decided_at: Time | None
    verdict: str | None
    note: str


class Cases(Answer):
    """The queue, those that wait longest first, and how many of each kind wait."""

    items: list[CaseSummary]
    next_cursor: str | None
    open: dict[str, Count]


class Appeal(Answer):
    """An own appeal: at a sanction, or (`pending_id`) for a message that was refused after it was held."""

    id: Id
    state: Literal["open", "decided", "withdrawn"]
    rule: str
    text: str
    sanction_id: Id | None
    pending_id: Id | None
    opened_at: Time
    decided_at: Time | None
    verdict: Literal["grant", "reject"] | None


class Appeals(Answer):
    """One's own appeals, newest first."""

    items: list[Appeal]


class HeldMessage(Answer):
    """A message that waits, or was refused, with what was found in it."""

    client_msg_id: str
    kind: str
    v: int
    body: dict[str, Any]
    status: str
    found: list[str]
    score: float | None
    at: Time


class Case(CaseSummary):
    """A case with all that a reviewer needs."""

    data: dict[str, Any]
    message: HeldMessage | None
    context: list[dict[str, Any]]
    names: dict[str, str]
    reporters: Count
    standing: Standing
    sanction: Sanction | None
    history: list[CaseSummary]


class OneCase(Answer):
    """A case."""

    case: Case


class RuleCounts(Answer):
    """Whom a rule met; `false_positive_rate` is overturned / sanctioned."""

    sanctioned: Count
    people: Count
    reviewed: Count
    overturned: Count
    false_positive_rate: float | None


class RuleReport(Answer):
    """How a rule stands and what it did in the last 30 days."""

    rule: str
    mode: Literal["on", "shadow", "off"]
    acted: RuleCounts
    shadow: RuleCounts


class RuleReports(Answer):
    """All rules."""

    items: list[RuleReport]


class ShadowSanction(Sanction):
    """Somebody a rule in shadow mode would have sanctioned; `right` is a reviewer's word."""

    account: Person
    right: bool | None


class ShadowSanctions(Answer):
    """Whom a rule would have sanctioned, newest first."""

    items: list[ShadowSanction]
    next_cursor: str | None


class ListedWord(Answer):
    """A word of an enterprise's own."""

    word: str
    category: str


class Words(Answer):
    """An enterprise's own words."""

    items: list[ListedWord]


class PendingMessage(Answer):
    """A message of one's own that waits, or what became of it."""

    id: Id
    conversation_id: Id
    client_msg_id: str
    kind: str
    v: int
    body: dict[str, Any]
    status: Literal["held", "queued", "refused", "recalled"]
    rule: str
    until: Time | None
    at: Time


class PendingMessages(Answer):
    """One's own messages that wait, newest first."""

    items: list[PendingMessage]
    next_cursor: str | None


class Consent(Answer):
    """Whether somebody wants an enterprise's marketing."""

    enterprise: Person
    opted_in: bool
    at: Time


class Consents(Answer):
    """What one has said to enterprises."""

    items: list[Consent]
