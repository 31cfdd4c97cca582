"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001_core"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("bot_account_id", Id, nullable=True),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "consumer_cursors",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("seq", Id, nullable=False),
        sa.Column("node", sa.Integer(), nullable=False),
        sa.Column("lease_until", Id, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "conversation_id", name=op.f("pk_consumer_cursors")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consumers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("from_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumers")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("last_seq", Id, nullable=False),
        sa.Column("last_msg_no", Id, nullable=False),
        sa.Column("last_event_at", Id, nullable=False),
        sa.Column("active_slot", sa.Integer(), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        postgresql_with={"fillfactor": 70},
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversations_active_slot"), ["active_slot"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_unique_key"), ["unique_key"], unique=True)

    op.create_table(
        "events",
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("seq", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "notes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notes")),
    )
    op.create_table(
        "parked_events",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("parked_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_events")),
    )
    with op.batch_alter_table("parked_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_parked_events_consumer_conversation_id_seq"),
            ["consumer", "conversation_id", "seq"],
            unique=True,
        )

    op.create_table(
        "webhooks",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("bot_account_id", Id, nullable=True),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "enterprise_members",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "account_id", name=op.f("pk_enterprise_members")),
    )
    with op.batch_alter_table("enterprise_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_members_account_id"), ["account_id"], unique=False)

    op.create_table(
        "members",
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("joined_at", Id, nullable=False),
        sa.Column("joined_seq", Id, nullable=False),
        sa.Column("visible_from", Id, nullable=False),
        sa.Column("left_seq", Id, nullable=True),
        sa.Column("read_msg_no", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
        ),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", name=op.f("pk_members")),
        postgresql_with={"fillfactor": 70},
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_account_id_joined_at"), ["account_id", "joined_at"], unique=False)

    op.create_table(
        "messages",
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("seq", Id, autoincrement=False, nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("msg_no", Id, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("sender_id", Id, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("client_msg_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("ciphertext", sa.Text(), nullable=True),
        sa.Column("enc_version", sa.Integer(), nullable=True),
        sa.Column("created_at", Id, nullable=False),
        sa.CheckConstraint("(body IS NULL) <> (ciphertext IS NULL)", name=op.f("ck_messages_body_or_ciphertext")),
        sa.CheckConstraint("(ciphertext IS NULL) = (enc_version IS NULL)", name=op.f("ck_messages_ciphertext_version")),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_messages")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_messages_conversation_id_sender_id_client_msg_id"),
            ["conversation_id", "sender_id", "client_msg_id"],
            unique=True,
        )

    op.create_table(
        "service_sessions",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agent_id", Id, nullable=True),
        sa.Column("assignment_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", Id, nullable=False),
        sa.Column("changed_at", Id, nullable=False),
        sa.Column("closed_at", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_sessions")),
    )
    with op.batch_alter_table("service_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_sessions_conversation_id_id"), ["conversation_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_service_sessions_enterprise_id_state_id"), ["enterprise_id", "state", "id"], unique=False
        )
        batch_op.create_index(
            "uq_service_sessions_open",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    op.create_table(
        "tokens",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("expires_at", Id, nullable=True),
        sa.Column("revoked_at", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tokens_hash"), ["hash"], unique=True)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_hash"))
        batch_op.drop_index(batch_op.f("ix_tokens_account_id"))

    op.drop_table("tokens")
    with op.batch_alter_table("service_sessions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_service_sessions_open",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.drop_index(batch_op.f("ix_service_sessions_enterprise_id_state_id"))
        batch_op.drop_index(batch_op.f("ix_service_sessions_conversation_id_id"))

    op.drop_table("service_sessions")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_conversation_id_sender_id_client_msg_id"))

    op.drop_table("messages")
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_members_account_id_joined_at"))

    op.drop_table("members")
    with op.batch_alter_table("enterprise_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_members_account_id"))

    op.drop_table("enterprise_members")
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhooks_enterprise_id"))

    op.drop_table("webhooks")
    with op.batch_alter_table("parked_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parked_events_consumer_conversation_id_seq"))

    op.drop_table("parked_events")
    op.drop_table("notes")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    op.drop_table("events")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_unique_key"))
        batch_op.drop_index(batch_op.f("ix_conversations_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_conversations_active_slot"))

    op.drop_table("conversations")
    op.drop_table("consumers")
    op.drop_table("consumer_cursors")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_enterprise_id"))

    op.drop_table("accounts")
