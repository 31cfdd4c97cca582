"""What decides: the artefacts of one enterprise, loaded and ready, as one value that is replaced whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.encoding.encoder import Vectors
from bot.retrieval.documents.shelf import Shelf
from bot.retrieval.faq_index import FaqIndex
from bot.understanding.hybrid import Understander
from intents.model import Pack


class TextEncoder(Protocol):
    """Encodes one text without holding the event loop; `bot.encoding.asynchronous.AsyncEncoder` is one."""

    async def encode(self, text: str) -> Vectors:
        """Return the vector of one normalised text, shape (dimension,)."""
        ...


@dataclass(frozen=True, slots=True)
class BotModels:
    """Everything a decision needs besides the shop; `versions` names the artefacts for evidence (kind to hash)."""

    understander: Understander
    faq: FaqIndex
    pack: Pack
    encoder: TextEncoder
    versions: Mapping[str, str] = field(default_factory=dict)
    documents: Shelf = field(default_factory=Shelf)
