"""The HTTP calls about one's own list: pin, mute, archive, draft, unread."""

from __future__ import annotations

from msgspec import Struct

from .http_transport import HttpTransport
from .models import OwnView


class Unread(Struct, frozen=True, kw_only=True):
    """What is unread in all; `total` is what is neither muted, folded nor archived."""

    total: int
    muted: int
    folded: int
    archived: int
    mentions: int
    conversations: int


class _OwnBox(Struct):
    own: OwnView


class OwnCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def keep(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        archived: bool | None = None,
    ) -> OwnView:
        """Pin, mute or archive a conversation in one's own list; None stays as it is."""
        wanted = {"pinned": pinned, "muted": muted, "archived": archived}
        body = {name: value for name, value in wanted.items() if value is not None}
        path = f"/v1/conversations/{conversation_id}/own"
        return (await self._http.request(_OwnBox, "PATCH", path, body=body)).own

    async def put_draft(self, conversation_id: str, text: str) -> OwnView:
        """Keep what one has begun to write, for all one's devices; an empty text forgets it."""
        path = f"/v1/conversations/{conversation_id}/draft"
        return (await self._http.request(_OwnBox, "PUT", path, body={"text": text})).own

    async def unread(self) -> Unread:
        """Return what is unread in all conversations."""
        return await self._http.request(Unread, "GET", "/v1/unread")
