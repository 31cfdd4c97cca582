"""Coming into a group by a link: making and revoking links, asking to be let in, deciding about it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

import msgspec

from kefu.base.clock import DAY_US, SECOND_US
from messaging_core.conversations import actions, audit, groups_store, invites_store, policy, store, welcome
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity.policy import Actor, hash_secret
from messaging_core.kernel.schema import AnyRow
from messaging_core.kernel.unit import Unit

_ALL = 2**62


def make_link(
    unit: Unit, actor: Actor, *, conversation_id: int, expires_in_s: int | None, max_uses: int | None
) -> tuple[int, str]:
    """Make an invite link and return its id and its code, which is shown this once."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    limits = unit.tools.settings.groups
    good = [
        row
        for row in invites_store.list_links(unit.connection, conversation_id, before_id=_ALL, limit=limits.links)
        if row.revoked_at is None and (row.expires_at is None or row.expires_at > unit.now_us)
    ]
    if len(good) >= limits.links:
        raise CoreError("too_many", rule="links", limit=limits.links, used=len(good) + 1)
    lasts_us = limits.link_days * DAY_US if expires_in_s is None else expires_in_s * SECOND_US
    link_id, code = unit.new_id(), secrets.token_urlsafe(16)
    invites_store.insert_link(
        unit.connection,
        id=link_id,
        enterprise_id=conversation.enterprise_id,
        conversation_id=conversation_id,
        code_hash=hash_secret(code),
        created_by=actor.account_id,
        created_at=unit.now_us,
        expires_at=unit.now_us + lasts_us,
        max_uses=max_uses,
        uses=0,
        revoked_at=None,
    )
    audit.record(unit, conversation, actor, act="link.made", data={"link_id": str(link_id), "max_uses": max_uses})
    return link_id, code


def revoke_link(unit: Unit, actor: Actor, *, conversation_id: int, link_id: int) -> None:
    """End a link at once."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    link = invites_store.find_link(unit.connection, conversation_id, link_id)
    if link is None:
        raise not_found("link")
    if link.revoked_at is not None:
        return
    invites_store.update_link(unit.connection, link_id, revoked_at=unit.now_us)
    audit.record(unit, conversation, actor, act="link.revoked", data={"link_id": str(link_id)})


def _find_link(unit: Unit, code: str) -> tuple[AnyRow, store.ConversationRow]:
    """Return a link, good or not, and its locked group."""
    found = invites_store.find_by_code(unit.connection, hash_secret(code))
    conversation = store.lock(unit.connection, found.conversation_id) if found is not None else None
    if found is None or conversation is None:
        raise not_found("link")
    link = invites_store.find_link(unit.connection, conversation.id, found.id)  # again, under the lock
    assert link is not None
    return link, conversation


def _check_open(unit: Unit, link: AnyRow) -> None:
    policy.check_link(
        expires_at_us=link.expires_at,
        max_uses=link.max_uses,
        uses=link.uses,
        revoked=link.revoked_at is not None,
        now_us=unit.now_us,
    )


@dataclass(slots=True, frozen=True)
class Invitation:
    """Where a link leads, as whoever has it may know."""

    title: str
    member_count: int
    join_approval: bool


def look(unit: Unit, code: str) -> Invitation:
    """Return where a good link leads."""
    link, conversation = _find_link(unit, code)
    _check_open(unit, link)
    group = groups_store.find_group(unit.connection, conversation.id)
    return Invitation(conversation.title, conversation.member_count, group is not None and group.join_approval)


def join_by_link(unit: Unit, actor: Actor, *, code: str, words: str) -> tuple[int, Literal["joined", "waiting"]]:
    """Come in by a link, or ask to be let in; return the group and what became of it. Members stay as they are."""
    if actor.kind != "personal":
        raise forbidden("personal_only")
    link, conversation = _find_link(unit, code)
    member = store.find_member(unit.connection, conversation.id, actor.account_id)
    if member is not None and member.left_seq is None:
        return conversation.id, "joined"  # also the second time, when the answer to the first was lost
    _check_open(unit, link)
    if groups_store.find_bans(unit.connection, conversation.id, [actor.account_id]):
        raise CoreError("banned")
    group = groups_store.find_group(unit.connection, conversation.id)
    if group is not None and group.join_approval:
        _ask(unit, actor, conversation, link_id=link.id, words=words)
        return conversation.id, "waiting"
    invites_store.update_link(unit.connection, link.id, uses=link.uses + 1)
    _let_in(unit, conversation, actor.account_id, name=actor.name, actor_id=actor.account_id)
    return conversation.id, "joined"


def _ask(unit: Unit, actor: Actor, conversation: store.ConversationRow, *, link_id: int, words: str) -> None:
    limit = unit.tools.settings.groups.waiting
    if invites_store.count_waiting(unit.connection, conversation.id) >= limit:
        raise CoreError("too_many", rule="waiting", limit=limit, used=limit + 1)
    invites_store.put_request(
        unit.connection,
        conversation.id,
        actor.account_id,
        enterprise_id=conversation.enterprise_id,
        link_id=link_id,
        words=words,
        asked_at=unit.now_us,
        state="waiting",
        decided_by=None,
        decided_at=None,
    )
    _tell_admins(unit, conversation.id)


def _tell_admins(unit: Unit, conversation_id: int) -> None:
    """Tell the links of those who decide how many wait now."""
    frame = {
        "type": "waiting",
        "conversation_id": str(conversation_id),
        "count": invites_store.count_waiting(unit.connection, conversation_id),
    }
    for account_id in store.list_admins(unit.connection, conversation_id):
        unit.tell_account(account_id, msgspec.json.encode(frame))


def decide(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int, accept: bool) -> None:
    """Let in somebody who waits, or turn him away. His link must have a use left, if it counts them."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    request = invites_store.find_request(unit.connection, conversation_id, account_id)
    if request is None or request.state != "waiting":
        raise not_found("request")
    if accept:
        link = invites_store.find_link(unit.connection, conversation_id, request.link_id)
        assert link is not None
        policy.check_link(expires_at_us=None, max_uses=link.max_uses, uses=link.uses, revoked=False, now_us=unit.now_us)
        invites_store.update_link(unit.connection, link.id, uses=link.uses + 1)
        names = actions.check_invitable(unit, [account_id], enterprise_id=conversation.enterprise_id)
        member = store.find_member(unit.connection, conversation_id, account_id)
        if member is None or member.left_seq is not None:
            _let_in(unit, conversation, account_id, name=names[account_id], actor_id=actor.account_id)
    state = "accepted" if accept else "refused"
    invites_store.put_request(
        unit.connection,
        conversation_id,
        account_id,
        state=state,
        decided_by=actor.account_id,
        decided_at=unit.now_us,
    )
    audit.record(unit, conversation, actor, act=f"request.{state}", target_id=account_id)
    _tell_admins(unit, conversation_id)


def _let_in(unit: Unit, conversation: store.ConversationRow, account_id: int, *, name: str, actor_id: int) -> None:
    community = conversation.enterprise_id is not None
    policy.check_group_size(unit.tools.settings.groups, community=community, members=conversation.member_count + 1)
    numbering = Numbering.begin(unit, conversation.id, locked=conversation)
    actions.join(unit, numbering, account_id, "member", name=name, actor_id=actor_id)
    numbering.finish()
    welcome.greet(unit, conversation, [account_id])
