"""What lies in the folded box follows from what was said last: the column that nobody ever set goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_folded"
down_revision = "0008_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("own_views") as own_views:
        own_views.drop_column("folded")


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("own_views") as own_views:
        own_views.add_column(sa.Column("folded", sa.Boolean(), nullable=False, server_default=sa.false()))
