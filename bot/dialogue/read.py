"""The normalise stage: messages to words; what has none is named."""

from __future__ import annotations

import re

from bot.dialogue.wish import Reading, Shape, Utterance
from bot.turn import CustomerMessage, Turn
from bot.understanding.normalise import normalise

# More messages in one turn than this say nothing new to the decision, and each costs an encoding.
_MOST_MESSAGES = 8
_DRONE = 20
_WORD = re.compile(r"[^\W_]")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff]")
_PICTURES = ("image", "video", "file", "voice", "sticker")


class ReadMessages:
    """Normalises every message of a turn, the latest eight of a longer burst."""

    def __call__(self, turn: Turn) -> Reading:
        """Return the turn's words, or what came instead."""
        utterances = []
        for message in turn.messages[-_MOST_MESSAGES:]:
            plain = normalise(message.text) if message.text else ""
            if _WORD.search(plain) and not _is_drone(message.text):
                utterances.append(Utterance(message.message_id, message.text, plain))
        card = next((_product(message) for message in reversed(turn.messages) if message.kind == "product_card"), None)
        return Reading(tuple(utterances), "words" if utterances else _shape(turn), card)


def _is_drone(text: str) -> bool:
    """Whether a text is one or two letters over and over: a cat on the keyboard has asked nothing."""
    said = "".join(text.split())
    return len(said) >= _DRONE and len(set(said)) <= 2


def _product(message: CustomerMessage) -> str | None:
    product_id = message.body.get("product_id")
    return product_id if isinstance(product_id, str) else None


def _shape(turn: Turn) -> Shape:
    if any(message.kind == "product_card" for message in turn.messages):
        return "card"
    if any(message.kind in _PICTURES for message in turn.messages):
        return "image"
    text = turn.text
    if _EMOJI.search(text):
        return "emoji"
    return "marks" if text.strip() else "nothing"
