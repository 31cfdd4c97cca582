"""What is really in the database, in the words of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, select

from messaging_core.conversations.folding import Moment
from messaging_core.conversations.summary import Summary, summarise
from messaging_core.delivery.pending_store import pending
from messaging_core.kernel.event_log import Event
from messaging_core.kernel.jobs import jobs
from messaging_core.messages import reading_store as messages
from messaging_core.messages.store import messages as message_table
from messaging_core.safety.cases_store import cases
from tests.messaging_core.machines.desk_model import ServiceChat
from tests.messaging_core.machines.model import Chat, Entry, Key, Membership, Message, Unsent, Waits
from tests.messaging_core.machines.nodes import SlowDatabase


def to_entry(event: Event) -> Entry:
    """Return an event of the log as the model writes it."""
    message = msgspec.json.decode(event.message) if event.message is not None else None
    assert message is None or message["seq"] == (event.about_seq or event.seq)
    return entry(event.kind, event.actor_id, msgspec.json.decode(event.data or b"{}"), message)


def entry(kind: str, actor_id: int | str | None, data: dict[str, Any], raw: dict[str, Any] | None) -> Entry:
    """Return an event, from the log or from the wire, as the model writes it."""
    message = None
    if raw is not None:
        message = to_message(raw)
    account = int(data["account_id"]) if "account_id" in data else None
    word = data.get("reason") or data.get("role") or data.get("title") or ""
    if kind.startswith("session."):
        word = f"{data['state']} {data['assignment_version']} {data['agent_id'] or ''}"
    return Entry(kind, int(actor_id or 0), account, word, message)


def to_message(raw: dict[str, Any]) -> Message:
    """Return a message of the wire as the model writes it; a tombstone by its kind."""
    text = raw["body"].get("text", f"<{raw['kind']}>")
    liked = tuple(int(account) for account in raw.get("reactions", {}).get("👍", ()))
    return Message(int(raw["sender_id"]), raw["client_msg_id"], text, raw["msg_no"], liked)


async def read_log(database: SlowDatabase, conversation_id: int, *, after: int = 0) -> list[Event]:
    """Return the whole log of a conversation after a `seq`, without gaps."""
    found = await database.peek(
        lambda connection: messages.list_events(connection, conversation_id, after_seq=after, to_seq=None, limit=10_000)
    )
    assert [event.seq for event in found] == list(range(after + 1, after + 1 + len(found))), "the log has a gap"
    return found


async def read_messages(database: SlowDatabase, conversation_id: int) -> dict[int, Message]:
    """Return the rows of the table of messages by `seq`."""

    def query(connection: Connection) -> dict[int, Message]:
        table = message_table
        rows = connection.execute(select(table).where(table.c.conversation_id == conversation_id))
        return {
            row.seq: to_message(
                {
                    "sender_id": row.sender_id,
                    "client_msg_id": row.client_msg_id,
                    "kind": row.kind,
                    "body": msgspec.json.decode(row.body),
                    "msg_no": row.msg_no,
                    **msgspec.json.decode(row.extra or "{}"),
                }
            )
            for row in rows
        }

    return await database.peek(query)


@dataclass(slots=True, frozen=True)
class Waiting:
    """What has no number: by conversation, and the reviewers' cases (conversation, message, kind) -> id, state."""

    messages: dict[int, dict[Key, Unsent]]
    cases: dict[tuple[int, Key, str], tuple[int, str]]


_UNSENT = (
    select(pending, cases.c.id.label("case_id"), cases.c.kind.label("case_kind"), cases.c.state, jobs.c.run_at)
    .outerjoin(cases, cases.c.pending_id == pending.c.id)
    .outerjoin(jobs, and_(jobs.c.id == pending.c.job_id, jobs.c.attempts == 0))
)


async def read_unsent(database: SlowDatabase, conversation_ids: list[int]) -> Waiting:
    """Return what waits in conversations; what is queued has a job at its time, and nothing else has one."""
    query = _UNSENT.where(pending.c.conversation_id.in_(conversation_ids))
    found = Waiting({conversation_id: {} for conversation_id in conversation_ids}, {})
    for row in await database.peek(lambda connection: list(connection.execute(query))):
        key = (row.sender_id, row.client_msg_id)
        assert row.run_at == (row.until_at if row.status == "queued" else None), (
            f"{row.status}, its job at {row.run_at}"
        )
        text = msgspec.json.decode(row.body)["text"]
        waits = Waits(row.status, row.rule, row.until_at, row.changed_at)
        found.messages[row.conversation_id][key] = Unsent(text, row.assignment_version, waits)
        if row.case_id is not None:
            found.cases[row.conversation_id, key, row.case_kind] = (row.case_id, row.state)
    return found


Summaries = dict[tuple[int, int], Summary]
"""(account, conversation) -> what the server would tell now."""


async def read_summaries(
    database: SlowDatabase, account_ids: list[int], conversation_ids: list[int], moment: Moment
) -> Summaries:
    """Return all conversations' summaries for all accounts."""

    def query(connection: Connection) -> Summaries:
        return {
            (account_id, int(summary.id)): summary
            for account_id in account_ids
            for summary in summarise(connection, account_id, conversation_ids, moment)
        }

    return await database.peek(query)


def check_summary(summary: Summary, chat: Chat, member: Membership) -> None:
    """Compare a summary with the model; unread above all."""
    assert summary.last_seq == chat.last_seq
    assert summary.last_msg_no == chat.last_msg_no
    assert summary.read_msg_no == member.read
    assert summary.unread == chat.last_msg_no - member.read
    assert summary.member_count == len(chat.present())
    assert (summary.title, summary.role) == (chat.title, member.role)
    assert summary.joined_seq == member.joined
    visible = [
        seq
        for seq, entry in enumerate(chat.log, start=1)
        if entry.kind == "message.sent" and seq == _last_message(chat) and seq >= member.spells[-1][0]
    ]
    shown = msgspec.json.decode(summary.last_message) if summary.last_message is not None else None
    assert (shown["seq"] if shown is not None else None) == (visible[-1] if visible else None)
    session = chat.open_session if isinstance(chat, ServiceChat) else None
    told = summary.session
    if told is None or session is None:
        assert told is None and session is None
    else:
        agent = str(session.agent) if session.agent is not None else None
        assert (told.state, told.assignment_version, told.agent_id) == (session.state, session.version, agent)


def _last_message(chat: Chat) -> int:
    return max((seq for seq, entry in enumerate(chat.log, start=1) if entry.kind == "message.sent"), default=0)
