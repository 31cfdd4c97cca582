"""The HTTP calls about who works at the desk, and how the desk works."""

from __future__ import annotations

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Page


class Seat(Struct, frozen=True, kw_only=True, gc=False):
    """An agent at the desk: `status` is `online`, `away` or `offline`, `load` how many sessions he has.

    `own_capacity` is set for him alone; None: as the desk's settings say.
    """

    account_id: str
    name: str
    role: str
    status: str
    capacity: int
    own_capacity: int | None = None
    load: int = 0


class DeskSettings(Struct, frozen=True, kw_only=True, gc=False):
    """How a desk works. The sessions of an agent who went offline return to the queue after `grace_s` seconds."""

    auto_assign: bool
    capacity: int
    grace_s: int


class _SeatBox(Struct):
    agent: Seat


class AgentCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def agents(self) -> list[Seat]:
        """Return who may serve, with status, capacity and load."""
        return (await self._http.request(Page[Seat], "GET", "/v1/desk/agents")).items

    async def set_status(self, status: str) -> Seat:
        """Say that one works (`online`), takes a break (`away`) or goes home (`offline`)."""
        return (await self._http.request(_SeatBox, "PUT", "/v1/desk/status", body={"status": status})).agent

    async def set_capacity(self, account_id: str, capacity: int | None) -> Seat:
        """Set how many sessions an agent may have at once; None: as the desk's settings say."""
        path = f"/v1/desk/agents/{account_id}"
        return (await self._http.request(_SeatBox, "PUT", path, body={"capacity": capacity})).agent

    async def desk_settings(self) -> DeskSettings:
        """Return how the desk works."""
        return await self._http.request(DeskSettings, "GET", "/v1/desk/settings")

    async def set_desk_settings(self, settings: DeskSettings) -> DeskSettings:
        """Change how the desk works. A manager's right."""
        body = {"auto_assign": settings.auto_assign, "capacity": settings.capacity, "grace_s": settings.grace_s}
        return await self._http.request(DeskSettings, "PUT", "/v1/desk/settings", body=body)
