"""Taking `seq` numbers: gapless, under the conversation's row lock, written back once at the end."""

from __future__ import annotations

from typing import Any

from messaging_core.conversations import store
from messaging_core.errors import not_found
from messaging_core.kernel.event_log import Event, encode_data
from messaging_core.kernel.unit import Unit


class Numbering:
    """The events that one action adds to one conversation."""

    def __init__(self, unit: Unit, conversation: store.ConversationRow) -> None:
        self._unit = unit
        self.conversation = conversation
        self.last_msg_no: int = conversation.last_msg_no
        self.member_count: int = conversation.member_count
        self._seq: int = conversation.last_seq
        self._events: list[Event] = []

    @classmethod
    def begin(cls, unit: Unit, conversation_id: int, *, locked: store.ConversationRow | None = None) -> Numbering:
        """Lock the conversation, unless the caller has, and start at its last `seq`."""
        conversation = locked if locked is not None else store.lock(unit.connection, conversation_id)
        if conversation is None:
            raise not_found("conversation")
        return cls(unit, conversation)

    def add(
        self,
        kind: str,
        *,
        actor_id: int | None,
        data: dict[str, Any] | None = None,
        account_id: int | None = None,
        about_seq: int | None = None,
        message: bytes | None = None,
    ) -> int:
        """Add an event and return its `seq`.

        Args:
            account_id: whose membership it changes.
            about_seq: which message it changes; `message` is what that has become.
        """
        self._seq += 1
        self._events.append(
            Event(
                self.conversation.id,
                self._seq,
                kind,
                self._unit.now_us,
                actor_id=actor_id,
                enterprise_id=self.conversation.enterprise_id,
                data=encode_data(data) if data is not None else None,
                account_id=account_id,
                about_seq=about_seq,
                message=message,
            )
        )
        return self._seq

    def finish(self, *, joined: list[int] | None = None) -> int:
        """Write the events and the conversation's new numbers, return the last `seq`; `joined`: its first members."""
        store.update_conversation(
            self._unit.connection,
            self.conversation.id,
            last_seq=self._seq,
            last_event_at=self._unit.now_us,
            active_slot=store.active_slot(self._unit.now_us),
            member_count=self.member_count,
        )
        if joined:
            self._events[-1].joined = tuple(joined)
        self._unit.happen(self._events)
        return self._seq
