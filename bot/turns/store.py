"""The SQL of turns: what was said, decided and promised. Plain functions over a connection, for both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, text

from bot.decision import Commitment, Evidence
from bot.dialogue.state import DialogueState
from bot.turns.tables import bot_evidence, bot_ledger, bot_states, bot_turn_messages, bot_turns
from messaging_core.api import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """A turn as it is stored; `outcome` is replied, silent or handed_off. Times in microseconds UTC."""

    id: int
    enterprise_id: int
    conversation_id: int
    session_id: int
    customer_id: int
    first_seq: int
    last_seq: int
    outcome: str
    act: str
    reason: str
    intent: str | None
    confidence: float | None
    offer_human: bool
    handoff_reason: str | None
    summary: str | None
    versions: str
    settings_version: int
    restarts: int
    started_at: int
    decided_at: int
    committed_at: int
    error: str | None


_INSERT_TURN = insert(bot_turns)
_INSERT_MESSAGES = insert(bot_turn_messages)
_INSERT_EVIDENCE = insert(bot_evidence)
_INSERT_LEDGER = insert(bot_ledger)
# Both databases know this form; SQLAlchemy has one for each.
_PUT_STATE = text(
    "INSERT INTO bot_states (session_id, enterprise_id, conversation_id, turn_id, state, updated_at)"
    " VALUES (:session_id, :enterprise_id, :conversation_id, :turn_id, :state, :updated_at)"
    " ON CONFLICT (session_id) DO UPDATE SET turn_id = excluded.turn_id, state = excluded.state,"
    " updated_at = excluded.updated_at"
)
_STATE = select(bot_states.c.state).where(bot_states.c.session_id == bindparam("session_id"))
_TAKEN = select(bot_turn_messages.c.message_id).where(
    bot_turn_messages.c.message_id.in_(bindparam("ids", expanding=True))
)


def clean(words: str) -> str:
    """Return a text as both databases take it: PostgreSQL keeps neither NUL nor halves of characters."""
    return words.replace("\x00", "").encode("utf-8", "replace").decode()


def to_json(value: object) -> str:
    """Return a value as the JSON text of a column."""
    return clean(msgspec.json.encode(value).decode())


def insert_turn(connection: Connection, turn: TurnRow) -> None:
    """Add a turn."""
    values = {name: getattr(turn, name) for name in TurnRow.__slots__}
    for name in ("reason", "intent", "summary", "error"):
        if values[name] is not None:
            values[name] = clean(values[name])
    connection.execute(_INSERT_TURN, values)


def insert_messages(connection: Connection, turn: TurnRow, rows: Sequence[tuple[int, str, int]]) -> None:
    """Give messages (id, origin, seq) to a turn; a message that another turn has breaks the transaction."""
    owner = {"enterprise_id": turn.enterprise_id, "conversation_id": turn.conversation_id, "turn_id": turn.id}
    connection.execute(
        _INSERT_MESSAGES,
        [{**owner, "message_id": message_id, "origin": origin, "seq": seq} for message_id, origin, seq in rows],
    )


def list_taken(connection: Connection, message_ids: Sequence[int]) -> set[int]:
    """Return those of the messages that a turn has."""
    return set(connection.execute(_TAKEN, {"ids": list(message_ids)}).scalars())


def insert_evidence(connection: Connection, turn: TurnRow, evidence: Sequence[Evidence]) -> None:
    """Keep why a turn was decided so."""
    if not evidence:
        return
    connection.execute(
        _INSERT_EVIDENCE,
        [
            {
                "turn_id": turn.id,
                "place": place,
                "enterprise_id": turn.enterprise_id,
                "kind": one.kind,
                "source": clean(one.source),
                "text": clean(one.text),
                "score": one.score,
                "data": to_json(one.data) if one.data is not None else None,
            }
            for place, one in enumerate(evidence)
        ],
    )


def insert_ledger(
    connection: Connection, turn: TurnRow, rows: Sequence[tuple[int, int, Commitment]], *, at: int
) -> None:
    """Keep what was promised: (id of the row, id of the message that says it, the promise)."""
    if not rows:
        return
    connection.execute(
        _INSERT_LEDGER,
        [
            {
                "id": row_id,
                "enterprise_id": turn.enterprise_id,
                "conversation_id": turn.conversation_id,
                "turn_id": turn.id,
                "message_id": message_id,
                "kind": one.kind,
                "fact_id": clean(one.fact_id),
                "fact_version": clean(one.fact_version),
                "value": clean(one.value),
                "said": clean(one.said),
                "at": at,
            }
            for row_id, message_id, one in rows
        ],
    )


def put_state(connection: Connection, turn: TurnRow, state: DialogueState) -> None:
    """Replace a session's dialogue state."""
    connection.execute(
        _PUT_STATE,
        {
            "session_id": turn.session_id,
            "enterprise_id": turn.enterprise_id,
            "conversation_id": turn.conversation_id,
            "turn_id": turn.id,
            "state": clean(state.to_json().decode()),
            "updated_at": turn.committed_at,
        },
    )


def find_state(connection: Connection, session_id: int) -> DialogueState | None:
    """Return a session's dialogue state, None before the bot's first turn in it."""
    raw = connection.execute(_STATE, {"session_id": session_id}).scalar_one_or_none()
    return DialogueState.from_json(raw.encode()) if raw is not None else None


def has_reason(
    connection: Connection, *, conversation_id: int, session_id: int, reason: str, since_us: int = 0
) -> bool:
    """Return whether a turn of this session that was committed at or after an instant had this reason."""
    query = (
        select(bot_turns.c.id)
        .where(
            bot_turns.c.conversation_id == conversation_id,
            bot_turns.c.session_id == session_id,
            bot_turns.c.reason == reason,
            bot_turns.c.committed_at >= since_us,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def list_turns(
    connection: Connection, *, enterprise_id: int, conversation_id: int, before_id: int, limit: int
) -> list[AnyRow]:
    """Return a conversation's turns, newest first."""
    query = (
        select(bot_turns)
        .where(
            bot_turns.c.conversation_id == conversation_id,
            bot_turns.c.enterprise_id == enterprise_id,
            bot_turns.c.id < before_id,
        )
        .order_by(bot_turns.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def find_last_decided(connection: Connection, *, enterprise_id: int, conversation_id: int) -> AnyRow | None:
    """Return the newest turn of a conversation in which the bot decided, or None: not those it left to an agent."""
    query = (
        select(bot_turns)
        .where(
            bot_turns.c.conversation_id == conversation_id,
            bot_turns.c.enterprise_id == enterprise_id,
            bot_turns.c.reason.not_in(("agent", "queued", "queue_told")),
        )
        .order_by(bot_turns.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def find_turn(connection: Connection, turn_id: int, *, enterprise_id: int) -> AnyRow | None:
    """Return one turn of an enterprise, or None."""
    query = select(bot_turns).where(bot_turns.c.id == turn_id, bot_turns.c.enterprise_id == enterprise_id)
    return connection.execute(query).one_or_none()


def find_last_handoff(connection: Connection, *, enterprise_id: int, session_id: int, conversation_id: int) -> Any:
    """Return the newest turn of a session that called a human, or None."""
    query = (
        select(bot_turns)
        .where(
            bot_turns.c.conversation_id == conversation_id,
            bot_turns.c.enterprise_id == enterprise_id,
            bot_turns.c.session_id == session_id,
            bot_turns.c.outcome == "handed_off",
        )
        .order_by(bot_turns.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def list_evidence(connection: Connection, turn_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Return the evidence of turns, in order, by turn."""
    query = (
        select(bot_evidence)
        .where(bot_evidence.c.turn_id.in_(list(turn_ids)))
        .order_by(bot_evidence.c.turn_id, bot_evidence.c.place)
    )
    return _by_turn(connection.execute(query).all())


def list_messages(connection: Connection, turn_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Return the messages of turns, the customer's and the replies, in order, by turn."""
    query = (
        select(bot_turn_messages)
        .where(bot_turn_messages.c.turn_id.in_(list(turn_ids)))
        .order_by(bot_turn_messages.c.turn_id, bot_turn_messages.c.seq)
    )
    return _by_turn(connection.execute(query).all())


def _by_turn(rows: Sequence[AnyRow]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.turn_id, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which promises are wanted; None: any. `fact` is the beginning of a fact's id (a product's or variant's)."""

    conversation_id: int | None = None
    customer_id: int | None = None
    kind: str | None = None
    fact: str | None = None
    since_us: int | None = None
    until_us: int | None = None


def list_ledger(
    connection: Connection, *, enterprise_id: int, wanted: LedgerFilter, before_id: int, limit: int
) -> list[AnyRow]:
    """Return what an enterprise's bot has promised and to whom, newest first."""
    ledger = bot_ledger.c
    query = select(bot_ledger, bot_turns.c.customer_id).join(bot_turns, bot_turns.c.id == ledger.turn_id)
    query = query.where(ledger.enterprise_id == enterprise_id, ledger.id < before_id)
    if wanted.conversation_id is not None:
        query = query.where(ledger.conversation_id == wanted.conversation_id)
    if wanted.customer_id is not None:
        query = query.where(bot_turns.c.customer_id == wanted.customer_id)
    if wanted.kind is not None:
        query = query.where(ledger.kind == wanted.kind)
    if wanted.fact is not None:
        query = query.where(ledger.fact_id.startswith(wanted.fact, autoescape=True))
    if wanted.since_us is not None:
        query = query.where(ledger.at >= wanted.since_us)
    if wanted.until_us is not None:
        query = query.where(ledger.at < wanted.until_us)
    return list(connection.execute(query.order_by(ledger.id.desc()).limit(limit)))


def count_faq(connection: Connection, *, enterprise_id: int, since_us: int) -> dict[str, int]:
    """Return how often each FAQ entry was the answer's evidence since a time."""
    query = (
        select(bot_evidence.c.source, func.count())
        .join(bot_turns, bot_turns.c.id == bot_evidence.c.turn_id)
        .where(bot_evidence.c.enterprise_id == enterprise_id, bot_evidence.c.kind == "faq")
        .where(bot_turns.c.reason == "faq", bot_turns.c.committed_at >= since_us)
        .where(bot_turns.c.enterprise_id == enterprise_id)
        .group_by(bot_evidence.c.source)
    )
    return {str(source).removeprefix("faq:"): int(times) for source, times in connection.execute(query)}
