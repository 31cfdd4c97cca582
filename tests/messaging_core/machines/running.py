"""How the state machines run; how long they look is told in tests/support/depth.py."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from kefu.base.clock import DAY_US
from messaging_core.settings import Settings
from tests.support.clock import START_US
from tests.support.depth import AT_RANDOM, SHRINKS, TIMES
from tests.support.tables import migrate

Machine = Callable[[str, int], RuleBasedStateMachine]
"""(database URL, time at which its clock starts, microseconds) -> a machine."""


def run_machine(
    machine: Machine,
    *,
    url: str,
    examples: int,
    steps: int,
    days: int = 1,
    make_tables: Callable[[Settings], None] = migrate,
) -> None:
    """Let hypothesis look for a story that breaks a machine, on a database that `url` names.

    SQLite: a fresh file for each story, copied from one with all tables. PostgreSQL: one database for all of them, and
    each story plays `days` after the last, so that none meets another's ids.
    """
    make_tables(Settings(database=url))
    numbers = itertools.count(1)
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None

    def make() -> RuleBasedStateMachine:
        number = next(numbers)
        if file is None:
            return machine(url, START_US + number * days * DAY_US)
        story = file.with_name(f"story-{number}.db")
        shutil.copyfile(file, story)
        return machine(f"sqlite:///{story}", START_US)

    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", make),
        settings=settings(
            max_examples=examples * TIMES,
            stateful_step_count=steps,
            derandomize=not AT_RANDOM,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if SHRINKS else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
