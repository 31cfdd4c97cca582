"""Log-ins, devices and keys; follows, contact groups, lists, privacy; verification and terms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005_people"
down_revision = "0004_acts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("accounts") as batch:
        batch.add_column(sa.Column("time_zone", sa.Text(), nullable=False, server_default="Asia/Shanghai"))
        batch.add_column(sa.Column("terms_version", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("became_id", Id, nullable=True))
    with op.batch_alter_table("tokens") as batch:
        batch.add_column(sa.Column("purpose", sa.Text(), nullable=False, server_default="token"))
        batch.add_column(sa.Column("last_used_at", Id, nullable=False, server_default="0"))
    op.create_table(
        "logins",
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_logins")),
    )
    op.create_index(op.f("ix_logins_login"), "logins", ["login"], unique=True)
    _contacts()
    _standing()


def _contacts() -> None:
    op.create_table(
        "follows",
        sa.Column("follower_id", Id, autoincrement=False, nullable=False),
        sa.Column("followee_id", Id, autoincrement=False, nullable=False),
        sa.Column("special", sa.Boolean(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["followee_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("follower_id", "followee_id", name=op.f("pk_follows")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_follows_followee_id"), "follows", ["followee_id"], unique=False)
    op.create_table(
        "contact_groups",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("may_message", sa.Boolean(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_groups")),
    )
    op.create_index(op.f("ix_contact_groups_owner_id"), "contact_groups", ["owner_id"], unique=False)
    op.create_table(
        "contact_group_members",
        sa.Column("group_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("group_id", "account_id", name=op.f("pk_contact_group_members")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact_lists",
        sa.Column("owner_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("owner_id", "account_id", "list", name=op.f("pk_contact_lists")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "privacy",
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("findable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_privacy")),
    )
    op.create_table(
        "silences",
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start_min", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "weekday", "start_min", name=op.f("pk_silences")),
        sqlite_with_rowid=False,
    )


def _standing() -> None:
    op.create_table(
        "verification_requests",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_by", Id, nullable=False),
        sa.Column("requested_at", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reviewer_id", Id, nullable=True),
        sa.Column("reviewed_at", Id, nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_requests")),
    )
    op.create_index(op.f("ix_verification_requests_enterprise_id_id"), "verification_requests", ["enterprise_id", "id"])
    op.create_index(op.f("ix_verification_requests_state_id"), "verification_requests", ["state", "id"])
    op.create_table(
        "terms",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("published_by", Id, nullable=False),
        sa.Column("published_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_terms")),
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("accepted_by", Id, nullable=True),
        sa.Column("accepted_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("enterprise_id", "version", name=op.f("pk_terms_acceptances")),
    )


def downgrade() -> None:
    """Take back."""
    for table in (
        "terms_acceptances",
        "terms",
        "verification_requests",
        "silences",
        "privacy",
        "contact_lists",
        "contact_group_members",
        "contact_groups",
        "follows",
        "logins",
    ):
        op.drop_table(table)
    with op.batch_alter_table("tokens") as batch:
        batch.drop_column("last_used_at")
        batch.drop_column("purpose")
    with op.batch_alter_table("accounts") as batch:
        batch.drop_column("became_id")
        batch.drop_column("terms_version")
        batch.drop_column("time_zone")
