"""Acts on messages, groups and the conversation list: versions, mentions, silences, links, notices, pins, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004_acts"
down_revision = "0003_commerce"
branch_labels = None
depends_on = None

_ADDED = {
    "events": (("about_seq", Id),),
    "messages": (("extra", sa.Text()), ("versions", sa.Integer())),
    "conversations": (("announcement_only", sa.Boolean()), ("silenced_until", Id)),
    "members": (("silenced_until", Id), ("nickname", sa.Text())),
}
_MADE = (
    "message_deletions",
    "mentions",
    "message_versions",
    "own_views",
    "groups",
    "pins",
    "bans",
    "invite_links",
    "join_requests",
    "group_audit",
)


def _key(name: str) -> sa.Column[int]:
    return sa.Column(name, Id, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Apply."""
    for table, columns in _ADDED.items():
        for name, type_ in columns:
            op.add_column(table, sa.Column(name, type_, nullable=True))
    _make_acts()
    _make_groups()
    _make_invites()
    op.create_table(
        "group_audit",
        _key("id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("target_id", Id, nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_audit")),
    )
    op.create_index(op.f("ix_group_audit_conversation_id_id"), "group_audit", ["conversation_id", "id"])


def _make_acts() -> None:
    op.create_table(
        "message_deletions",
        _key("account_id"),
        _key("conversation_id"),
        _key("seq"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", "seq", name=op.f("pk_message_deletions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mentions",
        _key("conversation_id"),
        _key("account_id"),
        _key("msg_no"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", "msg_no", name=op.f("pk_mentions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_versions",
        _key("conversation_id"),
        _key("seq"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("actor_id", Id, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "version", name=op.f("pk_message_versions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "own_views",
        _key("account_id"),
        _key("conversation_id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pinned_at", Id, nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("archived_msg_no", Id, nullable=True),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_at", Id, nullable=True),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", name=op.f("pk_own_views")),
        sqlite_with_rowid=False,
    )


def _make_groups() -> None:
    op.create_table(
        "groups",
        _key("conversation_id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("join_approval", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("notice_at", Id, nullable=True),
        sa.Column("welcome", sa.Text(), nullable=False),
        sa.Column("bot_wait_s", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_groups")),
    )
    op.create_table(
        "pins",
        _key("conversation_id"),
        _key("seq"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("pinned_by", Id, nullable=False),
        sa.Column("pinned_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_pins")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bans",
        _key("conversation_id"),
        _key("account_id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("banned_by", Id, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", name=op.f("pk_bans")),
        sqlite_with_rowid=False,
    )


def _make_invites() -> None:
    op.create_table(
        "invite_links",
        _key("id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("expires_at", Id, nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite_links")),
    )
    op.create_index(op.f("ix_invite_links_code_hash"), "invite_links", ["code_hash"], unique=True)
    op.create_index(op.f("ix_invite_links_conversation_id_id"), "invite_links", ["conversation_id", "id"])
    op.create_table(
        "join_requests",
        _key("conversation_id"),
        _key("account_id"),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("link_id", Id, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", Id, nullable=True),
        sa.Column("decided_at", Id, nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "account_id", name=op.f("pk_join_requests")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_join_requests_conversation_id_state_asked_at"),
        "join_requests",
        ["conversation_id", "state", "asked_at"],
    )


def downgrade() -> None:
    """Take back."""
    for table in _MADE:
        op.drop_table(table)
    for table, columns in _ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
