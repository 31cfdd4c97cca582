"""What other packages read of a conversation in the same process: its session, its log, its history."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from messaging_core.conversations import store as conversations
from messaging_core.desk import store as desk
from messaging_core.desk.policy import State
from messaging_core.errors import not_found
from messaging_core.identity import store as identity
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store as messages


@dataclass(frozen=True, slots=True)
class ServiceSession:
    """A service session as it is now; every step raises `assignment_version`."""

    id: int
    enterprise_id: int
    conversation_id: int
    customer_id: int
    customer_name: str
    state: State
    agent_id: int | None
    assignment_version: int
    queued_at_us: int | None
    """Since when it waits for an agent, or waited for the one who has it; None with the bot."""


def find_session(connection: Connection, conversation_id: int) -> ServiceSession | None:
    """Return the newest session of a conversation, open or closed; None for one that is no service conversation."""
    row = desk.find_current(connection, conversation_id)
    if row is None:
        return None
    return ServiceSession(
        id=row.id,
        enterprise_id=row.enterprise_id,
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        state=row.state,
        agent_id=row.agent_id,
        assignment_version=row.assignment_version,
        queued_at_us=row.queued_at,
    )


def find_bot(connection: Connection, enterprise_id: int) -> int | None:
    """Return the account that answers an enterprise's customers first, or None."""
    enterprise = identity.find_account(connection, enterprise_id)
    return enterprise.bot_account_id if enterprise is not None else None


def is_member(connection: Connection, conversation_id: int, account_id: int) -> bool:
    """Return whether an account is in a conversation."""
    row = conversations.find_member(connection, conversation_id, account_id)
    return row is not None and row.left_seq is None


def lock_conversation(unit: Unit, conversation_id: int) -> int:
    """Return the last `seq` of a conversation, which nobody else raises until the unit's transaction ends."""
    row = conversations.lock(unit.connection, conversation_id)
    if row is None:
        raise not_found("conversation")
    return int(row.last_seq)


def find_names(connection: Connection, account_ids: list[int]) -> dict[int, str]:
    """Return the names of accounts, by id."""
    return identity.find_names(connection, account_ids)


def find_message_words(connection: Connection, conversation_id: int, seqs: list[int]) -> list[str]:
    """Return what messages of a conversation say in words, in order; those without words are left out."""
    if not seqs:
        return []
    rows = messages.list_before(
        connection, conversation_id, before_seq=max(seqs) + 1, from_seq=min(seqs), limit=max(seqs) - min(seqs) + 1
    )
    found = [msgspec.json.decode(row) for row in reversed(rows)]
    return [str(one["body"]["text"]) for one in found if one["seq"] in seqs and "text" in one["body"]]
