"""The bot's tables, on a MetaData of their own: they live in the messenger's database and know none of its tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from messaging_core.api import NAMING, Id

metadata = MetaData(naming_convention=NAMING)

bot_states = Table(
    "bot_states",
    metadata,
    Column("session_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("turn_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_at", Id, nullable=False),
)
bot_turns = Table(
    "bot_turns",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("first_seq", Id, nullable=False),
    Column("last_seq", Id, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("intent", Text, nullable=True),
    Column("confidence", Float, nullable=True),
    Column("offer_human", Boolean, nullable=False),
    Column("handoff_reason", Text, nullable=True),
    Column("summary", Text, nullable=True),
    Column("versions", Text, nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("restarts", Integer, nullable=False),
    Column("started_at", Id, nullable=False),
    Column("decided_at", Id, nullable=False),
    Column("committed_at", Id, nullable=False),
    Column("error", Text, nullable=True),
    Index(None, "conversation_id", "id"),
    Index(None, "enterprise_id", "id"),
)
bot_turn_messages = Table(
    "bot_turn_messages",
    metadata,
    # Ids of messages are unique over all conversations: the key says that a message belongs to one turn at most.
    Column("message_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("turn_id", Id, nullable=False),
    Column("origin", Text, nullable=False),
    Column("seq", Id, nullable=False),
    Index(None, "turn_id", "seq"),
)
bot_evidence = Table(
    "bot_evidence",
    metadata,
    Column("turn_id", Id, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True),
    Column("enterprise_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("score", Float, nullable=True),
    Column("data", Text, nullable=True),
)
bot_ledger = Table(
    "bot_ledger",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("turn_id", Id, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("fact_version", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("at", Id, nullable=False),
    Index(None, "enterprise_id", "id"),
    Index(None, "conversation_id", "id"),
)
bot_settings = Table(
    "bot_settings",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    # The account this bot speaks as; kept while it is off, so that turned on again it is the same one.
    Column("bot_account_id", Id, nullable=True),
    Column("author_id", Id, nullable=True),
    Column("at", Id, nullable=False),
)
bot_pointers = Table(
    "bot_pointers",
    metadata,
    Column("enterprise_id", Id, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("author_id", Id, nullable=True),
    Column("note", Text, nullable=False),
    Column("at", Id, nullable=False),
)
bot_feedback = Table(
    "bot_feedback",
    metadata,
    Column("message_id", Id, primary_key=True, autoincrement=False),
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, nullable=False),
    Column("turn_id", Id, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", Id, nullable=False),
    Index(None, "enterprise_id", "turn_id"),
)
