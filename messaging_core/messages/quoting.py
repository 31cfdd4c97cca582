"""Replies and mentions of the messages of a batch: what they point at must be there, and be the sender's to see."""

from __future__ import annotations

from collections.abc import Sequence

from messaging_core.conversations import policy as conversation_policy
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.kernel.unit import Unit
from messaging_core.messages import personal_store, reading_store
from messaging_core.messages.guards import Candidate, Rule, Wait
from messaging_core.messages.model import NO_QUOTE, Extra, ReplyTo
from messaging_core.messages.store import MessageRow
from messaging_core.settings import Messages


class Quoting(Rule):
    """Turns a request's `quote` into what stands beside its body."""

    def __init__(
        self,
        limits: Messages,
        quoted: dict[tuple[int, int, int], MessageRow],
        present: set[tuple[int, int]],
    ) -> None:
        self._limits = limits
        self._quoted = quoted
        self._present = present

    def judge(self, candidate: Candidate) -> Wait | None:
        """Refuse a reply to what is not there, a call of strangers, and `@all` by an ordinary member."""
        request, quote = candidate.request, candidate.request.quote
        if quote is NO_QUOTE:
            return None
        extra = Extra(mentions=[str(account_id) for account_id in quote.mentions], mention_all=quote.mention_all)
        if quote.mentions or quote.mention_all:
            self._check_calls(candidate)
        if quote.reply_to is not None:
            row = self._quoted.get((request.conversation_id, quote.reply_to, request.actor.account_id))
            if row is None:
                raise not_found("message")
            extra.reply_to = ReplyTo(seq=row.seq, message_id=str(row.id), sender_id=str(row.sender_id))
        request.extra = extra.encode()
        return None

    def _check_calls(self, candidate: Candidate) -> None:
        request, quote = candidate.request, candidate.request.quote
        conversation_policy.check_group(candidate.row.conversation_kind)
        if quote.mention_all:
            conversation_policy.check_admin(candidate.row.role)
        if len(quote.mentions) > self._limits.mentions:
            raise CoreError("too_many", rule="mentions", limit=self._limits.mentions, used=len(quote.mentions))
        if any((request.conversation_id, account_id) not in self._present for account_id in quote.mentions):
            raise forbidden("not_called")


def load(unit: Unit, candidates: Sequence[Candidate]) -> Quoting | None:
    """Read, in at most two statements, what the batch's replies and mentions point at."""
    quotes = [(one.request, one.request.quote) for one in candidates if one.request.quote is not NO_QUOTE]
    if not quotes:
        return None
    replies = {
        (request.conversation_id, quote.reply_to, request.actor.account_id)
        for request, quote in quotes
        if quote.reply_to is not None
    }
    called = {(request.conversation_id, account_id) for request, quote in quotes for account_id in quote.mentions}
    return Quoting(
        unit.tools.settings.messages,
        reading_store.find_quoted(unit.connection, sorted(replies)),
        personal_store.find_present(unit.connection, sorted(called)),
    )
