"""The decide stage: reply, clarify, recommend, hand off or stay silent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.decision import Act, Evidence
from bot.dialogue.state import DialogueState, changed
from bot.dialogue.wish import Tracked
from bot.gather.finding import Finding, HandoffReason
from bot.handoff.policy import after_answering, before_answering
from bot.replies.wording import Wording
from bot.turn import Turn

_MOST_REMEMBERED = 6
_COULD_NOT_HELP = frozenset({"misses", "loop"})
_CLOSERS = frozenset({"affirm", "thanks", "goodbye"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with the turn, with what, and what to remember; `key_hashes` are this turn's answers."""

    act: Act
    reason: str
    findings: tuple[Finding, ...]
    state: DialogueState
    hand_off: HandoffReason | None = None
    evidence: tuple[Evidence, ...] = ()


class RuleDecider:
    """Decides by rules, in the order of bot.handoff.policy; the settings set their limits."""

    def before(self, turn: Turn, tracked: Tracked) -> Verdict | None:
        """Return a verdict that needs no knowledge: a human is wanted."""
        reason = before_answering(tracked, turn.settings)
        if reason is None:
            return None
        evidence = Evidence("cue", f"rule:{reason}", tracked.reading.plain[:200], data={"cues": sorted(tracked.cues)})
        if turn.session_state == "queued":
            return Verdict("reply", "already_queued", (_queued(turn),), _remember(tracked, (), ()), None, (evidence,))
        return Verdict("hand_off", reason, (), _remember(tracked, (), ()), reason, (evidence,))

    def __call__(self, turn: Turn, tracked: Tracked, findings: tuple[Finding, ...]) -> Verdict:
        """Return the verdict over what was found."""
        useful = tuple(finding for finding in findings if not finding.missed) or findings[:1]
        seen = [mark(finding.key) for finding in useful]
        why = after_answering(useful, tracked, turn.settings, seen=seen)
        state = _remember(tracked, useful, seen)
        if why is not None and turn.session_state == "queued":
            told = useful if why == "intent" and all(finding.text for finding in useful) else (_queued(turn),)
            return Verdict("reply", "already_queued", told, state)
        if why is not None:
            if why in _COULD_NOT_HELP:
                # What the customer is about was not understood: the goods spoken of before are not what he means.
                state = changed(state, called=state.called + 1, products=(), shown=(), sizes=None)
            return Verdict("hand_off", why, useful, state, why)
        if _goes_without_saying(turn, tracked, useful):
            return Verdict("silent", "courtesy", useful, state)
        first = useful[0]
        act: Act = "recommend" if any(f.act == "recommend" for f in useful) else first.act
        return Verdict(act, first.reason, useful, state)


def _queued(turn: Turn) -> Finding:
    """Say that a human is on the way: he is called once."""
    said = [line.text for line in turn.history if line.origin == "bot"]
    return Finding("already_queued", "queued", Wording(turn.id, said).say("human.queued"))


def mark(key: str) -> str:
    """Return the short hash by which an answer is remembered."""
    return hashlib.blake2s(key.encode(), digest_size=6).hexdigest()


def _goes_without_saying(turn: Turn, tracked: Tracked, findings: Sequence[Finding]) -> bool:
    """A second courtesy in a row needs no answer: the bot would have the last word for ever."""
    closing = all(asked.intent in _CLOSERS for asked in tracked.asked) and bool(tracked.asked)
    answered = bool(turn.state.last_intents) and turn.state.last_intents[0] in _CLOSERS
    return closing and answered and turn.state.pending is None and all(f.reason == "intent_answer" for f in findings)


def _remember(tracked: Tracked, findings: Sequence[Finding], seen: Sequence[str]) -> DialogueState:
    state = tracked.state
    slots, products, orders, shown = dict(state.slots), state.products, state.orders, state.shown
    sizes = state.sizes
    for finding in findings:
        slots.update(finding.slots)
        products = tuple(dict.fromkeys([*finding.products, *products]))[:8]
        orders = tuple(dict.fromkeys([*finding.orders, *orders]))[:4]
        if finding.sizes is not None or (sizes is not None and finding.products not in ((), (sizes.product,))):
            sizes = finding.sizes
        shown = finding.products[:8] if len(finding.products) > 1 else shown
    missed = bool(findings) and all(finding.missed for finding in findings)
    pending = next((finding.pending for finding in findings if finding.pending), None)
    intents = tuple(asked.intent for asked in tracked.asked if not missed)
    return changed(
        state,
        slots={name: value[:80] for name, value in list(slots.items())[:24]},
        products=products,
        orders=orders,
        shown=shown,
        sizes=sizes,
        pending=pending,
        misses=state.misses + 1 if missed else 0,
        failures=0,
        last_intents=(*intents, *state.last_intents)[:_MOST_REMEMBERED],
        last_replies=(*seen, *state.last_replies)[:_MOST_REMEMBERED],
        back_questions=state.back_questions + 1 if pending else 0,
    )
