"""A conversation as one of its members sees it: the line in his list."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, and_, bindparam, select

from kefu.base.clock import format_time
from messaging_core.conversations import groups_store, own_store
from messaging_core.conversations.folding import Moment, find_fast, is_offer
from messaging_core.conversations.store import conversations, members
from messaging_core.delivery.classes import Alert
from messaging_core.delivery.quiet import Shown, alert_for, read_quiet, read_shown
from messaging_core.desk import store as desk
from messaging_core.identity.privacy_policy import Quiet
from messaging_core.identity.store import accounts
from messaging_core.kernel.among import is_among
from messaging_core.kernel.schema import AnyRow
from messaging_core.messages import personal_store
from messaging_core.messages import reading_store as messages

MENTIONS_SHOWN = 100
"""Unread mentions that a summary lists, the newest."""


class Peer(msgspec.Struct, frozen=True):
    """The other person of a direct conversation."""

    id: str
    kind: str
    name: str


class SessionView(msgspec.Struct, frozen=True):
    """A service session as both sides see it."""

    id: str
    state: str
    assignment_version: int
    agent_id: str | None
    agent_name: str | None


class GroupView(msgspec.Struct, frozen=True):
    """How a group is run, as its members see it; `pins` are the `seq` of pinned messages."""

    announcement_only: bool
    silenced_until: str | None
    join_approval: bool
    notice: str
    notice_at: str | None
    pins: list[int]


class OwnView(msgspec.Struct, frozen=True):
    """How the reader keeps the conversation in his list; of two the one with the higher `version` is true.

    It is archived while nothing was said after `archived_msg_no`, or for as long as it is muted.
    """

    version: int = 0
    pinned_at: str | None = None
    muted: bool = False
    archived_msg_no: int | None = None
    folded: bool = False
    """Whether it lies in the folded box: by its last message, or because the other side writes too fast."""
    folded_until: str | None = None
    """When it unfolds by itself, if the other side writes too fast and goes on no more; None: it does not."""
    draft: str = ""
    draft_at: str | None = None


class Summary(msgspec.Struct, frozen=True):
    """The wire form of a conversation; `unread = last_msg_no - read_msg_no`.

    `mentions` are the `msg_no` of unread messages that call the reader, the newest of them.
    """

    id: str
    kind: str
    title: str
    enterprise_id: str | None
    created_at: str
    role: str
    joined_seq: int
    last_seq: int
    last_msg_no: int
    read_msg_no: int
    unread: int
    member_count: int
    peer: Peer | None
    last_message: msgspec.Raw | None
    session: SessionView | None
    group: GroupView | None
    silenced_until: str | None
    mentions: list[int]
    own: OwnView
    alert: Alert | None
    """How the last message shows itself to the reader now; None when it is his own, or when there is none."""


def view_session(row: desk.SessionRow) -> SessionView:
    """Return the short form of a session."""
    return SessionView(
        id=str(row.id),
        state=row.state,
        assignment_version=row.assignment_version,
        agent_id=str(row.agent_id) if row.agent_id is not None else None,
        agent_name=row.agent_name,
    )


_MINE = (
    select(
        conversations,
        members.c.role,
        members.c.joined_seq,
        members.c.visible_from,
        members.c.read_msg_no,
        members.c.silenced_until.label("own_silenced_until"),
    )
    .join(members, members.c.conversation_id == conversations.c.id)
    .where(
        members.c.account_id == bindparam("account_id"),
        members.c.left_seq.is_(None),
        is_among(conversations.c.id),
    )
)


def summarise(connection: Connection, account_id: int, conversation_ids: list[int], moment: Moment) -> list[Summary]:
    """Return the summaries of those of the conversations that the account is in, in the order asked for."""
    if not conversation_ids:
        return []
    rows = {row.id: row for row in connection.execute(_MINE, {"account_id": account_id, "ids": conversation_ids})}
    found = list(rows)
    last = messages.find_last(connection, found, viewer=account_id)
    peers = _find_peers(connection, account_id, [id_ for id_ in found if rows[id_].kind == "direct"])
    service = [id_ for id_ in found if rows[id_].kind == "service"]
    sessions = desk.find_open(connection, service) if service else {}
    groups = find_group_views(connection, [row for row in rows.values() if row.kind == "group"])
    views = own_store.find_views(connection, account_id, found)
    mentions = personal_store.find_unread_mentions(connection, account_id, found)
    fast = find_fast(connection, account_id, [id_ for id_ in found if rows[id_].kind != "group"], moment)
    quiet = read_quiet(connection, account_id)
    out = []
    for conversation_id in conversation_ids:
        row = rows.get(conversation_id)
        if row is None:
            continue
        last_seq, last_message = last.get(conversation_id, (0, b""))
        shown = read_shown(last_message) if last_seq >= row.visible_from and last_message else None
        session = sessions.get(conversation_id)
        out.append(
            Summary(
                id=str(row.id),
                kind=row.kind,
                title=row.title,
                enterprise_id=str(row.enterprise_id) if row.enterprise_id is not None else None,
                created_at=format_time(row.created_at),
                role=row.role,
                joined_seq=row.joined_seq,
                last_seq=row.last_seq,
                last_msg_no=row.last_msg_no,
                read_msg_no=row.read_msg_no,
                unread=row.last_msg_no - row.read_msg_no,
                member_count=row.member_count,
                peer=peers.get(conversation_id),
                last_message=msgspec.Raw(last_message) if shown is not None else None,
                session=view_session(session) if session is not None else None,
                group=groups.get(conversation_id),
                silenced_until=_time(row.own_silenced_until),
                mentions=mentions.get(conversation_id, [])[-MENTIONS_SHOWN:],
                own=_view_own(
                    views.get(conversation_id),
                    folded=conversation_id in fast or is_offer(row, shown),
                    folded_until_us=fast.get(conversation_id),
                ),
                alert=_alert(
                    quiet,
                    shown,
                    account_id=account_id,
                    now_us=moment.now_us,
                    hushed=row.kind == "direct" and conversation_id in fast,
                ),
            )
        )
    return out


def find_group_views(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, GroupView]:
    """Return how these groups (rows of `conversations`) are run."""
    ids = [row.id for row in rows]
    set_up, pins = groups_store.find_groups(connection, ids), groups_store.find_pins(connection, ids)
    found = {}
    for row in rows:
        group = set_up.get(row.id)
        found[row.id] = GroupView(
            announcement_only=bool(row.announcement_only),
            silenced_until=_time(row.silenced_until),
            join_approval=group is not None and group.join_approval,
            notice=group.notice if group is not None else "",
            notice_at=_time(group.notice_at) if group is not None else None,
            pins=pins.get(row.id, []),
        )
    return found


def _alert(quiet: Quiet | None, shown: Shown | None, *, account_id: int, now_us: int, hushed: bool) -> Alert | None:
    if shown is None or int(shown.sender_id) == account_id:
        return None
    return alert_for(quiet, shown, now_us=now_us, hushed=hushed)


def _view_own(row: AnyRow | None, *, folded: bool, folded_until_us: int | None) -> OwnView:
    folded_until = _time(folded_until_us)
    if row is None:
        return OwnView(folded=folded, folded_until=folded_until)
    return OwnView(
        version=row.version,
        pinned_at=_time(row.pinned_at),
        muted=row.muted,
        archived_msg_no=row.archived_msg_no,
        folded=folded,
        folded_until=folded_until,
        draft=row.draft or "",
        draft_at=_time(row.draft_at),
    )


def _time(at_us: int | None) -> str | None:
    return format_time(at_us) if at_us is not None else None


_PEERS = (
    select(members.c.conversation_id, accounts.c.id, accounts.c.kind, accounts.c.name)
    .join(accounts, accounts.c.id == members.c.account_id)
    .where(
        and_(
            is_among(members.c.conversation_id),
            members.c.account_id != bindparam("account_id"),
        )
    )
)


def _find_peers(connection: Connection, account_id: int, conversation_ids: list[int]) -> dict[int, Peer]:
    if not conversation_ids:
        return {}
    found = connection.execute(_PEERS, {"account_id": account_id, "ids": conversation_ids})
    return {row.conversation_id: Peer(str(row.id), row.kind, row.name) for row in found}
