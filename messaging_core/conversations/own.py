"""How one keeps one's list: pin, mute, archive, draft, and the unread of all. Nobody else sees any of it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from messaging_core.conversations import own_store, store
from messaging_core.conversations.folding import Moment, find_folded
from messaging_core.errors import CoreError, invalid
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit

Box = Literal["all", "main", "archived", "folded"]


def change_view(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    pinned: bool | None = None,
    muted: bool | None = None,
    archived: bool | None = None,
) -> None:
    """Pin, mute or put away a conversation in one's own list; None stays as it is."""
    conversation = _own(unit, actor, conversation_id)
    changes: dict[str, object] = {}
    if pinned is not None:
        changes["pinned_at"] = unit.now_us if pinned else None
    if muted is not None:
        changes["muted"] = muted
    if archived is not None:
        changes["archived_msg_no"] = conversation.last_msg_no if archived else None
    if changes:
        own_store.put_view(
            unit.connection,
            actor.account_id,
            conversation_id,
            enterprise_id=conversation.enterprise_id,
            **changes,
        )


def put_draft(unit: Unit, actor: Actor, *, conversation_id: int, text: str) -> None:
    """Keep what one has begun to write, for all one's devices; an empty text forgets it."""
    conversation = _own(unit, actor, conversation_id)
    limit = unit.tools.settings.messages.draft_chars
    if len(text) > limit:
        raise invalid("too_long", "body.text", limit=limit)
    own_store.put_view(
        unit.connection,
        actor.account_id,
        conversation_id,
        enterprise_id=conversation.enterprise_id,
        draft=text or None,
        draft_at=unit.now_us if text else None,
    )


def list_box(connection: Connection, account_id: int, box: Box, moment: Moment) -> list[int]:
    """Return one part of an account's list. `folded`: what offers goods unasked, and whoever writes too fast."""
    if box in ("all", "archived"):
        part: own_store.Part = "all" if box == "all" else "archived"
        return [row.conversation_id for row in own_store.list_box(connection, account_id, part)]
    rows = own_store.list_box(connection, account_id, "kept")
    folded = find_folded(connection, account_id, rows, moment)
    return [row.conversation_id for row in rows if (row.conversation_id in folded) == (box == "folded")]


def _own(unit: Unit, actor: Actor, conversation_id: int) -> store.ConversationRow:
    """Lock the conversation, so that two devices write one after the other."""
    conversation = store.lock(unit.connection, conversation_id)
    member = store.find_member(unit.connection, conversation_id, actor.account_id)
    if conversation is None or member is None or member.left_seq is not None:
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
    return conversation
