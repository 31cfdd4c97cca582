"""Who was a member of a conversation, from which `seq` to which: read off its log. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.crash.evidence import Line


@dataclass(slots=True)
class Stint:
    """One membership: from the event that began it to the one that ended it; `end` None while it lasts."""

    start: int
    end: int | None = None

    def holds(self, seq: int) -> bool:
        """Return whether the member sees this `seq`."""
        return self.start <= seq and (self.end is None or seq <= self.end)


def owed(stints: Sequence[Stint], *, at: int) -> list[Stint]:
    """Return the memberships that somebody must see to the end who has seen everything up to `at`.

    One that began and ended while its holder was away is not heard of.
    """
    return [stint for stint in stints if stint.end is None or stint.start <= at]


def read_stints(log: Iterable[Line]) -> dict[str, list[Stint]]:
    """Return account -> memberships in order, of those who ever were members."""
    stints: dict[str, list[Stint]] = {}
    for line in log:
        for account_id in line.joined:
            stints.setdefault(account_id, []).append(Stint(line.seq))
        if line.left and line.left in stints:
            stints[line.left][-1].end = line.seq
    return stints
