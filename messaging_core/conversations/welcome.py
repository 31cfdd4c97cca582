"""The words with which a community greets whoever comes in."""

from __future__ import annotations

import msgspec

from messaging_core.conversations import groups_store, store
from messaging_core.errors import CoreError
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages.model import Extra, SendRequest


def greet(unit: Unit, conversation: store.ConversationRow, account_ids: list[int]) -> None:
    """Greet the people who came into a community with its welcome, as the enterprise; one message for all of them."""
    from messaging_core.messages.actions import send_batch  # sending knows the desk, and the desk how people come in

    group = groups_store.find_group(unit.connection, conversation.id)
    if conversation.enterprise_id is None or group is None or not group.welcome:
        return
    rows = identity.find_accounts(unit.connection, account_ids)
    people = [account_id for account_id in account_ids if rows[account_id].kind != "bot"]
    if not people:
        return
    called = [str(account_id) for account_id in people[: unit.tools.settings.messages.mentions]]
    request = SendRequest(
        actor=Actor(account_id=conversation.enterprise_id, kind="system", name=""),
        conversation_id=conversation.id,
        client_msg_id=f"welcome:{unit.new_id()}",
        kind="text",
        v=1,
        body=msgspec.json.encode({"text": group.welcome}),
        settle=lambda _request, _outcome: None,
        extra=Extra(mentions=called).encode(),
        house=True,
    )
    outcome = send_batch(unit, [request])[0]
    if isinstance(outcome, CoreError):
        raise outcome
