"""Short words for the tests of policies: say, act, look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from messaging_core.api import Actor, Core, SendRequest, Sent, create_account, create_group
from messaging_core.conversations.summary import Summary, summarise
from messaging_core.errors import CoreError
from messaging_core.kernel.event_log import Event
from messaging_core.kernel.unit import Unit
from messaging_core.messages import reading_store
from messaging_core.messages.model import NO_QUOTE, Quote
from tests.support.cast import Cast


def words(
    actor: Actor, conversation_id: int, text: str, *, key: str | None = None, quote: Quote = NO_QUOTE
) -> SendRequest:
    """Return a text on its way."""
    return SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=key or f"k-{abs(hash((text, actor.account_id)))}",
        kind="text",
        v=1,
        body=msgspec.json.encode({"text": text}),
        settle=lambda _request, _outcome: None,
        quote=quote,
    )


async def say(
    core: Core, actor: Actor, conversation_id: int, text: str, *, key: str | None = None, quote: Quote = NO_QUOTE
) -> Sent:
    """Send a text; a refusal is raised."""
    outcome = await core.send(words(actor, conversation_id, text, key=key, quote=quote))
    if isinstance(outcome, CoreError):
        raise outcome
    return outcome


async def refused(core: Core, action: Callable[[Unit], Any]) -> str:
    """Return the code with which an action is refused, with its reason or rule; `ok` when it is not."""
    try:
        await core.run(action)
    except CoreError as refusal:
        return _named(refusal)
    return "ok"


async def refused_send(core: Core, request: SendRequest) -> str:
    """Return the code with which a message is refused; `ok` when it is not."""
    outcome = await core.send(request)
    return _named(outcome) if isinstance(outcome, CoreError) else "ok"


def _named(refusal: CoreError) -> str:
    more = refusal.data.get("rule") or refusal.data.get("reason")
    return f"{refusal.code}:{more}" if more else refusal.code


async def see(core: Core, actor: Actor, conversation_id: int, seq: int) -> dict[str, Any]:
    """Return a message as somebody sees it."""

    def query(connection: Connection) -> dict[str, Any]:
        row = reading_store.find_message(connection, conversation_id, seq, viewer=actor.account_id)
        found: dict[str, Any] = msgspec.json.decode(reading_store.encode_shown(row)) if row is not None else {}
        return found

    return await core.read(query)


async def log(core: Core, conversation_id: int, *, viewer: int = 0) -> list[Event]:
    """Return the whole log, which has no gap."""
    events = await core.read(
        lambda c: reading_store.list_events(c, conversation_id, after_seq=0, to_seq=None, limit=10_000, viewer=viewer)
    )
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    return events


async def summary(core: Core, actor: Actor, conversation_id: int) -> Summary:
    """Return a conversation as one of its members has it in his list."""
    found = await core.read(lambda c: summarise(c, actor.account_id, [conversation_id], core.moment()))
    return found[0]


async def make_people(core: Core, count: int) -> list[Actor]:
    """Make persons."""

    def action(unit: Unit) -> list[Actor]:
        ids = [create_account(unit, None, name=f"茶友{n}", kind="personal") for n in range(count)]
        return [Actor(account_id=id_, kind="personal", name=f"茶友{n}") for n, id_ in enumerate(ids)]

    return await core.run(action)


async def tea_group(core: Core, cast: Cast, *, community: bool = False) -> int:
    """Make Lin's group with Mi and Gray, or the boss's community with them, Qiao and the bot."""
    names = ["mi", "gray"] if not community else ["lin", "mi", "gray", "qiao", "bot"]
    return await core.run(
        lambda unit: create_group(
            unit,
            cast["boss" if community else "lin"],
            title="茶友群",
            member_ids=[cast.id(name) for name in names],
            enterprise_id=cast.enterprise_id if community else None,
        )
    )
