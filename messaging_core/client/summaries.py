"""Fetching the summaries of conversations of which only events came: those beyond the welcome's list."""

from __future__ import annotations

import asyncio
import logging

from .backoff import Backoff
from .errors import ApiError, ClientError, NetworkError
from .feed import Feed
from .frames import ConversationAdded
from .http import HttpApi
from .replicas import Replicas

logger = logging.getLogger(__name__)


class Summaries:
    """Fetches what `Replicas.wanting` names, one after the other, in a task that lives only while something is."""

    __slots__ = ("_feed", "_http", "_replicas", "_task")

    def __init__(self, http: HttpApi, replicas: Replicas, feed: Feed) -> None:
        self._http = http
        self._replicas = replicas
        self._feed = feed
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless it is under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._fetch_all(), name="kefu-client-summaries")

    async def aclose(self) -> None:
        """Stop fetching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _fetch_all(self) -> None:
        pause = Backoff()
        while self._replicas.wanting:
            conversation_id = next(iter(self._replicas.wanting))
            if await self._fetch(conversation_id):
                pause.reset()
            else:
                await asyncio.sleep(pause.next_s(at_least_s=0.05))

    async def _fetch(self, conversation_id: str) -> bool:
        """Return False when it must be tried again."""
        try:
            summary = await self._http.conversation(conversation_id)
        except NetworkError:
            return False
        except ClientError as error:
            if isinstance(error, ApiError) and not error.final:
                return False
            if not isinstance(error, ApiError):
                logger.exception("no summary of conversation %s", conversation_id)
            self._replicas.leave(conversation_id)  # not ours any more
            return True
        if self._replicas.adopt(summary).needs_summary:
            return False  # older than what we missed
        self._feed.publish(ConversationAdded(conversation=summary))
        return True
