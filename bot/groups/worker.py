"""The bot at work in communities: each call is decided like a question of somebody unknown, and kept as a turn.

There is no session: nothing is remembered from one call to the next, and nobody's orders are looked up, for everybody
would read them. Whether the bot may speak at that moment the messenger's etiquette says; a human who was faster wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import structlog

from bot.decision import Commitment, Reply
from bot.dialogue.state import DialogueState
from bot.groups.call import QUESTION_UNANSWERED, Call, may_be_call, read_call
from bot.groups.words import replies_of
from bot.turn import Turn
from bot.turns import guard, rules, store
from bot.turns.commit import Refused, promises, send
from bot.turns.guard import Decided
from bot.turns.settings_store import SettingsCache
from bot.turns.store import TurnRow
from bot.worker import FindDecider
from messaging_core.api import MESSAGE_SENT, Actor, Core, Delivery, Event, Quote, SendRequest, Unit

log = structlog.get_logger("kefu.bot")


class GroupBotWorker:
    """One subscriber for all communities: `await core.subscribers.add(GroupBotWorker(core, find_decider))`."""

    name = "bot.groups"
    enterprise_id: int | None = None
    kinds: frozenset[str] | None = frozenset({MESSAGE_SENT, QUESTION_UNANSWERED})
    from_start = False
    communities_only: Literal[True] = True

    def __init__(self, core: Core, find_decider: FindDecider) -> None:
        self._core = core
        self._find_decider = find_decider
        self._settings = SettingsCache()

    def wants(self, event: Event) -> bool:
        """See CommunitySubscriber.wants."""
        return may_be_call(event)

    async def handle(self, delivery: Delivery) -> None:
        """See Subscriber.handle."""
        core, now_us = self._core, self._core.clock.now_us()
        call = await core.read(lambda connection: read_call(connection, self._settings, delivery.event, now_us=now_us))
        decider = self._find_decider(call.enterprise_id) if call is not None else None
        if call is None or decider is None:
            return
        turn = _turn(core, call, now_us=now_us)
        decided = await guard.decide(
            decider, turn, limits=core.settings.limits, new_incident=lambda: f"i{core.tools.ids.new()}"
        )
        decided_us = core.clock.now_us()
        said = _said(core, call, decided)
        try:
            await core.run(lambda unit: _commit(unit, delivery, call, turn, said, decided_us=decided_us))
        except Refused as refused:
            log.info("bot.group_silent", code=refused.code, rule=refused.rule, conversation_id=call.conversation_id)
            silence = rules.keep_silent(turn, "refused", error=refused.code)
            await core.run(lambda unit: _commit(unit, delivery, call, turn, silence, decided_us=decided_us))


def _turn(core: Core, call: Call, *, now_us: int) -> Turn:
    return Turn(
        id=core.tools.ids.new(),
        enterprise_id=call.enterprise_id,
        conversation_id=call.conversation_id,
        session_id=0,
        session_state="bot",
        assignment_version=0,
        customer_id=0,
        customer_name="",
        messages=(call.message,),
        history=(),
        state=DialogueState(),
        settings=call.stored.settings,
        now_us=now_us,
    )


def _said(core: Core, call: Call, decided: Decided) -> Decided:
    """Return the decision with what of it is said in a group."""
    decision = decided.decision
    replies = replies_of(
        decision, named=call.named, failed=decided.error is not None, most=core.settings.groups.bot_replies
    )
    kept = tuple(one for one in decision.commitments if _is_made(one, decision.replies, replies))
    act = decision.act if replies and decision.handoff is None else "reply" if replies else "silent"
    shown = replace(decision, act=act, replies=tuple(replies), commitments=kept, handoff=None)
    return replace(decided, decision=shown, bodies=guard.check(shown, core.settings.limits))


def _is_made(promise: Commitment, planned: Sequence[Reply], said: Sequence[Reply]) -> bool:
    """Return whether the words of a promise are said."""
    if promise.reply >= len(said):
        return False
    reply = said[promise.reply]
    return reply is planned[promise.reply] or promise.said in str(reply.body.get("text", ""))


def _commit(unit: Unit, delivery: Delivery, call: Call, turn: Turn, decided: Decided, *, decided_us: int) -> None:
    """Write the call's one outcome with the subscriber's cursor; Refused when the bot may not speak any more."""
    if not store.list_taken(unit.connection, [call.message.message_id]):
        row = _row(unit, call, turn, decided, decided_us=decided_us)
        sent = send(unit, decided, lambda place, kind, v, body: _request(call, place, kind, v, body))
        store.insert_turn(unit.connection, row)
        store.insert_messages(
            unit.connection,
            row,
            [
                (call.message.message_id, "person", call.message.seq),
                *((one.message_id, "bot", one.seq) for one in sent),
            ],
        )
        store.insert_evidence(unit.connection, row, decided.decision.evidence)
        store.insert_ledger(unit.connection, row, promises(unit, decided.decision, sent), at=unit.now_us)
    delivery.advance(unit)


def _request(call: Call, place: int, kind: str, v: int, body: bytes) -> SendRequest:
    return SendRequest(
        actor=Actor(call.bot_id, "bot", call.stored.settings.name, enterprise_id=call.enterprise_id),
        conversation_id=call.conversation_id,
        client_msg_id=f"call:{call.message.message_id}:{place}",
        kind=kind,
        v=v,
        body=body,
        settle=lambda _request, _outcome: None,
        quote=Quote(reply_to=call.message.seq),
    )


def _row(unit: Unit, call: Call, turn: Turn, decided: Decided, *, decided_us: int) -> TurnRow:
    decision = decided.decision
    return TurnRow(
        id=turn.id,
        enterprise_id=call.enterprise_id,
        conversation_id=call.conversation_id,
        session_id=0,
        customer_id=0,
        first_seq=call.message.seq,
        last_seq=call.message.seq,
        outcome="replied" if decision.replies else "silent",
        act=decision.act,
        reason=decision.reason,
        intent=decision.intent,
        confidence=decision.confidence,
        offer_human=decision.offer_human,
        handoff_reason=None,
        summary=None,
        versions=store.to_json(decision.versions or {}),
        settings_version=call.stored.version,
        restarts=0,
        started_at=turn.now_us,
        decided_at=decided_us,
        committed_at=unit.now_us,
        error=decided.error,
    )
