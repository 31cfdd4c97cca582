"""Coupons, who has which, the preloaded ones; order references with what led to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006_orders"
down_revision = "0005_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "coupons",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("amount_fen", Id, nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("min_spend_fen", Id, nullable=False),
        sa.Column("starts_at", Id, nullable=False),
        sa.Column("ends_at", Id, nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("redeemed", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", Id, nullable=False),
        sa.CheckConstraint("(amount_fen IS NULL) <> (percent IS NULL)", name=op.f("ck_coupons_worth_one_thing")),
        sa.CheckConstraint("total IS NULL OR issued <= total", name=op.f("ck_coupons_not_overissued")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
    )
    op.create_index(op.f("ix_coupons_enterprise_id_id"), "coupons", ["enterprise_id", "id"])
    op.create_table(
        "coupon_grants",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("coupon_id", Id, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_by_id", Id, nullable=False),
        sa.Column("client_msg_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("issued_at", Id, nullable=False),
        sa.Column("redeemed_at", Id, nullable=True),
        sa.Column("shop_order_id", sa.Text(), nullable=True),
        sa.Column("off_fen", Id, nullable=True),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_grants")),
    )
    key = ["conversation_id", "given_by_id", "client_msg_id"]
    op.create_index(
        op.f("ix_coupon_grants_conversation_id_given_by_id_client_msg_id"), "coupon_grants", key, unique=True
    )
    op.create_index(op.f("ix_coupon_grants_account_id_id"), "coupon_grants", ["account_id", "id"])
    op.create_index(op.f("ix_coupon_grants_coupon_id_account_id"), "coupon_grants", ["coupon_id", "account_id"])
    op.create_table(
        "coupon_preloads",
        sa.Column("enterprise_id", Id, autoincrement=False, nullable=False),
        sa.Column("coupon_id", Id, nullable=False),
        sa.Column("set_by", Id, nullable=False),
        sa.Column("set_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"]),
        sa.ForeignKeyConstraint(["enterprise_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_coupon_preloads")),
    )
    op.create_table(
        "orders",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", Id, nullable=False),
        sa.Column("shop_order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", Id, nullable=True),
        sa.Column("conversation_id", Id, nullable=True),
        sa.Column("led_by", sa.Text(), nullable=False),
        sa.Column("led_by_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total_fen", Id, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("placed_at", Id, nullable=False),
        sa.Column("updated_at", Id, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(
        op.f("ix_orders_enterprise_id_shop_order_id"), "orders", ["enterprise_id", "shop_order_id"], unique=True
    )
    op.create_index(op.f("ix_orders_enterprise_id_placed_at"), "orders", ["enterprise_id", "placed_at"])
    op.create_index(op.f("ix_orders_conversation_id_id"), "orders", ["conversation_id", "id"])
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"])


def downgrade() -> None:
    """Take back."""
    for table in ("orders", "coupon_preloads", "coupon_grants", "coupons"):
        op.drop_table(table)
