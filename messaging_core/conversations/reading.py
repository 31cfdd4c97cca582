"""Who is in a conversation, who may read it, and from where on."""

from __future__ import annotations

from sqlalchemy import Connection

from messaging_core.conversations import store
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor


def check_reader(connection: Connection, actor: Actor, conversation_id: int) -> tuple[int, int | None]:
    """Return from and to which `seq` the actor may read; refuse who may not.

    Members read from where they came in; those who serve the enterprise read all of its service conversations.
    """
    row = store.find_member(connection, conversation_id, actor.account_id)
    if row is not None and row.left_seq is None:
        return row.visible_from, None
    conversation = store.find(connection, conversation_id)
    if (
        conversation is not None
        and conversation.kind == "service"
        and conversation.enterprise_id is not None
        and actor.serves(conversation.enterprise_id)
    ):
        return 1, None
    raise CoreError("not_a_member", conversation_id=str(conversation_id))


def check_member(connection: Connection, actor: Actor, conversation_id: int) -> None:
    """Refuse a conversation that the actor is not in now."""
    row = store.find_member(connection, conversation_id, actor.account_id)
    if row is None or row.left_seq is not None:
        raise CoreError("not_a_member", conversation_id=str(conversation_id))
