"""What the bot's routes answer, for `/openapi.json`, and how stored rows become it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field

from bot.decision import Decision
from bot.turns.settings_store import StoredSettings
from kefu.base.clock import format_time
from messaging_core.api import Answer, AnyRow

Id = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$")]


class Settings(Answer):
    """The settings in force; version 0: never set."""

    version: int
    settings: dict[str, Any]
    bot_account_id: Id | None
    author_id: Id | None
    at: Time | None


class Evidence(Answer):
    """One reason for a decision; `source` says where it can be looked up."""

    kind: str
    source: str
    text: str
    score: float | None
    data: dict[str, Any] | None


class TurnMessage(Answer):
    """A message of a turn: the customer's (`person`) or a reply (`bot`), with what the customer thinks of it."""

    message_id: Id
    origin: Literal["person", "bot"]
    seq: int
    feedback: Literal["up", "down"] | None


class Turn(Answer):
    """What the bot did with what a customer said, and why."""

    id: Id
    conversation_id: Id
    session_id: Id
    customer_id: Id
    first_seq: int
    last_seq: int
    outcome: Literal["replied", "silent", "handed_off"]
    act: str
    reason: str
    intent: str | None
    confidence: float | None
    offer_human: bool
    handoff_reason: str | None
    summary: str | None
    versions: dict[str, str]
    settings_version: int
    restarts: int
    started_at: Time
    decided_at: Time
    committed_at: Time
    error: str | None
    messages: list[TurnMessage]
    evidence: list[Evidence]


class OneTurn(Answer):
    """A turn."""

    turn: Turn


class TurnList(Answer):
    """A page of turns, newest first."""

    items: list[Turn]
    next_cursor: Id | None


class Promise(Answer):
    """A price, date or the like that a reply stated to a customer, and the fact it rests on."""

    id: Id
    conversation_id: Id
    turn_id: Id
    message_id: Id
    customer_id: Id
    kind: str
    fact_id: str
    fact_version: str
    value: str
    said: str
    at: Time


class Question(Answer):
    """A question of the FAQ that may be asked next."""

    id: str
    question: str


class Questions(Answer):
    """Questions, the likeliest first."""

    items: list[Question]


class Ledger(Answer):
    """A page of promises, newest first."""

    items: list[Promise]
    next_cursor: Id | None


class Feedback(Answer):
    """What is stored now."""

    message_id: Id
    value: Literal["up", "down", "none"]


class Reply(Answer):
    """A message that the bot would send."""

    kind: str
    v: int
    body: dict[str, Any]


class Preview(Answer):
    """What the bot would do; nothing was sent or stored."""

    act: str
    reason: str
    replies: list[Reply]
    evidence: list[Evidence]
    intent: str | None
    confidence: float | None
    handoff_reason: str | None
    offer_human: bool
    versions: dict[str, str]
    error: str | None
    took_ms: float


class Summary(Answer):
    """What an agent should know at once. `turn_id`, `reason` and `at` are null when the bot called nobody."""

    conversation_id: Id
    session_id: Id
    turn_id: Id | None
    reason: str | None
    summary: str
    at: Time | None
    slots: dict[str, str]
    products: list[str]
    orders: list[str]


def view_settings(stored: StoredSettings) -> dict[str, Any]:
    """Return settings as the wire shows them."""
    return {
        "version": stored.version,
        "settings": msgspec.to_builtins(stored.settings),
        "bot_account_id": _text(stored.bot_account_id),
        "author_id": _text(stored.author_id),
        "at": format_time(stored.at_us) if stored.version else None,
    }


def view_turn(row: AnyRow, *, messages: list[AnyRow], evidence: list[AnyRow], feedback: list[AnyRow]) -> dict[str, Any]:
    """Return a turn as the wire shows it."""
    thumbs = {thumb.message_id: thumb.value for thumb in feedback}
    return {
        **{name: str(getattr(row, name)) for name in ("id", "conversation_id", "session_id", "customer_id")},
        **{name: format_time(getattr(row, name)) for name in ("started_at", "decided_at", "committed_at")},
        **{
            name: getattr(row, name)
            for name in ("first_seq", "last_seq", "outcome", "act", "reason", "intent", "confidence", "offer_human")
        },
        **{name: getattr(row, name) for name in ("handoff_reason", "summary", "settings_version", "restarts", "error")},
        "versions": msgspec.json.decode(row.versions),
        "messages": [
            {
                "message_id": str(one.message_id),
                "origin": one.origin,
                "seq": one.seq,
                "feedback": thumbs.get(one.message_id),
            }
            for one in messages
        ],
        "evidence": [
            {
                "kind": one.kind,
                "source": one.source,
                "text": one.text,
                "score": one.score,
                "data": msgspec.json.decode(one.data) if one.data is not None else None,
            }
            for one in evidence
        ],
    }


_PROMISE_IDS = ("id", "conversation_id", "turn_id", "message_id", "customer_id")


def view_promise(row: AnyRow) -> dict[str, Any]:
    """Return a row of the ledger as the wire shows it."""
    return {
        **{name: str(getattr(row, name)) for name in _PROMISE_IDS},
        **{name: getattr(row, name) for name in ("kind", "fact_id", "fact_version", "value", "said")},
        "at": format_time(row.at),
    }


def view_preview(decision: Decision, *, error: str | None, took_ms: float) -> dict[str, Any]:
    """Return a decision as the wire shows it."""
    return {
        "act": decision.act,
        "reason": decision.reason,
        "replies": [{"kind": reply.kind, "v": reply.v, "body": dict(reply.body)} for reply in decision.replies],
        "evidence": [
            {
                "kind": one.kind,
                "source": one.source,
                "text": one.text,
                "score": one.score,
                "data": dict(one.data) if one.data is not None else None,
            }
            for one in decision.evidence
        ],
        "intent": decision.intent,
        "confidence": decision.confidence,
        "handoff_reason": decision.handoff.reason if decision.handoff is not None else None,
        "offer_human": decision.offer_human,
        "versions": dict(decision.versions or {}),
        "error": error,
        "took_ms": took_ms,
    }


def _text(id_: int | None) -> str | None:
    return str(id_) if id_ is not None else None
