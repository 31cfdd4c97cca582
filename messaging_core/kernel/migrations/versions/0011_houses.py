"""The operator lists the enterprises, and a group's admins the bots of theirs: neither walks over all accounts."""

from __future__ import annotations

from alembic import op

revision = "0011_houses"
down_revision = "0010_sent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_accounts_kind_enterprise_id"), "accounts", ["kind", "enterprise_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_accounts_kind_enterprise_id"), table_name="accounts")
