"""Guards against floods: token buckets for frames and requests, counts of connections. In memory, per node."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter

from messaging_core.errors import CoreError

_FORGET_AT = 10_000
_MAX_NAME = 253


def network_of(host: str) -> str:
    """Return what limits count as one address: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:_MAX_NAME]
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


class Bucket:
    """A token bucket: `rate` a second sustained, `burst` at once."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._level = float(burst)
        self._at = time.monotonic()

    def take(self) -> None:
        """Take one, or raise `rate_limited` with the time until the next is there."""
        now = time.monotonic()
        level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if level < 1.0:
            self._level = level
            raise CoreError("rate_limited", retry_after_ms=max(1, round((1.0 - level) / self._rate * 1000)))
        self._level = level - 1.0

    @property
    def is_full(self) -> bool:
        """Return whether it has had time to fill up, so that it can be forgotten."""
        return self._level + (time.monotonic() - self._at) * self._rate >= self._burst


class Buckets:
    """A bucket a key (account or address); full ones are forgotten now and then."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[object, Bucket] = {}
        self._forget_at = _FORGET_AT

    def take(self, key: object) -> None:
        """Take one from the key's bucket, or raise `rate_limited`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._forget_at:
                self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.is_full}
                # Looked through again when it has doubled: many keys at once must not make each of them dear.
                self._forget_at = max(_FORGET_AT, 2 * len(self._buckets))
            bucket = self._buckets[key] = Bucket(rate=self._rate, burst=self._burst)
        bucket.take()


class Connections:
    """Live connections an account and an address."""

    def __init__(self, *, per_account: int, per_address: int) -> None:
        self._per_account = per_account
        self._per_address = per_address
        self._accounts: Counter[int] = Counter()
        self._addresses: Counter[str] = Counter()

    def enter_address(self, address: str) -> None:
        """Count a connection from an address, or raise `too_many_connections`."""
        if self._addresses[address] >= self._per_address:
            raise CoreError("too_many_connections", limit=self._per_address)
        self._addresses[address] += 1

    def leave_address(self, address: str) -> None:
        """Count it no longer."""
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    def enter_account(self, account_id: int) -> None:
        """Count a connection of an account, or raise `too_many_connections`."""
        if self._accounts[account_id] >= self._per_account:
            raise CoreError("too_many_connections", limit=self._per_account)
        self._accounts[account_id] += 1

    def leave_account(self, account_id: int) -> None:
        """Count it no longer."""
        self._accounts[account_id] -= 1
        if self._accounts[account_id] <= 0:
            del self._accounts[account_id]
