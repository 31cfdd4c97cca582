"""How often one may try: log-ins per account and address, sign-ups per address, look-ups per account. Per node."""

from __future__ import annotations

from kefu.base.clock import Clock, format_time
from messaging_core.errors import CoreError
from messaging_core.settings import Accounts
from messaging_core.transport.limits import Buckets

_HOUR_S = 3600


class Attempts:
    """Counts what is tried, whether it succeeds or not: a name that nobody has is counted like any other."""

    def __init__(self, rules: Accounts, clock: Clock) -> None:
        self._clock = clock
        self._rules = {
            "log_ins_per_account": rules.log_ins_per_account,
            "log_ins_per_address": rules.log_ins_per_address,
            "sign_ups_per_address": rules.sign_ups_per_address,
            "look_ups_per_hour": rules.look_ups_per_hour,
        }
        self._buckets = {
            rule: Buckets(rate=max(limit / _HOUR_S, 1e-6), burst=max(1, limit)) for rule, limit in self._rules.items()
        }

    def log_in(self, login: str, address: str) -> None:
        """Count a try to log in, or raise `rate_limited` with the rule and when it ends."""
        self._take("log_ins_per_address", address)
        self._take("log_ins_per_account", login)

    def sign_up(self, address: str) -> None:
        """Count a new account, or raise `rate_limited`."""
        self._take("sign_ups_per_address", address)

    def look_up(self, account_id: int) -> None:
        """Count a look-up of a person, or raise `rate_limited`."""
        self._take("look_ups_per_hour", account_id)

    def _take(self, rule: str, key: object) -> None:
        try:
            self._buckets[rule].take(key)
        except CoreError as refusal:
            wait_ms, limit = int(str(refusal.data["retry_after_ms"])), self._rules[rule]
            unlock_at = format_time(self._clock.now_us() + wait_ms * 1000)
            raise CoreError(
                "rate_limited", rule=rule, limit=limit, used=limit, unlock_at=unlock_at, retry_after_ms=wait_ms
            ) from refusal
