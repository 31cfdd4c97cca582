"""The rules against harassment: pure, the clock passed in. Windows are half-open: what is exactly as old is out."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kefu.base.clock import DAY_US, HOUR_US, SECOND_US
from messaging_core.errors import CoreError, ruled_out
from messaging_core.settings import Safety

Rule = Literal[
    "daily_cap", "level_1", "level_2", "level_3", "group_rate", "screening", "enterprise_words", "abuse_score"
]
RULES: tuple[Rule, ...] = (
    "daily_cap",
    "level_1",
    "level_2",
    "level_3",
    "group_rate",
    "screening",
    "enterprise_words",
    "abuse_score",
)
_STAMP = 8
_MS_US = 1_000


class Ring(msgspec.Struct, frozen=True):
    """When the last few messages were accepted, oldest first, 8 bytes each: an exact sliding window at a fixed size."""

    raw: bytes = b""

    def add(self, at_us: int, *, keep: int) -> Ring:
        """Return the ring with one more time, of which the last `keep` stay."""
        return Ring((self.raw + at_us.to_bytes(_STAMP))[-_STAMP * keep :])

    def is_full(self, limit: int, *, since_us: int) -> bool:
        """Return whether `limit` messages were accepted after `since_us`; costs one comparison."""
        place = len(self.raw) - _STAMP * limit
        return place >= 0 and (limit == 0 or int.from_bytes(self.raw[place : place + _STAMP]) > since_us)

    def last(self) -> int | None:
        """Return the newest time."""
        return int.from_bytes(self.raw[-_STAMP:]) if self.raw else None

    def nth_last(self, number: int) -> int:
        """Return the time of the last message but `number - 1`."""
        place = len(self.raw) - _STAMP * number
        return int.from_bytes(self.raw[place : place + _STAMP])

    def count(self, *, since_us: int) -> int:
        """Return how many of those kept came after `since_us`."""
        return sum(self.nth_last(n) > since_us for n in range(1, len(self.raw) // _STAMP + 1))


EMPTY = Ring()


class Sender(msgspec.Struct, frozen=True):
    """What a person has sent to persons directly: the ring of the sliding window, and today's count."""

    ring: Ring = EMPTY
    day: int = 0
    day_count: int = 0

    def sent_on(self, day: int) -> int:
        """Return how many messages were accepted on a business day."""
        return self.day_count if self.day == day else 0

    def add(self, at_us: int, *, day: int, keep: int) -> Sender:
        """Return the counts with one more message."""
        return Sender(self.ring.add(at_us, keep=keep), day, self.sent_on(day) + 1)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database."""
    return ZoneInfo(name)


def business_day(at_us: int, zone: ZoneInfo) -> int:
    """Return the calendar day of a time in a zone, as a day number."""
    return datetime.fromtimestamp(at_us / SECOND_US, zone).toordinal()


def day_start(day: int, zone: ZoneInfo) -> int:
    """Return when a day begins in a zone; where its midnight does not exist, the first moment after it."""
    midnight = datetime.fromordinal(day).replace(tzinfo=zone)
    return round(midnight.astimezone(UTC).timestamp() * SECOND_US)


def limit_for(limit: int, *, score: int, rules: Safety) -> int:
    """Return what is left of a limit for somebody with this credit score."""
    return limit if score >= rules.credit_low else max(1, int(limit * rules.credit_low_share))


def banned(rules: Safety) -> CoreError:
    """Return what whoever is banned on the platform hears at every door: no end, and where to appeal."""
    return CoreError("account_banned", rule="level_3", unlock_at=None, appeal_url=rules.appeal_url)


def check_standing(*, frozen_until_us: int | None, banned: bool, now_us: int, rules: Safety) -> None:
    """Refuse who is banned (level 3) or whose sending is frozen (level 2); receiving is nobody's business here."""
    if banned:
        raise ruled_out("level_3", appeal_url=rules.appeal_url)
    if frozen_until_us is not None and now_us < frozen_until_us:
        raise ruled_out("level_2", unlock_at_us=frozen_until_us, appeal_url=rules.appeal_url)


def check_daily_cap(sender: Sender, *, day: int, zone: ZoneInfo, score: int, rules: Safety) -> None:
    """Refuse one message more than a person may send to persons on one business day."""
    limit = limit_for(rules.daily_cap, score=score, rules=rules)
    used = sender.sent_on(day)
    if used >= limit:
        unlock_at = day_start(day + 1, zone)
        raise ruled_out("daily_cap", limit=limit, used=used, unlock_at_us=unlock_at, appeal_url=rules.appeal_url)


def check_level_1(sender: Sender, *, now_us: int, score: int, rules: Safety) -> None:
    """Refuse more than one message a minute, once more than the limit would lie in the sliding window."""
    limit, window_us = limit_for(rules.hourly, score=score, rules=rules), round(rules.window_s * SECOND_US)
    if not sender.ring.is_full(limit, since_us=now_us - window_us):
        return
    last = sender.ring.last() or 0
    free_at = min(last + round(rules.slow_pace_s * SECOND_US), sender.ring.nth_last(limit) + window_us)
    if now_us < free_at:
        used = sender.ring.count(since_us=now_us - window_us)
        raise ruled_out("level_1", limit=limit, used=used, unlock_at_us=free_at, appeal_url=rules.appeal_url)


def check_group_rate(recent: Ring, *, now_us: int, rules: Safety) -> None:
    """Refuse more messages of one member to one group than its window takes."""
    limit, window_us = rules.group_messages, round(rules.group_window_s * SECOND_US)
    if recent.is_full(limit, since_us=now_us - window_us):
        unlock_at = recent.nth_last(limit) + window_us
        used = recent.count(since_us=now_us - window_us)
        raise ruled_out("group_rate", limit=limit, used=used, unlock_at_us=unlock_at, appeal_url=rules.appeal_url)


def folded_ms(recent: Ring, *, last_us: int, rules: Safety) -> int:
    """Return how long after his last message (`last_us`) a list collapses a sender who writes too fast; 0: not at all.

    It unfolds as the rate falls: when fewer than the limit are left in the window.
    """
    since_us = last_us - round(rules.fold_window_s * SECOND_US)
    if not recent.is_full(rules.fold_messages, since_us=since_us):
        return 0
    return -(-(recent.nth_last(rules.fold_messages) - since_us) // _MS_US)


def folded_until(at_us: int, folded_ms: int) -> int:
    """Return when a conversation unfolds whose last message of the fast sender came at `at_us`; 0: it is not folded."""
    return at_us + folded_ms * _MS_US if folded_ms else 0


def freezes(*, reporters: int, confirmed: bool, rules: Safety) -> bool:
    """Return whether level 2 begins: enough distinct reporters, and a violation that a human has confirmed."""
    return confirmed and reporters >= rules.reporters


def report_window_us(rules: Safety) -> int:
    """Return how long a report counts."""
    return rules.report_days * DAY_US


def freeze_until(now_us: int, rules: Safety) -> int:
    """Return when a freeze that begins now ends."""
    return now_us + rules.freeze_h * HOUR_US


def new_score(score: int, delta: int) -> int:
    """Return a credit score after an entry; it stays within 0 and 100."""
    return max(0, min(100, score + delta))


def false_positive_rate(*, overturned: int, sanctioned: int) -> float | None:
    """Return overturned / sanctioned, None before the first sanction."""
    return overturned / sanctioned if sanctioned else None


def mode_of(rule: str, rules: Safety) -> Literal["on", "shadow", "off"]:
    """Return whether a rule acts, only watches, or sleeps."""
    if rule in rules.off.split():
        return "off"
    return "shadow" if rule in rules.shadow.split() else "on"


def rule_of(refusal: CoreError) -> str:
    """Return the rule that a refusal names."""
    return str(refusal.data["rule"])
