"""Pure rules about messages that stand already: who may recall, edit, react, and how long."""

from __future__ import annotations

from kefu.base.clock import HOUR_US, SECOND_US, format_time
from messaging_core.errors import CoreError, forbidden, invalid
from messaging_core.messages.kinds.emoji import is_emoji
from messaging_core.settings import Messages

RECALLED, DELETED = "recalled", "deleted"
EDITABLE = frozenset({"text"})
# Money has moved, or the messenger itself has spoken: these stay as they are.
FIXED = frozenset({"red_packet", "system_notice", RECALLED, DELETED})


def check_may_recall(
    limits: Messages, *, kind: str, age_us: int, own: bool, serves: bool, moderates: bool, sent_at_us: int
) -> None:
    """Refuse a recall.

    Args:
        own: the actor has sent it.
        serves: he serves the enterprise whose side has said it, in a service conversation.
        moderates: he stands above the sender in a group.
    """
    if kind in FIXED:
        raise forbidden("fixed_message")
    windows = []
    if own:
        windows.append(limits.recall_s * SECOND_US)
    if serves:
        windows.append(limits.agent_recall_h * HOUR_US)
    if moderates:
        windows.append(limits.admin_recall_h * HOUR_US)
    if not windows:
        raise forbidden("sender_only")
    check_window("recall", max(windows), age_us=age_us, sent_at_us=sent_at_us)


def check_may_edit(limits: Messages, *, kind: str, age_us: int, own: bool, sent_at_us: int) -> None:
    """Refuse an edit: another's message, one that is no text, one that is too old."""
    if not own:
        raise forbidden("sender_only")
    if kind not in EDITABLE:
        raise forbidden("fixed_message")
    check_window("edit", limits.edit_s * SECOND_US, age_us=age_us, sent_at_us=sent_at_us)


def check_window(rule: str, window_us: int, *, age_us: int, sent_at_us: int) -> None:
    """Refuse what comes at or after the end of its window, which is half-open."""
    if age_us >= window_us:
        raise CoreError(
            "too_late",
            rule=rule,
            limit=window_us // SECOND_US,
            used=age_us // SECOND_US,
            ended_at=format_time(sent_at_us + window_us),
        )


def check_may_forward(kind: str) -> None:
    """Refuse to forward what must stay where it is."""
    if kind in FIXED:
        raise forbidden("fixed_message")


def check_emoji(emoji: str) -> None:
    """Refuse what is not exactly one emoji."""
    if not is_emoji(emoji):
        raise invalid("wrong_form", "emoji", hint="must be one emoji")


def reacted(
    reactions: dict[str, list[str]], *, account_id: str, emoji: str, on: bool, limits: Messages
) -> dict[str, list[str]] | None:
    """Return the reactions after somebody sets or takes back one; None when that changes nothing."""
    who = reactions.get(emoji, [])
    if (account_id in who) == on:
        return None
    if not on:
        rest = [one for one in who if one != account_id]
        changed = {**reactions, emoji: rest}
        return {key: value for key, value in changed.items() if value}
    if emoji not in reactions and len(reactions) >= limits.reaction_kinds:
        raise CoreError("too_many", rule="reaction_kinds", limit=limits.reaction_kinds, used=len(reactions) + 1)
    own = sum(account_id in accounts for accounts in reactions.values())
    if own >= limits.reactions_each:
        raise CoreError("too_many", rule="reactions_each", limit=limits.reactions_each, used=own + 1)
    return {**reactions, emoji: [*who, account_id]}
