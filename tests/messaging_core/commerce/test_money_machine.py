"""Invariant 7 as a state machine: whatever order people pay, open and wait in, the ledger sums to zero."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from kefu.base.clock import HOUR_US
from messaging_core.api import Core, create_group
from messaging_core.commerce import store
from messaging_core.commerce.actions import claim, send_packet
from messaging_core.commerce.wallet import top_up
from messaging_core.errors import CoreError
from messaging_core.settings import Settings
from tests.support.cast import make_cast
from tests.support.clock import FakeClock
from tests.support.tables import migrate

PEOPLE = ("lin", "mi", "gray", "qiao")
_names = st.sampled_from(PEOPLE)


class MoneyMachine(RuleBasedStateMachine):
    """Four people in a group; the model is what each holds and what each packet still holds."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner()
        made = Settings(data=Path(self._folder.name))
        migrate(made)
        self.clock = FakeClock()
        self.core = Core(made, clock=self.clock)
        self._do(self.core.start())
        self.cast = self._do(make_cast(self.core))
        ids = [self.cast.id(name) for name in PEOPLE[1:]]
        self.place = self._run(lambda unit: create_group(unit, self.cast["lin"], title="茶友群", member_ids=ids))
        self.held = dict.fromkeys(PEOPLE, 0)
        self.packets: dict[int, dict[str, Any]] = {}
        self.sent = 0

    def _do(self, work: Any) -> Any:
        return self._runner.run(work)

    def _run(self, action: Callable[[Any], Any]) -> Any:
        return self._do(self.core.run(action))

    def teardown(self) -> None:
        self._do(self.core.close())
        self._runner.close()
        self._folder.cleanup()

    @rule(name=_names, amount=st.integers(1, 50_000))
    def pay_in(self, name: str, amount: int) -> None:
        self._run(lambda unit: top_up(unit, None, account_id=self.cast.id(name), amount_fen=amount))
        self.held[name] += amount

    @rule(
        name=_names, each=st.integers(100, 3_000), shares=st.integers(1, 4), split=st.sampled_from(("equal", "random"))
    )
    def send(self, name: str, each: int, shares: int, split: Any) -> None:
        self.sent += 1
        total, key = each * shares, f"p{self.sent}"

        def action(unit: Any) -> int:
            packet_id, _ = send_packet(
                unit,
                self.cast[name],
                conversation_id=self.place,
                client_msg_id=key,
                total_fen=total,
                shares=shares,
                split=split,
                note="",
            )
            return packet_id

        try:
            packet_id = self._run(action)
        except CoreError as error:
            assert error.code == "insufficient_balance"
            assert self.held[name] < total
            return
        assert self._run(action) == packet_id  # said again: paid once
        self.held[name] -= total
        expires = self.clock.now_us() + 24 * HOUR_US
        self.packets[packet_id] = {"by": name, "left": total, "shares": shares, "opened": {}, "expires": expires}

    @rule(name=_names, place=st.integers(0, 5))
    def open(self, name: str, place: int) -> None:
        if not self.packets:
            return
        packet_id, packet = list(self.packets.items())[place % len(self.packets)]
        try:
            amount = self._run(lambda unit: claim(unit, self.cast[name], packet_id=packet_id))
        except CoreError as error:
            over = self.clock.now_us() >= packet["expires"]
            assert error.code == ("packet_expired" if over else "packet_empty")
            assert over or packet["shares"] == 0
            assert name not in packet["opened"]
            return
        if name in packet["opened"]:
            assert amount == packet["opened"][name]
            return
        packet["opened"][name] = amount
        packet["left"] -= amount
        packet["shares"] -= 1
        self.held[name] += amount

    @rule(hours=st.sampled_from((1, 12, 24)))
    def wait(self, hours: int) -> None:
        self.clock.advance(seconds=hours * 3600)
        self._do(self.core.jobs.run_due())
        for packet in self.packets.values():
            if self.clock.now_us() >= packet["expires"]:
                self.held[packet["by"]] += packet["left"]
                packet["left"] = 0

    @invariant()
    def balances_are_as_the_model_says_and_sum_to_zero(self) -> None:
        def read(connection: Any) -> tuple[dict[str, int], dict[int, int], int, int]:
            held = {name: store.balance_of(connection, self.cast.id(name)) for name in PEOPLE}
            left = {packet_id: store.balance_of(connection, packet_id) for packet_id in self.packets}
            sums = [
                connection.execute(select(func.sum(c))).scalar_one() or 0
                for c in (store.wallets.c.balance_fen, store.ledger.c.amount_fen)
            ]
            return held, left, sums[0], sums[1]

        held, left, balances, entries = self._do(self.core.read(read))
        assert held == self.held
        assert left == {packet_id: packet["left"] for packet_id, packet in self.packets.items()}
        assert (balances, entries) == (0, 0)


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
