"""A short run of the bot scenario on both databases; `python -m eval.crash bot` runs the long one on the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.crash.plan import Plan
from eval.crash.scenarios.bot import bot

SHORT = Plan(clients=6, kills=3, messages=90, seed=5, per_second=30.0, settle_s=60.0)
PROGRAM = ("tests.crash.bot_server",)


@pytest.mark.slow
async def test_kill_9_in_the_middle_of_bot_turns_leaves_each_with_one_outcome(
    tmp_path: Path, database_url: str
) -> None:
    database = None if database_url.startswith("sqlite") else database_url
    report = await bot(SHORT, folder=tmp_path, say=print, database=database, program=PROGRAM)
    assert report.is_clean, report.examples
    facts = report.facts
    assert facts["messages acknowledged"] == facts["messages stored"] >= SHORT.messages
    assert facts["kills"] == SHORT.kills
    assert min(facts["turns replied"], facts["turns handed_off"], facts["turns silent"]) > 0, facts
    assert facts["replies stored"] >= facts["turns replied"] + facts["turns handed_off"]
