"""The suite for stages passes on the built-in ones, and fails a stage that breaks its rule."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bot.conformance.stages import ConformanceError, StageBench, check_stages, check_turn
from bot.dialogue.wish import Reading
from bot.gather.finding import Finding
from bot.pipeline import Pipeline
from bot.turn import Turn
from messaging_core.messages.kinds import read_body
from messaging_core.settings import Limits
from tests.bot.conftest import encoder  # noqa: F401
from tests.bot.pipeline.conftest import Conversation, models, paper_shop, pipeline  # noqa: F401
from tests.bot.pipeline.moon_tea import ROWS


def _bench(pipeline: Pipeline, **stages: Any) -> StageBench:  # noqa: F811
    def make_turn(words: Sequence[str]) -> Turn:
        return Conversation(pipeline).turn(*words)

    return StageBench(replace(pipeline.stages({}), **stages), make_turn)


async def test_the_built_in_stages_conform(pipeline: Pipeline) -> None:  # noqa: F811
    await check_stages(_bench(pipeline))


async def test_the_messenger_takes_every_reply(pipeline: Pipeline) -> None:  # noqa: F811
    bench = _bench(pipeline)
    for row in ROWS[::3]:
        decision = await check_turn(bench, bench.make_turn([row.words.split(">>")[0]]))
        for reply in decision.replies:
            read_body(reply.kind, reply.v, msgspec.json.encode(reply.body), Limits())


class _Forgets:
    def __call__(self, turn: Turn) -> Reading:
        return Reading((), "words")


class _Sleeps:
    def __call__(self, turn: Turn) -> Reading:
        time.sleep(0.3)
        return Reading((), "nothing")


class _Invents:
    async def __call__(self, turn: Turn, tracked: object) -> tuple[Finding, ...]:
        return (Finding("fact", "invented", text="今天只要9元"),)


class _FindsNothing:
    async def __call__(self, turn: Turn, tracked: object) -> tuple[Finding, ...]:
        return ()


@pytest.mark.parametrize(
    ("stages", "complaint"),
    [
        ({"normalise": _Forgets()}, "normalise: shape"),
        ({"normalise": _Sleeps()}, "held the event loop"),
        ({"gather": _Invents()}, "without a ground"),
        ({"gather": _FindsNothing()}, "at least one finding"),
    ],
)
async def test_a_stage_that_breaks_its_rule_is_told_which(
    pipeline: Pipeline,  # noqa: F811
    stages: dict[str, Any],
    complaint: str,
) -> None:
    with pytest.raises(ConformanceError, match=complaint):
        await check_stages(_bench(pipeline, **stages))
