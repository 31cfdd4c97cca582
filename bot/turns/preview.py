"""What the bot would do if a new customer said something: decided as ever, nothing is sent or stored."""

from __future__ import annotations

from bot.dialogue.state import DialogueState
from bot.settings import BotSettings
from bot.turn import CustomerMessage, Turn
from bot.turns import guard
from bot.turns.guard import Decided, Decider
from messaging_core.api import Actor, Core


async def preview(
    core: Core, actor: Actor, decider: Decider, *, enterprise_id: int, settings: BotSettings, text: str
) -> Decided:
    """Return the decision on a question under `settings`, which need not be in force."""
    now_us, turn_id = core.clock.now_us(), core.tools.ids.new()
    turn = Turn(
        id=turn_id,
        enterprise_id=enterprise_id,
        conversation_id=0,
        session_id=0,
        session_state="bot",
        assignment_version=1,
        customer_id=actor.account_id,
        customer_name=actor.name,
        messages=(CustomerMessage(turn_id, 1, "text", text, {"text": text}, now_us),),
        history=(),
        state=DialogueState(),
        settings=settings,
        now_us=now_us,
        first=True,
    )
    return await guard.decide(
        decider, turn, limits=core.settings.limits, new_incident=lambda: f"i{core.tools.ids.new()}"
    )
