"""The table of messages and the only SQL that touches it. The statements of the send path take whole batches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Index,
    Integer,
    Table,
    Text,
    Update,
    and_,
    case,
    insert,
    select,
    update,
)

from messaging_core.conversations.store import conversations, members
from messaging_core.delivery.pending_store import pending
from messaging_core.kernel.bulk import BYTES, INT, TEXT, Bulk, BulkGroup
from messaging_core.kernel.schema import AnyRow, Id, metadata
from messaging_core.safety.store import senders, standings, write_senders

messages = Table(
    "messages",
    metadata,
    # No foreign key: the send path holds the conversation's lock, and the check would cost as much as the insert.
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("msg_no", Id, nullable=False),
    Column("enterprise_id", Id, nullable=True),
    Column("sender_id", Id, nullable=False),
    Column("origin", Text, nullable=False),
    Column("client_msg_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("body", Text, nullable=True),
    Column("ciphertext", Text, nullable=True),
    Column("enc_version", Integer, nullable=True),
    Column("created_at", Id, nullable=False),
    # What stands beside the body (a reply, mentions, reactions), as JSON; most messages have nothing.
    Column("extra", Text, nullable=True),
    # How many earlier forms `message_versions` has: it was edited or recalled.
    Column("versions", Integer, nullable=True),
    CheckConstraint("(body IS NULL) <> (ciphertext IS NULL)", name="body_or_ciphertext"),
    CheckConstraint("(ciphertext IS NULL) = (enc_version IS NULL)", name="ciphertext_version"),
    Index(None, "conversation_id", "sender_id", "client_msg_id", unique=True),
    sqlite_with_rowid=False,
)

MessageRow = AnyRow

_requests = Bulk(
    "request",
    {"place": INT, "conversation_id": INT, "sender_id": INT, "client_msg_id": TEXT},
    lambda request: (
        select(
            request.c.place,
            conversations.c.id.label("found_id"),
            conversations.c.kind.label("conversation_kind"),
            conversations.c.enterprise_id,
            conversations.c.last_seq,
            conversations.c.last_msg_no,
            conversations.c.active_slot,
            conversations.c.announcement_only,
            conversations.c.silenced_until.label("group_silenced_until"),
            members.c.role,
            members.c.silenced_until,
            members.c.recent,
            standings.c.score,
            standings.c.frozen_until,
            standings.c.banned_at,
            senders.c.ring.label("sender_ring"),
            senders.c.day.label("sender_day"),
            senders.c.day_count.label("sender_count"),
            pending.c.id.label("pending_id"),
            pending.c.kind.label("pending_kind"),
            pending.c.v.label("pending_v"),
            pending.c.body.label("pending_body"),
            pending.c.extra.label("pending_extra"),
            pending.c.status.label("pending_status"),
            pending.c.rule.label("pending_rule"),
            pending.c.until_at.label("pending_until"),
            pending.c.changed_at.label("pending_at"),
            messages.c.id,
            messages.c.seq,
            messages.c.msg_no,
            messages.c.kind,
            messages.c.v,
            messages.c.body,
            messages.c.created_at,
            messages.c.extra,
            messages.c.versions,
        )
        .select_from(request)
        .outerjoin(conversations, conversations.c.id == request.c.conversation_id)
        .outerjoin(
            members,
            and_(
                members.c.conversation_id == request.c.conversation_id,
                members.c.account_id == request.c.sender_id,
                members.c.left_seq.is_(None),
            ),
        )
        .outerjoin(
            messages,
            and_(
                messages.c.conversation_id == request.c.conversation_id,
                messages.c.sender_id == request.c.sender_id,
                messages.c.client_msg_id == request.c.client_msg_id,
            ),
        )
        .outerjoin(
            pending,
            and_(
                pending.c.conversation_id == request.c.conversation_id,
                pending.c.sender_id == request.c.sender_id,
                pending.c.client_msg_id == request.c.client_msg_id,
            ),
        )
        .outerjoin(standings, standings.c.account_id == request.c.sender_id)
        .outerjoin(senders, and_(senders.c.account_id == request.c.sender_id, conversations.c.kind == "direct"))
    ),
)


def _locked(asked: FromClause) -> Executable:
    """Return the lock of a batch on PostgreSQL: conversations in id order, then who writes to persons in his."""
    places = (
        select(conversations.c.id)
        .where(conversations.c.id.in_(select(asked.c.conversation_id)))
        .order_by(conversations.c.id)
        .with_for_update()
        .cte("places")
    )
    direct = (
        select(asked.c.sender_id)
        .join(conversations, conversations.c.id == asked.c.conversation_id)
        .where(conversations.c.kind == "direct")
    )
    people = (
        select(senders.c.account_id)
        .where(senders.c.account_id.in_(direct))
        .order_by(senders.c.account_id)
        .with_for_update()
        .cte("people")
    )
    return select(places.c.id).union_all(select(people.c.account_id))


_lock = Bulk("asked", {"conversation_id": INT, "sender_id": INT}, _locked)


def read_requests(connection: Connection, requests: Sequence[tuple[int, int, int, str]]) -> Sequence[MessageRow]:
    """Return, for each (place, conversation_id, sender_id, client_msg_id), what the guards need.

    A row has the conversation's numbers, the sender's role (None: no member), standing and counts (`sender_ring` None:
    he has never written to a person), and the message or the waiting one that already has this client id (`id`,
    `pending_id` None: none has). All is locked first, so it stays true until the commit.
    """
    if connection.dialect.name == "postgresql":  # SQLite's writer has the whole database
        # A statement of its own: what a writer has waited for must be read after the wait.
        _lock.read(connection, [(request[1], request[2]) for request in requests])
    return _requests.read(connection, requests)


_new_columns = {
    "conversation_id": INT,
    "seq": INT,
    "id": INT,
    "msg_no": INT,
    "enterprise_id": INT,
    "sender_id": INT,
    "origin": TEXT,
    "client_msg_id": TEXT,
    "kind": TEXT,
    "v": INT,
    "body": TEXT,
    "created_at": INT,
    "extra": TEXT,
}
_insert = Bulk(
    "message",
    _new_columns,
    lambda new: insert(messages).from_select(list(_new_columns), select(*(new.c[name] for name in _new_columns))),
)
_write_numbers = Bulk(
    "number",
    {"conversation_id": INT, "last_seq": INT, "last_msg_no": INT, "at": INT},
    lambda number: (
        update(conversations)
        .where(conversations.c.id == number.c.conversation_id)
        .values(last_seq=number.c.last_seq, last_msg_no=number.c.last_msg_no, last_event_at=number.c.at)
    ),
)
_write_slots = Bulk(
    "slot",
    {"conversation_id": INT, "active_slot": INT},
    lambda slot: (
        update(conversations).where(conversations.c.id == slot.c.conversation_id).values(active_slot=slot.c.active_slot)
    ),
)


def _move_cursors(cursor: FromClause, read_msg_no: ColumnElement[int]) -> Update:
    """Return the update of senders who have not read so far yet; their ring of recent times goes with it."""
    return (
        update(members)
        .where(
            members.c.conversation_id == cursor.c.conversation_id,
            members.c.account_id == cursor.c.account_id,
            members.c.read_msg_no < cursor.c.msg_no,
        )
        .values(read_msg_no=read_msg_no, recent=cursor.c.recent)
    )


def _if_read_before(cursor: FromClause) -> ColumnElement[int]:
    before = members.c.read_msg_no
    return case((before == cursor.c.msg_no - 1, cursor.c.msg_no), else_=before)


_cursor_columns = {"conversation_id": INT, "account_id": INT, "msg_no": INT, "recent": BYTES}
_write_cursors = Bulk("cursor", _cursor_columns, lambda cursor: _move_cursors(cursor, cursor.c.msg_no))
_write_released = Bulk("cursor", _cursor_columns, lambda cursor: _move_cursors(cursor, _if_read_before(cursor)))
_writes = BulkGroup(_insert, _write_numbers, _write_cursors, write_senders)


def write_batch(
    connection: Connection,
    *,
    new: Sequence[Sequence[object]],
    numbers: Sequence[tuple[int, int, int, int]],
    cursors: Sequence[tuple[int, int, int, bytes]],
    counted: Sequence[tuple[int, bytes, int, int]],
    slots: Sequence[tuple[int, int]],
) -> None:
    """Write new messages, which are their own events, the conversations' numbers, read cursors and counts of senders.

    Constantly many statements, on PostgreSQL mostly one.

    `new` has the columns of `_new_columns`; `numbers` (conversation_id, last_seq, last_msg_no, at); `cursors`
    (conversation_id, account_id, msg_no, recent); `counted` (account_id, ring, day, day_count); `slots`
    (conversation_id, active_slot) where it has changed.
    """
    _writes.write(connection, new, numbers, cursors, counted)
    # Apart: it is rare, and one statement must not change a conversation twice.
    _write_slots.write(connection, slots)


def write_released(connection: Connection, cursors: Sequence[tuple[int, int, int, bytes]]) -> None:
    """Move the read cursors of those whose messages had waited, where they have read everything before them.

    `cursors` as in `write_batch`. Apart from it, for it is rare.
    """
    _write_released.write(connection, cursors)


def find_sent(
    connection: Connection, conversation_id: int, sender_id: int, client_msg_ids: Sequence[str]
) -> list[MessageRow]:
    """Return what a sender has sent under these client ids, in order."""
    query = (
        select(messages.c.id, messages.c.seq, messages.c.msg_no, messages.c.created_at)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sender_id == sender_id,
            messages.c.client_msg_id.in_(client_msg_ids),
        )
        .order_by(messages.c.seq)
    )
    return list(connection.execute(query))
