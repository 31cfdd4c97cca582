"""Sending, for a whole batch at once: guards, numbers, rows and events in one transaction of constant statements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from messaging_core.conversations.numbering import Numbering
from messaging_core.conversations.store import active_slot
from messaging_core.delivery import waiting
from messaging_core.desk import actions as desk
from messaging_core.desk import policy as desk_policy
from messaging_core.desk import store as desk_store
from messaging_core.errors import CoreError
from messaging_core.identity import store as identity
from messaging_core.kernel.event_log import MESSAGE_SENT, Event
from messaging_core.kernel.unit import Unit
from messaging_core.media import store as media
from messaging_core.messages import changes_store, personal_store, store
from messaging_core.messages.completer_list import COMPLETERS
from messaging_core.messages.completing import Completed, Completion, complete
from messaging_core.messages.guard_list import GUARDS
from messaging_core.messages.guards import Candidate, Guards
from messaging_core.messages.kinds import KINDS, sent_part
from messaging_core.messages.model import (
    Outcome,
    SendRequest,
    Sent,
    Waiting,
    encode_message,
    origin_of,
    read_extra,
    with_class,
    with_folded,
    with_released,
)
from messaging_core.safety.policy import Ring, Sender, folded_ms, folded_until


@dataclass(slots=True)
class _Numbers:
    """Where one conversation stands while the batch is worked off."""

    enterprise_id: int | None
    kind: str
    last_seq: int
    last_msg_no: int
    active_slot: int
    session: desk_store.SessionRow | None = None


@dataclass(slots=True)
class _Batch:
    """What the accepted requests will write."""

    numbers: dict[int, _Numbers] = field(default_factory=dict)
    accepted: dict[tuple[int, int, str], tuple[SendRequest, Sent | Waiting]] = field(default_factory=dict)
    waits: waiting.Waits = field(default_factory=waiting.Waits)
    rings: dict[tuple[int, int], Ring] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    cursors: dict[tuple[int, int], int] = field(default_factory=dict)
    """(conversation, sender) -> the `msg_no` that he has read."""
    released: dict[tuple[int, int], int] = field(default_factory=dict)
    """The same of what had waited: whether its sender has read so far is for the database to say."""
    senders: dict[int, Sender] = field(default_factory=dict)
    """What the senders of messages to persons have sent by now."""
    mentions: list[tuple[int, int, int, int | None]] = field(default_factory=list)
    uses: list[tuple[int, int, int]] = field(default_factory=list)


def send_batch(unit: Unit, requests: list[SendRequest]) -> list[Outcome]:
    """Write the messages that the guards accept and return one outcome a request, in order.

    A request never fails its neighbours. The same client id gives the same message again (`duplicate`), also twice
    within one batch; with other content it is refused.
    """
    found = store.read_requests(
        unit.connection,
        [(place, r.conversation_id, r.actor.account_id, r.client_msg_id) for place, r in enumerate(requests)],
    )
    rows = sorted(found, key=lambda row: row.place)
    batch = _Batch()
    for row in rows:
        if row.found_id is not None and row.found_id not in batch.numbers:
            batch.numbers[row.found_id] = _Numbers(
                row.enterprise_id, row.conversation_kind, row.last_seq, row.last_msg_no, row.active_slot
            )
    service = [id_ for id_, numbers in batch.numbers.items() if numbers.kind == "service"]
    if service:
        for conversation_id, session in desk_store.find_open(unit.connection, service).items():
            batch.numbers[conversation_id].session = session
    candidates = [
        Candidate(request, row, origin_of(request.actor, row.role), batch.numbers[row.found_id].session)
        if row.id is None
        and (row.role is not None or (request.house and row.found_id is not None))
        and (row.pending_id is None or request.released)
        else None
        for request, row in zip(requests, rows, strict=True)
    ]
    guards = Guards(unit, GUARDS, [candidate for candidate in candidates if candidate is not None])
    completions = complete(unit, COMPLETERS, [one.request if one is not None else None for one in candidates])
    outcomes: list[Outcome] = []
    for request, row, candidate in zip(requests, rows, candidates, strict=True):
        try:
            outcomes.append(_send(unit, batch, guards, request, row, candidate, completions.get(row.place)))
        except CoreError as refusal:
            outcomes.append(refusal)
    _write(unit, batch)
    guards.write()
    batch.waits.write(unit)
    return outcomes


def _send(
    unit: Unit,
    batch: _Batch,
    guards: Guards,
    request: SendRequest,
    row: store.MessageRow,
    candidate: Candidate | None,
    completion: Completion | None,
) -> Sent | Waiting:
    key = (request.conversation_id, request.actor.account_id, request.client_msg_id)
    twin = batch.accepted.get(key)
    if twin is not None:
        return _again(request, twin[0].kind, twin[0].v, twin[0].body, twin[0].extra, twin[1])
    if row.id is not None:
        return _sent_before(unit, request, row)
    if row.pending_id is not None and not request.released:
        return _waits_already(request, row)
    if candidate is None:
        # After the repetitions: who was removed must not hear "refused" of a message that everybody sees.
        raise CoreError("not_a_member", conversation_id=str(request.conversation_id))
    numbers = batch.numbers[request.conversation_id]
    kind = KINDS.get((request.kind, request.v))
    if kind is not None and not request.released:
        kind.check_sender(request.actor, enterprise_id=numbers.enterprise_id)
    if isinstance(completion, CoreError):
        raise completion
    if numbers.kind == "service" and request.actor.kind == "bot":
        _check_bot(request, numbers)
    ring_key = (request.conversation_id, request.actor.account_id)
    candidate.recent = batch.rings.get(ring_key) or Ring(bytes(row.recent or b""))
    wait = guards.judge(candidate) if not request.house else None
    if wait is not None:
        if completion is not None:  # what it shows must not be forgotten while it waits
            media.keep(unit.connection, completion.media_ids)
        outcome = batch.waits.add(unit, candidate, wait)
        batch.accepted[key] = (request, outcome)
        return outcome
    if candidate.message_class != "interactive":
        request.extra = with_class(request.extra, candidate.message_class)
    ring = batch.rings[ring_key] = candidate.recent.add(unit.now_us, keep=_kept(unit, numbers.kind))
    if row.pending_id is not None:
        request.extra = with_released(request.extra)
        batch.waits.let_go(row.pending_id)
    if numbers.kind == "service" and numbers.session is None and row.role == "customer":
        _open_session(unit, batch, request, numbers=numbers)
    numbers.last_seq += 1
    numbers.last_msg_no += 1
    sent = Sent(unit.new_id(), numbers.last_seq, numbers.last_msg_no, unit.now_us)
    batch.accepted[key] = (request, sent)
    if candidate.sender is not None:
        batch.senders[request.actor.account_id] = candidate.sender
    whole = completion or Completed(request.body)
    # What the system tells is never folded away.
    folds = row.role == "customer" or (numbers.kind == "direct" and not request.actor.is_machine)
    folded = folded_ms(ring, last_us=unit.now_us, rules=unit.tools.settings.safety) if folds else 0
    _note(unit, batch, candidate, sent, whole, numbers=numbers, folded=folded)
    return sent


def _kept(unit: Unit, conversation_kind: str) -> int:
    """Return how many times of a sender the rules of a conversation look at."""
    rules = unit.tools.settings.safety
    return max(rules.fold_messages, rules.group_messages if conversation_kind == "group" else 1)


def _sent_before(unit: Unit, request: SendRequest, row: store.MessageRow) -> Sent | Waiting:
    """Return the message again, told by what it was when it was sent: it may have been edited or recalled since."""
    first = changes_store.find_first_version(unit.connection, row.found_id, row.seq) if row.versions else row
    body = sent_part(first.kind, first.v, first.body.encode()) if first.body is not None else b""
    extra = first.extra.encode() if first.extra is not None else None
    return _again(request, first.kind, first.v, body, extra, Sent(row.id, row.seq, row.msg_no, row.created_at))


def _waits_already(request: SendRequest, row: store.MessageRow) -> Sent | Waiting:
    """Return the waiting message again; raise CoreError when it was refused meanwhile."""
    extra = row.pending_extra.encode() if row.pending_extra is not None else None
    body, known = row.pending_body.encode(), waiting.outcome_of(row)
    told = _again(request, row.pending_kind, row.pending_v, body, extra, known)
    waiting.check_not_refused(row)
    return told


def _again(
    request: SendRequest, kind: str, v: int, body: bytes, raw: bytes | None, known: Sent | Waiting
) -> Sent | Waiting:
    extra, quote = read_extra(raw), request.quote
    same_quote = request.extra is not None or (
        extra.reply_to.seq if extra.reply_to is not None else None,
        tuple(int(account_id) for account_id in extra.mentions),
        extra.mention_all,
    ) == (quote.reply_to, quote.mentions, quote.mention_all)
    if (kind, v, body) != (request.kind, request.v, request.body) or not same_quote:
        raise CoreError("client_msg_id_reused", client_msg_id=request.client_msg_id)
    return replace(known, duplicate=True)


def _check_bot(request: SendRequest, numbers: _Numbers) -> None:
    """Refuse a late bot."""
    session = numbers.session
    desk_policy.check_bot_may_send(
        session.state if session else None,
        current=session.assignment_version if session else 0,
        given=request.assignment_version,
    )


def _open_session(unit: Unit, batch: _Batch, request: SendRequest, *, numbers: _Numbers) -> None:
    """Open a new session when the customer writes after the last one was closed."""
    if numbers.enterprise_id is None:
        return
    # What this batch has numbered so far must be in the database before the session's events take theirs.
    _write(unit, batch)
    enterprise = identity.find_account(unit.connection, numbers.enterprise_id)
    numbering = Numbering.begin(unit, request.conversation_id)
    bot_id = enterprise.bot_account_id if enterprise and enterprise.verified else None
    desk.open_session(unit, numbering, customer_id=request.actor.account_id, bot_id=bot_id)
    numbers.last_seq = numbering.finish()
    numbers.session = desk_store.find_open(unit.connection, [request.conversation_id])[request.conversation_id]


def _note(
    unit: Unit,
    batch: _Batch,
    candidate: Candidate,
    sent: Sent,
    whole: Completed,
    *,
    numbers: _Numbers,
    folded: int,
) -> None:
    """Note what a message that may go will write; `folded`: for how many ms it folds its sender away, 0: not."""
    request, origin = candidate.request, candidate.origin
    conversation_id, sender_id = request.conversation_id, request.actor.account_id
    batch.touched.add(conversation_id)
    (batch.released if request.released else batch.cursors)[conversation_id, sender_id] = sent.msg_no
    if request.extra is not None:
        extra = read_extra(request.extra)
        called = [int(account_id) for account_id in extra.mentions]
        if extra.mention_all:
            called.append(personal_store.EVERYBODY)
        batch.mentions += [(conversation_id, one, sent.msg_no, numbers.enterprise_id) for one in called]
    batch.uses += [(media_id, conversation_id, sent.seq) for media_id in dict.fromkeys(whole.media_ids)]
    beside = with_folded(request.extra, folded) if folded else request.extra
    batch.rows.append(
        (
            conversation_id,
            sent.seq,
            sent.message_id,
            sent.msg_no,
            numbers.enterprise_id,
            sender_id,
            origin,
            request.client_msg_id,
            request.kind,
            request.v,
            whole.body.decode(),
            sent.at_us,
            beside.decode() if beside is not None else None,
        )
    )
    message = encode_message(
        message_id=sent.message_id,
        client_msg_id=request.client_msg_id,
        sender_id=sender_id,
        origin=origin,
        kind=request.kind,
        v=request.v,
        body=whole.body,
        seq=sent.seq,
        msg_no=sent.msg_no,
        at_us=sent.at_us,
        extra=beside,
    )
    # A customer is heard however fast he writes: he waits for an answer.
    hushed = candidate.message_class == "interactive" and numbers.kind == "direct"
    batch.events.append(
        Event(
            conversation_id,
            sent.seq,
            MESSAGE_SENT,
            sent.at_us,
            actor_id=sender_id,
            enterprise_id=numbers.enterprise_id,
            message_id=sent.message_id,
            message=message,
            hushed_until_us=folded_until(sent.at_us, folded) if hushed else 0,
        )
    )


def _write(unit: Unit, batch: _Batch) -> None:
    """Write what is noted so far and forget it."""
    if not batch.rows:
        return
    numbers = [
        (id_, batch.numbers[id_].last_seq, batch.numbers[id_].last_msg_no, unit.now_us) for id_ in sorted(batch.touched)
    ]
    cursors, released = (
        [(*key, msg_no, batch.rings[key].raw) for key, msg_no in moved.items()]
        for moved in (batch.cursors, batch.released)
    )
    slot = active_slot(unit.now_us)
    slots = [(id_, slot) for id_ in sorted(batch.touched) if batch.numbers[id_].active_slot != slot]
    for conversation_id, _ in slots:
        batch.numbers[conversation_id].active_slot = slot
    counted = [(id_, one.ring.raw, one.day, one.day_count) for id_, one in sorted(batch.senders.items())]
    store.write_batch(unit.connection, new=batch.rows, numbers=numbers, cursors=cursors, counted=counted, slots=slots)
    store.write_released(unit.connection, released)
    personal_store.insert_mentions(unit.connection, batch.mentions)
    unit.events.extend(batch.events)
    media.insert_uses(unit.connection, batch.uses)
    batch.mentions, batch.uses, batch.senders = [], [], {}
    batch.rows, batch.events, batch.cursors, batch.released, batch.touched = [], [], {}, {}, set()
