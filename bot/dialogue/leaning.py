"""Words whose sense hangs on what was said before: a model that reads them alone is sure of the wrong thing."""

from __future__ import annotations

import re

_FOLLOWS_ON = re.compile(r"^(?!那么[多少久贵慢大])(?:那|这样)|^.{1,5}呢[?？。]?$")
_NOTHING_MORE = re.compile(
    r"^(?:那|好的?|嗯+|哦)?[，, ]?(?:没有?|木有|暂时没有?|不用|不需要|没事|没问题)(?:了|啦|咯|喽)"
)
_CONTRADICTS = re.compile(r"^(?:不对|不是(?:的|这|我|问|说)?|错了|(?:说|理解|搞|弄)错)")


def follows_on(plain: str) -> bool:
    """Return whether a normalised text goes on with something (那还用邮费吗, 运费呢)."""
    return _FOLLOWS_ON.search(plain) is not None


def wants_nothing_more(plain: str) -> bool:
    """Return whether a no ends the talk (没有了) and does not reject what was offered (没有)."""
    return _NOTHING_MORE.search(plain) is not None


def contradicts(plain: str) -> bool:
    """Return whether a no says that the other side got it wrong (不对)."""
    return _CONTRADICTS.search(plain) is not None
