"""What gathering found for one wish: an answer in words with the facts behind them, a question back, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.decision import Act, Evidence
from bot.dialogue.state import Choice, Pending, Sizes

PromiseKind = Literal["price", "discount", "date", "refund", "stock", "fee", "policy"]
HandoffReason = Literal["human_wish", "complaint", "anger", "misses", "loop", "error", "intent", "hours", "settings"]


@dataclass(frozen=True, slots=True)
class Promise:
    """A number or date that the words state, and the fact it rests on; `said` is its wording."""

    kind: PromiseKind
    fact_id: str
    fact_version: str
    value: str
    said: str


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome for one wish. `key` names the answer (`faq:ship_weekend`) so that a repetition is seen.

    `grounds` are the texts whose numbers the answer may state. `cards` are bodies of product cards. `missed` says
    that nothing was found. `sizes`, `slots`, `products` and `orders` go into the memory.
    """

    reason: str
    key: str
    text: str = ""
    act: Act = "reply"
    evidence: tuple[Evidence, ...] = ()
    promises: tuple[Promise, ...] = ()
    grounds: tuple[str, ...] = ()
    cards: tuple[Mapping[str, Any], ...] = ()
    choices: tuple[Choice, ...] = ()
    pending: Pending | None = None
    hand_off: HandoffReason | None = None
    offer_human: bool = False
    missed: bool = False
    sizes: Sizes | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
