"""The kinds of faults that a run counts, and the collection of those that were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

_EXAMPLES = 8


class Fault(StrEnum):
    """What must never happen; the text says what is counted."""

    LOST = "lost"
    UNSEEN = "unseen"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    PHANTOM = "phantom"
    GAP = "gap"
    LEAKED = "leaked"
    UNREAD = "unread"
    MEMBERSHIP = "membership"
    UNSETTLED = "unsettled"
    LIED = "lied"
    BROKEN = "broken"
    UNTURNED = "unturned"
    OUTCOME = "outcome"


MEANING: Mapping[Fault, str] = {
    Fault.LOST: "acknowledged, but not stored",
    Fault.UNSEEN: "stored, but a member (live, or fresh from seq 0) did not get it",
    Fault.DOUBLED: "a client_msg_id stored twice, or a seq told twice",
    Fault.REORDERED: "stored in another order than sent, or told out of order",
    Fault.PHANTOM: "told, but not stored so; acknowledged with other numbers; refused, but stored",
    Fault.GAP: "a seq or msg_no left out, in the store, at a client or on the wire",
    Fault.LEAKED: "told to somebody who was not a member then",
    Fault.UNREAD: "unread or read cursor not exact",
    Fault.MEMBERSHIP: "list of members differs from the log, or from what was confirmed",
    Fault.UNSETTLED: "neither acknowledged nor refused in the end",
    Fault.LIED: "acknowledged, ready or refused when the truth was otherwise",
    Fault.BROKEN: "a client that ended, or an error in the server's log",
    Fault.UNTURNED: "a customer's message that no bot turn has, or that two have",
    Fault.OUTCOME: "a bot turn without its one outcome: a reply missing, doubled, of no turn, or a handoff unseen",
}


class Findings:
    """Counts of faults, with the first few of each kind in words."""

    def __init__(self) -> None:
        self._counts: Counter[Fault] = Counter()
        self.examples: dict[Fault, list[str]] = {}

    def note(self, fault: Fault, words: str, *, count: int = 1) -> None:
        """Count a fault."""
        if count <= 0:
            return
        self._counts[fault] += count
        known = self.examples.setdefault(fault, [])
        if len(known) < _EXAMPLES:
            known.append(words)

    def take(self, other: Findings) -> None:
        """Add what somebody else found."""
        self._counts.update(other._counts)
        for fault, words in other.examples.items():
            known = self.examples.setdefault(fault, [])
            known += words[: _EXAMPLES - len(known)]

    @property
    def counts(self) -> dict[str, int]:
        """Return the count of every kind, zeros included."""
        return {fault.value: self._counts[fault] for fault in Fault}

    @property
    def total(self) -> int:
        """Return how many faults were found."""
        return self._counts.total()
