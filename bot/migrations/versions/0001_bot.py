"""The bot's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001_bot"
down_revision = None
branch_labels = ("bot",)
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bot_evidence",
        sa.Column("turn_id", Id, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("turn_id", "place", name=op.f("pk_bot_evidence")),
    )
    op.create_table(
        "bot_feedback",
        sa.Column("message_id", Id, autoincrement=False, nullable=False),
        sa.Column("customer_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "customer_id", name=op.f("pk_bot_feedback")),
    )
    with op.batch_alter_table("bot_feedback", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bot_feedback_enterprise_id_turn_id"), ["enterprise_id", "turn_id"], unique=False
        )

    op.create_table(
        "bot_ledger",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("fact_version", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_ledger")),
    )
    with op.batch_alter_table("bot_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bot_ledger_conversation_id_id"), ["conversation_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bot_ledger_enterprise_id_id"), ["enterprise_id", "id"], unique=False)

    op.create_table(
        "bot_pointers",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("author_id", Id, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "kind", "version", name=op.f("pk_bot_pointers")),
    )
    op.create_table(
        "bot_settings",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("bot_account_id", Id, nullable=True),
        sa.Column("author_id", Id, nullable=True),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "version", name=op.f("pk_bot_settings")),
    )
    op.create_table(
        "bot_states",
        sa.Column("session_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_bot_states")),
    )
    op.create_table(
        "bot_turn_messages",
        sa.Column("message_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("turn_id", Id, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_bot_turn_messages")),
    )
    with op.batch_alter_table("bot_turn_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bot_turn_messages_turn_id_seq"), ["turn_id", "seq"], unique=False)

    op.create_table(
        "bot_turns",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("session_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("first_seq", Id, nullable=False),
        sa.Column("last_seq", Id, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("offer_human", sa.Boolean(), nullable=False),
        sa.Column("handoff_reason", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("started_at", Id, nullable=False),
        sa.Column("decided_at", Id, nullable=False),
        sa.Column("committed_at", Id, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_turns")),
    )
    with op.batch_alter_table("bot_turns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bot_turns_conversation_id_id"), ["conversation_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bot_turns_enterprise_id_id"), ["enterprise_id", "id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("bot_turns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_turns_enterprise_id_id"))
        batch_op.drop_index(batch_op.f("ix_bot_turns_conversation_id_id"))

    op.drop_table("bot_turns")
    with op.batch_alter_table("bot_turn_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_turn_messages_turn_id_seq"))

    op.drop_table("bot_turn_messages")
    op.drop_table("bot_states")
    op.drop_table("bot_settings")
    op.drop_table("bot_pointers")
    with op.batch_alter_table("bot_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_ledger_enterprise_id_id"))
        batch_op.drop_index(batch_op.f("ix_bot_ledger_conversation_id_id"))

    op.drop_table("bot_ledger")
    with op.batch_alter_table("bot_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_feedback_enterprise_id_turn_id"))

    op.drop_table("bot_feedback")
    op.drop_table("bot_evidence")
