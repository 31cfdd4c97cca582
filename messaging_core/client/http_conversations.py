"""The HTTP calls about oneself, conversations, their members and messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from .frames import Ack, Event
from .http_transport import HttpTransport
from .models import Account, Conversation, Member, Message, Page


class EventPage(Struct, frozen=True, kw_only=True):
    """Events in order; `last_seq` is the conversation's, so `items` may be followed by more."""

    items: list[Event]
    last_seq: int


class PollAnswer(Struct, frozen=True, kw_only=True):
    """What a WebSocket would have brought, still encoded, and the cursors to ask with next time."""

    frames: list[Raw]
    cursors: dict[str, int]


class _AccountBox(Struct):
    account: Account


class _ConversationBox(Struct):
    conversation: Conversation


class ConversationCalls:
    """A part of HttpApi."""

    __slots__ = ("_http",)

    def __init__(self, http: HttpTransport) -> None:
        self._http = http

    async def me(self) -> Account:
        """Return the account of the token."""
        return (await self._http.request(_AccountBox, "GET", "/v1/me")).account

    async def account(self, account_id: str) -> Account:
        """Return an account with which a conversation is shared."""
        return (await self._http.request(_AccountBox, "GET", f"/v1/accounts/{account_id}")).account

    async def create_direct(self, account_id: str, *, idempotency_key: str | None = None) -> Conversation:
        """Make or find the direct conversation with a person."""
        return await self._create({"kind": "direct", "account_id": account_id}, idempotency_key)

    async def create_group(
        self,
        title: str,
        member_ids: Sequence[str] = (),
        *,
        enterprise_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Conversation:
        """Make a group; with `enterprise_id` an enterprise's community."""
        body: dict[str, object] = {"kind": "group", "title": title, "member_ids": list(member_ids)}
        if enterprise_id is not None:
            body["enterprise_id"] = enterprise_id
        return await self._create(body, idempotency_key)

    async def create_service(self, enterprise_id: str, *, idempotency_key: str | None = None) -> Conversation:
        """Make or find the conversation with an enterprise; a closed session opens again."""
        return await self._create({"kind": "service", "enterprise_id": enterprise_id}, idempotency_key)

    async def conversations(
        self, *, box: str = "all", limit: int | None = None, cursor: str | None = None
    ) -> Page[Conversation]:
        """Return a page of one's list (`main`, `archived`, `folded` or `all`): pinned first, then the last active."""
        query = {"box": box, "limit": limit, "cursor": cursor}
        return await self._http.request(Page[Conversation], "GET", "/v1/conversations", query=query)

    async def all_conversations(self) -> AsyncIterator[Conversation]:
        """Yield all of one's conversations, page after page."""
        cursor: str | None = None
        while True:
            page = await self.conversations(limit=100, cursor=cursor)
            for conversation in page.items:
                yield conversation
            cursor = page.next_cursor
            if cursor is None:
                return

    async def conversation(self, conversation_id: str) -> Conversation:
        """Return the summary of a conversation."""
        path = f"/v1/conversations/{conversation_id}"
        return (await self._http.request(_ConversationBox, "GET", path)).conversation

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a group another title."""
        path = f"/v1/conversations/{conversation_id}"
        await self._http.request(Raw, "PATCH", path, body={"title": title})

    async def members(
        self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Member]:
        """Return a page of the members with their read cursors."""
        path = f"/v1/conversations/{conversation_id}/members"
        return await self._http.request(Page[Member], "GET", path, query={"limit": limit, "cursor": cursor})

    async def add_members(
        self, conversation_id: str, account_ids: Sequence[str], *, idempotency_key: str | None = None
    ) -> None:
        """Add people to a group."""
        path = f"/v1/conversations/{conversation_id}/members"
        body = {"account_ids": list(account_ids)}
        await self._http.request(Raw, "POST", path, body=body, idempotency_key=idempotency_key)

    async def set_role(self, conversation_id: str, account_id: str, role: str) -> None:
        """Make a member `admin`, `member` or, handing the group over, `owner`."""
        path = f"/v1/conversations/{conversation_id}/members/{account_id}"
        await self._http.request(Raw, "PATCH", path, body={"role": role})

    async def remove_member(self, conversation_id: str, account_id: str) -> None:
        """Remove a member, or leave with one's own id."""
        await self._http.request(type(None), "DELETE", f"/v1/conversations/{conversation_id}/members/{account_id}")

    async def messages(
        self, conversation_id: str, *, before_seq: int | None = None, limit: int | None = None
    ) -> list[Message]:
        """Return messages, newest first, at most 100."""
        path = f"/v1/conversations/{conversation_id}/messages"
        query = {"before_seq": before_seq, "limit": limit}
        return (await self._http.request(Page[Message], "GET", path, query=query)).items

    async def send(
        self,
        conversation_id: str,
        *,
        client_msg_id: str,
        kind: str,
        body: Mapping[str, Any] | Raw,
        v: int = 1,
        assignment_version: int | None = None,
        reply_to: int | None = None,
        mentions: Sequence[str] = (),
        mention_all: bool = False,
    ) -> Ack:
        """Send a message without a live connection; safe to repeat with the same `client_msg_id`."""
        content: dict[str, object] = {"client_msg_id": client_msg_id, "kind": kind, "v": v, "body": body}
        if assignment_version is not None:
            content["assignment_version"] = assignment_version
        if reply_to is not None:
            content["reply_to"] = reply_to
        if mentions or mention_all:
            content |= {"mentions": list(mentions), "mention_all": mention_all}
        return await self._http.request(Ack, "POST", f"/v1/conversations/{conversation_id}/messages", body=content)

    async def events(self, conversation_id: str, *, after_seq: int = 0, limit: int | None = None) -> EventPage:
        """Return the events after `after_seq`, in order."""
        path = f"/v1/conversations/{conversation_id}/events"
        return await self._http.request(EventPage, "GET", path, query={"after_seq": after_seq, "limit": limit})

    async def mark_read(self, conversation_id: str, msg_no: int) -> None:
        """Move one's read cursor forward."""
        await self._http.request(Raw, "PUT", f"/v1/conversations/{conversation_id}/read", body={"msg_no": msg_no})

    async def poll(self, cursors: Mapping[str, int], *, wait_ms: int = 25_000) -> PollAnswer:
        """Return what a WebSocket with these cursors would have brought; waits at most `wait_ms` for something."""
        body = {"cursors": dict(cursors), "wait_ms": wait_ms}
        timeout_s = wait_ms / 1000 + 15.0
        return await self._http.request(PollAnswer, "POST", "/v1/poll", body=body, timeout_s=timeout_s)

    async def _create(self, body: Mapping[str, object], idempotency_key: str | None) -> Conversation:
        answer = await self._http.request(
            _ConversationBox, "POST", "/v1/conversations", body=body, idempotency_key=idempotency_key
        )
        return answer.conversation
