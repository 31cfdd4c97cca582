"""Pure rules of conversations: sizes, roles, who sees what."""

from __future__ import annotations

from typing import Literal

from messaging_core.errors import CoreError, forbidden, invalid, ruled_out
from messaging_core.settings import Groups

ConversationKind = Literal["direct", "group", "service"]
MemberRole = Literal["owner", "admin", "member", "customer", "agent", "bot"]
GROUP_ROLES: tuple[MemberRole, ...] = ("owner", "admin", "member")


def direct_key(one: int, other: int) -> str:
    """Return the key under which two people have one conversation, whoever starts it."""
    return f"direct:{min(one, other)}:{max(one, other)}"


def service_key(enterprise_id: int, customer_id: int) -> str:
    """Return the key under which a customer has one conversation with an enterprise."""
    return f"service:{enterprise_id}:{customer_id}"


def check_group_size(limits: Groups, *, community: bool, members: int) -> None:
    """Refuse a group of more members (owner included) than its kind allows."""
    limit = limits.community_members if community else limits.ordinary_members
    if members > limit:
        raise CoreError("group_full", limit=limit, used=members)


def check_invites(limits: Groups, *, community: bool, invites: int) -> None:
    """Refuse more invitations at the making of a group than its kind allows."""
    limit = limits.community_invites if community else limits.ordinary_invites
    if invites > limit:
        raise CoreError("group_full", limit=limit, used=invites)


def check_group(kind: str) -> None:
    """Refuse what only groups can do."""
    if kind != "group":
        raise forbidden("group_only")


_RANKS = {"owner": 2, "admin": 1}


def stands_above(role: str, target_role: str) -> bool:
    """Return whether an owner or admin may act on a member: only on those below."""
    return role in _RANKS and _RANKS[role] > _RANKS.get(target_role, 0)


def check_admin(role: str) -> None:
    """Refuse everybody but the owner and admins."""
    if role not in _RANKS:
        raise forbidden("admin_only")


def check_community(enterprise_id: int | None) -> None:
    """Refuse what only enterprise communities have."""
    if enterprise_id is None:
        raise forbidden("community_only")


def check_may_speak(
    *,
    role: str,
    announcement_only: bool,
    group_until_us: int | None,
    member_until_us: int | None,
    now_us: int,
) -> None:
    """Refuse the word of a silenced member, and of ordinary members while only the owner and admins speak."""
    if member_until_us is not None and now_us < member_until_us:
        raise ruled_out("member_silenced", unlock_at_us=member_until_us)
    if role in _RANKS or role not in GROUP_ROLES:
        return
    if announcement_only:
        raise ruled_out("announcement_only")
    if group_until_us is not None and now_us < group_until_us:
        raise ruled_out("group_silenced", unlock_at_us=group_until_us)


def check_silence(limits: Groups, *, seconds: int) -> None:
    """Refuse a silence of no time or of more than is allowed."""
    limit = limits.silence_max_h * 3600
    if not 1 <= seconds <= limit:
        raise invalid("too_big" if seconds > limit else "too_small", "seconds", limit=limit if seconds > limit else 1)


def check_link(*, expires_at_us: int | None, max_uses: int | None, uses: int, revoked: bool, now_us: int) -> None:
    """Refuse a link that was revoked, has run out or was used often enough."""
    expired = expires_at_us is not None and now_us >= expires_at_us
    if revoked or expired or (max_uses is not None and uses >= max_uses):
        raise CoreError("link_ended", reason="revoked" if revoked else "expired" if expired else "used_up")


def check_may_remove(*, actor_role: str, target_role: str) -> None:
    """Refuse a removal by somebody who does not stand above the target."""
    if not stands_above(actor_role, target_role):
        raise forbidden("admin_only")
