"""The outcome of a turn in one transaction: replies, handoff, dialogue state, evidence, ledger, cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.decision import Commitment, Decision
from bot.turns import store
from bot.turns.guard import Decided
from bot.turns.scene import Scene, read_news
from bot.turns.store import TurnRow
from messaging_core.api import Actor, Delivery, SendRequest, Sent, Unit, lock_conversation, request_agent, send_batch
from messaging_core.errors import CoreError, ruled_out


class Refused(Exception):
    """The messenger did not take a reply; the whole transaction is undone."""

    def __init__(self, refusal: CoreError) -> None:
        super().__init__(refusal.code)
        self.code = refusal.code
        self.rule = refusal.data.get("rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A turn under way: it keeps its id however often it is decided anew."""

    id: int
    started_us: int
    restarts: int = 0


def commit_turn(
    unit: Unit, delivery: Delivery, opened: Opened, scene: Scene, decided: Decided, *, decided_us: int
) -> TurnRow | None:
    """Write a turn's one outcome; None, and nothing is written, when the conversation has gone on since the scene.

    Raises:
        Refused: the bot may not speak here any more; nothing is written.
    """
    conversation_id = scene.session.conversation_id
    last_seq = lock_conversation(unit, conversation_id)
    if scene.whole and last_seq > scene.head and read_news(unit.connection, conversation_id, after_seq=scene.head):
        return None
    # Another node, whose lease we had lost or it ours, may have been faster.
    if store.list_taken(unit.connection, [message.message_id for message in scene.messages]):
        return None
    decision = decided.decision
    turn = _row(unit, opened, scene, decided, decided_us=decided_us)
    replies = send(
        unit,
        decided,
        lambda place, kind, v, body: message(
            _bot(scene), scene, client_msg_id=f"{turn.id}:{place}", kind=kind, v=v, body=body
        ),
    )
    if decision.handoff is not None and scene.overtaken is None:
        handoff = decision.handoff
        request_agent(unit, _bot(scene), session_id=scene.session.id, reason=handoff.reason, summary=handoff.summary)
    store.insert_turn(unit.connection, turn)
    store.insert_messages(
        unit.connection,
        turn,
        [(message.message_id, "person", message.seq) for message in scene.messages]
        + [(sent.message_id, "bot", sent.seq) for sent in replies],
    )
    store.insert_evidence(unit.connection, turn, decision.evidence)
    store.insert_ledger(unit.connection, turn, promises(unit, decision, replies), at=unit.now_us)
    if decided.remembers:
        store.put_state(unit.connection, turn, decision.state)
    delivery.advance(unit, to_seq=_digested(unit, scene, last_seq=last_seq))
    return turn


def _digested(unit: Unit, scene: Scene, *, last_seq: int) -> int:
    """Return the last `seq` in which nothing waits any more: our own events, too, need not come back to us."""
    if not scene.whole:
        return scene.messages[-1].seq
    return max([last_seq, *(event.seq for event in unit.events)])


def _row(unit: Unit, opened: Opened, scene: Scene, decided: Decided, *, decided_us: int) -> TurnRow:
    decision = decided.decision
    outcome = "silent" if decision.act == "silent" else "handed_off" if decision.handoff is not None else "replied"
    return TurnRow(
        id=opened.id,
        enterprise_id=scene.session.enterprise_id,
        conversation_id=scene.session.conversation_id,
        session_id=scene.session_id,
        customer_id=scene.session.customer_id,
        first_seq=scene.messages[0].seq,
        last_seq=scene.messages[-1].seq,
        outcome=outcome,
        act=decision.act,
        reason=decision.reason,
        intent=decision.intent,
        confidence=decision.confidence,
        offer_human=decision.offer_human,
        handoff_reason=decision.handoff.reason if decision.handoff is not None else None,
        summary=decision.handoff.summary if decision.handoff is not None else None,
        versions=store.to_json(decision.versions or {}),
        settings_version=scene.stored.version,
        restarts=opened.restarts,
        started_at=opened.started_us,
        decided_at=decided_us,
        committed_at=unit.now_us,
        error=decided.error,
    )


def _bot(scene: Scene) -> Actor:
    bot_id = scene.bot_id or scene.stored.bot_account_id or 0
    return Actor(bot_id, "bot", scene.stored.settings.name, enterprise_id=scene.session.enterprise_id)


def send(unit: Unit, decided: Decided, request: Callable[[int, str, int, bytes], SendRequest]) -> list[Sent]:
    """Send the replies; `request` makes one from its place, kind, version and body. Refused when one is not taken."""
    requests = [
        request(place, reply.kind, reply.v, body)
        for place, (reply, body) in enumerate(zip(decided.decision.replies, decided.bodies, strict=True))
    ]
    sent: list[Sent] = []
    for outcome in send_batch(unit, requests) if requests else []:
        if isinstance(outcome, CoreError):
            raise Refused(outcome)
        if not isinstance(outcome, Sent):  # so late that it is no answer any more: it would wait as marketing
            raise Refused(ruled_out(outcome.rule))
        sent.append(outcome)
    return sent


def message(actor: Actor, scene: Scene, *, client_msg_id: str, kind: str, v: int, body: bytes) -> SendRequest:
    """Return what is sent as the bot; it is refused when the session has taken a step since the scene."""
    return SendRequest(
        actor=actor,
        conversation_id=scene.session.conversation_id,
        client_msg_id=client_msg_id,
        kind=kind,
        v=v,
        body=body,
        settle=lambda _request, _outcome: None,
        assignment_version=scene.session.assignment_version,
    )


def promises(unit: Unit, decision: Decision, replies: list[Sent]) -> list[tuple[int, int, Commitment]]:
    """Return what the replies promise as rows of the ledger: id, id of the message that says it, the promise."""
    return [(unit.new_id(), replies[one.reply].message_id, one) for one in decision.commitments]
