"""One emoji, shown large."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.settings import Limits

# One picture as Unicode's emoji sequences are built (UTS #51): a flag, a keycap, or pictures joined by ZWJ, each with
# its variation selector, skin tone or tags. Blocks instead of the list of each year's emoji: new ones need no release.
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_ONE = f"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    f"{_ONE}(?:[\U000e0020-\U000e007e]{{1,16}}\U000e007f)?(?:\u200d{_ONE}){{0,7}})\\Z"
)


class Emoji(msgspec.Struct, frozen=True):
    """Exactly one emoji."""

    emoji: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


def check(body: Emoji, _limits: Limits) -> None:
    """Refuse what is not exactly one emoji."""
    if not is_emoji(body.emoji):
        raise invalid("wrong_form", "body.emoji", hint="must be one emoji")


def is_emoji(text: str) -> bool:
    """Return whether a text is exactly one emoji."""
    return _EMOJI.match(text) is not None


KIND = kind(Emoji, check=check, words=lambda _body: "")
