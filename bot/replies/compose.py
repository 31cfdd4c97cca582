"""The compose stage: findings and verdict to messages, every number in them backed by evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.decision import Commitment, Decision, Evidence, Handoff, Reply
from bot.dialogue.decide import Verdict
from bot.dialogue.state import Choice, changed
from bot.dialogue.wish import Tracked
from bot.gather.finding import Finding
from bot.handoff.summary import summarise
from bot.replies.digits import unbacked
from bot.replies.wording import Wording
from bot.turn import Turn

_MOST_CARDS = 3
_MOST_CHARS = 1_500


@dataclass(frozen=True, slots=True)
class GuardedComposer:
    """Writes the replies; `product_name` finds a name for the agent's summary without asking the shop."""

    product_name: Callable[[str], str | None]

    def __call__(self, turn: Turn, tracked: Tracked, verdict: Verdict) -> Decision:
        """Return the decision; a text with an unbacked number is not said."""
        wording = Wording(turn.id, [line.text for line in turn.history if line.origin == "bot"])
        evidence = (*verdict.evidence, *(e for finding in verdict.findings for e in finding.evidence))
        intent, confidence = _understood(tracked)
        if verdict.act == "silent":
            return Decision("silent", verdict.reason, (), verdict.state, evidence, intent=intent, confidence=confidence)
        if verdict.act == "hand_off":
            return self._hand_off(turn, tracked, verdict, wording, evidence)
        offer = any(finding.offer_human for finding in verdict.findings) or (
            any(finding.missed for finding in verdict.findings)
        )
        say_offer = any(finding.offer_human for finding in verdict.findings) and not tracked.state.offered_human
        text, stopped = _joined(verdict.findings, wording, turn)
        if say_offer and not stopped:
            text = f"{text}\n{wording.say('human.offer')}"
        replies = _messages(text, verdict.findings, stopped=bool(stopped))
        state = changed(verdict.state, offered_human=tracked.state.offered_human or say_offer)
        return Decision(
            act="reply" if stopped else verdict.act,
            reason="unbacked_number" if stopped else verdict.reason,
            replies=replies,
            state=changed(state, pending=None) if stopped else state,
            evidence=(*evidence, *stopped),
            commitments=() if stopped else _commitments(verdict.findings, replies),
            intent=intent,
            confidence=confidence,
            offer_human=offer,
        )

    def _hand_off(
        self, turn: Turn, tracked: Tracked, verdict: Verdict, wording: Wording, evidence: tuple[Evidence, ...]
    ) -> Decision:
        why = verdict.hand_off or "intent"
        notice = _notice(why, verdict, tracked, wording)
        summary = summarise(turn, tracked, reason=why, product_name=self.product_name)
        intent, confidence = _understood(tracked)
        grounds = [ground for finding in verdict.findings for ground in finding.grounds]
        if unbacked(notice, grounds):
            notice = wording.say("human.notice")
        replies = (Reply("text", {"text": notice}),)
        return Decision(
            act="hand_off",
            reason=why,
            replies=replies,
            state=changed(verdict.state, pending=None, misses=0),
            evidence=evidence,
            commitments=_commitments(verdict.findings, replies),
            handoff=Handoff(why, summary),
            intent=intent,
            confidence=confidence,
        )


def _understood(tracked: Tracked) -> tuple[str | None, float | None]:
    first = tracked.asked[0] if tracked.asked else None
    return (first.intent, round(first.confidence, 4)) if first else (None, None)


def _notice(why: str, verdict: Verdict, tracked: Tracked, wording: Wording) -> str:
    """Return what the customer is told; what was found for him comes first where it helps."""
    if "unwell" in tracked.cues:
        return wording.say("human.unwell")
    if why == "intent":
        told = [finding.text for finding in verdict.findings if finding.hand_off and finding.text]
        if told:
            return "\n".join(told)
    key = {"human_wish": "notice", "settings": "notice", "hours": "notice"}.get(why, why)
    return wording.say(f"human.{key}")


def _joined(findings: Sequence[Finding], wording: Wording, turn: Turn) -> tuple[str, tuple[Evidence, ...]]:
    """Join the findings' texts, and the evidence that stopped them when a number was not backed."""
    said = next((line.text for line in reversed(turn.history) if line.origin == "bot"), "")
    texts = []
    for finding in findings:
        bad = unbacked(finding.text, finding.grounds)
        if bad:
            stop = Evidence("rule", "rule:unbacked_number", "、".join(bad), data={"key": finding.key})
            return wording.say("trouble.guard"), (stop,)
        texts.append(finding.text)
    text = "\n".join(dict.fromkeys(texts))[:_MOST_CHARS]
    return (wording.say("faq.again", text=text) if text and text in said else text), ()


def _messages(text: str, findings: Sequence[Finding], *, stopped: bool) -> tuple[Reply, ...]:
    choices: tuple[Choice, ...] = () if stopped else next((f.choices for f in findings if f.choices), ())
    cards: list[Mapping[str, Any]] = [] if stopped else [card for finding in findings for card in finding.cards]
    if choices:
        body = {"text": text, "choices": [{"label": choice.label, "say": choice.say} for choice in choices]}
        first = Reply("choices", body)
    else:
        first = Reply("text", {"text": text})
    return (first, *(Reply("product_card", card) for card in cards[:_MOST_CARDS]))


def _commitments(findings: Sequence[Finding], replies: Sequence[Reply]) -> tuple[Commitment, ...]:
    text = str(replies[0].body.get("text", "")) if replies else ""
    unique: dict[tuple[str, str], Commitment] = {}
    for finding in findings:
        for promise in finding.promises:
            if promise.said in text:
                unique[promise.fact_id, promise.said] = Commitment(
                    promise.kind, promise.fact_id, promise.fact_version, promise.value, promise.said, 0
                )
    return tuple(unique.values())
