"""Forwarding, message by message or merged into one card: what the forwarder may see, and nothing else."""

from __future__ import annotations

import msgspec

from kefu.base.clock import format_time
from messaging_core.errors import CoreError, not_found, ruled_out
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor
from messaging_core.kernel.unit import Unit
from messaging_core.messages import policy, reading_store, store
from messaging_core.messages.actions import send_batch
from messaging_core.messages.kinds import merged, sent_part
from messaging_core.messages.model import Extra, Outcome, SendRequest, Sent, Waiting, check_client_msg_id
from messaging_core.messages.store import MessageRow


def forward(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    client_msg_id: str,
    from_id: int,
    from_seq: int,
    seqs: list[int],
    title: str | None,
) -> list[Sent]:
    """Send messages of one conversation into another; return what was sent, in order.

    Args:
        from_id: the conversation they stand in; `from_seq` is where the actor may read from, checked before.
        title: what a merged card is called; None: one by one, under `client_msg_id`.1, .2 and so on.
    """
    check_client_msg_id(f"{client_msg_id}.100")
    limit = unit.tools.settings.messages.forward
    wanted = sorted(set(seqs))
    if len(wanted) > limit:
        raise CoreError("too_many", rule="forward", limit=limit, used=len(wanted))
    known = _find_sent(unit, actor, conversation_id, client_msg_id, count=1 if title is not None else len(wanted))
    if known:
        return known
    rows = [_find(unit, actor, from_id, seq, from_seq=from_seq) for seq in wanted]
    if title is not None:
        names = identity.find_names(unit.connection, [row.sender_id for row in rows])
        body = merged.encode(merged.Merged(title=title, items=[_item(row, names) for row in rows]))
        limit = unit.tools.settings.messages.forward_bytes
        if len(body) > limit:
            raise CoreError("too_large", limit=limit)
        requests = [_request(actor, conversation_id, client_msg_id, merged.KIND, 1, body)]
    else:
        requests = [
            _request(
                actor,
                conversation_id,
                f"{client_msg_id}.{n}",
                row.kind,
                row.v,
                sent_part(row.kind, row.v, row.body.encode()),
            )
            for n, row in enumerate(rows, start=1)
        ]
    return [_sent(outcome) for outcome in send_batch(unit, requests)]


def _find(unit: Unit, actor: Actor, conversation_id: int, seq: int, *, from_seq: int) -> MessageRow:
    row = reading_store.find_message(unit.connection, conversation_id, seq, viewer=actor.account_id)
    if row is None or seq < from_seq or row.deleted_seq is not None:
        raise not_found("message")
    policy.check_may_forward(row.kind)
    return row


def _item(row: MessageRow, names: dict[int, str]) -> merged.Item:
    return merged.Item(
        sender_id=str(row.sender_id),
        sender_name=names.get(row.sender_id, ""),
        origin=row.origin,
        kind=row.kind,
        v=row.v,
        body=msgspec.Raw(row.body.encode()),
        at=format_time(row.created_at),
    )


def _find_sent(unit: Unit, actor: Actor, conversation_id: int, client_msg_id: str, *, count: int) -> list[Sent]:
    """Return what an earlier try has sent: its messages may have been edited since, and would not compare."""
    keys = [client_msg_id, *[f"{client_msg_id}.{n}" for n in range(1, count + 1)]]
    rows = store.find_sent(unit.connection, conversation_id, actor.account_id, keys)
    return [Sent(row.id, row.seq, row.msg_no, row.created_at, duplicate=True) for row in rows]


def _request(actor: Actor, conversation_id: int, client_msg_id: str, kind: str, v: int, body: bytes) -> SendRequest:
    return SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind=kind,
        v=v,
        body=body,
        settle=lambda _request, _outcome: None,
        extra=Extra(forwarded=True).encode(),
    )


def _sent(outcome: Outcome) -> Sent:
    """Return what was sent; one refusal takes the whole forwarding back."""
    if isinstance(outcome, CoreError):
        raise outcome
    if isinstance(outcome, Waiting):  # half of it may not wait while the rest goes
        raise ruled_out(outcome.rule)
    return outcome
