"""What needs no thinking: whether the bot hears a message at all, and when its outcome is certain beforehand. Pure."""

from __future__ import annotations

from bot.decision import Decision, Evidence, Reply
from bot.dialogue.state import DialogueState
from bot.turn import Turn
from bot.turns import guard
from bot.turns.commit import Opened
from bot.turns.guard import Decided
from bot.turns.scene import QUEUE_TOLD, RECALLED, Scene
from kefu.base.texts import text
from messaging_core.api import Limits

_WORDS = 300


def is_heard(scene: Scene) -> bool:
    """Return whether these messages are the bot's business: it is on, or it was turned off in mid-session."""
    return is_on(scene) or is_orphaned(scene)


def is_on(scene: Scene) -> bool:
    """Return whether the enterprise's bot answers."""
    return scene.stored.settings.auto_reply and scene.bot_id is not None


def is_orphaned(scene: Scene) -> bool:
    """Return whether the session still has the bot although it is off: nobody else would answer the customer."""
    return (
        not scene.stored.settings.auto_reply
        and scene.bot_id is None
        and scene.stored.bot_account_id is not None
        and scene.session.state == "bot"
        and scene.overtaken is None
    )


def make_turn(opened: Opened, scene: Scene, *, now_us: int) -> Turn:
    """Return what a decision is asked about."""
    session = scene.session
    return Turn(
        id=opened.id,
        enterprise_id=session.enterprise_id,
        conversation_id=session.conversation_id,
        session_id=session.id,
        session_state="queued" if session.state == "queued" else "bot",
        assignment_version=session.assignment_version,
        customer_id=session.customer_id,
        customer_name=session.customer_name,
        messages=tuple(message for message in scene.messages if message.kind != RECALLED),
        history=scene.history,
        state=scene.state or DialogueState(),
        settings=scene.stored.settings,
        now_us=now_us,
        first=scene.state is None,
    )


def decide_beforehand(scene: Scene, turn: Turn, *, limits: Limits) -> Decided | None:
    """Return the outcome where nothing has to be understood for it, None where the decider is asked."""
    if scene.overtaken is not None:
        return keep_silent(turn, f"overtaken_{scene.overtaken}")
    if not turn.messages:
        return keep_silent(turn, RECALLED)
    if scene.session.state == "queued" and not scene.told_queue:
        return _tell_queue(turn, limits=limits)
    if scene.session.state != "bot":
        return keep_silent(turn, scene.session.state)
    if is_orphaned(scene):
        return _call_human(turn, "settings", (guard.say("handed_over"),), limits=limits)
    if scene.off_hours:
        words = scene.stored.settings.off_hours_text.strip()
        notice = (Reply("text", {"text": words}),) if words and not scene.told_hours else ()
        return _call_human(turn, "hours", notice, limits=limits)
    return None


def keep_silent(turn: Turn, reason: str, *, error: str | None = None) -> Decided:
    """Return a recorded silence, which leaves the bot's memory as it is."""
    evidence = (Evidence("rule", f"rule:{reason}", reason),)
    return Decided(Decision("silent", reason, (), turn.state, evidence), error=error, remembers=False)


def _tell_queue(turn: Turn, *, limits: Limits) -> Decided:
    """Say, once for each stay in the queue, that an agent comes: who hears nothing thinks that he is forgotten."""
    evidence = (Evidence("rule", f"rule:{QUEUE_TOLD}", QUEUE_TOLD),)
    decision = Decision("reply", QUEUE_TOLD, (guard.say("queued"),), turn.state, evidence)
    return Decided(decision, guard.check(decision, limits), remembers=False)


def _call_human(turn: Turn, reason: str, notice: tuple[Reply, ...], *, limits: Limits) -> Decided:
    summary = text(f"bot.summary_{reason}", "zh", {"text": turn.text[:_WORDS]})
    evidence = (Evidence("rule", f"rule:{reason}", reason),)
    decision = guard.hand_off(turn, reason=reason, summary=summary, notice=notice, evidence=evidence)
    return Decided(decision, guard.check(decision, limits))
