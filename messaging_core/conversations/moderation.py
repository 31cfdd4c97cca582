"""What owner and admins do to members: silence, ban, nickname. Each act is an event that members see, and audited."""

from __future__ import annotations

from kefu.base.clock import SECOND_US, format_time
from messaging_core.conversations import actions, audit, groups_store, policy, store
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import forbidden, not_found
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit


def silence_member(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int, seconds: int) -> None:
    """Keep a member who stands below from speaking for a time; 0 ends it."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    target = _present(unit, conversation_id, account_id)
    policy.check_may_remove(actor_role=own.role, target_role=target.role)
    until = _until(unit, seconds)
    if until is None and (target.silenced_until or 0) <= unit.now_us:
        return
    store.update_member(unit.connection, conversation_id, account_id, silenced_until=until)
    shown = format_time(until) if until is not None else None
    _tell(unit, actor, conversation, "member.changed", {"account_id": str(account_id), "silenced_until": shown})
    act = "member.silenced" if until is not None else "member.unsilenced"
    audit.record(unit, conversation, actor, act=act, target_id=account_id, data={"until": shown})


def silence_group(unit: Unit, actor: Actor, *, conversation_id: int, seconds: int) -> None:
    """Let only owner and admins speak for a time; 0 ends it."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    until = _until(unit, seconds)
    if until is None and (conversation.silenced_until or 0) <= unit.now_us:
        return
    store.update_conversation(unit.connection, conversation_id, silenced_until=until)
    shown = format_time(until) if until is not None else None
    _tell(unit, actor, conversation, "group.changed", {"silenced_until": shown})
    act = "group.silenced" if until is not None else "group.unsilenced"
    audit.record(unit, conversation, actor, act=act, data={"until": shown})


def ban(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int, reason: str) -> None:
    """Remove somebody who stands below, if he is there, and keep him from coming back by whatever way."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    target = store.find_member(unit.connection, conversation_id, account_id)
    if target is None and identity.find_account(unit.connection, account_id) is None:
        raise not_found("account")
    if target is not None and target.left_seq is None:
        policy.check_may_remove(actor_role=own.role, target_role=target.role)
    elif account_id == actor.account_id:
        raise forbidden("admin_only")
    if groups_store.find_bans(unit.connection, conversation_id, [account_id]):
        return
    groups_store.insert_ban(
        unit.connection,
        conversation_id=conversation_id,
        account_id=account_id,
        enterprise_id=conversation.enterprise_id,
        banned_by=actor.account_id,
        reason=reason,
        at=unit.now_us,
    )
    if target is not None and target.left_seq is None:
        numbering = Numbering.begin(unit, conversation_id, locked=conversation)
        actions.leave(unit, numbering, account_id, actor_id=actor.account_id, reason="banned")
        numbering.finish()
    audit.record(unit, conversation, actor, act="member.banned", target_id=account_id, data={"reason": reason})


def unban(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int) -> None:
    """Let somebody come back; he is not added by it."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    if not groups_store.delete_ban(unit.connection, conversation_id, account_id):
        raise not_found("ban")
    audit.record(unit, conversation, actor, act="member.unbanned", target_id=account_id)


def set_nickname(unit: Unit, actor: Actor, *, conversation_id: int, account_id: int, nickname: str) -> None:
    """Give oneself, or as an admin somebody below, a name in this group; an empty one takes it away."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    target = _present(unit, conversation_id, account_id)
    itself = account_id == actor.account_id
    if not itself:
        policy.check_may_remove(actor_role=own.role, target_role=target.role)
    if (target.nickname or "") == nickname:
        return
    store.update_member(unit.connection, conversation_id, account_id, nickname=nickname or None)
    _tell(unit, actor, conversation, "member.changed", {"account_id": str(account_id), "nickname": nickname})
    if not itself:
        data = {"nickname": nickname}
        audit.record(unit, conversation, actor, act="member.nicknamed", target_id=account_id, data=data)


def _present(unit: Unit, conversation_id: int, account_id: int) -> store.MemberRow:
    target = store.find_member(unit.connection, conversation_id, account_id)
    if target is None or target.left_seq is not None:
        raise not_found("member")
    return target


def _until(unit: Unit, seconds: int) -> int | None:
    if seconds == 0:
        return None
    policy.check_silence(unit.tools.settings.groups, seconds=seconds)
    return unit.now_us + seconds * SECOND_US


def _tell(unit: Unit, actor: Actor, conversation: store.ConversationRow, kind: str, data: dict[str, object]) -> None:
    numbering = Numbering.begin(unit, conversation.id, locked=conversation)
    numbering.add(kind, actor_id=actor.account_id, data=data)
    numbering.finish()
