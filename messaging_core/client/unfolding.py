"""Unfolding what was folded because the other side wrote too fast: the server has told when, and says no more word."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from .feed import Feed, Heard
from .frames import ConversationAdded, Event, Own, Welcome
from .replicas import Replicas


class Unfolding:
    """Tells the replicas the time when one is due to unfold; what changes is handed on as an `Own` frame.

    It goes by the server's clock, as the last `welcome` has told it.
    """

    __slots__ = ("_ahead", "_due", "_feed", "_replicas")

    def __init__(self, replicas: Replicas, feed: Feed) -> None:
        self._replicas = replicas
        self._feed = feed
        self._ahead = timedelta()
        """How far our own clock is ahead of the server's."""
        self._due: dict[str, asyncio.TimerHandle] = {}
        feed.on(self._heard)

    def close(self) -> None:
        """Wait for nothing any more."""
        for timer in self._due.values():
            timer.cancel()
        self._due.clear()

    def _heard(self, frame: Heard) -> None:
        if isinstance(frame, Event | Own):
            self._watch(frame.conversation_id)
        elif isinstance(frame, ConversationAdded):
            self._watch(frame.conversation.id)
        elif isinstance(frame, Welcome):
            if frame.at is not None:
                self._ahead = datetime.now(UTC) - frame.at
            for conversation in frame.conversations:
                self._watch(conversation.id)

    def _watch(self, conversation_id: str) -> None:
        replica = self._replicas.get(conversation_id)
        until = replica.own.folded_until if replica is not None else None
        if until is None or conversation_id in self._due:
            return
        left_s = (until - self._now()).total_seconds()
        loop = asyncio.get_running_loop()
        self._due[conversation_id] = loop.call_later(max(0.0, left_s), self._tell, conversation_id)

    def _tell(self, conversation_id: str) -> None:
        del self._due[conversation_id]
        replica = self._replicas.get(conversation_id)
        if replica is not None and replica.unfold(self._now()):
            self._feed.publish(Own(conversation_id=conversation_id, own=replica.own))
        else:
            self._watch(conversation_id)  # more came meanwhile, or the timer was early

    def _now(self) -> datetime:
        return datetime.now(UTC) - self._ahead
