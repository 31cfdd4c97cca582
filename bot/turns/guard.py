"""A decision under its deadline: whatever a decider does, the customer gets an outcome and the operator a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import structlog

from bot.decision import Commitment, Decision, Evidence, Handoff, Reply
from bot.dialogue.state import changed
from bot.turn import Turn
from kefu.base.errors import PluginError
from kefu.base.texts import text
from messaging_core.api import Limits, read_body
from messaging_core.errors import CoreError

log = structlog.get_logger("kefu.bot")
_STATE_BYTES = 16_384
_GRACE_MS = 100
_REPLIES = 10
_WORDS = 300


class Decider(Protocol):
    """What decides: the bot's pipeline, or a test's own."""

    async def decide(self, turn: Turn) -> Decision:
        """Return what to do with a turn; a value, nothing is sent or stored here."""
        ...


class InvalidDecision(Exception):
    """A decider returned what cannot be carried out."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that can be carried out; `bodies` are its replies' bodies in canonical JSON.

    `error` is set when the decider failed and this is the fallback: `late`, `raised` or `invalid` and the incident's
    id. `remembers`: whether the decision's state replaces the session's.
    """

    decision: Decision
    bodies: tuple[bytes, ...] = ()
    error: str | None = None
    remembers: bool = True


async def decide(decider: Decider, turn: Turn, *, limits: Limits, new_incident: Callable[[], str]) -> Decided:
    """Return the decider's decision; when it raises, is late or returns nonsense, the fallback, or a human.

    The second failure in a row calls a human. A failure is logged with an incident id that the evidence names too.
    """
    error: Exception
    deadline_ms = turn.settings.deadline_ms
    try:
        # A decider that keeps its deadline itself knows better what to say: it goes first.
        async with asyncio.timeout((deadline_ms + _GRACE_MS) / 1000) as deadline:
            decision = await decider.decide(turn)
        bodies = check(decision, limits)
    except TimeoutError as raised:
        why = "late" if deadline.expired() else "raised"
        error = raised
    except InvalidDecision as raised:
        why, error = "invalid", raised
    except asyncio.CancelledError as raised:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise  # it is we who are to stop
        why, error = "raised", PluginError(f"something that the decider waited for was cancelled: {raised!r}")
    except Exception as raised:  # a plug-in may raise anything; the customer is answered, the operator told
        why, error = "raised", raised
    else:
        # What failed inside and was mended there is a failure for the operator all the same.
        failed = next((one.source for one in decision.evidence if one.kind == "error"), None)
        return Decided(_count_failures(turn, decision), bodies, error=failed)
    incident_id = new_incident()
    log.error(
        "bot.decision_failed",
        incident_id=incident_id,
        why=why,
        enterprise_id=turn.enterprise_id,
        conversation_id=turn.conversation_id,
        turn_id=turn.id,
        deadline_ms=deadline_ms,
        error=repr(error),
        exc_info=None if why == "late" else error,
    )
    detail = (
        text("bot.late", "zh", {"deadline_ms": deadline_ms})
        if why == "late"
        else text("bot.raised", "zh", {"error": repr(error)[:_WORDS]})
    )
    decision = fall_back(turn, why=why, incident_id=incident_id, detail=detail)
    return Decided(decision, check(decision, limits), error=f"{why} {incident_id}")


def _count_failures(turn: Turn, decision: Decision) -> Decision:
    """Set the failures in a row back, unless the decider says that one of its stages failed."""
    failed = any(one.kind == "error" for one in decision.evidence)
    if failed or decision.state.failures == 0 or decision.state.failures != turn.state.failures:
        return decision
    return replace(decision, state=changed(decision.state, failures=0))


def fall_back(turn: Turn, *, why: str, incident_id: str, detail: str) -> Decision:
    """Return what is said when no decision came: sorry the first time, a human the second time in a row."""
    failures = turn.state.failures + 1
    state = changed(turn.state, failures=failures)
    evidence = (Evidence("error", f"incident:{incident_id}", detail, data={"why": why}),)
    if failures < 2:
        return Decision("reply", "failed", (say("fallback"),), state, evidence, offer_human=True)
    summary = text(
        "bot.summary_error", "zh", {"failures": failures, "incident_id": incident_id, "text": turn.text[:_WORDS]}
    )
    return hand_off(turn, reason="error", summary=summary, notice=(say("handed_over"),), evidence=evidence)


def hand_off(
    turn: Turn, *, reason: str, summary: str, notice: tuple[Reply, ...], evidence: tuple[Evidence, ...] = ()
) -> Decision:
    """Return the call for a human; the failures are over then."""
    handoff = Handoff(reason, summary)  # type: ignore[arg-type]
    return Decision("hand_off", reason, notice, changed(turn.state, failures=0), evidence, handoff=handoff)


def say(code: str) -> Reply:
    """Return a text of the catalogue's section `bot` as a reply."""
    return Reply("text", {"text": text(f"bot.{code}", "zh")})


def check(decision: Decision, limits: Limits) -> tuple[bytes, ...]:
    """Return the replies' bodies in canonical JSON; raise InvalidDecision for what cannot be carried out."""
    if decision.act == "silent" and decision.replies:
        raise InvalidDecision("silent, but with replies")
    if (decision.act == "hand_off") != (decision.handoff is not None):
        raise InvalidDecision("hand_off goes with a handoff, and only then")
    if decision.act not in ("silent", "hand_off") and not decision.replies:
        raise InvalidDecision(f"{decision.act} without a reply")
    if len(decision.replies) > _REPLIES:
        raise InvalidDecision(f"{len(decision.replies)} replies, more than {_REPLIES}")
    for commitment in decision.commitments:
        _check_commitment(commitment, replies=len(decision.replies))
    if len(decision.state.to_json()) > _STATE_BYTES:
        raise InvalidDecision(f"the dialogue state is larger than {_STATE_BYTES} bytes")
    return tuple(_read(place, reply, limits) for place, reply in enumerate(decision.replies))


def _check_commitment(commitment: Commitment, *, replies: int) -> None:
    if not 0 <= commitment.reply < replies:
        raise InvalidDecision(f"a commitment in reply {commitment.reply}, which does not exist")


def _read(place: int, reply: Reply, limits: Limits) -> bytes:
    try:
        return read_body(reply.kind, reply.v, msgspec.json.encode(reply.body), limits)
    except CoreError as refusal:
        raise InvalidDecision(f"reply {place}: {refusal.detail('en')}") from refusal
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidDecision(f"reply {place}: {error!r}") from error
