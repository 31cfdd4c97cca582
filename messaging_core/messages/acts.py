"""What can be done to a message that stands: recall, edit, react, delete for oneself. Each takes its own `seq`."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kefu.base.clock import format_time
from messaging_core.conversations import audit
from messaging_core.conversations import policy as conversation_policy
from messaging_core.conversations import store as conversations
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import CoreError, not_found, ruled_out
from messaging_core.identity.policy import Actor
from messaging_core.kernel.event_log import MESSAGE_DELETED
from messaging_core.kernel.unit import Unit
from messaging_core.media import store as media
from messaging_core.messages import changes_store, personal_store, policy, reading_store, store
from messaging_core.messages.guard_list import EDIT_GUARDS
from messaging_core.messages.guards import Candidate, Guards
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import SendRequest, encode_message, left_of, origin_of, read_extra
from messaging_core.messages.store import MessageRow


@dataclass(slots=True)
class _Found:
    """A message, its locked conversation, and the actor's place in it."""

    numbering: Numbering
    member: conversations.MemberRow | None
    row: MessageRow

    @property
    def conversation(self) -> conversations.ConversationRow:
        """Return the conversation."""
        return self.numbering.conversation


def recall(unit: Unit, actor: Actor, *, conversation_id: int, seq: int) -> None:
    """Take a message back for everybody: what stays is who took it back. A second recall changes nothing."""
    found = _begin(unit, actor, conversation_id, seq, serving=True)
    row = found.row
    if row.kind == policy.RECALLED:
        return
    own = row.sender_id == actor.account_id
    moderates = not own and _stands_above(unit, found)
    policy.check_may_recall(
        unit.tools.settings.messages,
        kind=row.kind,
        age_us=unit.now_us - row.created_at,
        own=own,
        serves=_serves(actor, found),
        moderates=moderates,
        sent_at_us=row.created_at,
    )
    versions = changes_store.keep_version(
        unit.connection, row, actor_id=actor.account_id, act="recall", at_us=unit.now_us
    )
    extra = read_extra(row.extra)
    called = [int(account_id) for account_id in extra.mentions]
    if extra.mention_all:
        called.append(personal_store.EVERYBODY)
    media.forget_uses(unit.connection, conversation_id, seq, now_us=unit.now_us)
    if called:
        personal_store.delete_mentions(unit.connection, conversation_id, called, msg_no=row.msg_no)
    if moderates:
        audit.record(
            unit, found.conversation, actor, act="message.recalled", target_id=row.sender_id, data={"message_seq": seq}
        )
    body = msgspec.json.encode({"by": str(actor.account_id)})
    left = left_of(row.extra)
    _change(unit, actor, found, "message.recalled", kind=policy.RECALLED, v=1, body=body, extra=left, versions=versions)


def edit(unit: Unit, actor: Actor, *, conversation_id: int, seq: int, kind: str, v: int, raw: bytes) -> None:
    """Give one's own text other words; what it was stays readable (`versions`). The same words change nothing."""
    found = _begin(unit, actor, conversation_id, seq)
    row = found.row
    policy.check_may_edit(
        unit.tools.settings.messages,
        kind=row.kind,
        age_us=unit.now_us - row.created_at,
        own=row.sender_id == actor.account_id,
        sent_at_us=row.created_at,
    )
    policy.check_may_edit(unit.tools.settings.messages, kind=kind, age_us=0, own=True, sent_at_us=row.created_at)
    body = read_body(kind, v, raw, unit.tools.settings.limits)
    if (row.kind, row.v, row.body.encode()) == (kind, v, body):
        return
    _check_words(unit, actor, conversation_id, seq, kind, v, body)
    versions = changes_store.keep_version(
        unit.connection, row, actor_id=actor.account_id, act="edit", at_us=unit.now_us
    )
    extra = read_extra(row.extra)
    extra.edited_at = format_time(unit.now_us)
    _change(unit, actor, found, "message.edited", kind=kind, v=v, body=body, extra=extra.encode(), versions=versions)


def _check_words(unit: Unit, actor: Actor, conversation_id: int, seq: int, kind: str, v: int, body: bytes) -> None:
    """Refuse words that would be refused, or held for a human, as a new message: a message that stands cannot wait."""
    request = SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=f"edit:{seq}",
        kind=kind,
        v=v,
        body=body,
        settle=lambda _request, _outcome: None,
    )
    place = store.read_requests(unit.connection, [(0, conversation_id, actor.account_id, request.client_msg_id)])[0]
    candidate = Candidate(request, place, origin_of(actor, place.role), None)
    if Guards(unit, EDIT_GUARDS, [candidate]).judge(candidate) is not None:
        raise ruled_out("edit_held")


def react(unit: Unit, actor: Actor, *, conversation_id: int, seq: int, emoji: str, on: bool) -> None:
    """Set an emoji under a message, or take it back; said twice it changes nothing."""
    policy.check_emoji(emoji)
    found = _begin(unit, actor, conversation_id, seq)
    row = found.row
    if row.kind == policy.RECALLED:
        raise not_found("message")
    extra = read_extra(row.extra)
    changed = policy.reacted(
        extra.reactions,
        account_id=str(actor.account_id),
        emoji=emoji,
        on=on,
        limits=unit.tools.settings.messages,
    )
    if changed is None:
        return
    extra.reactions = changed
    _change(
        unit,
        actor,
        found,
        "message.reacted",
        kind=row.kind,
        v=row.v,
        body=row.body.encode(),
        extra=extra.encode(),
        versions=row.versions,
        data={"emoji": emoji, "on": on},
    )


def delete_for_me(unit: Unit, actor: Actor, *, conversation_id: int, seq: int) -> None:
    """Take a message out of one's own view, on all one's devices; the others see it as before."""
    found = _begin(unit, actor, conversation_id, seq, deleted_too=True)
    row = found.row
    if row.deleted_seq is not None:
        return
    personal_store.insert_deletion(
        unit.connection,
        account_id=actor.account_id,
        conversation_id=conversation_id,
        seq=seq,
        enterprise_id=row.enterprise_id,
        at=unit.now_us,
    )
    message = _encode(row, kind=policy.DELETED, v=1, body=b"{}", extra=left_of(row.extra))
    found.numbering.add(MESSAGE_DELETED, actor_id=actor.account_id, about_seq=seq, message=message)
    found.numbering.finish()


def _begin(
    unit: Unit, actor: Actor, conversation_id: int, seq: int, *, serving: bool = False, deleted_too: bool = False
) -> _Found:
    """Lock the conversation and return the message; refuse who may not see it.

    Args:
        serving: staff of the conversation's enterprise need no membership.
        deleted_too: also one that the actor has deleted for himself.
    """
    conversation = conversations.lock(unit.connection, conversation_id)
    member = conversations.find_member(unit.connection, conversation_id, actor.account_id)
    if member is not None and member.left_seq is not None:
        member = None
    serves = (
        serving
        and conversation is not None
        and conversation.kind == "service"
        and conversation.enterprise_id is not None
        and actor.serves(conversation.enterprise_id)
    )
    if conversation is None or (member is None and not serves):
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
    row = reading_store.find_message(unit.connection, conversation_id, seq, viewer=actor.account_id)
    from_seq = member.visible_from if member is not None else 1
    if row is None or seq < from_seq or (row.deleted_seq is not None and not deleted_too):
        raise not_found("message")
    return _Found(Numbering.begin(unit, conversation_id, locked=conversation), member, row)


def _serves(actor: Actor, found: _Found) -> bool:
    """Return whether the actor answers for the side that has said it."""
    conversation = found.conversation
    return (
        conversation.kind == "service"
        and conversation.enterprise_id is not None
        and actor.serves(conversation.enterprise_id)
        and found.row.origin in ("agent", "bot")
    )


def _stands_above(unit: Unit, found: _Found) -> bool:
    if found.conversation.kind != "group" or found.member is None:
        return False
    sender = conversations.find_member(unit.connection, found.conversation.id, found.row.sender_id)
    return conversation_policy.stands_above(found.member.role, sender.role if sender is not None else "member")


def _change(
    unit: Unit,
    actor: Actor,
    found: _Found,
    event: str,
    *,
    kind: str,
    v: int,
    body: bytes,
    extra: bytes | None,
    versions: int | None,
    data: dict[str, object] | None = None,
) -> None:
    """Write a message's new form and the event that brings it."""
    row = found.row
    changes_store.change_message(
        unit.connection,
        row.conversation_id,
        row.seq,
        kind=kind,
        v=v,
        body=body.decode(),
        extra=extra.decode() if extra is not None else None,
        versions=versions,
    )
    found.numbering.add(
        event,
        actor_id=actor.account_id,
        data=data,
        about_seq=row.seq,
        message=_encode(row, kind=kind, v=v, body=body, extra=extra),
    )
    found.numbering.finish()


def _encode(row: MessageRow, *, kind: str, v: int, body: bytes, extra: bytes | None) -> bytes:
    return encode_message(
        message_id=row.id,
        client_msg_id=row.client_msg_id,
        sender_id=row.sender_id,
        origin=row.origin,
        kind=kind,
        v=v,
        body=body,
        seq=row.seq,
        msg_no=row.msg_no,
        at_us=row.created_at,
        extra=extra,
    )
