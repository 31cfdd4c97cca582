"""What the customer's own account says: level and points."""

from __future__ import annotations

import re

from bot.decision import Evidence
from bot.dialogue.wish import Asked
from bot.gather.finding import Finding
from bot.gather.scene import Scene

_INTENTS = frozenset({"membership", "points"})
_MINE = re.compile("我(?:的|现在|有|是|还|这|账号|这个)|(?:还剩|还有|剩)(?:多少|几)|查.{0,4}(?:积分|等级)")


async def answer(asked: Asked, scene: Scene) -> Finding | None:
    """Tell a known customer his level and points when he asks for his own; None otherwise."""
    if asked.intent not in _INTENTS or not _MINE.search(asked.wish.plain):
        return None
    customer = await scene.customer()
    if customer is None:
        return None
    points = f"{customer.points}积分"
    return Finding(
        reason="account",
        key=f"account:{asked.intent}",
        text=scene.wording.say("account.told", level=customer.level, points=points),
        evidence=(Evidence("fact", f"fact:{customer.customer_id}/{asked.intent}", f"{customer.level} {points}"),),
        grounds=(customer.level, points),
    )
