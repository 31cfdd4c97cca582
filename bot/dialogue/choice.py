"""How a customer answers what the bot asked: by pressing, by number, by words, or yes and no."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.dialogue.state import Choice
from bot.understanding.normalise import normalise

_NUMBER = re.compile(
    r"^(?:选|要|就)?\s*(?:第)?\s*([1-3一二三两])\s*(?:个|款|种|项|号|条|吧|\.|、|呢|的)*$|^(前|后)者$|^(?:最)?(前|后)(?:面)?(?:那)?(?:个|款|一个)$"
)
_PLACE = {"1": 0, "一": 0, "2": 1, "二": 1, "两": 1, "3": 2, "三": 2}
_YES = re.compile(
    r"^(?:嗯+|恩+|哦|好|是|对|行|可以|确认|确定|要|需要|ok|okay|yes|y|没错|取消吧|帮我|麻烦|就这样|同意|当然)"
    r"(?:的|呀|啊|吧|了|滴|哒|呢|嗯|好|是|对|的话|帮我.{0,4}|谢谢|麻烦了?|确认|取消|催|催一下|办|您|你|[,， ])*"
    r"[。.!！~～]*$"
)
_NO = re.compile(
    r"^(?:不|没|别|算了|先不|no|不用|不要|不是|不取消|不了|再想想|等等|等一下)"
    r"(?:了|的|用|要|吧|啊|呢|是|对|好|需要|谢谢|，|,| )*.{0,4}$"
)


def pick(text: str, choices: Sequence[Choice]) -> Choice | None:
    """Return the choice that a text means, None when it means none of them or several."""
    plain = normalise(text)
    if not plain or not choices:
        return None
    for choice in choices:
        if plain in (normalise(choice.say), normalise(choice.label)):
            return choice
    if match := _NUMBER.match(plain):
        place = _PLACE[match[1]] if match[1] else 0 if "前" in plain else len(choices) - 1
        return choices[place] if place < len(choices) else None
    words = [choice for choice in choices if _names(plain, choice)]
    return words[0] if len(words) == 1 else None


def agrees(text: str) -> bool | None:
    """Return True for a yes, False for a no, None for anything else."""
    plain = normalise(text)
    if len(plain) > 16:
        return None
    if _NO.match(plain):
        return False
    return True if _YES.match(plain) else None


def _names(plain: str, choice: Choice) -> bool:
    label = normalise(choice.label)
    return len(plain) >= 2 and (plain in label or (len(label) >= 2 and label in plain and len(plain) <= 3 * len(label)))
