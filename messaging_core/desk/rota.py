"""The desk's own work beside requests: assigns what waits where the enterprise wants it, and notices who has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kefu.base.clock import SECOND_US
from messaging_core.desk import actions, agents, agents_store
from messaging_core.kernel.event_log import Event

if TYPE_CHECKING:
    from messaging_core.core import Core

# After these there may be somebody to assign, or room for him.
_STIRS = frozenset({"session.opened", "session.queued", "session.handed_back", "session.closed", "session.assigned"})


class Rota:
    """Assignment and attendance of all desks, on this node."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._at_work: set[int] = set()
        self._again: set[int] = set()
        core.hub.listen(self._heard)

    def _heard(self, events: list[Event]) -> None:
        for event in events:
            if event.kind in _STIRS and event.enterprise_id is not None:
                self.stir(event.enterprise_id)

    def stir(self, enterprise_id: int) -> None:
        """Look soon whether something can be assigned; what comes while one looks is looked at again."""
        if enterprise_id in self._at_work:
            self._again.add(enterprise_id)
            return
        self._at_work.add(enterprise_id)
        self._core.spawn(self._assign(enterprise_id), name="desk-assign")

    async def _assign(self, enterprise_id: int) -> None:
        try:
            while True:
                self._again.discard(enterprise_id)
                await self.assign(enterprise_id)
                if enterprise_id not in self._again:
                    return
        finally:
            self._at_work.discard(enterprise_id)

    async def assign(self, enterprise_id: int) -> int:
        """Assign what waits, in order of arrival, and return how many found an agent."""
        waiting = await self._core.read(lambda c: agents.find_assignable(c, enterprise_id=enterprise_id))
        assigned = 0
        for session_id in waiting:
            # Each in a transaction of its own, so that nobody's conversation is held for the others.
            assigned += await self._core.run(lambda unit, id_=session_id: actions.assign(unit, session_id=id_))  # type: ignore[misc]
        return assigned

    async def sweep(self) -> None:
        """Note who was seen, send home who was not, and assign what a lost wake-up left."""
        core = self._core
        now_us = core.clock.now_us()
        watched = await core.read(agents_store.list_watched)
        here = sorted({seat.account_id for seat in watched if core.presence.is_online(seat.account_id)})
        working = [seat for seat in watched if seat.account_id in here and seat.status != "offline"]
        if working:
            await core.run(lambda unit: agents_store.touch(unit.connection, here, now_us=now_us))
        for seat in watched:
            since_us = now_us - seat.grace_s * SECOND_US
            if seat not in working and seat.seen_at_us <= since_us:
                await core.run(
                    lambda unit, seat=seat, since_us=since_us: agents.send_home(  # type: ignore[misc]
                        unit,
                        enterprise_id=seat.enterprise_id,
                        account_id=seat.account_id,
                        not_seen_since_us=since_us,
                    )
                )
        for enterprise_id in await core.read(agents_store.list_auto_assigning):
            await self.assign(enterprise_id)
