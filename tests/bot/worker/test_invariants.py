"""No story breaks a turn: bursts, restarts, agents, failures and repetitions, on both databases.

`HYPOTHESIS_PROFILE=long pytest tests/bot/worker/test_invariants.py` looks ninety times as long, at random,
`deep` three times.
"""

from __future__ import annotations

from tests.bot.worker.machine import TurnMachine
from tests.messaging_core.machines.running import run_machine
from tests.support.tables import migrate_all


def test_no_story_gives_a_message_two_turns_or_a_turn_two_outcomes(database_url: str) -> None:
    examples = 9 if database_url.startswith("sqlite") else 2
    run_machine(TurnMachine, url=database_url, examples=examples, steps=25, make_tables=migrate_all)
