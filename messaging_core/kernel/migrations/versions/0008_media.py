"""Uploads and the bytes they share, emoji packs, presses and leads of cards, previews of links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0008_media"
down_revision = "0007_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "media",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bytes", Id, nullable=False),
        sa.Column("received", Id, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("expires_at", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index(op.f("ix_media_account_id_created_at"), "media", ["account_id", "created_at"], unique=False)
    op.create_index(op.f("ix_media_expires_at"), "media", ["expires_at"], unique=False)
    op.create_index(op.f("ix_media_sha256"), "media", ["sha256"], unique=False)
    op.create_table(
        "media_parts",
        sa.Column("media_id", Id, autoincrement=False, nullable=False),
        sa.Column("start", Id, autoincrement=False, nullable=False),
        sa.Column("bytes", Id, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("media_id", "start", name=op.f("pk_media_parts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("thumb_key", sa.Text(), nullable=True),
        sa.Column("bytes", Id, nullable=False),
        sa.Column("thumb_bytes", Id, nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("created_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "media_uses",
        sa.Column("media_id", Id, autoincrement=False, nullable=False),
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("seq", Id, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("media_id", "conversation_id", "seq", name=op.f("pk_media_uses")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_media_uses_conversation_id_seq"), "media_uses", ["conversation_id", "seq"], unique=False)
    op.create_table(
        "blob_trash",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blob_trash")),
    )
    op.create_table(
        "emoji_packs",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.Column("reviewed_by", Id, nullable=True),
        sa.Column("reviewed_at", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emoji_packs")),
    )
    op.create_index(op.f("ix_emoji_packs_enterprise_id_id"), "emoji_packs", ["enterprise_id", "id"], unique=False)
    op.create_index(op.f("ix_emoji_packs_state_id"), "emoji_packs", ["state", "id"], unique=False)
    op.create_table(
        "emoji",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("pack_id", Id, nullable=False),
        sa.Column("media_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emoji")),
    )
    op.create_index(op.f("ix_emoji_media_id"), "emoji", ["media_id"], unique=False)
    op.create_index(op.f("ix_emoji_pack_id_place"), "emoji", ["pack_id", "place"], unique=False)
    op.create_table(
        "card_presses",
        sa.Column("conversation_id", Id, autoincrement=False, nullable=False),
        sa.Column("seq", Id, autoincrement=False, nullable=False),
        sa.Column("button", sa.Text(), nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=True),
        sa.Column("at", Id, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "button", "account_id", name=op.f("pk_card_presses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leads",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("button", sa.Text(), nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_account_id"), "leads", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_leads_conversation_id_seq_button_account_id"),
        "leads",
        ["conversation_id", "seq", "button", "account_id"],
        unique=True,
    )
    op.create_index(op.f("ix_leads_enterprise_id_id"), "leads", ["enterprise_id", "id"], unique=False)
    op.create_table(
        "link_previews",
        sa.Column("url_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("fetched_at", Id, nullable=False),
        sa.PrimaryKeyConstraint("url_hash", name=op.f("pk_link_previews")),
    )
    op.create_index(op.f("ix_link_previews_fetched_at"), "link_previews", ["fetched_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    for table in (
        "link_previews",
        "leads",
        "card_presses",
        "emoji",
        "emoji_packs",
        "blob_trash",
        "media_uses",
        "blobs",
        "media_parts",
        "media",
    ):
        op.drop_table(table)
