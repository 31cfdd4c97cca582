"""What the messenger knows of a kind: how its body is read and checked, what it says in words, who may send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from messaging_core.errors import forbidden
from messaging_core.identity.policy import Actor
from messaging_core.settings import Limits

Senders = Literal["anyone", "enterprise", "system"]
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message in one version."""

    decoder: msgspec.json.Decoder[Any]
    check: Callable[[Any, Limits], None]
    words: Callable[[Any], str]
    """Return all that people read in a body, for screening and search; empty when it has no words."""
    sent_by: Senders
    completed: bool
    """Whether the server adds to the body, in the send's transaction, what only the database knows."""

    def check_sender(self, actor: Actor, *, enterprise_id: int | None) -> None:
        """Refuse a kind that only the system, or only the enterprise whose conversation this is, may send."""
        if self.sent_by == "anyone" or actor.kind == "system":
            return
        if self.sent_by == "system":
            raise forbidden("system_only")
        own_bot = actor.kind == "bot" and actor.enterprise_id == enterprise_id
        if enterprise_id is None or not (own_bot or actor.serves(enterprise_id)):
            raise forbidden("enterprise_sends")


def kind(
    body: type[Body],
    *,
    check: Callable[[Body, Limits], None],
    words: Callable[[Body], str],
    sent_by: Senders = "anyone",
    completed: bool = False,
) -> Kind:
    """Return the entry of a kind for the table in `__init__.py`."""
    return Kind(msgspec.json.Decoder(body), check, words, sent_by, completed)
