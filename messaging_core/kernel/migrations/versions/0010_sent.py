"""That a message was sent follows from the message: the log keeps a row only of what else happens."""

from __future__ import annotations

from alembic import op

revision = "0010_sent"
down_revision = "0009_folded"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("DELETE FROM events WHERE kind = 'message.sent'")
    op.execute("ALTER TABLE events DROP COLUMN message_id")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE events ADD COLUMN message_id BIGINT")
    op.execute(
        "INSERT INTO events (conversation_id, seq, enterprise_id, kind, v, actor_id, message_id, at) "
        "SELECT conversation_id, seq, enterprise_id, 'message.sent', 1, sender_id, id, created_at FROM messages"
    )
