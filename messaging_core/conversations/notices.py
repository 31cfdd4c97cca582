"""How a group is run: its notice, pins, who speaks, who is let in, what greets whoever comes."""

from __future__ import annotations

import msgspec

from kefu.base.clock import format_time
from messaging_core.conversations import actions, audit, groups_store, policy, store
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import CoreError, invalid, not_found
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store


class GroupChange(msgspec.Struct, frozen=True):
    """What is to be different; None stays as it is. `bot_wait_s` 0: the deployment's own."""

    notice: str | None = None
    welcome: str | None = None
    announcement_only: bool | None = None
    join_approval: bool | None = None
    bot_wait_s: int | None = None


def change_group(unit: Unit, actor: Actor, *, conversation_id: int, change: GroupChange) -> None:
    """Change how a group is run; what members see of it is one event."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    _check(unit, conversation, change)
    seen: dict[str, object] = {}
    rows: dict[str, object] = {}
    if change.notice is not None:
        rows |= {"notice": change.notice, "notice_at": unit.now_us}
        seen |= {"notice": change.notice, "notice_at": format_time(unit.now_us)}
    if change.join_approval is not None:
        rows["join_approval"] = seen["join_approval"] = change.join_approval
    if change.welcome is not None:
        rows["welcome"] = change.welcome
    if change.bot_wait_s is not None:
        rows["bot_wait_s"] = change.bot_wait_s or None
    if rows:
        groups_store.put_group(unit.connection, conversation_id, enterprise_id=conversation.enterprise_id, **rows)
    if change.announcement_only is not None:
        store.update_conversation(unit.connection, conversation_id, announcement_only=change.announcement_only)
        seen["announcement_only"] = change.announcement_only
    if seen:
        numbering = Numbering.begin(unit, conversation_id, locked=conversation)
        numbering.add("group.changed", actor_id=actor.account_id, data=seen)
        numbering.finish()
    said = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    if said:
        audit.record(unit, conversation, actor, act="group.changed", data=said)


def _check(unit: Unit, conversation: store.ConversationRow, change: GroupChange) -> None:
    if change.welcome or change.announcement_only or change.bot_wait_s:
        policy.check_community(conversation.enterprise_id)
    limit = unit.tools.settings.groups.notice_chars
    for field in ("notice", "welcome"):
        if len(getattr(change, field) or "") > limit:
            raise invalid("too_long", f"body.{field}", limit=limit)


def pin(unit: Unit, actor: Actor, *, conversation_id: int, seq: int, on: bool) -> None:
    """Pin a message of a group for all to find, or take it down; said twice it changes nothing."""
    conversation, own = actions.group_for(unit, actor, conversation_id)
    policy.check_admin(own.role)
    row = reading_store.find_message(unit.connection, conversation_id, seq, viewer=actor.account_id)
    if row is None or seq < own.visible_from or row.deleted_seq is not None or row.kind == "recalled":
        raise not_found("message")
    pinned = groups_store.find_pins(unit.connection, [conversation_id]).get(conversation_id, [])
    if (seq in pinned) == on:
        return
    if on:
        limit = unit.tools.settings.groups.pins
        if len(pinned) >= limit:
            raise CoreError("too_many", rule="pins", limit=limit, used=len(pinned) + 1)
        groups_store.insert_pin(
            unit.connection,
            conversation_id=conversation_id,
            seq=seq,
            enterprise_id=conversation.enterprise_id,
            pinned_by=actor.account_id,
            pinned_at=unit.now_us,
        )
    else:
        groups_store.delete_pin(unit.connection, conversation_id, seq)
    kind = "message.pinned" if on else "message.unpinned"
    numbering = Numbering.begin(unit, conversation_id, locked=conversation)
    numbering.add(kind, actor_id=actor.account_id, data={"message_seq": seq})
    numbering.finish()
    audit.record(unit, conversation, actor, act=kind, target_id=row.sender_id, data={"message_seq": seq})
