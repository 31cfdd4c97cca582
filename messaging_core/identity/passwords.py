"""Passwords: argon2id in threads of its own, at most so many at once; an unknown account costs the same work."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from messaging_core.errors import CoreError, invalid
from messaging_core.settings import Accounts

T = TypeVar("T")
# What lists of leaked passwords begin with, as far as it is long enough for us.
_TRIED_FIRST = """
password password1 password123 passw0rd 12345678 123456789 1234567890 987654321 87654321 123123123 11223344 88888888
66668888 147258369 147852369 5201314520 woaini1314 woaini520 woaini521 woaini123 qwertyui qwertyuiop qwerty123
qwer1234 1234qwer 1q2w3e4r 1qaz2wsx q1w2e3r4 asdfghjkl asdf1234 zxcvbnm1 abc12345 abc123456 abcd1234 abcdefgh
a1234567 a12345678 a123456789 aa123456 aa123456789 qq123456 qq123456789 asd123456 zxc123456 admin123 iloveyou
iloveyou1 letmein1 welcome1 sunshine princess football baseball superman trustno1 1234abcd 12341234
"""
_COMMON = frozenset(_TRIED_FIRST.split())
_LOGIN = re.compile(r"[a-z0-9_.+@\-]{3,64}\Z")


def read_login(text: str) -> str:
    """Return a log-in name in its one form (full width and case do not matter); refuse what is none."""
    login = normalize("NFKC", text).casefold().strip()
    if not _LOGIN.match(login):
        raise invalid("login_form", "body.login")
    return login


def check_password(password: str, *, login: str, rules: Accounts) -> None:
    """Refuse a password that is too short, one sign repeated, one that everybody tries first, or the log-in name."""
    if len(password) < rules.password_chars:
        raise invalid("too_short", "body.password", limit=rules.password_chars)
    plain = normalize("NFKC", password).casefold()
    if len(set(password)) == 1 or plain in _COMMON or plain == login:
        raise invalid("easy_password", "body.password")


class Passwords:
    """Makes and checks hashes off the event loop; what waits beyond the limit is refused as `overloaded`."""

    def __init__(self, rules: Accounts) -> None:
        self._hasher = PasswordHasher(
            time_cost=rules.argon2_passes, memory_cost=rules.argon2_memory_kib, parallelism=rules.argon2_lanes
        )
        self._pool = ThreadPoolExecutor(rules.password_threads, thread_name_prefix="argon2")
        self._limit = rules.password_waiting
        self._under_way = 0
        self._decoy = ""
        self.verified = 0
        """How many verifications have been worked through, those for nobody included."""

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return a fresh argon2id hash."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, known: str | None, password: str) -> bool:
        """Return whether a password fits a hash; None (an unknown account) costs as much and never fits."""
        if not self._decoy:
            self._decoy = await self.hash(secrets.token_urlsafe(16))
        fits = await self._run(lambda: self._fits(known if known is not None else self._decoy, password))
        return fits and known is not None

    def is_dated(self, known: str) -> bool:
        """Return whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(known)

    def _fits(self, known: str, password: str) -> bool:
        self.verified += 1
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= self._limit:
            raise CoreError("overloaded", retry_after_ms=1000)
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1
