"""What of a decision is said in a community, where everybody reads along: pure.

A customer's own affairs and a human belong into his own conversation with the shop, and buttons into nobody's group.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.decision import Decision, Reply
from bot.gather.orders import ORDER_INTENTS
from bot.turns.guard import say


def replies_of(decision: Decision, *, named: bool, failed: bool, most: int) -> Sequence[Reply]:
    """Return what to say, at most so many messages.

    Args:
        named: the bot was called by name; else it speaks only when it knows the answer.
        failed: the decider failed, and this is the fallback.
        most: how many messages may answer one message.
    """
    if decision.act == "silent":
        return ()
    beyond = failed or decision.handoff is not None or _is_private(decision)
    if not named and (beyond or decision.offer_human or decision.act not in ("reply", "recommend")):
        return ()
    if beyond:
        return (say("group_private"),)
    if decision.intent in ORDER_INTENTS:  # what holds for everybody, and where one's own order is looked up
        return [*(_in_words(reply) for reply in decision.replies[: most - 1]), say("group_private")]
    return [_in_words(reply) for reply in decision.replies[:most]]


def _is_private(decision: Decision) -> bool:
    return any(one.kind == "order" or one.source == "rule:order_needs_account" for one in decision.evidence)


def _in_words(reply: Reply) -> Reply:
    if reply.kind != "choices":
        return reply
    labels = [f"· {choice['label']}" for choice in reply.body["choices"]]
    return Reply("text", {"text": "\n".join([str(reply.body["text"]), *labels])})
