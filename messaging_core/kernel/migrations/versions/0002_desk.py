"""The desk: order of the queue, attendance and capacity, phrases, labels, notes, ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002_desk"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("service_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("summary", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("queued_at", Id, nullable=True))
        batch_op.add_column(sa.Column("stars", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("stars_text", sa.Text(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_service_sessions_enterprise_id_agent_id_state"),
            ["enterprise_id", "agent_id", "state"],
            unique=False,
        )
    op.execute("UPDATE service_sessions SET queued_at = changed_at WHERE state = 'queued'")

    op.create_table(
        "desk_settings",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("auto_assign", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("grace_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_desk_settings")),
    )
    op.create_table(
        "desk_agents",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("seen_at", Id, nullable=False),
        sa.Column("assigned_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "account_id", name=op.f("pk_desk_agents")),
    )
    op.create_table(
        "quick_phrases",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_phrases")),
    )
    with op.batch_alter_table("quick_phrases", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quick_phrases_enterprise_id_owner_id_id"), ["enterprise_id", "owner_id", "id"], unique=False
        )
    op.create_table(
        "desk_labels",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", Id, autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "subject", "subject_id", "label", name=op.f("pk_desk_labels")),
    )
    op.create_table(
        "desk_notes",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("customer_id", Id, nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_notes")),
    )
    with op.batch_alter_table("desk_notes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_desk_notes_enterprise_id_customer_id_id"),
            ["enterprise_id", "customer_id", "id"],
            unique=False,
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("desk_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_notes_enterprise_id_customer_id_id"))
    op.drop_table("desk_notes")
    op.drop_table("desk_labels")
    with op.batch_alter_table("quick_phrases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quick_phrases_enterprise_id_owner_id_id"))
    op.drop_table("quick_phrases")
    op.drop_table("desk_agents")
    op.drop_table("desk_settings")
    with op.batch_alter_table("service_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_sessions_enterprise_id_agent_id_state"))
        for column in ("stars_text", "stars", "queued_at", "summary"):
            batch_op.drop_column(column)
