"""Group commit without a timer: whatever is waiting when the last commit ends goes into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from messaging_core.errors import CoreError
from messaging_core.kernel.database import Database

Item = TypeVar("Item")
_MAX_BATCH = 2000


class GroupCommit(Generic[Item]):
    """Collects items, hands them to `apply` in one transaction, and tells `settle` once it is committed.

    Args:
        apply: runs in the transaction; what it returns goes to `settle`. It may run again after a conflict.
        settle: called on the event loop with the items and the result, or the error that refused them all.
        limit: items that may wait; `submit` raises `overloaded` beyond it.
    """

    def __init__(
        self,
        database: Database,
        *,
        apply: Callable[[Connection, list[Item]], Any],
        settle: Callable[[list[Item], Any, BaseException | None], None],
        limit: int,
    ) -> None:
        self._database = database
        self._apply = apply
        self._settle = settle
        self._limit = limit
        self._waiting: list[Item] = []
        self._busy = False

    def submit(self, item: Item) -> None:
        """Add an item; it is committed as soon as the running commit ends."""
        if len(self._waiting) >= self._limit:
            raise CoreError("overloaded", retry_after_ms=1000)
        self._waiting.append(item)
        if not self._busy:
            self._busy = True
            # Not at once: what other sockets bring in the same turn of the loop shall go along.
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        items, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]

        def done(result: Any, error: BaseException | None) -> None:
            # The next batch leaves first, so that the disk works while we tell everybody.
            if self._waiting:
                self._start()
            else:
                self._busy = False
            self._settle(items, result, error)

        self._database.submit(lambda connection: self._apply(connection, items), done)
