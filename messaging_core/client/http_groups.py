"""The HTTP calls about running a group: silence, ban, notice, pins, links, requests, audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Conversation, GroupView, Page


class GroupSettings(GroupView, frozen=True, kw_only=True, gc=False):
    """How a group is run, as its admins see it."""

    welcome: str = ""
    bot_wait_s: int | None = None


class GroupBot(Struct, frozen=True, kw_only=True):
    """A bot of a community's enterprise; `inside`: it is a member."""

    account_id: str
    name: str
    inside: bool


class Ban(Struct, frozen=True, kw_only=True):
    """Somebody who may not come back."""

    account_id: str
    name: str
    reason: str
    banned_by: str
    at: datetime


class Act(Struct, frozen=True, kw_only=True):
    """What an admin has done."""

    id: str
    act: str
    actor_id: str
    actor_name: str
    data: dict[str, Any]
    at: datetime
    target_id: str | None = None
    target_name: str | None = None


class InviteLink(Struct, frozen=True, kw_only=True):
    """A link into a group."""

    id: str
    created_by: str
    created_at: datetime
    uses: int
    expires_at: datetime | None = None
    max_uses: int | None = None
    revoked_at: datetime | None = None


class NewInviteLink(Struct, frozen=True, kw_only=True):
    """A link and its code, which is shown this once."""

    link: InviteLink
    code: str


class Invitation(Struct, frozen=True, kw_only=True):
    """Where a link leads."""

    title: str
    member_count: int
    join_approval: bool


class Joined(Struct, frozen=True, kw_only=True):
    """What became of coming in by a link: `joined`, or `waiting` for an admin."""

    status: str
    conversation: Conversation | None = None


class JoinRequest(Struct, frozen=True, kw_only=True):
    """Somebody who waits to be let in."""

    account_id: str
    name: str
    words: str
    link_id: str
    asked_at: datetime


class _GroupBox(Struct):
    group: GroupSettings


class GroupCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def group(self, conversation_id: str) -> GroupSettings:
        """Return how a group is run, to its owner and admins."""
        return (await self._http.request(_GroupBox, "GET", _path(conversation_id, "group"))).group

    async def change_group(
        self,
        conversation_id: str,
        *,
        notice: str | None = None,
        welcome: str | None = None,
        announcement_only: bool | None = None,
        join_approval: bool | None = None,
        bot_wait_s: int | None = None,
    ) -> GroupSettings:
        """Change how a group is run; None stays as it is."""
        wanted: dict[str, object] = {
            "notice": notice,
            "welcome": welcome,
            "announcement_only": announcement_only,
            "join_approval": join_approval,
            "bot_wait_s": bot_wait_s,
        }
        body = {name: value for name, value in wanted.items() if value is not None}
        return (await self._http.request(_GroupBox, "PATCH", _path(conversation_id, "group"), body=body)).group

    async def group_bots(self, conversation_id: str) -> list[GroupBot]:
        """Return the bots of a community's enterprise, to its owner and admins."""
        return (await self._http.request(Page[GroupBot], "GET", _path(conversation_id, "bots"))).items

    async def silence_group(self, conversation_id: str, seconds: int) -> None:
        """Let only owner and admins speak for a time; 0 ends it."""
        await self._do("PUT", _path(conversation_id, "silence"), seconds=seconds)

    async def silence_member(self, conversation_id: str, account_id: str, seconds: int) -> None:
        """Keep a member from speaking for a time; 0 ends it."""
        await self._do("PUT", _path(conversation_id, f"members/{account_id}/silence"), seconds=seconds)

    async def set_nickname(self, conversation_id: str, account_id: str, nickname: str) -> None:
        """Give a member a name within this group; an empty one takes it away."""
        await self._do("PUT", _path(conversation_id, f"members/{account_id}/nickname"), nickname=nickname)

    async def bans(self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None) -> Page[Ban]:
        """Return who may not come back."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Ban], "GET", _path(conversation_id, "bans"), query=query)

    async def ban(self, conversation_id: str, account_id: str, *, reason: str = "") -> None:
        """Remove somebody and keep him from coming back."""
        await self._do("PUT", _path(conversation_id, f"bans/{account_id}"), reason=reason)

    async def unban(self, conversation_id: str, account_id: str) -> None:
        """Let somebody come back."""
        await self._do("DELETE", _path(conversation_id, f"bans/{account_id}"))

    async def pin_message(self, conversation_id: str, seq: int, *, on: bool = True) -> None:
        """Pin a message for all to find, or take it down."""
        await self._do("PUT" if on else "DELETE", _path(conversation_id, f"pins/{seq}"))

    async def group_acts(
        self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Act]:
        """Return what admins have done, newest first."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Act], "GET", _path(conversation_id, "audit"), query=query)

    async def make_invite_link(
        self, conversation_id: str, *, expires_in_s: int | None = None, max_uses: int | None = None
    ) -> NewInviteLink:
        """Make an invite link; its code is shown this once."""
        wanted = {"expires_in_s": expires_in_s, "max_uses": max_uses}
        body = {name: value for name, value in wanted.items() if value is not None}
        return await self._http.request(NewInviteLink, "POST", _path(conversation_id, "invite-links"), body=body)

    async def invite_links(
        self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[InviteLink]:
        """Return a group's links, newest first."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[InviteLink], "GET", _path(conversation_id, "invite-links"), query=query)

    async def revoke_invite_link(self, conversation_id: str, link_id: str) -> None:
        """End a link at once."""
        await self._do("DELETE", _path(conversation_id, f"invite-links/{link_id}"))

    async def look_at_invite(self, code: str) -> Invitation:
        """Return where a link leads, before one comes in."""
        return await self._http.request(Invitation, "POST", "/v1/invites/look", body={"code": code})

    async def join_by_invite(self, code: str, *, words: str = "") -> Joined:
        """Come in by a link, or ask to be let in."""
        return await self._http.request(Joined, "POST", "/v1/invites/join", body={"code": code, "words": words})

    async def join_requests(self, conversation_id: str) -> list[JoinRequest]:
        """Return who waits to be let in, the first to ask first."""
        return (await self._http.request(Page[JoinRequest], "GET", _path(conversation_id, "join-requests"))).items

    async def decide_join_request(self, conversation_id: str, account_id: str, *, accept: bool) -> None:
        """Let somebody in, or turn him away."""
        await self._do("PUT", _path(conversation_id, f"join-requests/{account_id}"), accept=accept)

    async def _do(self, method: str, path: str, **body: object) -> None:
        await self._http.request(type(None), method, path, body=body or None)


def _path(conversation_id: str, rest: str) -> str:
    return f"/v1/conversations/{conversation_id}/{rest}"
