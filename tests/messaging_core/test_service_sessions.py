"""Invariant 5 as a state machine: whoever takes over, a bot's answer that was prepared before is refused."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from messaging_core.api import Core, SendRequest, Sent, close, hand_back, open_service, request_agent, take, transfer
from messaging_core.desk import store
from messaging_core.errors import CoreError
from messaging_core.settings import Settings
from tests.support.cast import make_cast
from tests.support.clock import FakeClock
from tests.support.tables import migrate

AGENTS = ("qiao", "zhou")


class ServiceMachine(RuleBasedStateMachine):
    """One customer, one bot, two agents, in any order; the model is three variables."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        made = Settings(data=Path(self._folder.name))
        migrate(made)
        self.core = Core(made, clock=FakeClock())
        self._do(self.core.start())
        self.cast = self._do(make_cast(self.core))
        self.conversation = self._run(
            lambda unit: open_service(unit, self.cast["lin"], enterprise_id=self.cast.enterprise_id)
        )
        self.state, self.agent, self.version, self.sends = "bot", "", 1, 0

    def _do(self, work: Any) -> Any:
        return self._runner.run(work)

    def _run(self, action: Callable[[Any], Any]) -> Any:
        return self._do(self.core.run(action))

    def teardown(self) -> None:
        self._do(self.core.close())
        self._runner.close()
        self._folder.cleanup()

    def _stored(self) -> store.SessionRow:
        return self._do(self.core.read(lambda c: store.find_current(c, self.conversation)))

    def _send(self, name: str, version: int | None = None) -> Sent | CoreError:
        self.sends += 1
        request = SendRequest(
            actor=self.cast[name],
            conversation_id=self.conversation,
            client_msg_id=f"c{self.sends}",
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": "您好"}),
            settle=lambda _request, _outcome: None,
            assignment_version=version,
        )
        outcome: Sent | CoreError = self._do(self.core.send(request))
        return outcome

    def _step(self, action: Callable[..., None], name: str, **options: Any) -> None:
        session = self._stored()
        self._run(lambda unit: action(unit, self.cast[name], session_id=session.id, **options))

    def _moved(self, state: str, agent: str = "") -> None:
        self.state, self.agent = state, agent
        self.version += 1

    @rule()
    def customer_writes(self) -> None:
        assert isinstance(self._send("lin"), Sent)
        if self.state == "closed":
            self._moved("bot")

    @rule(back=st.integers(0, 3))
    def bot_answers_what_it_saw_earlier(self, back: int) -> None:
        outcome = self._send("bot", max(0, self.version - back))
        if back == 0 and self.state in ("bot", "queued"):
            assert isinstance(outcome, Sent)
        else:
            assert isinstance(outcome, CoreError)
            assert outcome.code == "assignment_changed"

    @rule(name=st.sampled_from(AGENTS))
    def agent_answers(self, name: str) -> None:
        outcome = self._send(name)
        if self.state == "agent" and self.agent == name:
            assert isinstance(outcome, Sent)
        else:
            assert isinstance(outcome, CoreError)
            assert outcome.code == "not_a_member"

    @precondition(lambda self: self.state == "bot")
    @rule(name=st.sampled_from(("lin", "bot")))
    def a_human_is_wanted(self, name: str) -> None:
        self._step(request_agent, name, reason="人工")
        self._moved("queued")

    @precondition(lambda self: self.state != "closed")
    @rule(name=st.sampled_from(AGENTS))
    def agent_takes(self, name: str) -> None:
        self._step(take, name)
        if self.agent != name:
            self._moved("agent", name)

    @precondition(lambda self: self.state == "agent")
    @rule()
    def agent_transfers(self) -> None:
        other = AGENTS[1 - AGENTS.index(self.agent)]
        self._step(transfer, self.agent, agent_id=self.cast.id(other))
        self._moved("agent", other)

    @precondition(lambda self: self.state == "agent")
    @rule()
    def agent_hands_back(self) -> None:
        self._step(hand_back, self.agent)
        self._moved("bot")

    @precondition(lambda self: self.state != "closed")
    @rule()
    def customer_closes(self) -> None:
        self._step(close, "lin")
        self._moved("closed")

    @invariant()
    def the_database_says_the_same(self) -> None:
        session = self._stored()
        assert (session.state, session.assignment_version) == (self.state, self.version)
        if self.state == "agent":
            assert session.agent_id == self.cast.id(self.agent)


TestServiceSessions = ServiceMachine.TestCase
TestServiceSessions.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
