"""The guard of classes: what offers goods unprompted is marketing, which has its hours and needs consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from messaging_core.delivery import classes
from messaging_core.delivery import marketing_store as store
from messaging_core.errors import ruled_out
from messaging_core.kernel.unit import Unit
from messaging_core.messages.guards import Candidate, Wait
from messaging_core.safety.policy import Ring, business_day, day_start, zone_of


class MarketingGuard:
    """Decides the class of what an enterprise sends; reads nothing unless goods are offered."""

    at_delivery = True

    def __init__(self, unit: Unit, recipients: dict[int, Any]) -> None:
        self._now_us = unit.now_us
        self._rules = unit.tools.settings.marketing
        self._recipients = recipients
        self._spoke: set[int] = set()
        self._days: dict[tuple[int, int], tuple[int, int]] = {}
        """(enterprise, recipient) -> day, delivered."""

    @classmethod
    def load(cls, unit: Unit, candidates: Sequence[Candidate]) -> MarketingGuard | None:
        """Return the guard when something in the batch is an enterprise's offer or the system's word."""
        offers = [one.request.conversation_id for one in candidates if _offers(one)]
        system = any(one.origin == "system" for one in candidates)
        if not offers and not system:
            return None
        return cls(unit, store.find_recipients(unit.connection, sorted(set(offers))) if offers else {})

    def judge(self, candidate: Candidate) -> Wait | None:
        """Queue marketing in quiet hours; refuse what nobody has asked for, and the second of a day."""
        request, offers = candidate.request, _offers(candidate)
        row = self._recipients.get(request.conversation_id) if offers else None
        prompted = row is None or self._is_prompted(candidate, row)
        candidate.message_class = classes.decide_class(
            origin=candidate.origin, from_enterprise=offers, offers=offers, prompted=prompted
        )
        if candidate.message_class != "marketing":
            return None
        assert row is not None
        zone = zone_of(row.time_zone)
        if row.role == "customer" and not row.opted_in:
            raise ruled_out("marketing_opt_in")
        if classes.is_quiet(self._now_us, zone, self._rules):
            until_us = classes.release_at(self._now_us, zone, self._rules, key=_key(candidate))
            return Wait("queued", "quiet_hours", until_us)
        day = business_day(self._now_us, zone)
        delivered = self._delivered(candidate, row, day)
        if delivered < self._rules.per_day:
            return None
        tomorrow_us = day_start(day + 1, zone)
        if request.released:  # it was promised for the morning, and another was faster
            return Wait("queued", "marketing_per_day", self._first_hour(tomorrow_us, zone, _key(candidate)))
        unlock_at_us = self._first_hour(tomorrow_us, zone, 0)
        raise ruled_out("marketing_per_day", limit=self._rules.per_day, used=delivered, unlock_at_us=unlock_at_us)

    def accepted(self, candidate: Candidate) -> None:
        """Count a marketing message; hear what a customer says within the batch."""
        conversation_id = candidate.request.conversation_id
        if candidate.row.role == "customer":
            self._spoke.add(conversation_id)
        if candidate.message_class != "marketing":
            return
        row = self._recipients[conversation_id]
        day = business_day(self._now_us, zone_of(row.time_zone))
        self._days[_recipient(candidate, row)] = (day, self._delivered(candidate, row, day) + 1)

    def write(self, unit: Unit) -> None:
        """Write what today has brought to whom."""
        if self._days:
            store.put_days(
                unit.connection,
                [
                    {"enterprise_id": enterprise_id, "recipient_id": recipient_id, "day": day, "delivered": delivered}
                    for (enterprise_id, recipient_id), (day, delivered) in self._days.items()
                ],
            )

    def _is_prompted(self, candidate: Candidate, row: Any) -> bool:
        if row.role == "owner":  # in a group only an answer to a member is one
            return candidate.request.quote.reply_to is not None
        if candidate.request.conversation_id in self._spoke:
            return True
        return classes.is_prompted(
            last_said_us=Ring(bytes(row.recent or b"")).last(), now_us=self._now_us, rules=self._rules
        )

    def _delivered(self, candidate: Candidate, row: Any, day: int) -> int:
        seen = self._days.get(_recipient(candidate, row), (row.day, row.delivered))
        return int(seen[1]) if seen[0] == day else 0

    def _first_hour(self, at_us: int, zone: Any, key: int) -> int:
        if not classes.is_quiet(at_us, zone, self._rules):
            return at_us
        return classes.release_at(at_us, zone, self._rules, key=key)


def _offers(candidate: Candidate) -> bool:
    request = candidate.request
    enterprise_id = candidate.row.enterprise_id
    if enterprise_id is None or candidate.origin == "system":
        return False
    speaks_for_it = candidate.origin in ("agent", "bot") or request.actor.enterprise_id == enterprise_id
    return speaks_for_it and classes.offers_goods(request.kind, request.body)


def _recipient(candidate: Candidate, row: Any) -> tuple[int, int]:
    recipient_id = row.conversation_id if row.role == "owner" else row.account_id
    return int(candidate.row.enterprise_id), int(recipient_id)


def _key(candidate: Candidate) -> int:
    return int(candidate.request.conversation_id)
