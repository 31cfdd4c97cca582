"""Timed jobs; wallets with their ledger, red packets and who opened them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003_commerce"
down_revision = "0002_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "jobs",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run_at", Id, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_run_at"), "jobs", ["run_at"], unique=False)
    op.create_table(
        "wallets",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("balance_fen", Id, nullable=False),
        sa.CheckConstraint("balance_fen >= 0 OR id = 0", name=op.f("ck_wallets_not_overdrawn")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallets")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("wallet_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("amount_fen", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("packet_id", Id, nullable=True),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_wallet_id_id"), "ledger", ["wallet_id", "id"], unique=False)
    op.create_table(
        "red_packets",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("sender_id", Id, nullable=False),
        sa.Column("client_msg_id", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("total_fen", Id, nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("remaining_shares", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("expires_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_red_packets")),
    )
    op.create_index(
        op.f("ix_red_packets_conversation_id_sender_id_client_msg_id"),
        "red_packets",
        ["conversation_id", "sender_id", "client_msg_id"],
        unique=True,
    )
    op.create_table(
        "red_packet_claims",
        sa.Column("packet_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("amount_fen", Id, nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("packet_id", "account_id", name=op.f("pk_red_packet_claims")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take back."""
    for table in ("red_packet_claims", "red_packets", "ledger", "wallets", "jobs"):
        op.drop_table(table)
