"""What service sessions should do, in plain Python: whose turn it is, and which bot replies come too late."""

from __future__ import annotations

from dataclasses import dataclass, field

from kefu.base.clock import DAY_US, HOUR_US
from tests.messaging_core.machines.model import DONE, Chat, Entry, Membership, Outcome, Waits

SERVING = ("owner", "admin", "agent")
OFFER = "限时特价"
"""Words that make a text of the enterprise an offer of goods."""
REPLY_WINDOW_H = 2
ZONE_US = 8 * HOUR_US
"""The customers live in Shanghai, where clocks never change."""


@dataclass(slots=True)
class Session:
    """One service session."""

    state: str
    version: int
    agent: int | None = None


@dataclass(slots=True)
class Enterprise:
    """Who works for it; `bot_on`: whether the bot answers first."""

    id: int
    bot: int
    staff: dict[int, str]
    bot_on: bool = True


@dataclass(slots=True)
class ServiceChat(Chat):
    """A customer's conversation with an enterprise."""

    customer: int = 0
    enterprise: Enterprise = field(default_factory=lambda: Enterprise(0, 0, {}))
    sessions: list[Session] = field(default_factory=list)
    wants_offers: bool = False
    spoke_at: int | None = None
    """When the customer's last message went out."""
    offered_on: int = -1
    """The last day, on the customer's calendar, that brought an offer."""

    @property
    def open_session(self) -> Session | None:
        """Return the session that is not closed."""
        return next((session for session in self.sessions if session.state != "closed"), None)

    # --- sending ---------------------------------------------------------------------------------------------

    def refuses(self, member: Membership | None, version: int | None) -> str | None:
        """Return why somebody may not speak: a bot when it is not its turn, or comes too late."""
        session = self.open_session
        if member is None or member.role != "bot":
            return Chat.refuses(self, member, version)
        late = session is None or session.state == "agent" or session.version != version
        return "assignment_changed" if late else None

    def judge(self, member: Membership, text: str, now: int, *, released: bool) -> Outcome | None:
        """Return the rule that keeps a message back: an offer needs consent, day-time, and a day without another."""
        word = Chat.judge(self, member, text, now, released=released)  # no bare super() in a class with slots
        if word is not None or not self._is_unprompted_offer(member, text, now):
            return word
        if not self.wants_offers:
            return Outcome(refused="not_allowed", rule="marketing_opt_in")
        today, hour = divmod(now + ZONE_US, DAY_US)
        midnight_us = today * DAY_US - ZONE_US
        if not 8 * HOUR_US <= hour < 22 * HOUR_US:
            morning_us = midnight_us + 8 * HOUR_US + (DAY_US if hour >= 22 * HOUR_US else 0)
            return Outcome(waits=Waits("queued", "quiet_hours", morning_us, now))
        if self.offered_on != today:
            return None
        if not released:
            return Outcome(refused="limit_reached", rule="marketing_per_day")
        return Outcome(waits=Waits("queued", "marketing_per_day", midnight_us + DAY_US + 8 * HOUR_US, now))

    def accepted(self, member: Membership, text: str, now: int) -> None:
        """Open a session when the customer speaks and none is open; note when he did, and that he had an offer."""
        if self._is_unprompted_offer(member, text, now):
            self.offered_on = (now + ZONE_US) // DAY_US
        if member.role == "customer":
            if self.open_session is None:
                self.open()
            self.spoke_at = now

    def _is_unprompted_offer(self, member: Membership, text: str, now: int) -> bool:
        prompted = self.spoke_at is not None and now - self.spoke_at < REPLY_WINDOW_H * HOUR_US
        return OFFER in text and member.role in ("agent", "bot") and not prompted

    # --- sessions --------------------------------------------------------------------------------------------

    def open(self) -> Session:
        """Open a session, as the customer."""
        last = self.sessions[-1].version if self.sessions else 0
        session = Session("bot" if self.enterprise.bot_on else "queued", last + 1)
        self.sessions.append(session)
        if self.enterprise.bot_on:
            self.let_bot_in(None)
        self.tell("session.opened", session, self.customer)
        return session

    def let_bot_in(self, actor: int | None) -> None:
        """Make the bot a member, if it is none."""
        if self.place(self.enterprise.bot) is None:
            self.come(self.enterprise.bot, "bot", actor)

    def come(self, account: int, role: str, actor: int | None) -> None:
        """Let somebody in who sees everything, also what was said before."""
        seq = self.add(Entry("member.joined", actor or 0, account, role))
        before = self.members.get(account)
        self.members[account] = Membership(role, 0, before.read if before else 0, [(1, None)], joined=seq)

    def go(self, account: int, reason: str, actor: int) -> None:
        """End a membership."""
        member = self.place(account)
        if member is not None:
            seq = self.add(Entry("member.left", actor, account, reason))
            member.spells[-1] = (member.spells[-1][0], seq)

    def step(self, session: Session, state: str, agent: int | None) -> None:
        """Take one step: every step has a version of its own."""
        session.state, session.agent = state, agent
        session.version += 1

    def tell(self, kind: str, session: Session, actor: int) -> None:
        """Write what the session has become."""
        self.add(Entry(kind, actor, word=f"{session.state} {session.version} {session.agent or ''}"))


@dataclass(slots=True, frozen=True)
class Desk:
    """Something done to a session; `number` counts the conversation's sessions from 0."""

    actor: int
    what: str
    number: int
    to: int | None = None

    def apply(self, chat: ServiceChat, now: int) -> Outcome:
        """Do it in the model."""
        session = chat.sessions[self.number]
        serves = chat.enterprise.staff.get(self.actor) in SERVING
        refused = self._refused(chat, session, serves=serves)
        if refused is not None:
            return Outcome(refused=refused)
        if self.what == "request_agent" and session.state == "bot":
            chat.step(session, "queued", None)
            chat.tell("session.queued", session, self.actor)
        elif self.what == "take" and session.agent != self.actor:
            self._hand_to(chat, session, self.actor)
        elif self.what == "transfer" and self.to is not None:
            self._hand_to(chat, session, self.to)
        elif self.what in ("transfer", "hand_back"):
            to_bot = self.what == "hand_back" and chat.enterprise.bot_on
            chat.go(session.agent or 0, "handed_back", self.actor)
            if to_bot:
                chat.let_bot_in(self.actor)
            chat.step(session, "bot" if to_bot else "queued", None)
            kind = "session.handed_back" if self.what == "hand_back" else "session.queued"
            chat.tell(kind, session, self.actor)
        elif self.what == "close":
            chat.go(session.agent or 0, "closed", self.actor)
            chat.step(session, "closed", session.agent)
            chat.tell("session.closed", session, self.actor)
        return DONE

    def _refused(self, chat: ServiceChat, session: Session, *, serves: bool) -> str | None:
        if self.what in ("request_agent", "close"):
            is_its_bot = self.actor == chat.enterprise.bot and chat.place(self.actor) is not None
            if not (serves or self.actor == chat.customer or is_its_bot):
                return "not_found"
            if self.what == "close" and is_its_bot and session.state == "agent":
                return "assignment_changed"
            return "wrong_state" if session.state == "closed" else None
        if not serves:
            return "not_found"
        has_it = session.agent == self.actor or chat.enterprise.staff[self.actor] in ("owner", "admin")
        if self.what == "take":
            return "wrong_state" if session.state == "closed" else None
        if self.what == "transfer" and not has_it:
            return "forbidden"
        if session.state != "agent":
            return "wrong_state"
        if not has_it:
            return "forbidden"
        if self.what == "transfer" and self.to is not None and chat.enterprise.staff.get(self.to) not in SERVING:
            return "not_found"
        return None

    def _hand_to(self, chat: ServiceChat, session: Session, agent: int) -> None:
        if session.agent is not None:
            chat.go(session.agent, "handed_back", self.actor)
        chat.step(session, "agent", agent)
        chat.come(agent, "agent", self.actor)
        chat.tell("session.assigned", session, self.actor)
