"""What waits before delivery, marketing consents; counters, sanctions, credit, the risk desk's cases and reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007_rules"
down_revision = "0006_orders"
branch_labels = None
depends_on = None


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, Id, autoincrement=False, nullable=False)


def _id(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Id, nullable=null)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def upgrade() -> None:
    """Apply."""
    op.add_column("members", sa.Column("recent", sa.LargeBinary(), nullable=True))
    _make_delivery()
    _make_safety()
    _make_risk_desk()


def _make_delivery() -> None:
    op.create_table(
        "pending",
        _key("conversation_id"),
        _key("sender_id"),
        _text("client_msg_id"),
        _id("id"),
        _id("enterprise_id", null=True),
        _text("sender_kind"),
        _id("sender_enterprise_id", null=True),
        _text("kind"),
        _int("v"),
        _text("body"),
        _text("extra", null=True),
        sa.Column("assignment_version", sa.Integer(), nullable=True),
        _text("status"),
        _text("rule"),
        _id("until_at", null=True),
        _id("job_id", null=True),
        sa.Column("score", sa.Float(), nullable=True),
        _text("found"),
        _id("created_at"),
        _id("changed_at"),
        sa.PrimaryKeyConstraint("conversation_id", "sender_id", "client_msg_id", name=op.f("pk_pending")),
        sqlite_with_rowid=False,
    )
    _index("pending", "id", unique=True)
    _index("pending", "sender_id", "id")
    op.create_table(
        "marketing_consents",
        _key("enterprise_id"),
        _key("account_id"),
        sa.Column("opted_in", sa.Boolean(), nullable=False),
        _id("at"),
        sa.PrimaryKeyConstraint("enterprise_id", "account_id", name=op.f("pk_marketing_consents")),
    )
    op.create_table(
        "marketing_days",
        _key("enterprise_id"),
        _key("recipient_id"),
        _int("day"),
        _int("delivered"),
        sa.PrimaryKeyConstraint("enterprise_id", "recipient_id", name=op.f("pk_marketing_days")),
    )


def _make_safety() -> None:
    op.create_table(
        "senders",
        _key("account_id"),
        sa.Column("ring", sa.LargeBinary(), nullable=False),
        _int("day"),
        _int("day_count"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_senders")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "standings",
        _key("account_id"),
        _int("score"),
        _id("frozen_until", null=True),
        _id("banned_at", null=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_standings")),
    )
    op.create_table(
        "credit_entries",
        _key("id"),
        _id("account_id"),
        _int("delta"),
        _int("score"),
        _text("reason"),
        _id("sanction_id", null=True),
        _id("case_id", null=True),
        _id("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
    )
    _index("credit_entries", "account_id", "id")
    op.create_table(
        "sanctions",
        _key("id"),
        _id("account_id"),
        _text("rule"),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        _id("episode"),
        _int("hits"),
        _id("at"),
        _id("ends_at", null=True),
        _id("case_id", null=True),
        _id("overturned_at", null=True),
        _id("overturned_by", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    _index("sanctions", "account_id", "rule", "episode", "shadow", unique=True)
    _index("sanctions", "rule", "shadow", "at")
    op.create_table(
        "screening_words",
        _key("enterprise_id"),
        _text("word"),
        _text("category"),
        _id("added_by"),
        _id("at"),
        sa.PrimaryKeyConstraint("enterprise_id", "word", name=op.f("pk_screening_words")),
    )


def _make_risk_desk() -> None:
    op.create_table(
        "reports",
        _key("id"),
        _id("case_id"),
        _id("reporter_id"),
        _id("account_id"),
        _id("conversation_id"),
        _id("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    _index("reports", "account_id", "at")
    op.create_table(
        "cases",
        _key("id"),
        _text("kind"),
        _text("state"),
        _text("rule"),
        _id("account_id"),
        _id("opened_by", null=True),
        _id("conversation_id", null=True),
        _id("enterprise_id", null=True),
        _id("pending_id", null=True),
        _id("sanction_id", null=True),
        _text("data"),
        _id("opened_at"),
        _id("decided_at", null=True),
        _id("decided_by", null=True),
        _text("verdict", null=True),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    _index("cases", "state", "id")
    _index("cases", "account_id", "id")
    _index("cases", "pending_id")
    _index("cases", "sanction_id")


def downgrade() -> None:
    """Take back."""
    for table in (
        "cases",
        "reports",
        "screening_words",
        "sanctions",
        "credit_entries",
        "standings",
        "senders",
        "marketing_days",
        "marketing_consents",
        "pending",
    ):
        op.drop_table(table)
    with op.batch_alter_table("members") as batch:
        batch.drop_column("recent")
