"""The HTTP calls about messages that stand: recall, edit, react, delete for oneself, forward, readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Message, Page


class Version(Struct, frozen=True, kw_only=True):
    """What a message was before an edit."""

    kind: str
    v: int
    body: dict[str, Any]
    replaced_at: datetime


class Reader(Struct, frozen=True, kw_only=True):
    """Somebody who has read a message."""

    account_id: str
    name: str


class Readers(Struct, frozen=True, kw_only=True):
    """Who has read a message, and how many members could."""

    items: list[Reader]
    read_count: int
    member_count: int
    next_cursor: str | None = None


class ForwardedMessage(Struct, frozen=True, kw_only=True):
    """A message that was forwarded."""

    message_id: str
    seq: int
    msg_no: int


class Forwarded(Struct, frozen=True, kw_only=True):
    """What was forwarded, in order."""

    items: list[ForwardedMessage]
    duplicate: bool


class _MessageBox(Struct):
    message: Message


class ActCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def message(self, conversation_id: str, seq: int) -> Message:
        """Return one message as it is now."""
        return await self._message("GET", conversation_id, seq)

    async def recall(self, conversation_id: str, seq: int) -> Message:
        """Take a message back for everybody."""
        return await self._message("POST", conversation_id, seq, "/recall")

    async def edit(
        self, conversation_id: str, seq: int, *, body: Mapping[str, Any], kind: str = "text", v: int = 1
    ) -> Message:
        """Give one's own text other words."""
        return await self._message("PATCH", conversation_id, seq, body={"kind": kind, "v": v, "body": dict(body)})

    async def react(self, conversation_id: str, seq: int, emoji: str, *, on: bool = True) -> Message:
        """Set an emoji under a message, or take it back."""
        path = f"/reactions/{quote(emoji, safe='')}"
        return await self._message("PUT" if on else "DELETE", conversation_id, seq, path)

    async def delete_for_me(self, conversation_id: str, seq: int) -> None:
        """Take a message out of one's own view."""
        await self._http.request(type(None), "DELETE", f"/v1/conversations/{conversation_id}/messages/{seq}")

    async def versions(self, conversation_id: str, seq: int) -> list[Version]:
        """Return what an edited message was, the oldest first."""
        path = f"/v1/conversations/{conversation_id}/messages/{seq}/versions"
        return (await self._http.request(Page[Version], "GET", path)).items

    async def readers(
        self, conversation_id: str, seq: int, *, limit: int | None = None, cursor: str | None = None
    ) -> Readers:
        """Return who has read a message."""
        path = f"/v1/conversations/{conversation_id}/messages/{seq}/readers"
        return await self._http.request(Readers, "GET", path, query={"limit": limit, "cursor": cursor})

    async def forward(
        self,
        conversation_id: str,
        *,
        client_msg_id: str,
        from_conversation_id: str,
        seqs: Sequence[int],
        merged: bool = False,
        title: str = "",
    ) -> Forwarded:
        """Send messages of another conversation into this one, one by one or merged into a card."""
        body = {
            "client_msg_id": client_msg_id,
            "from_conversation_id": from_conversation_id,
            "seqs": list(seqs),
            "merged": merged,
            "title": title,
        }
        return await self._http.request(Forwarded, "POST", f"/v1/conversations/{conversation_id}/forward", body=body)

    async def _message(
        self,
        method: str,
        conversation_id: str,
        seq: int,
        rest: str = "",
        *,
        body: Mapping[str, object] | None = None,
    ) -> Message:
        path = f"/v1/conversations/{conversation_id}/messages/{seq}{rest}"
        return (await self._http.request(_MessageBox, method, path, body=body)).message
