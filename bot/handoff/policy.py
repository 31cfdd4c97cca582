"""When a human is called: pure rules over cues, settings and memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue.wish import Tracked
from bot.gather.finding import Finding, HandoffReason
from bot.settings import BotSettings
from bot.understanding.normalise import normalise

_SURE = 0.6
_SMALL = (
    "answer:affirm:",
    "answer:thanks:",
    "answer:greet:",
    "answer:goodbye:",
    "answer:praise:",
    "emoji",
    "talk.emoji",
)


def before_answering(tracked: Tracked, settings: BotSettings) -> HandoffReason | None:
    """Return why a human is called whatever could be answered; None when the bot may answer."""
    if "human_wish" in tracked.cues:
        return "human_wish"
    said = tracked.reading.plain
    if any(normalise(word) in said for word in settings.triggers.words if word.strip()):
        return "settings"
    if "unwell" in tracked.cues:
        return "complaint"
    if settings.triggers.complaint and ("complaint" in tracked.cues or _understood(tracked, "complaint")):
        return "complaint"
    if settings.triggers.anger and "anger" in tracked.cues:
        return "anger"
    if _understood(tracked, "ask_human"):
        return "human_wish"
    return None


def after_answering(
    findings: Sequence[Finding], tracked: Tracked, settings: BotSettings, *, seen: Sequence[str]
) -> HandoffReason | None:
    """Return why a human is called after all: an intent for people, misses in a row, a loop.

    `seen` are the hashes of this turn's answers as they would be remembered, one a finding.
    """
    for finding in findings:
        if finding.hand_off:
            return finding.hand_off
    if all(finding.missed for finding in findings) and tracked.state.misses + 1 >= settings.triggers.misses:
        return "misses"
    for finding, mark in zip(findings, seen, strict=True):
        times = 1 + sum(1 for old in tracked.state.last_replies[: settings.triggers.repeats - 1] if old == mark)
        if times >= settings.triggers.repeats and not finding.key.startswith(_SMALL):
            return "loop"
    return None


def _understood(tracked: Tracked, intent: str) -> bool:
    return any(
        asked.intent == intent and asked.confidence >= _SURE and asked.wish.understanding.decision != "decline"
        for asked in tracked.asked
    )
