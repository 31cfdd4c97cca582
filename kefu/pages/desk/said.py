"""What was said in the open conversation, by `seq`: where a page looks up what a message answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from messaging_core.api import Desk

Message = Mapping[str, Any]


def answered(message: Message) -> int | None:
    """Return the `seq` of what a message answers, None when it answers none."""
    reply_to = message.get("reply_to")
    return int(reply_to["seq"]) if reply_to else None


class Said:
    """The messages of one conversation that the page has heard of, as they read now."""

    def __init__(self, desk: Desk, conversation_id: int | None) -> None:
        self._desk = desk
        self.conversation_id = conversation_id
        self.messages: dict[int, Message] = {}

    async def learn(self, frames: Sequence[Message]) -> None:
        """Know these messages, and read those that they answer."""
        messages = [frame for frame in frames if frame.get("type") != "event"]
        self.messages.update((frame["seq"], frame) for frame in messages)
        missing = {seq for seq in map(answered, messages) if seq is not None and seq not in self.messages}
        if self.conversation_id is not None and missing:
            for message in await self._desk.quoted(self.conversation_id, sorted(missing)):
                self.messages.setdefault(message["seq"], message)

    def change(self, changed: Mapping[int, Message]) -> None:
        """Note what known messages have become."""
        self.messages.update((seq, message) for seq, message in changed.items() if seq in self.messages)

    def shows(self, seq: int, changed: Mapping[int, Message]) -> Message | None:
        """Return the message at `seq` when it, or what it answers, is among those that have changed."""
        message = self.messages.get(seq)
        return message if message is not None and (seq in changed or answered(message) in changed) else None
