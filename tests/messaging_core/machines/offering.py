"""The state machine of offers: what an enterprise sends at night waits for the morning, and goes out once or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import rule

from kefu.base.clock import DAY_US, HOUR_US
from messaging_core.delivery.marketing_store import put_consent
from tests.messaging_core.machines.actions_model import Send
from tests.messaging_core.machines.desk_model import OFFER, ZONE_US
from tests.messaging_core.machines.devices import node_number, place
from tests.messaging_core.machines.doing import AnyAction
from tests.messaging_core.machines.model import DONE, LISTED, Outcome
from tests.messaging_core.machines.review_model import Due, TakeBack
from tests.messaging_core.machines.reviewing import Reviewing, yes
from tests.messaging_core.machines.service import BOSS, BOT, QIAO, ServiceMachine, customer

WHO_HAS_IT = -1

an_offer = st.tuples(st.sampled_from(("o1", "o2", "o3")), st.sampled_from((OFFER, OFFER, OFFER + LISTED)))
who_offers = st.sampled_from((WHO_HAS_IT, WHO_HAS_IT, QIAO, BOT))
some_nodes = st.sampled_from(((0,), (1,), (0, 1)))


class OfferMachine(ServiceMachine, Reviewing):
    """Invariant 2 of what is queued: a number when its time comes and its class allows it, or none."""

    async def consent(self, who: int, wants: bool) -> None:
        """Say whether a customer wants offers, in the model too."""
        account, shop = self.id(who), self.shop.id
        await self.nodes[0].core.run(
            lambda unit: put_consent(
                unit.connection, enterprise_id=shop, account_id=account, opted_in=wants, now_us=unit.now_us
            )
        )
        self.chat(who)[1].wants_offers = wants

    def offer(self, of: int, who: int, key: str, text: str) -> Send:
        """Return an offer of somebody, or of whoever has the session now."""
        session = self.chat(of)[1].sessions[-1]
        account = self.id(BOT if who == WHO_HAS_IT else who)
        if who == WHO_HAS_IT and session.agent is not None:
            account = session.agent
        return Send(account, key, text, session.version if account == self.id(BOT) else None)

    def move_clock(self, hour: float, *, just_before: bool = False) -> None:
        """Let the customers' clocks show an hour; they go forward only."""
        now = self.clock.at_us + ZONE_US
        wanted = now // DAY_US * DAY_US + round(hour * HOUR_US) - just_before
        self.clock.at_us = wanted + (DAY_US if wanted < now else 0) - ZONE_US

    async def let_go(
        self, nodes: Sequence[int], *, meanwhile: tuple[int, AnyAction] | None = None, on: int = 0
    ) -> None:
        """Have nodes do what is due, while something else is done: some order of all must explain what is then."""
        now = self.clock.at_us
        steps: dict[int, list[AnyAction]] = {}
        told: dict[int, list[Outcome]] = {}
        for conversation_id, chat in self.chats.items():
            steps[conversation_id] = [Due(*key) for key, unsent in chat.unsent.items() if unsent.waits.is_due(now)]
        running = [self.nodes[number].core.jobs.run_due() for number in nodes]
        if meanwhile is None:
            await asyncio.gather(*running)
        else:
            self.place(*meanwhile)
            *_, outcome = await asyncio.gather(*running, self.do(on, *meanwhile))
            steps[meanwhile[0]].append(meanwhile[1])
            told[meanwhile[0]] = [outcome]
        for conversation_id, doing in steps.items():
            others = told.get(conversation_id, [])
            await self.adopt(conversation_id, doing, [DONE] * (len(doing) - len(others)) + others)

    async def end(self) -> None:
        """Take back what is still queued, so that no later story on this database finds it due; then end."""
        for conversation_id, key in self.unsent():
            if self.chats[conversation_id].unsent[key].waits.status == "queued":
                await self.act(0, conversation_id, TakeBack(*key))
        await super().end()

    @rule(of=customer, wants=st.booleans())
    def changes_mind(self, of: int, wants: bool) -> None:
        """A customer wants offers, or no more."""
        self.run(self.consent(of, wants))

    @rule(on=node_number, of=customer, who=who_offers, what=an_offer)
    def offers(self, on: int, of: int, who: int, what: tuple[str, str]) -> None:
        """Somebody offers goods, at whatever time it is."""
        self.change(on, of, self.offer(of, who, *what))

    @rule(hour=st.sampled_from((8, 12, 22, 23.5)), just_before=st.booleans())
    def time_goes_by(self, hour: float, just_before: bool) -> None:
        """The clock goes to where the rules change, or a moment before."""
        self.move_clock(hour, just_before=just_before)

    @rule(nodes=some_nodes)
    def does_what_is_due(self, nodes: tuple[int, ...]) -> None:
        """One node looks for what is due, or both do."""

        async def work() -> None:
            await self.let_go(nodes)
            await self.check()

        self.run(work())

    @rule(
        on=node_number,
        of=customer,
        wants=yes,
        who=who_offers,
        what=st.lists(an_offer, min_size=1, max_size=3, unique_by=lambda one: one[0]),
        until=st.sampled_from((7.5, 8, 12)),
        nodes=some_nodes,
        meanwhile=st.sampled_from(("nothing", "nothing", "take back", "asks", "hand_back", "close", "offer")),
        which=place,
    )
    def over_night(
        self,
        on: int,
        of: int,
        wants: bool,
        who: int,
        what: list[tuple[str, str]],
        until: float,
        nodes: tuple[int, ...],
        meanwhile: str,
        which: int,
    ) -> None:
        """What is offered at night goes out in the morning, while something else happens on another node."""
        conversation_id, chat = self.chat(of)
        self.move_clock(23.5)

        async def work() -> None:
            await self.consent(of, wants)
            for key, text in what:
                await self.act(on, conversation_id, self.offer(of, who, key, text))
            await self.check()
            self.move_clock(until)
            other: AnyAction | None = None
            mine = [key for key, unsent in chat.unsent.items() if unsent.waits.status == "queued"]
            if meanwhile == "take back" and mine:
                other = TakeBack(*mine[which % len(mine)])
            elif meanwhile == "asks":
                other = Send(self.id(of), f"n{chat.last_seq}", "在吗")
            elif meanwhile in ("hand_back", "close"):
                other = self.step(of, BOSS, meanwhile)
            elif meanwhile == "offer":
                other = self.offer(of, who, "o4", OFFER)
            await self.let_go(nodes, meanwhile=(conversation_id, other) if other is not None else None, on=on)
            await self.check()

        self.run(work())
