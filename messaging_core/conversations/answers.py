"""What the HTTP API answers about groups and one's own list, for `/openapi.json`."""

from __future__ import annotations

from typing import Any, Literal

from messaging_core.transport.answers import Answer, Conversation, Count, GroupView, Id, OwnView, Time


class OneOwn(Answer):
    """How one keeps a conversation in one's list."""

    own: OwnView


class Unread(Answer):
    """What is unread in all conversations."""

    total: Count
    muted: Count
    folded: Count
    archived: Count
    mentions: Count
    conversations: Count


class GroupSettings(GroupView):
    """How a group is run, as its admins see it."""

    welcome: str
    bot_wait_s: Count | None


class OneGroup(Answer):
    """How a group is run."""

    group: GroupSettings


class GroupBot(Answer):
    """A bot of the group's enterprise; `inside`: it is a member."""

    account_id: Id
    name: str
    inside: bool


class GroupBots(Answer):
    """The bots that may be in a group."""

    items: list[GroupBot]
    next_cursor: None


class Ban(Answer):
    """Somebody who may not come back."""

    account_id: Id
    name: str
    reason: str
    banned_by: Id
    at: Time


class Bans(Answer):
    """Who may not come back."""

    items: list[Ban]
    next_cursor: str | None


class Act(Answer):
    """What an admin has done."""

    id: Id
    act: str
    actor_id: Id
    actor_name: str
    target_id: Id | None
    target_name: str | None
    data: dict[str, Any]
    at: Time


class AuditLog(Answer):
    """What admins have done, newest first."""

    items: list[Act]
    next_cursor: str | None


class InviteLink(Answer):
    """A link into a group."""

    id: Id
    created_by: Id
    created_at: Time
    expires_at: Time | None
    max_uses: Count | None
    uses: Count
    revoked_at: Time | None


class NewInviteLink(Answer):
    """A link and its code, which is shown this once."""

    link: InviteLink
    code: str


class InviteLinks(Answer):
    """A group's links, newest first."""

    items: list[InviteLink]
    next_cursor: str | None


class Invitation(Answer):
    """Where a link leads."""

    title: str
    member_count: Count
    join_approval: bool


class Joined(Answer):
    """What became of coming in by a link."""

    status: Literal["joined", "waiting"]
    conversation: Conversation | None


class JoinRequest(Answer):
    """Somebody who waits to be let in."""

    account_id: Id
    name: str
    words: str
    link_id: Id
    asked_at: Time


class JoinRequests(Answer):
    """Who waits to be let in."""

    items: list[JoinRequest]
