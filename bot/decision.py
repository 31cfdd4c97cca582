"""What the bot does with a turn, and why: replies, evidence, promises, the next state. A value, not yet an act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.dialogue.state import DialogueState

Act = Literal["reply", "clarify", "recommend", "hand_off", "silent"]
EvidenceKind = Literal[
    "utterance", "faq", "fact", "order", "recommendation", "cue", "rule", "threshold", "error", "document"
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a decision, told to agents and trainers.

    `source` names where it comes from and can be opened: `retail_zh/order.yml:12`, `faq:ship_weekend`,
    `fact:MT-1001-02/price`, `order:YC2026...`, `rule:human_wish`, `stage:gather`. `score` runs from 0 to 1.
    """

    kind: EvidenceKind
    source: str
    text: str
    score: float | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """A price, discount, date, refund or stock statement that a reply makes; it goes into the ledger.

    `fact_id` and `fact_version` name what it rests on; `said` is the wording in reply number `reply` (from 0).
    """

    kind: Literal["price", "discount", "date", "refund", "stock", "fee", "policy"]
    fact_id: str
    fact_version: str
    value: str
    said: str
    reply: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to send; `body` has the form of its kind (`text`, `choices`, `product_card`)."""

    kind: str
    body: Mapping[str, Any]
    v: int = 1


@dataclass(frozen=True, slots=True)
class Handoff:
    """Why a human is wanted, and what the agent should know at once; both are shown on the desk."""

    reason: Literal["human_wish", "complaint", "anger", "misses", "loop", "error", "intent", "hours", "settings"]
    summary: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one turn. `silent` has no replies; `hand_off` has a `handoff` and the customer's notice as reply.

    `reason` is a code for reports (`faq`, `fact`, `intent_answer`, `two_close`, `out_of_scope`, `stage_failed` ...).
    `offer_human` says that a reply offers a human without forcing one.
    """

    act: Act
    reason: str
    replies: tuple[Reply, ...]
    state: DialogueState
    evidence: tuple[Evidence, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    handoff: Handoff | None = None
    intent: str | None = None
    confidence: float | None = None
    offer_human: bool = False
    versions: Mapping[str, str] | None = None
    """Which stage implementations and artefacts decided: `{"understand": "hybrid_head.v1", "model": "<hash>"}`."""
