"""An enterprise's own words: verified enterprises add them to the screening of their conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from messaging_core.errors import forbidden, not_found
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor, check_manages
from messaging_core.kernel.unit import Unit
from messaging_core.safety import store
from messaging_core.safety.screen_guard import MEMORY

if TYPE_CHECKING:
    from messaging_core.core import Core

TOPIC = "words"


def list_words(connection: Connection, actor: Actor, *, enterprise_id: int) -> list[store.AnySafetyRow]:
    """Return an enterprise's own words; its managers' right."""
    _check(connection, actor, enterprise_id, verified=False)
    return store.list_words(connection, enterprise_id)


def add_words(unit: Unit, actor: Actor, *, enterprise_id: int, words: list[str], category: str) -> None:
    """Add words; only verified enterprises have this filter."""
    _check(unit.connection, actor, enterprise_id, verified=True)
    rows: list[dict[str, object]] = [
        {
            "enterprise_id": enterprise_id,
            "word": word.strip(),
            "category": category or "own",
            "added_by": actor.account_id,
            "at": unit.now_us,
        }
        for word in dict.fromkeys(words)
        if word.strip()
    ]
    if rows:
        store.put_words(unit.connection, rows)


def remove_word(unit: Unit, actor: Actor, *, enterprise_id: int, word: str) -> None:
    """Remove a word."""
    _check(unit.connection, actor, enterprise_id, verified=False)
    if not store.delete_word(unit.connection, enterprise_id, word):
        raise not_found("word")


def forget(core: Core, enterprise_id: int) -> None:
    """Have all nodes read an enterprise's words anew."""
    core.broker.publish(TOPIC, str(enterprise_id).encode())
    drop(core, str(enterprise_id).encode())


def drop(core: Core, payload: bytes) -> None:
    """Forget an enterprise's words on this node."""
    core.tools.memory.get(MEMORY, {}).pop(int(payload), None)


def _check(connection: Connection, actor: Actor, enterprise_id: int, *, verified: bool) -> None:
    check_manages(actor, enterprise_id)
    row = identity.find_account(connection, enterprise_id)
    if row is None or row.kind != "enterprise":
        raise not_found("account")
    if verified and not row.verified:
        raise forbidden("verified_only")
