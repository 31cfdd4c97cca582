"""What the bot remembers of a service session from one turn to the next: a value, replaced with every decision."""

from __future__ import annotations

from typing import Any

import msgspec


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer that the bot offered: what its button shows, what a press says, and what it stands for.

    That is an intent, a product (its id) or a FAQ entry (its id), or several of them.
    """

    label: str
    say: str
    intent: str | None = None
    product: str | None = None
    faq: str | None = None


class Pending(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bot asked and waits for: a choice between intents or products, or the value of a slot."""

    kind: str
    """`intent`, `product`, `slot`, or `action`: a yes or no before the shop does something (`intent` names it)."""
    intent: str | None = None
    slot: str | None = None
    """The slot that is asked for; with `action` the order that it is about."""
    choices: tuple[Choice, ...] = ()


class Sizes(msgspec.Struct, frozen=True):
    """The sizes of one product (its id) as they were listed: `skus` in that order."""

    product: str
    skus: tuple[str, ...]


class DialogueState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The memory of one session; JSON in `bot_states`, at most 16 KiB."""

    v: int = 1
    slots: dict[str, str] = {}
    """What the customer has said: product, size, budget, taste, recipient, order id ..."""
    products: tuple[str, ...] = ()
    """Ids of the products last spoken of, the latest first, at most 8."""
    shown: tuple[str, ...] = ()
    """Ids of the goods that were last shown together, in that order: 第二个 is one of them."""
    sizes: Sizes | None = None
    """The sizes that were listed last, of the one product spoken of since: 第二个规格 is one of them."""
    orders: tuple[str, ...] = ()
    """Ids of the orders last spoken of, the latest first, at most 4."""
    pending: Pending | None = None
    misses: int = 0
    """Turns in a row that the bot could not answer."""
    called: int = 0
    """How often the bot called a human in this session because it could not help."""
    failures: int = 0
    """Turns in a row in which a stage failed or was late."""
    last_intents: tuple[str, ...] = ()
    """Intents of the last turns, the latest first, at most 6: a loop is seen here."""
    last_replies: tuple[str, ...] = ()
    """Hashes of the last replies, the latest first, at most 6."""
    back_questions: int = 0
    """How many questions in a row the bot has asked back; two at most."""
    offered_human: bool = False

    def to_json(self) -> bytes:
        """Return the state as JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, raw: bytes | None) -> DialogueState:
        """Return a stored state; None gives a fresh one, an unreadable one (older program) too."""
        if not raw:
            return cls()
        try:
            return msgspec.json.decode(raw, type=cls)
        except msgspec.DecodeError:
            return cls()


def changed(state: DialogueState, **changes: Any) -> DialogueState:
    """Return the state with some fields replaced."""
    return msgspec.structs.replace(state, **changes)
