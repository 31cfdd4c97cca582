"""The HTTP calls of the service desk: sessions and who answers them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Page, ServiceSession


class DeskSession(ServiceSession, frozen=True, kw_only=True, gc=False):
    """A service session as the desk lists it."""

    conversation_id: str = ""
    enterprise_id: str = ""
    customer_id: str = ""
    customer_name: str = ""
    reason: str = ""
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    closed_at: datetime | None = None
    queued_at: datetime | None = None
    summary: str = ""
    stars: int | None = None
    stars_text: str = ""


class WaitingSession(DeskSession, frozen=True, kw_only=True, gc=False):
    """A session in the queue; position 1 is next."""

    position: int


class _SessionBox(Struct):
    session: DeskSession


class _Place(Struct):
    position: int


class DeskCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def sessions(
        self, *, state: str | None = None, mine: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[DeskSession]:
        """Return a page of the enterprise's service sessions; without `state` all that are open."""
        query = {"state": state, "mine": mine, "limit": limit, "cursor": cursor}
        return await self._http.request(Page[DeskSession], "GET", "/v1/desk/sessions", query=query)

    async def queue(self, *, limit: int | None = None) -> list[WaitingSession]:
        """Return who waits, in order of arrival."""
        path = "/v1/desk/sessions/queue"
        return (await self._http.request(Page[WaitingSession], "GET", path, query={"limit": limit})).items

    async def place(self, session_id: str) -> int:
        """Return a session's place in the queue: 1 is next, 0 does not wait."""
        return (await self._http.request(_Place, "GET", f"/v1/desk/sessions/{session_id}/place")).position

    async def rate(self, session_id: str, stars: int, *, text: str = "") -> DeskSession:
        """Say, as the customer, how content one is with a closed session, from 1 to 5 stars."""
        path, body = f"/v1/desk/sessions/{session_id}/rating", {"stars": stars, "text": text}
        return (await self._http.request(_SessionBox, "PUT", path, body=body)).session

    async def request_agent(self, session_id: str, *, reason: str = "", summary: str = "") -> DeskSession:
        """Ask for a human: bot -> queued. Bots and staff say in `summary` what he should know at once."""
        return await self._step(session_id, "request-agent", {"reason": reason, "summary": summary})

    async def take(self, session_id: str) -> DeskSession:
        """Take a session over, from the queue, the bot or a colleague."""
        return await self._step(session_id, "take")

    async def hand_back(self, session_id: str) -> DeskSession:
        """Give one's session back to the bot."""
        return await self._step(session_id, "hand-back")

    async def transfer(self, session_id: str, agent_id: str | None) -> DeskSession:
        """Give one's session to a colleague, or with None back to the queue."""
        return await self._step(session_id, "transfer", {"agent_id": agent_id})

    async def close_session(self, session_id: str) -> DeskSession:
        """End a session."""
        return await self._step(session_id, "close")

    async def _step(self, session_id: str, action: str, body: dict[str, object] | None = None) -> DeskSession:
        path = f"/v1/desk/sessions/{session_id}/{action}"
        return (await self._http.request(_SessionBox, "POST", path, body=body)).session
