"""Reading messages and the log: pages of history, events as they are replayed, each as one reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
)

from messaging_core.conversations.store import conversations, members
from messaging_core.kernel.among import is_among
from messaging_core.kernel.bulk import INT, Bulk
from messaging_core.kernel.event_log import MEMBER_JOINED, MEMBER_LEFT, MESSAGE_SENT, Event, events
from messaging_core.messages.model import encode_message, left_of, read_extra
from messaging_core.messages.personal_store import deletions
from messaging_core.messages.store import MessageRow, messages
from messaging_core.safety.policy import folded_until

NOBODY = 0
"""A reader who has deleted nothing: the log as it is."""
DELETED = "deleted"

_SHOWN = (
    messages.c.id,
    messages.c.msg_no,
    messages.c.sender_id,
    messages.c.origin,
    messages.c.client_msg_id,
    messages.c.kind.label("message_kind"),
    messages.c.v.label("message_v"),
    messages.c.body,
    messages.c.created_at,
    messages.c.extra,
    messages.c.seq.label("message_seq"),
    deletions.c.seq.label("deleted_seq"),
)


def _deleted_for(viewer: object) -> object:
    return and_(
        deletions.c.account_id == viewer,
        deletions.c.conversation_id == messages.c.conversation_id,
        deletions.c.seq == messages.c.seq,
    )


_PAGE = (
    select(*_SHOWN)
    .select_from(messages.outerjoin(deletions, _deleted_for(bindparam("viewer"))))  # type: ignore[arg-type]
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.seq < bindparam("before_seq"),
        messages.c.seq >= bindparam("from_seq"),
    )
    .order_by(messages.c.seq.desc())
    .limit(bindparam("limit"))
)


def list_before(
    connection: Connection, conversation_id: int, *, before_seq: int, from_seq: int, limit: int, viewer: int = NOBODY
) -> list[bytes]:
    """Return encoded messages with `from_seq <= seq < before_seq`, newest first, as `viewer` sees them."""
    values = {
        "conversation_id": conversation_id,
        "before_seq": before_seq,
        "from_seq": from_seq,
        "limit": limit,
        "viewer": viewer,
    }
    return [encode_shown(row) for row in connection.execute(_PAGE, values)]


_LATEST = (
    select(messages.c.id, messages.c.sender_id, messages.c.origin, messages.c.kind, messages.c.created_at)
    .where(messages.c.conversation_id == bindparam("conversation_id"))
    .order_by(messages.c.seq.desc())
    .limit(bindparam("limit"))
)


def list_latest(connection: Connection, conversation_id: int, *, limit: int) -> list[MessageRow]:
    """Return id, sender_id, origin, kind and created_at of a conversation's last messages, newest first."""
    return list(connection.execute(_LATEST, {"conversation_id": conversation_id, "limit": limit}))


_newer = messages.alias("newer")
_LAST = (
    select(conversations.c.id.label("conversation_id"), *_SHOWN)
    .select_from(conversations)
    .join(
        messages,
        and_(
            messages.c.conversation_id == conversations.c.id,
            messages.c.seq
            == select(_newer.c.seq)
            .where(_newer.c.conversation_id == conversations.c.id)
            .order_by(_newer.c.seq.desc())
            .limit(1)
            .scalar_subquery(),
        ),
    )
    .outerjoin(deletions, _deleted_for(bindparam("viewer")))  # type: ignore[arg-type]
    .where(is_among(conversations.c.id))
)


def find_last(
    connection: Connection, conversation_ids: list[int], *, viewer: int = NOBODY
) -> dict[int, tuple[int, bytes]]:
    """Return (seq, encoded message) of the newest message of each conversation."""
    if not conversation_ids:
        return {}
    found = connection.execute(_LAST, {"ids": conversation_ids, "viewer": viewer})
    return {row.conversation_id: (row.message_seq, encode_shown(row)) for row in found}


def _asked(log: Table, query: Select[Any]) -> Subquery:
    """Return the part of `log` that is asked for: each of the two by its own key, so that neither is read whole."""
    return (
        query.where(
            log.c.conversation_id == bindparam("conversation_id"),
            log.c.seq > bindparam("after_seq"),
            log.c.seq <= bindparam("to_seq"),
        )
        .order_by(log.c.seq)
        .limit(bindparam("limit"))
        .subquery()
    )


# That a message was sent has no row of its own: it is told from the message.
_SENT = _asked(
    messages,
    select(
        messages.c.conversation_id,
        messages.c.seq,
        messages.c.enterprise_id,
        literal_column(f"'{MESSAGE_SENT}'", Text).label("kind"),
        literal_column("1", Integer).label("v"),
        messages.c.sender_id.label("actor_id"),
        cast(null(), Text).label("data"),
        messages.c.created_at.label("at"),
        cast(null(), BigInteger).label("about_seq"),
        *_SHOWN,
    ).outerjoin(deletions, _deleted_for(bindparam("viewer"))),  # type: ignore[arg-type]
)
_ELSE = _asked(
    events,
    select(events, *_SHOWN)
    .outerjoin(
        messages,
        and_(
            messages.c.conversation_id == events.c.conversation_id,
            # The change of a message brings the message as it is now.
            messages.c.seq == events.c.about_seq,
        ),
    )
    .outerjoin(deletions, _deleted_for(bindparam("viewer"))),  # type: ignore[arg-type]
)
_EVENTS = select(_SENT).union_all(select(_ELSE)).order_by("seq").limit(bindparam("limit"))
_NO_END = 2**62


def list_events(
    connection: Connection,
    conversation_id: int,
    *,
    after_seq: int,
    to_seq: int | None,
    limit: int,
    viewer: int = NOBODY,
) -> list[Event]:
    """Return events with `after_seq < seq <= to_seq` in order, each message as it is now for `viewer`."""
    values = {
        "conversation_id": conversation_id,
        "after_seq": after_seq,
        "to_seq": _NO_END if to_seq is None else to_seq,
        "limit": limit,
        "viewer": viewer,
    }
    return [_to_event(row) for row in connection.execute(_EVENTS, values)]


def find_last_seq(connection: Connection, conversation_id: int, *, before_us: int) -> int:
    """Return the `seq` of the last event before a time, 0 for none."""
    found = [
        connection.execute(select(func.max(log.c.seq)).where(log.c.conversation_id == conversation_id, at < before_us))
        for log, at in ((messages, messages.c.created_at), (events, events.c.at))
    ]
    return max(one.scalar_one() or 0 for one in found)


def _to_event(row: MessageRow) -> Event:
    return Event(
        row.conversation_id,
        row.seq,
        row.kind,
        row.at,
        actor_id=row.actor_id,
        enterprise_id=row.enterprise_id,
        message_id=row.id if row.kind == MESSAGE_SENT else None,
        message=encode_shown(row) if row.id is not None else None,
        data=row.data.encode() if row.data is not None else None,
        v=row.v,
        account_id=_whose_membership(row),
        about_seq=row.about_seq,
        hushed_until_us=_hushed_until(row),
    )


def _hushed_until(row: MessageRow) -> int:
    # Only what has no enterprise is direct: customers are heard, and groups have a rate of their own.
    if row.extra is None or row.kind != MESSAGE_SENT or row.enterprise_id is not None:
        return 0
    extra = read_extra(row.extra)
    return folded_until(row.at, extra.folded_ms) if extra.message_class is None else 0


def _whose_membership(row: MessageRow) -> int | None:
    if row.kind not in (MEMBER_JOINED, MEMBER_LEFT):
        return None
    return int(msgspec.json.decode(row.data)["account_id"])


def encode_shown(row: MessageRow) -> bytes:
    """Return a message as JSON for the wire; what its reader has deleted for himself is a tombstone."""
    gone = row.deleted_seq is not None
    return encode_message(
        message_id=row.id,
        client_msg_id=row.client_msg_id,
        sender_id=row.sender_id,
        origin=row.origin,
        kind=DELETED if gone else row.message_kind,
        v=1 if gone else row.message_v,
        body=b"{}" if gone else row.body.encode(),
        seq=row.message_seq,
        msg_no=row.msg_no,
        at_us=row.created_at,
        extra=left_of(row.extra) if gone else row.extra.encode() if row.extra is not None else None,
    )


_ONE = (
    select(
        messages,
        messages.c.kind.label("message_kind"),
        messages.c.v.label("message_v"),
        messages.c.seq.label("message_seq"),
        deletions.c.seq.label("deleted_seq"),
    )
    .select_from(messages.outerjoin(deletions, _deleted_for(bindparam("viewer"))))  # type: ignore[arg-type]
    .where(messages.c.conversation_id == bindparam("conversation_id"), messages.c.seq == bindparam("seq"))
)


def find_message(connection: Connection, conversation_id: int, seq: int, *, viewer: int = NOBODY) -> MessageRow | None:
    """Return one message with `deleted_seq` (whether `viewer` has deleted it), or None."""
    values = {"conversation_id": conversation_id, "seq": seq, "viewer": viewer}
    return connection.execute(_ONE, values).one_or_none()


_quoted = Bulk(
    "wanted",
    {"conversation_id": INT, "seq": INT, "account_id": INT},
    lambda wanted: (
        select(messages.c.conversation_id, messages.c.seq, messages.c.id, messages.c.sender_id, wanted.c.account_id)
        .select_from(wanted)
        .join(
            members,
            and_(
                members.c.conversation_id == wanted.c.conversation_id,
                members.c.account_id == wanted.c.account_id,
                members.c.visible_from <= wanted.c.seq,
            ),
        )
        .join(messages, and_(messages.c.conversation_id == wanted.c.conversation_id, messages.c.seq == wanted.c.seq))
    ),
)


def find_quoted(
    connection: Connection, wanted: Sequence[tuple[int, int, int]]
) -> dict[tuple[int, int, int], MessageRow]:
    """Return, for each (conversation_id, seq, account_id), the message there if that member may see it."""
    rows = _quoted.read(connection, wanted)
    return {(row.conversation_id, row.seq, row.account_id): row for row in rows}


_talk = Bulk(
    "wanted",
    {"conversation_id": INT, "seq": INT, "to_seq": INT},
    lambda wanted: (
        select(
            wanted.c.seq.label("wanted_seq"),
            messages.c.conversation_id,
            messages.c.seq,
            messages.c.sender_id,
            messages.c.origin,
            messages.c.created_at,
            messages.c.kind,
            messages.c.body,
            messages.c.extra,
        )
        .select_from(wanted)
        .join(
            messages,
            and_(
                messages.c.conversation_id == wanted.c.conversation_id,
                messages.c.seq >= wanted.c.seq,
                messages.c.seq <= wanted.c.to_seq,
            ),
        )
    ),
)


def find_talk(
    connection: Connection, wanted: Sequence[tuple[int, int, int]]
) -> dict[tuple[int, int], list[MessageRow]]:
    """Return, for each (conversation_id, seq, to_seq), the message at `seq` and those up to `to_seq`, in order.

    Where no message stands at `seq` there is nothing.
    """
    found: dict[tuple[int, int], list[MessageRow]] = {}
    for row in sorted(_talk.read(connection, wanted), key=lambda row: (row.wanted_seq, row.seq)):
        found.setdefault((row.conversation_id, row.wanted_seq), []).append(row)
    return {key: rows for key, rows in found.items() if rows[0].seq == key[1]}


def find_by_client_id(connection: Connection, conversation_id: int, sender_id: int, client_msg_id: str) -> int | None:
    """Return `seq` of what a sender has sent under a client id, or None."""
    query = select(messages.c.seq).where(
        messages.c.conversation_id == conversation_id,
        messages.c.sender_id == sender_id,
        messages.c.client_msg_id == client_msg_id,
    )
    return connection.execute(query).scalar_one_or_none()


_bodies = Bulk(
    "wanted",
    {"conversation_id": INT, "seq": INT},
    lambda wanted: (
        select(messages.c.conversation_id, messages.c.seq, messages.c.body)
        .select_from(wanted)
        .join(messages, and_(messages.c.conversation_id == wanted.c.conversation_id, messages.c.seq == wanted.c.seq))
    ),
)


def find_bodies(connection: Connection, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Return what messages say as they stand now, by (conversation_id, seq), whoever may see it."""
    return {(row.conversation_id, row.seq): row.body for row in _bodies.read(connection, list(places))}
