"""The state machine of service sessions: bot, queue, agents, and replies that come too late."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from messaging_core.api import Actor, accept_terms, create_account, create_enterprise, open_service, put_staff, set_bot
from messaging_core.kernel.unit import Unit
from tests.messaging_core.machines.actions_model import Send
from tests.messaging_core.machines.desk_model import Desk, Enterprise, ServiceChat
from tests.messaging_core.machines.device import Device
from tests.messaging_core.machines.devices import Connecting, node_number
from tests.messaging_core.machines.model import Entry, Membership

LIN, MI, QIAO, ZHOU, BOSS, BOT = range(6)
CUSTOMERS = (LIN, MI)
STAFF = (QIAO, ZHOU, BOSS)
STEPS = ("request_agent", "take", "transfer", "hand_back", "close")

customer = st.sampled_from(CUSTOMERS)
staff = st.sampled_from(STAFF)
anybody = st.sampled_from((*CUSTOMERS, *STAFF, BOT))
client_id = st.sampled_from(["c1", "c2", "c3", "c4"])
words = st.sampled_from(["在吗", "多少钱"])
earlier = st.integers(0, 3)


class ServiceMachine(Connecting):
    """Invariant 5: once an agent has taken over, a bot's answer that was made before is refused."""

    shop: Enterprise

    def make_people(self, unit: Unit) -> list[Actor]:
        """Make two customers, two agents, the owner and the bot."""
        shop = create_enterprise(unit, None, name="月茶", verified=True)
        accept_terms(unit, None, enterprise_id=shop)
        people = []
        for who, name in enumerate(("林小姐", "小米", "老乔", "小周", "掌柜", "月茶小助手")):
            kind = "bot" if who == BOT else "personal"
            own = shop if who == BOT else None
            account_id = create_account(unit, None, name=name, kind=kind, enterprise_id=own)  # type: ignore[arg-type]
            role = {QIAO: "agent", ZHOU: "agent", BOSS: "owner"}.get(who)
            if role is not None:
                put_staff(unit, None, enterprise_id=shop, account_id=account_id, role=role)  # type: ignore[arg-type]
            works_for = shop if who in (*STAFF, BOT) else None
            people.append(Actor(account_id, kind, name, works_for, role))  # type: ignore[arg-type]
        set_bot(unit, None, enterprise_id=shop, bot_account_id=people[BOT].account_id)
        roles = {people[who].account_id: str(people[who].staff_role) for who in STAFF}
        self.shop = Enterprise(shop, people[BOT].account_id, roles)
        return people

    @initialize(connected=st.sets(anybody))
    def begin(self, connected: set[int]) -> None:
        """Start with a conversation of each customer and some connected devices."""

        async def work() -> None:
            await self.open()
            for who in CUSTOMERS:
                made = await self.open_service(0, who)
                self.chats[made] = chat = ServiceChat("service", "月茶", customer=self.id(who), enterprise=self.shop)
                chat.add(Entry("conversation.created", self.id(who), word="月茶"))
                chat.members[self.id(who)] = Membership("customer", 0, 0, [(1, None)])
                chat.open()
            for who in sorted(connected):
                self.connect(who % 2, Device(self.id(who)))
            await self.check()

        self.run(work())

    async def open_service(self, on: int, who: int) -> int:
        """Open a customer's conversation with the shop."""
        actor, shop = self.people[who], self.shop.id
        return await self.nodes[on].core.run(lambda unit: open_service(unit, actor, enterprise_id=shop))

    def chat(self, who: int) -> tuple[int, ServiceChat]:
        """Return a customer's conversation."""
        for conversation_id, chat in self.chats.items():
            assert isinstance(chat, ServiceChat)
            if chat.customer == self.id(who):
                return conversation_id, chat
        raise LookupError(who)

    def change(self, on: int, of: int, action: Send | Desk) -> None:
        """Do one thing in a customer's conversation and compare everything."""

        async def work() -> None:
            await self.act(on, self.chat(of)[0], action)
            await self.check()

        self.run(work())

    @rule(on=node_number, who=customer)
    def comes_back(self, on: int, who: int) -> None:
        """A customer opens the conversation again: the same one, with an open session."""

        async def work() -> None:
            conversation_id, chat = self.chat(who)
            assert await self.open_service(on, who) == conversation_id
            if chat.open_session is None:
                chat.open()
            await self.check()

        self.run(work())

    @rule(on=node_number, of=customer, who=st.sampled_from((LIN, LIN, MI, QIAO, ZHOU)), key=client_id, text=words)
    def says(self, on: int, of: int, who: int, key: str, text: str) -> None:
        """A customer or an agent writes, also where he has no business; after the end it begins anew."""
        self.change(on, of, Send(self.id(who), key, text))

    @rule(on=node_number, of=customer, back=earlier, key=client_id, text=words)
    def bot_says(self, on: int, of: int, back: int, key: str, text: str) -> None:
        """The bot answers with what it has prepared now, or some steps ago."""
        version = self.chat(of)[1].sessions[-1].version - back
        self.change(on, of, Send(self.id(BOT), key, text, version if version > 0 else None))

    @rule(on=node_number, of=customer, who=anybody, what=st.sampled_from(STEPS), back=earlier, to=st.none() | anybody)
    def at_the_desk(self, on: int, of: int, who: int, what: str, back: int, to: int | None) -> None:
        """Somebody takes a step, with the right to or without, at this session or one that is over."""
        self.change(on, of, self.step(of, who, what, back=back, to=to))

    @rule(on=node_number, of=customer, agent=staff, what=st.sampled_from(STEPS), to=st.none() | staff)
    def staff_at_the_desk(self, on: int, of: int, agent: int, what: str, to: int | None) -> None:
        """Staff take a step at the session of now."""
        self.change(on, of, self.step(of, agent, what, to=to))

    def step(self, of: int, who: int, what: str, *, back: int = 0, to: int | None = None) -> Desk:
        """Return a step at one of the conversation's sessions."""
        number = max(0, len(self.chat(of)[1].sessions) - 1 - back)
        return Desk(self.id(who), what, number, self.id(to) if to is not None else None)

    @rule(of=customer, what=st.sampled_from(STEPS), agent=staff, key=client_id, other=st.sampled_from(STEPS))
    def late_answer(self, of: int, what: str, agent: int, key: str, other: str) -> None:
        """The bot's answer and a step come at once; so do two steps."""
        conversation_id, chat = self.chat(of)
        answer = Send(self.id(BOT), key, "在的", chat.sessions[-1].version)

        async def work() -> None:
            await self.at_once(conversation_id, [answer, self.step(of, agent, what)])
            await self.at_once(conversation_id, [self.step(of, QIAO, other), self.step(of, ZHOU, what)])
            await self.check()

        self.run(work())

    @rule(of=customer, agent=staff, key=client_id)
    def writes_while_it_is_closed(self, of: int, agent: int, key: str) -> None:
        """The customer writes in the moment in which an agent closes the session."""
        conversation_id, _ = self.chat(of)

        async def work() -> None:
            await self.at_once(conversation_id, [Send(self.id(of), key, "等等"), self.step(of, agent, "close")])
            await self.check()

        self.run(work())

    @rule(on=st.booleans())
    def switch_bot(self, on: bool) -> None:
        """The shop turns its bot on or off."""
        self.shop.bot_on = on
        for chat in self.chats.values():
            assert isinstance(chat, ServiceChat)
            chat.enterprise = self.shop
        shop, bot = self.shop.id, self.id(BOT) if on else None

        async def work() -> None:
            await self.nodes[0].core.run(lambda unit: set_bot(unit, None, enterprise_id=shop, bot_account_id=bot))

        self.run(work())

    async def check_stored(self, conversation_id: int) -> None:
        """Compare with the model, and read in the log itself that no bot spoke out of turn."""
        await super().check_stored(conversation_id)
        state, version, seen = "closed", 0, set[int]()
        for entry in self.chats[conversation_id].log:
            if entry.kind.startswith("session."):
                state, number, _ = entry.word.split(" ", 2)
                version = int(number)
                assert version not in seen, "two steps have one version"
                seen.add(version)
            elif entry.message is not None and entry.actor == self.id(BOT):
                assert state in ("bot", "queued"), f"the bot spoke while the session was {state}"
