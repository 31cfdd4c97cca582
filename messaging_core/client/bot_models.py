"""What the bot's calls answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct


class StoredBotSettings(Struct, frozen=True, kw_only=True):
    """The bot's settings in force; version 0: never set."""

    version: int
    settings: dict[str, Any]
    bot_account_id: str | None = None
    author_id: str | None = None
    at: datetime | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """One reason for a decision; `source` says where it can be looked up."""

    kind: str
    source: str
    text: str
    score: float | None = None
    data: dict[str, Any] | None = None


class TurnMessage(Struct, frozen=True, kw_only=True, gc=False):
    """A message of a turn: the customer's (`person`) or a reply (`bot`), with his thumb `up` or `down`."""

    message_id: str
    origin: str
    seq: int
    feedback: str | None = None


class BotTurn(Struct, frozen=True, kw_only=True):
    """What the bot did with what a customer said, and why: `replied`, `silent` or `handed_off`."""

    id: str
    conversation_id: str
    session_id: str
    customer_id: str
    first_seq: int
    last_seq: int
    outcome: str
    act: str
    reason: str
    settings_version: int
    started_at: datetime
    decided_at: datetime
    committed_at: datetime
    messages: list[TurnMessage]
    evidence: list[Evidence]
    versions: dict[str, str] = {}
    restarts: int = 0
    intent: str | None = None
    confidence: float | None = None
    offer_human: bool = False
    handoff_reason: str | None = None
    summary: str | None = None
    error: str | None = None


class Promise(Struct, frozen=True, kw_only=True, gc=False):
    """A price, date or the like that a reply stated, and the fact it rests on."""

    id: str
    conversation_id: str
    turn_id: str
    message_id: str
    customer_id: str
    kind: str
    fact_id: str
    fact_version: str
    value: str
    said: str
    at: datetime


class Question(Struct, frozen=True, kw_only=True):
    """A question of the FAQ that may be asked next."""

    id: str
    question: str


class Reply(Struct, frozen=True, kw_only=True):
    """A message that the bot would send."""

    kind: str
    v: int
    body: dict[str, Any]


class Preview(Struct, frozen=True, kw_only=True):
    """What the bot would do; nothing was sent or stored."""

    act: str
    reason: str
    replies: list[Reply]
    evidence: list[Evidence]
    took_ms: float
    versions: dict[str, str] = {}
    intent: str | None = None
    confidence: float | None = None
    handoff_reason: str | None = None
    offer_human: bool = False
    error: str | None = None


class BotSummary(Struct, frozen=True, kw_only=True):
    """What an agent should know at once; `turn_id`, `reason` and `at` are None when the bot called nobody."""

    conversation_id: str
    session_id: str
    turn_id: str | None = None
    reason: str | None = None
    summary: str = ""
    at: datetime | None = None
    slots: dict[str, str] = {}
    products: list[str] = []
    orders: list[str] = []
