"""Small deciders: what a pipeline may do to the worker, good and bad."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.decision import Commitment, Decision, Evidence, Handoff, Reply
from bot.dialogue.state import changed
from bot.turn import Turn

Answer = Callable[[Turn], Decision]


def echo(turn: Turn) -> Decision:
    """Say again what was said, and remember how often; with evidence and a promise."""
    count = str(int(turn.state.slots.get("turns", "0")) + 1)
    said = f"您说：{turn.text or '（无字）'}"
    return Decision(
        "reply",
        "echo",
        (Reply("text", {"text": said}),),
        changed(turn.state, slots={"turns": count}),
        (Evidence("utterance", "test:1", turn.text, 0.9, {"count": count}),),
        (Commitment("price", "MT-1/price", "v1", "26800", said, 0),),
        intent="echo",
        confidence=0.9,
        versions={"understand": "test.v1"},
    )


def call_human(turn: Turn) -> Decision:
    """Hand the session over."""
    notice = (Reply("text", {"text": "帮您转人工"}),)
    return Decision(
        "hand_off", "human_wish", notice, turn.state, handoff=Handoff("human_wish", f"想要人工：{turn.text}")
    )


def keep_silent(turn: Turn) -> Decision:
    """Say nothing, but remember it."""
    return Decision("silent", "thanks", (), changed(turn.state, slots={"thanked": "1"}))


class Deciding:
    """Answers as it is told; `wait` holds decisions up, `started` counts them."""

    def __init__(self, answer: Answer = echo) -> None:
        self.answer = answer
        self.started = 0
        self.turns: list[Turn] = []
        self._go = asyncio.Event()
        self._go.set()

    def wait(self) -> None:
        """Hold up what is decided from now on."""
        self._go.clear()

    def go(self) -> None:
        """Let everything that waits be decided."""
        self._go.set()

    async def decide(self, turn: Turn) -> Decision:
        """See Decider.decide."""
        self.started += 1
        self.turns.append(turn)
        await self._go.wait()
        return self.answer(turn)
