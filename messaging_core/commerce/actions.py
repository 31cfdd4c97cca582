"""What can be done with red packets. Money and message, or money and event, move in one transaction."""

from __future__ import annotations

import random
from typing import Literal

from kefu.base.clock import HOUR_US
from messaging_core.commerce import policy, store
from messaging_core.commerce.wallet import transfer
from messaging_core.conversations import store as conversations
from messaging_core.conversations.numbering import Numbering
from messaging_core.errors import CoreError, forbidden, not_found, ruled_out
from messaging_core.identity.policy import Actor
from messaging_core.kernel.jobs import Job, schedule
from messaging_core.kernel.unit import Unit
from messaging_core.messages.actions import send_batch
from messaging_core.messages.kinds import red_packet
from messaging_core.messages.model import SendRequest, Sent, check_client_msg_id

REFUND = "red_packet.refund"
_chance = random.SystemRandom()


def send_packet(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    client_msg_id: str,
    total_fen: int,
    shares: int,
    split: policy.Split,
    note: str,
) -> tuple[int, Sent]:
    """Put money into a red packet and send it; return its id and the message.

    The same client id gives the same packet again, with other content it is refused, and the wallet pays once.
    """
    check_client_msg_id(client_msg_id)
    _check_person(actor)
    conversation = conversations.lock(unit.connection, conversation_id)
    if conversation is None or not _is_member(unit, actor, conversation_id):
        raise CoreError("not_a_member")
    if conversation.kind == "service":
        raise forbidden("no_money_in_service")
    asked = (total_fen, shares, split, note)
    known = store.find_packet_by_key(
        unit.connection, conversation_id=conversation_id, sender_id=actor.account_id, client_msg_id=client_msg_id
    )
    if known is not None:
        if (known.total_fen, known.shares, known.split, known.note) != asked:
            raise CoreError("client_msg_id_reused", client_msg_id=client_msg_id)
        return known.id, _send(unit, actor, conversation_id, client_msg_id, known.id, note, split, shares)
    rules = unit.tools.settings.red_packets
    policy.check_packet(
        total_fen=total_fen, shares=shares, split=split, direct=conversation.kind == "direct", rules=rules
    )
    packet_id, expires_at = unit.new_id(), unit.now_us + rules.expires_h * HOUR_US
    transfer(
        unit, from_id=actor.account_id, to_id=packet_id, amount_fen=total_fen, kind="packet_sent", packet_id=packet_id
    )
    store.insert_packet(
        unit.connection,
        id=packet_id,
        enterprise_id=conversation.enterprise_id,
        conversation_id=conversation_id,
        sender_id=actor.account_id,
        client_msg_id=client_msg_id,
        split=split,
        note=note,
        total_fen=total_fen,
        shares=shares,
        remaining_shares=shares,
        state="open",
        created_at=unit.now_us,
        expires_at=expires_at,
    )
    schedule(unit, kind=REFUND, run_at_us=expires_at, payload={"packet_id": str(packet_id)})
    return packet_id, _send(unit, actor, conversation_id, client_msg_id, packet_id, note, split, shares)


def claim(unit: Unit, actor: Actor, *, packet_id: int) -> int:
    """Open a red packet and return one's share in fen; opening it again returns the same share.

    Between two people the sender cannot open his own; in a group he may, like everybody.
    """
    _check_person(actor)
    packet, numbering = _begin(unit, packet_id)
    if not _is_member(unit, actor, packet.conversation_id):
        raise not_found("red_packet")
    mine = store.find_claim(unit.connection, packet_id, actor.account_id)
    if mine is not None:
        return int(mine.amount_fen)
    if packet.sender_id == actor.account_id and numbering.conversation.kind == "direct":
        raise forbidden("own_packet")
    policy.check_open(
        state=packet.state,
        remaining_shares=packet.remaining_shares,
        expires_at_us=packet.expires_at,
        now_us=unit.now_us,
    )
    amount = policy.draw_share(
        remaining_fen=store.balance_of(unit.connection, packet_id),
        remaining_shares=packet.remaining_shares,
        split=packet.split,
        rules=unit.tools.settings.red_packets,
        chance=_chance,
    )
    left = packet.remaining_shares - 1
    transfer(
        unit, from_id=packet_id, to_id=actor.account_id, amount_fen=amount, kind="packet_opened", packet_id=packet_id
    )
    store.insert_claim(
        unit.connection, packet_id=packet_id, account_id=actor.account_id, amount_fen=amount, at=unit.now_us
    )
    store.update_packet(unit.connection, packet_id, remaining_shares=left, state="open" if left else "emptied")
    data = {"packet_id": str(packet_id), "account_id": str(actor.account_id), "remaining_shares": left}
    numbering.add("red_packet.opened", actor_id=actor.account_id, data=data)
    numbering.finish()
    return amount


def refund(unit: Unit, job: Job) -> None:
    """Give back what nobody has opened in time."""
    packet, numbering = _begin(unit, int(job.payload["packet_id"]))
    left_fen = store.balance_of(unit.connection, packet.id)
    if packet.state != "open" or not left_fen:
        return
    transfer(
        unit,
        from_id=packet.id,
        to_id=packet.sender_id,
        amount_fen=left_fen,
        kind="packet_returned",
        packet_id=packet.id,
    )
    store.update_packet(unit.connection, packet.id, state="refunded")
    numbering.add("red_packet.returned", actor_id=None, data={"packet_id": str(packet.id)})
    numbering.finish()


def _begin(unit: Unit, packet_id: int) -> tuple[store.PacketRow, Numbering]:
    """Lock the packet's conversation and return the packet as it is then."""
    found = store.find_packet(unit.connection, packet_id)
    if found is None:
        raise not_found("red_packet")
    numbering = Numbering.begin(unit, found.conversation_id)
    packet = store.find_packet(unit.connection, packet_id)
    assert packet is not None
    return packet, numbering


def _check_person(actor: Actor) -> None:
    if actor.kind != "personal":
        raise forbidden("personal_only")


def _is_member(unit: Unit, actor: Actor, conversation_id: int) -> bool:
    member = conversations.find_member(unit.connection, conversation_id, actor.account_id)
    return member is not None and member.left_seq is None


def _send(
    unit: Unit,
    actor: Actor,
    conversation_id: int,
    client_msg_id: str,
    packet_id: int,
    note: str,
    split: Literal["equal", "random"],
    shares: int,
) -> Sent:
    body = red_packet.encode(red_packet.RedPacket(packet_id=str(packet_id), note=note, split=split, shares=shares))
    request = SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind=red_packet.KIND,
        v=1,
        body=body,
        settle=lambda _request, _outcome: None,
    )
    outcome = send_batch(unit, [request])[0]
    if not isinstance(outcome, Sent):
        # Money waits for nobody: what may not go now is refused with its rule.
        raise outcome if isinstance(outcome, CoreError) else ruled_out(outcome.rule)
    return outcome
