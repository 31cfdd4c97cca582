"""Thumbs up and down: what a customer thinks of a bot's message; the last word counts."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from bot.turns.tables import bot_feedback, bot_turn_messages, bot_turns
from messaging_core.api import Actor, AnyRow, Unit
from messaging_core.errors import not_found

Value = Literal["up", "down"]


def give_feedback(unit: Unit, actor: Actor, *, message_id: int, value: Value | None) -> None:
    """Store what the conversation's customer thinks of one of the bot's replies; None takes it back.

    Raises:
        CoreError: `not_found`, also for messages of others and for messages that are no replies.
    """
    connection = unit.connection
    query = (
        select(bot_turns.c.id, bot_turns.c.enterprise_id, bot_turns.c.customer_id)
        .join(bot_turn_messages, bot_turn_messages.c.turn_id == bot_turns.c.id)
        .where(bot_turn_messages.c.message_id == message_id, bot_turn_messages.c.origin == "bot")
    )
    turn = connection.execute(query).one_or_none()
    if turn is None or turn.customer_id != actor.account_id:
        raise not_found("message")
    key = (bot_feedback.c.message_id == message_id, bot_feedback.c.customer_id == actor.account_id)
    connection.execute(delete(bot_feedback).where(*key))
    if value is not None:
        connection.execute(
            insert(bot_feedback).values(
                message_id=message_id,
                customer_id=actor.account_id,
                enterprise_id=turn.enterprise_id,
                turn_id=turn.id,
                value=value,
                at=unit.now_us,
            )
        )


def list_feedback(connection: Connection, turn_ids: list[int]) -> dict[int, list[AnyRow]]:
    """Return the feedback on the replies of turns, by turn."""
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(select(bot_feedback).where(bot_feedback.c.turn_id.in_(turn_ids))):
        found.setdefault(row.turn_id, []).append(row)
    return found
