"""The bot at work: hears what customers write, has it decided, and commits one outcome for each turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.decision import Decision
from bot.turn import Turn
from bot.turns import greeting, guard, rules
from bot.turns.commit import Opened, Refused, commit_turn
from bot.turns.guard import Decided, Decider
from bot.turns.scene import Scene, is_from_person, read_scene
from bot.turns.settings_store import SettingsCache
from bot.turns.store import TurnRow
from kefu.base.clock import SECOND_US
from messaging_core.api import MESSAGE_SENT, Core, Delivery, Event

__all__ = ["BotWorker", "Decider", "FindDecider"]

log = structlog.get_logger("kefu.bot")
FindDecider = Callable[[int], Decider | None]
"""(enterprise id) -> what decides for it; None while nothing does, which counts as a failed decision."""

_TYPING_AFTER_S = 0.3


class NoDecider(Exception):
    """The enterprise's bot is on, but nothing is there that decides."""


class _Nobody:
    """Decides for an enterprise that has no decider: by failing, so that the operator sees it and a human is called."""

    async def decide(self, turn: Turn) -> Decision:
        raise NoDecider(f"enterprise {turn.enterprise_id} has its bot on, but no pipeline; train it or turn it off")


class _Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.turns = Counter("kefu_bot_turns", "Turns by outcome", ["outcome"], registry=registry)
        self.failures = Counter("kefu_bot_failures", "Decisions that raised, were late or invalid", registry=registry)
        self.restarts = Counter("kefu_bot_restarts", "Decisions dropped because more was said", registry=registry)
        self.seconds = Histogram(
            "kefu_bot_turn_seconds",
            "From the turn's last message to its committed outcome",
            buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10),
            registry=registry,
        )


class BotWorker:
    """One subscriber for all enterprises: `await core.subscribers.add(BotWorker(core, find_decider))`.

    There is no waiting window. A message that arrives before the outcome is committed joins the turn and restarts it:
    the decision under way is dropped at once when this node hears of the message, and in any case before the commit,
    which looks at the conversation under its lock.
    """

    name = "bot"
    enterprise_id: int | None = None
    kinds: frozenset[str] | None = frozenset({MESSAGE_SENT, "session.opened"})
    from_start = False
    service_only: Literal[True] = True
    side_by_side = 128
    """A decision mostly waits: for the encoder, for the shop."""

    def __init__(self, core: Core, find_decider: FindDecider) -> None:
        self._core = core
        self._find_decider = find_decider
        self._settings = SettingsCache()
        self._deciding: dict[int, asyncio.Task[Decided]] = {}
        self._metrics = _Metrics(core.metrics.registry)
        core.hub.listen(self._hear)

    async def handle(self, delivery: Delivery) -> None:
        """See Subscriber.handle."""
        if delivery.event.kind == "session.opened":
            await self._core.run(lambda unit: greeting.greet(unit, delivery, self._settings))
        elif is_from_person(delivery.event):
            while await self._take_turn(delivery):
                pass

    def _hear(self, events: list[Event]) -> None:
        """Drop decisions that no longer know everything."""
        for event in events:
            deciding = self._deciding.get(event.conversation_id)
            if deciding is not None and (event.kind.startswith("session.") or is_from_person(event)):
                deciding.cancel()

    async def _take_turn(self, delivery: Delivery) -> bool:
        """Bring what waits to an outcome, once or after restarts; return whether more may be waiting."""
        core = self._core
        opened = Opened(id=core.tools.ids.new(), started_us=core.clock.now_us())
        while True:
            scene = await self._read(delivery.event)
            if scene is None or not rules.is_heard(scene):
                return False
            turn = rules.make_turn(opened, scene, now_us=core.clock.now_us())
            decided = rules.decide_beforehand(scene, turn, limits=core.settings.limits)
            decided = decided or await self._think(turn, scene)
            if decided is not None:
                row = await self._commit(delivery, opened, scene, turn, decided)
                if row is not None:
                    self._count(scene, row)
                    return not scene.whole
            self._metrics.restarts.inc()
            opened = replace(opened, restarts=opened.restarts + 1)

    async def _read(self, event: Event) -> Scene | None:
        now_us = self._core.clock.now_us()
        return await self._core.read(
            lambda connection: read_scene(
                connection,
                self._settings,
                enterprise_id=event.enterprise_id or 0,
                conversation_id=event.conversation_id,
                from_seq=event.seq,
                now_us=now_us,
            )
        )

    async def _think(self, turn: Turn, scene: Scene) -> Decided | None:
        """Return what is decided; None when more was said meanwhile."""
        core, conversation_id = self._core, turn.conversation_id
        decider = self._find_decider(turn.enterprise_id) or _Nobody()
        thinking = asyncio.create_task(
            guard.decide(decider, turn, limits=core.settings.limits, new_incident=lambda: f"i{core.tools.ids.new()}"),
            name="bot-decision",
        )
        self._deciding[conversation_id] = thinking
        typing = _Typing(core, conversation_id, scene.bot_id)
        try:
            return await thinking
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the worker itself is being stopped
            return None
        finally:
            del self._deciding[conversation_id]
            typing.end()

    async def _commit(
        self, delivery: Delivery, opened: Opened, scene: Scene, turn: Turn, decided: Decided
    ) -> TurnRow | None:
        core = self._core
        decided_us = core.clock.now_us()
        try:
            return await core.run(
                lambda unit: commit_turn(unit, delivery, opened, scene, decided, decided_us=decided_us)
            )
        except Refused as refused:
            log.warning(
                "bot.reply_refused", code=refused.code, rule=refused.rule,
                conversation_id=turn.conversation_id, turn_id=opened.id,
            )  # fmt: skip
            silence = rules.keep_silent(turn, "refused", error=refused.code)
        return await core.run(lambda unit: commit_turn(unit, delivery, opened, scene, silence, decided_us=decided_us))

    def _count(self, scene: Scene, row: TurnRow) -> None:
        self._metrics.turns.labels(row.outcome).inc()
        if row.error is not None and row.outcome != "silent":
            self._metrics.failures.inc()
        self._metrics.seconds.observe((row.committed_at - scene.messages[-1].at_us) / SECOND_US)


class _Typing:
    """Shows that the bot is writing when a decision takes longer than a moment."""

    def __init__(self, core: Core, conversation_id: int, bot_id: int | None) -> None:
        self._core, self._conversation_id, self._bot_id = core, conversation_id, bot_id
        self._shown = False
        self._timer = asyncio.get_running_loop().call_later(_TYPING_AFTER_S, self._show)

    def _show(self) -> None:
        if self._bot_id is not None:
            self._shown = True
            self._core.hub.push_typing(self._conversation_id, self._bot_id, on=True)

    def end(self) -> None:
        """Show that it has ceased."""
        self._timer.cancel()
        if self._shown and self._bot_id is not None:
            self._core.hub.push_typing(self._conversation_id, self._bot_id, on=False)
