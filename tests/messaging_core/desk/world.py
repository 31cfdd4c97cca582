"""A shop's desk with several customers, for the tests of queue, attendance and notebook."""

from __future__ import annotations

from messaging_core.api import Actor, Core, create_account, open_service, request_agent
from messaging_core.desk import agents, agents_store, store
from messaging_core.desk.agents_store import DeskSettings
from messaging_core.desk.policy import Seat, Status
from messaging_core.kernel.event_log import Event
from tests.support.cast import Cast
from tests.support.clock import FakeClock


class Shop:
    """Customers come, agents work; every step takes a second."""

    def __init__(self, core: Core, cast: Cast, clock: FakeClock) -> None:
        self.core = core
        self.cast = cast
        self.clock = clock
        self.told: list[Event] = []
        core.hub.listen(self.told.extend)

    async def customer(self, name: str, *, waits: bool = True) -> int:
        """Have somebody come, to the bot or with a wish for a human, and return his session."""
        self.clock.advance(seconds=1)

        def come(unit):  # type: ignore[no-untyped-def]
            account_id = create_account(unit, None, name=name, kind="personal")
            actor = Actor(account_id, "personal", name)
            conversation = open_service(unit, actor, enterprise_id=self.cast.enterprise_id)
            session = store.find_open(unit.connection, [conversation])[conversation]
            if waits:
                request_agent(unit, actor, session_id=session.id, reason="human_wish")
            return session.id

        return int(await self.core.run(come))

    async def status(self, who: str, status: Status) -> None:
        self.clock.advance(seconds=1)
        await self.core.run(lambda unit: agents.set_status(unit, self.cast[who], status=status))
        self.core.rota.stir(self.cast.enterprise_id)

    async def capacity(self, who: str, capacity: int | None) -> None:
        account_id = self.cast.id(who)
        await self.core.run(
            lambda unit: agents.set_capacity(unit, self.cast["boss"], account_id=account_id, capacity=capacity)
        )

    async def assigns_itself(self, *, capacity: int = 8, grace_s: int = 60) -> None:
        settings = DeskSettings(auto_assign=True, capacity=capacity, grace_s=grace_s)
        await self.core.run(lambda unit: agents.change_settings(unit, self.cast["boss"], settings))

    async def seat(self, who: str) -> Seat:
        account_id = self.cast.id(who)
        return await self.core.run(lambda unit: agents.get_seat(unit, self.cast["boss"], account_id=account_id))

    async def queue(self) -> list[str]:
        """Return the names of those who wait, in order."""
        rows = await self.core.read(lambda c: store.list_queue(c, self.cast.enterprise_id, limit=100))
        return [row.customer_name for row in rows]

    async def session(self, session_id: int) -> store.SessionRow:
        found = await self.core.read(lambda connection: store.find_session(connection, session_id))
        assert found is not None
        return found

    async def who_serves(self, session_id: int) -> str | None:
        """Return the agent's name in the cast, or None."""
        agent_id = (await self.session(session_id)).agent_id
        return next((name for name in ("qiao", "zhou", "boss") if self.cast.id(name) == agent_id), None)

    async def settings(self) -> DeskSettings:
        return await self.core.read(lambda c: agents_store.read_settings(c, self.cast.enterprise_id))
