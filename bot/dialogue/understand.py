"""The understand stage: a turn's messages read together and one by one, and split where they hold several wishes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from bot.dialogue.wish import Reading, Wish
from bot.models import BotModels
from bot.pausing import let_messages_through
from bot.understanding.normalise import normalise

# Courtesies: they open or close a wish, and are one only when nothing else is said.
COURTESIES = frozenset({"greet", "goodbye", "thanks", "praise", "affirm", "deny", "chitchat"})
_BREAK = re.compile(r"[。！？!?;；\n]+|(?:，|,|\s)+(?=另外|还有|顺便|再问|对了|以及|然后|也想问)|(?<=[吗呢])[，, ]+")
_COMMA = re.compile(r"[，,]+")
# A clause that asks something by itself: what follows its comma may be another question.
_ASKS = re.compile("多少|几[块天个克度点]|怎么|咋|什么|啥|哪|[吗么呢不]$|有没有|能不能|可不可以|是不是")
_OPENING = re.compile(r"^(?:另外|还有|顺便(?:问一下|问下|问)?|再问(?:一下|下)?|对了|以及|然后|也想问)[，, ]*")
_MOST_WISHES = 3
_MOST_PARTS = 6
_SURE = 0.55
_ENOUGH = 0.45


@dataclass(frozen=True, slots=True)
class HybridUnderstanding:
    """Reads with the hybrid model; each text is encoded once, all texts of a turn in one batch."""

    models: BotModels

    async def __call__(self, reading: Reading) -> tuple[Wish, ...]:
        """Return one to three wishes in the order they were said; none when the turn has no words."""
        if not reading.utterances:
            return ()
        whole = normalise(reading.plain)
        parts = _parts(reading)
        texts = list(dict.fromkeys([whole, *parts]))
        vectors = await asyncio.gather(*[self.models.encoder.encode(text) for text in texts])
        read: dict[str, Wish] = {}
        for text, vector in zip(texts, vectors, strict=True):
            await let_messages_through()  # texts encoded together come back together
            read[text] = Wish(text, self.models.understander.understand_vector(text, vector), vector)
        return _choose(read[whole], [read[part] for part in parts])


def _parts(reading: Reading) -> list[str]:
    parts: list[str] = []
    for utterance in reading.utterances:
        for piece in (clause for part in _BREAK.split(utterance.plain) for clause in _clauses(part)):
            plain = _OPENING.sub("", piece.strip(" ，,")).strip()
            if plain and plain not in parts:
                parts.append(plain)
    return parts[:_MOST_PARTS]


def _clauses(text: str) -> list[str]:
    """Part a text at its commas where both sides ask something; elsewhere a comma only draws breath."""
    clauses: list[str] = []
    for piece in _COMMA.split(text):
        if clauses and not (_ASKS.search(clauses[-1]) and _ASKS.search(piece)):
            clauses[-1] += f"，{piece}"
        else:
            clauses.append(piece)
    return clauses


def _choose(whole: Wish, parts: list[Wish]) -> tuple[Wish, ...]:
    """Split only where two parts are clearly wishes of different kinds; else take the best reading of the turn."""
    real = [part for part in parts if part.intent not in COURTESIES]
    sure = [part for part in real if part.confidence >= _SURE and _is_meant(part, whole)]
    distinct: dict[str, Wish] = {}
    for part in sure:
        known = distinct.get(part.intent)
        if known is None or (len(part.plain), part.confidence) > (len(known.plain), known.confidence):
            distinct[part.intent] = part
    if len(distinct) > 1:
        return tuple(distinct.values())[:_MOST_WISHES]
    if len(sure) == len(real) == 1 and len(parts) > 1 and sure[0].intent == whole.intent:
        return (sure[0],)  # the rest is courtesy, which a search would only stumble over
    if whole.intent not in COURTESIES and whole.confidence >= _ENOUGH and whole.understanding.decision != "decline":
        return (whole,)
    # A part may speak for the turn when it is most of it; a fragment has lost what it was about.
    long = [part for part in sure if 2 * len(part.plain) >= len(whole.plain)]
    return (max(long or [whole], key=lambda wish: wish.confidence),)


def _is_meant(part: Wish, whole: Wish) -> bool:
    """Whether a part may be answered: by itself, or because the whole turn is read, and answered, like it."""
    if part.understanding.decision == "answer":
        return True
    same = part.intent == whole.intent and whole.understanding.decision == "answer"
    return same and part.understanding.decision == "clarify"
