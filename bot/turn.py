"""A turn: what a customer has said since the bot's last outcome, with all that a decision may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.dialogue.state import DialogueState
from bot.settings import BotSettings

Origin = Literal["person", "bot", "agent", "system"]


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """One message of the turn; `text` is empty for kinds without words (an image), `body` is as on the wire."""

    message_id: int
    seq: int
    kind: str
    text: str
    body: Mapping[str, Any]
    at_us: int


@dataclass(frozen=True, slots=True)
class Line:
    """An earlier message of the conversation."""

    origin: Origin
    text: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a decision rests on: the same turn and the same artefacts give the same decision.

    `messages` are in the order of their `seq`, at least one; `history` is oldest first, at most 20 lines.
    """

    id: int
    enterprise_id: int
    conversation_id: int
    session_id: int
    session_state: Literal["bot", "queued"]
    assignment_version: int
    customer_id: int
    customer_name: str
    messages: tuple[CustomerMessage, ...]
    history: tuple[Line, ...]
    state: DialogueState
    settings: BotSettings
    now_us: int
    first: bool = field(default=False)
    """Whether this is the session's first turn, which may be greeted."""

    @property
    def text(self) -> str:
        """What the customer said in this turn, one message a line."""
        return "\n".join(message.text for message in self.messages if message.text)
