"""The guards that count: standing (level 2 and 3), the daily cap and level 1 between people, the rate in groups."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from messaging_core.errors import CoreError
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Rule, Wait
from messaging_core.safety import policy, store
from messaging_core.safety.policy import Ring, Sender


class Sanctions:
    """The sanctions of a batch: one a person, rule and day, written in one statement."""

    def __init__(self, unit: Unit) -> None:
        self._now_us = unit.now_us
        self._rules = unit.tools.settings.safety
        self._zone = policy.zone_of(self._rules.time_zone)
        self._met: dict[tuple[int, str, bool], int] = {}

    def note(self, candidate: Candidate, refusal: CoreError) -> None:
        """Note a refusal, and raise it unless the rule is only watched, or off."""
        rule = policy.rule_of(refusal)
        mode = policy.mode_of(rule, self._rules)
        if mode == "off":
            return
        key = (candidate.request.actor.account_id, rule, mode == "shadow")
        self._met[key] = self._met.get(key, 0) + 1
        if mode == "on":
            raise refusal

    def write(self, unit: Unit) -> None:
        """Write the sanctions that were met."""
        if not self._met:
            return
        day = policy.business_day(self._now_us, self._zone)
        rows = [
            store.sanction(unit, account_id, rule, episode=day, shadow=shadow, hits=hits)
            for (account_id, rule, shadow), hits in sorted(self._met.items())
        ]
        store.note_sanctions(unit.connection, rows)


class StandingGuard(Rule):
    """Refuses who is frozen or banned. It reads nothing: the standing comes with the request's row."""

    def __init__(self, unit: Unit) -> None:
        self._now_us = unit.now_us
        self._rules = unit.tools.settings.safety

    @classmethod
    def load(cls, unit: Unit, candidates: Sequence[Candidate]) -> StandingGuard | None:
        """Return the guard when somebody in the batch has no clean slate."""
        marked = any(one.row.banned_at is not None or one.row.frozen_until is not None for one in candidates)
        return cls(unit) if marked else None

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse level 3 everywhere; level 2 but for agents, whose customers must not suffer."""
        row = candidate.row
        if candidate.request.actor.is_machine:
            return None
        policy.check_standing(
            frozen_until_us=None if candidate.origin == "agent" else row.frozen_until,
            banned=row.banned_at is not None,
            now_us=self._now_us,
            rules=self._rules,
        )
        return None


class DirectGuard:
    """Daily cap and level 1: what a person sends to persons. One locked row a sender holds all that both rules ask."""

    at_delivery = False  # what was held is counted when it is let go, and judged no more

    def __init__(self, unit: Unit, senders: dict[int, Sender]) -> None:
        self._now_us = unit.now_us
        self._rules = unit.tools.settings.safety
        self._zone: ZoneInfo = policy.zone_of(self._rules.time_zone)
        self._day = policy.business_day(unit.now_us, self._zone)
        self._senders = senders
        self._sanctions = Sanctions(unit)

    @classmethod
    def load(cls, unit: Unit, candidates: Sequence[Candidate]) -> DirectGuard | None:
        """Return the guard when somebody in the batch writes to a person."""
        people = {one.request.actor.account_id: one.row for one in candidates if _is_direct(one)}
        if not people:
            return None
        found = {
            account_id: Sender(Ring(row.sender_ring), row.sender_day, row.sender_count)
            for account_id, row in people.items()
            if row.sender_ring is not None
        }
        if len(found) < len(people):
            found |= store.lock_senders(unit.connection, [id_ for id_ in people if id_ not in found])
        return cls(unit, found)

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse beyond the daily cap and beyond the pace of level 1."""
        if not _is_direct(candidate):
            return None
        sender = self._senders[candidate.request.actor.account_id]
        score = 100 if candidate.row.score is None else candidate.row.score
        try:
            policy.check_daily_cap(sender, day=self._day, zone=self._zone, score=score, rules=self._rules)
        except CoreError as refusal:
            self._sanctions.note(candidate, refusal)
        try:
            policy.check_level_1(sender, now_us=self._now_us, score=score, rules=self._rules)
        except CoreError as refusal:
            self._sanctions.note(candidate, refusal)
        return None

    def accepted(self, candidate: Candidate) -> None:
        """Count the message for its sender; the count is written with the message."""
        if not _is_direct(candidate):
            return
        account_id = candidate.request.actor.account_id
        counted = self._senders[account_id].add(self._now_us, day=self._day, keep=self._rules.hourly)
        self._senders[account_id] = candidate.sender = counted

    def write(self, unit: Unit) -> None:
        """Write the sanctions that were met."""
        self._sanctions.write(unit)


class GroupGuard(Rule):
    """The rate of one member in one group. It reads nothing: his last times come with the request's row."""

    def __init__(self, unit: Unit) -> None:
        self._now_us = unit.now_us
        self._rules = unit.tools.settings.safety
        self._sanctions = Sanctions(unit)

    @classmethod
    def load(cls, unit: Unit, candidates: Sequence[Candidate]) -> GroupGuard | None:
        """Return the guard when somebody in the batch writes to a group."""
        return cls(unit) if any(one.row.conversation_kind == "group" for one in candidates) else None

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse a member who writes faster than the group takes."""
        if candidate.row.conversation_kind != "group" or candidate.request.actor.is_machine:
            return None
        try:
            policy.check_group_rate(candidate.recent, now_us=self._now_us, rules=self._rules)
        except CoreError as refusal:
            self._sanctions.note(candidate, refusal)
        return None

    def write(self, unit: Unit) -> None:
        """Write the sanctions that were met."""
        self._sanctions.write(unit)


def _is_direct(candidate: Candidate) -> bool:
    return candidate.row.conversation_kind == "direct" and candidate.request.actor.kind == "personal"
