"""The comparison: what was sent, acknowledged, seen and stored must be one story. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.crash.evidence import Line, Numbers, Receipt, Stored, Witness
from eval.crash.faults import Fault, Findings
from eval.crash.stints import Stint, owed, read_stints


def compare(people: Sequence[Witness], stored: Stored) -> Findings:
    """Return every contradiction between the witnesses and the store."""
    found = Findings()
    by_account = {person.account_id: person for person in people}
    stints = {conversation_id: read_stints(log) for conversation_id, log in stored.log.items()}
    for conversation_id, log in stored.log.items():
        check_log(found, conversation_id, log, by_account, stints[conversation_id])
        _check_pages(found, conversation_id, log, stored.pages.get(conversation_id, []))
        present = {account for account, held in stints[conversation_id].items() if held[-1].end is None}
        if present != stored.members.get(conversation_id, frozenset()):
            found.note(Fault.MEMBERSHIP, f"{conversation_id}: the members are not those of the log")
    for person in people:
        check_receipts(found, person, stored.log)
        _check_views(found, person, stored, stints)
        _check_numbers(found, person, stored, stints)
    return found


def check_log(
    found: Findings,
    conversation_id: str,
    log: Sequence[Line],
    people: Mapping[str, Witness],
    stints: Mapping[str, Sequence[Stint]],
) -> None:
    """Check the stored events of one conversation by themselves and against what was sent."""
    seq = msg_no = 0
    ids: set[str] = set()
    keys: set[tuple[str, str]] = set()
    orders = {account: list(person.sent.get(conversation_id, {})) for account, person in people.items()}
    ranks = {account: {key: rank for rank, key in enumerate(keys)} for account, keys in orders.items()}
    latest: dict[str, int] = {}
    for line in log:
        where = f"{conversation_id}/{line.seq}"
        if line.seq != seq + 1:
            found.note(Fault.GAP, f"store: {where} comes after seq {seq}")
        seq = line.to_seq
        if not line.is_message:
            continue
        if line.msg_no != msg_no + 1:
            found.note(Fault.GAP, f"store: {where} has msg_no {line.msg_no} after {msg_no}")
        msg_no = line.msg_no
        key = (line.sender_id, line.client_msg_id)
        if line.message_id in ids or key in keys:
            found.note(Fault.DOUBLED, f"store: {where} repeats {line.client_msg_id} or its id")
        ids.add(line.message_id)
        keys.add(key)
        _check_origin(found, where, line, people, stints, conversation_id)
        rank = ranks.get(line.sender_id, {}).get(line.client_msg_id, -1)
        if rank < latest.get(line.sender_id, -1):
            found.note(Fault.REORDERED, f"store: {where} {line.client_msg_id} comes after a later one of its sender")
        latest[line.sender_id] = max(rank, latest.get(line.sender_id, -1))


def _check_origin(
    found: Findings,
    where: str,
    line: Line,
    people: Mapping[str, Witness],
    stints: Mapping[str, Sequence[Stint]],
    conversation_id: str,
) -> None:
    sender = people.get(line.sender_id)
    if sender is None or sender.sent.get(conversation_id, {}).get(line.client_msg_id) != line.text:
        found.note(Fault.PHANTOM, f"store: {where} {line.client_msg_id} was never sent so")
    if not any(stint.holds(line.seq) for stint in stints.get(line.sender_id, ())):
        found.note(Fault.PHANTOM, f"store: {where} is by {line.sender_id}, who was not a member")


def _check_pages(found: Findings, conversation_id: str, log: Sequence[Line], pages: Sequence[Line]) -> None:
    messages = [line for line in log if line.is_message]
    if messages == list(pages):
        return
    shown = set(pages)
    missing = sum(1 for line in messages if line not in shown)
    found.note(Fault.UNSEEN, f"history of {conversation_id}: {missing} messages missing", count=missing)
    if not missing:
        found.note(Fault.PHANTOM, f"history of {conversation_id}: not the messages of the log, in its order")


def check_receipts(found: Findings, person: Witness, logs: Mapping[str, Sequence[Line]]) -> None:
    """Check that acknowledged means stored with these numbers, refused means not stored, and nothing is open."""
    own = {
        (conversation_id, line.client_msg_id): line
        for conversation_id, log in logs.items()
        for line in log
        if line.sender_id == person.account_id
    }
    settled = set(person.refused)
    for receipt in person.receipts:
        key = (receipt.conversation_id, receipt.client_msg_id)
        settled.add(key)
        stored = own.get(key)
        if stored is None:
            found.note(Fault.LOST, f"{receipt.conversation_id}/{receipt.seq} {receipt.client_msg_id} is not stored")
        elif not _agrees(receipt, stored):
            found.note(Fault.PHANTOM, f"{receipt.client_msg_id}: acknowledged as {receipt.seq}, stored as {stored.seq}")
    for key, code in person.refused.items():
        if key in own:
            found.note(Fault.PHANTOM, f"{key[1]}: refused with {code}, but stored as {own[key].seq}")
    waiting = set(person.unsettled)
    for conversation_id, messages in person.sent.items():
        for client_msg_id in messages:
            key = (conversation_id, client_msg_id)
            if key not in settled or key in waiting:
                found.note(Fault.UNSETTLED, f"{client_msg_id} in {conversation_id}")


def _agrees(receipt: Receipt, stored: Line) -> bool:
    told = (receipt.message_id, receipt.seq, receipt.msg_no)
    return told == (stored.message_id, stored.seq, stored.msg_no)


def _check_views(
    found: Findings, person: Witness, stored: Stored, stints: Mapping[str, Mapping[str, Sequence[Stint]]]
) -> None:
    fresh = stored.fresh.get(person.account_id, {})
    for conversation_id, log in stored.log.items():
        own = stints[conversation_id].get(person.account_id, [])
        view = person.views.get(conversation_id, [])
        name = f"{person.account_id} in {conversation_id}"
        if not own:
            found.note(Fault.LEAKED, f"{name}: never a member, {len(view)} events", count=len(view))
            continue
        begin = person.begins.get(conversation_id, _begin(view, own))
        check_view(found, name, view, log, own, begin=begin)
        # Of several memberships a newcomer is shown the last one; what lies before it is a tombstone.
        check_view(found, f"fresh {name}", fresh.get(conversation_id, []), log, own[-1:], begin=0)


def _begin(view: Sequence[Line], stints: Sequence[Stint]) -> int:
    """Return where a view begins that was not there from the start: with the first membership that was heard of."""
    starts = [stint.start for stint in stints]
    return view[0].seq - 1 if view and view[0].seq in starts else starts[-1] - 1


def check_view(
    found: Findings, name: str, view: Sequence[Line], log: Sequence[Line], stints: Sequence[Stint], *, begin: int
) -> None:
    """Check that a view is the log after `begin`, without gaps, with tombstones only before a membership.

    What is owed (see `owed`) must be seen to the end.
    """
    starts = {stint.start for stint in stints}
    by_seq = {line.seq: line for line in log}
    seen: set[int] = set()
    at = begin
    for line in view:
        if line.seq != at + 1:
            fault = Fault.GAP if line.seq > at else Fault.DOUBLED if line.seq in seen else Fault.REORDERED
            found.note(fault, f"{name}: {line.seq} comes after {at}")
        seen.add(line.seq)
        at = max(at, line.to_seq)
        if line.is_hidden:
            if line.to_seq + 1 not in starts:
                found.note(Fault.UNSEEN, f"{name}: {line.seq} to {line.to_seq} is hidden from a member")
        elif by_seq.get(line.seq) != line:
            found.note(Fault.PHANTOM, f"{name}: {line.seq} {line.kind} {line.client_msg_id} is not stored so")
        elif not any(stint.holds(line.seq) for stint in stints):
            found.note(Fault.LEAKED, f"{name}: {line.seq} {line.kind} is not for him")
    due = owed(stints, at=at)
    missing = [line for line in log if line.seq > at and any(stint.holds(line.seq) for stint in due)]
    if missing:
        found.note(Fault.UNSEEN, f"{name}: {len(missing)} events from {missing[0].seq} on", count=len(missing))


def _check_numbers(
    found: Findings, person: Witness, stored: Stored, stints: Mapping[str, Mapping[str, Sequence[Stint]]]
) -> None:
    told = stored.numbers.get(person.account_id, {})
    for conversation_id, log in stored.log.items():
        own = stints[conversation_id].get(person.account_id, [])
        name = f"{person.account_id} in {conversation_id}"
        numbers = told.get(conversation_id)
        if (numbers is not None) != bool(own and own[-1].end is None):
            found.note(Fault.MEMBERSHIP, f"{name}: his list of conversations differs from the log")
        if numbers is None or not own:
            continue
        _check_unread(found, name, numbers, log, read_at_least=_read_at_least(person, conversation_id, log, own[-1]))
        if person.held.get(conversation_id) != numbers:
            found.note(
                Fault.UNREAD, f"{name}: the client shows {person.held.get(conversation_id)}, the server {numbers}"
            )


def _read_at_least(person: Witness, conversation_id: str, log: Sequence[Line], stint: Stint) -> int:
    before = [line.msg_no for line in log if line.is_message and line.seq < stint.start]
    own = [line.msg_no for line in log if line.sender_id == person.account_id and stint.holds(line.seq)]
    return max([person.read.get(conversation_id, 0), *before[-1:], *own[-1:]])


def _check_unread(found: Findings, name: str, numbers: Numbers, log: Sequence[Line], *, read_at_least: int) -> None:
    last_seq = log[-1].to_seq if log else 0
    unread = sum(1 for line in log if line.is_message and line.msg_no > numbers.read_msg_no)
    last_msg_no = max((line.msg_no for line in log), default=0)
    if (numbers.last_seq, numbers.last_msg_no, numbers.unread) != (last_seq, last_msg_no, unread):
        found.note(Fault.UNREAD, f"{name}: {numbers}, but seq {last_seq}, msg_no {last_msg_no}, unread {unread}")
    if not read_at_least <= numbers.read_msg_no <= last_msg_no:
        found.note(Fault.UNREAD, f"{name}: read {numbers.read_msg_no} of {last_msg_no}, at least {read_at_least} known")
