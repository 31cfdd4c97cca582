"""The tables of coupons, who has which, and the preloaded ones, and the only SQL that touches them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

coupons = Table(
    "coupons",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, ForeignKey("accounts.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("amount_fen", Id, nullable=True),
    Column("percent", Integer, nullable=True),
    Column("min_spend_fen", Id, nullable=False),
    Column("starts_at", Id, nullable=False),
    Column("ends_at", Id, nullable=False),
    Column("total", Integer, nullable=True),
    Column("issued", Integer, nullable=False),
    Column("redeemed", Integer, nullable=False),
    Column("per_person", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Id, nullable=False),
    CheckConstraint("(amount_fen IS NULL) <> (percent IS NULL)", name="worth_one_thing"),
    CheckConstraint("total IS NULL OR issued <= total", name="not_overissued"),
    Index(None, "enterprise_id", "id"),
)
grants = Table(
    "coupon_grants",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("coupon_id", Id, ForeignKey("coupons.id"), nullable=False),
    Column("enterprise_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    # agent, bot, key (an API key of the enterprise), preload
    Column("given_by", Text, nullable=False),
    Column("given_by_id", Id, nullable=False),
    Column("client_msg_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("issued_at", Id, nullable=False),
    Column("redeemed_at", Id, nullable=True),
    Column("shop_order_id", Text, nullable=True),
    Column("off_fen", Id, nullable=True),
    Index(None, "conversation_id", "given_by_id", "client_msg_id", unique=True),
    Index(None, "account_id", "id"),
    Index(None, "coupon_id", "account_id"),
)
preloads = Table(
    "coupon_preloads",
    metadata,
    Column("enterprise_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("coupon_id", Id, ForeignKey("coupons.id"), nullable=False),
    Column("set_by", Id, nullable=False),
    Column("set_at", Id, nullable=False),
)

CouponRow = AnyRow
GrantRow = AnyRow


def insert_coupon(connection: Connection, **values: object) -> None:
    """Add a coupon."""
    connection.execute(insert(coupons).values(**values))


def lock_coupon(connection: Connection, coupon_id: int) -> CouponRow | None:
    """Return a coupon, locked until the transaction ends: who gives one out holds this first."""
    return connection.execute(select(coupons).where(coupons.c.id == coupon_id).with_for_update()).one_or_none()


def find_coupon(connection: Connection, coupon_id: int) -> CouponRow | None:
    """Return a coupon, or None."""
    return connection.execute(select(coupons).where(coupons.c.id == coupon_id)).one_or_none()


def find_coupons(connection: Connection, coupon_ids: list[int]) -> dict[int, CouponRow]:
    """Return coupons by id, in one statement."""
    return {row.id: row for row in connection.execute(select(coupons).where(coupons.c.id.in_(coupon_ids)))}


def list_coupons(connection: Connection, enterprise_id: int, *, before_id: int, limit: int) -> list[CouponRow]:
    """Return an enterprise's coupons, newest first."""
    query = select(coupons).where(coupons.c.enterprise_id == enterprise_id, coupons.c.id < before_id)
    return list(connection.execute(query.order_by(coupons.c.id.desc()).limit(limit)))


def update_coupon(connection: Connection, coupon_id: int, **values: object) -> None:
    """Change a coupon."""
    connection.execute(update(coupons).where(coupons.c.id == coupon_id).values(**values))


def count_redeemed(connection: Connection, coupon_id: int) -> None:
    """Count one more redemption."""
    statement = update(coupons).where(coupons.c.id == coupon_id)
    connection.execute(statement.values(redeemed=coupons.c.redeemed + 1))


def insert_grant(connection: Connection, **values: object) -> None:
    """Write that somebody has a coupon."""
    connection.execute(insert(grants).values(**values))


_with_coupon = select(
    grants,
    coupons.c.title,
    coupons.c.amount_fen,
    coupons.c.percent,
    coupons.c.min_spend_fen,
    coupons.c.ends_at,
    coupons.c.url,
    coupons.c.note,
    accounts.c.name.label("enterprise"),
).select_from(
    grants.join(coupons, coupons.c.id == grants.c.coupon_id).join(accounts, accounts.c.id == grants.c.enterprise_id)
)


def find_grant(connection: Connection, grant_id: int) -> GrantRow | None:
    """Return a grant with its coupon, or None."""
    return connection.execute(_with_coupon.where(grants.c.id == grant_id)).one_or_none()


def find_grant_by_key(
    connection: Connection, *, conversation_id: int, given_by_id: int, client_msg_id: str
) -> GrantRow | None:
    """Return the grant that was made under a client id, or None."""
    query = _with_coupon.where(
        grants.c.conversation_id == conversation_id,
        grants.c.given_by_id == given_by_id,
        grants.c.client_msg_id == client_msg_id,
    )
    return connection.execute(query).one_or_none()


def count_grants(connection: Connection, coupon_id: int, account_id: int) -> int:
    """Return how many of a coupon somebody has had."""
    query = select(func.count()).where(grants.c.coupon_id == coupon_id, grants.c.account_id == account_id)
    return int(connection.execute(query).scalar_one())


def list_grants(connection: Connection, account_id: int, *, before_id: int, limit: int) -> list[GrantRow]:
    """Return somebody's coupons, newest first."""
    query = _with_coupon.where(grants.c.account_id == account_id, grants.c.id < before_id)
    return list(connection.execute(query.order_by(grants.c.id.desc()).limit(limit)))


def redeem(connection: Connection, grant_id: int, *, shop_order_id: str, off_fen: int, at_us: int) -> bool:
    """Use a coupon up; False, and nothing changed, when it has been used before."""
    statement = (
        update(grants)
        .where(and_(grants.c.id == grant_id, grants.c.state == "issued"))
        .values(state="redeemed", redeemed_at=at_us, shop_order_id=shop_order_id, off_fen=off_fen)
    )
    return connection.execute(statement).rowcount == 1


def find_preload(connection: Connection, enterprise_id: int) -> CouponRow | None:
    """Return the coupon that is ready when a customer opens the chat, or None."""
    query = (
        select(coupons)
        .join(preloads, preloads.c.coupon_id == coupons.c.id)
        .where(preloads.c.enterprise_id == enterprise_id)
    )
    return connection.execute(query).one_or_none()


def put_preload(connection: Connection, enterprise_id: int, coupon_id: int | None, *, set_by: int, at_us: int) -> None:
    """Choose the preloaded coupon, or none."""
    connection.execute(delete(preloads).where(preloads.c.enterprise_id == enterprise_id))
    if coupon_id is not None:
        values = {"enterprise_id": enterprise_id, "coupon_id": coupon_id, "set_by": set_by, "set_at": at_us}
        connection.execute(insert(preloads).values(**values))


def had_preload_since(connection: Connection, enterprise_id: int, account_id: int, since_us: int) -> bool:
    """Return whether somebody has got this enterprise's preloaded coupon since a time."""
    query = select(grants.c.id).where(
        grants.c.account_id == account_id,
        grants.c.enterprise_id == enterprise_id,
        grants.c.given_by == "preload",
        grants.c.issued_at >= since_us,
    )
    return connection.execute(query.limit(1)).one_or_none() is not None


def change_customer(connection: Connection, before_id: int, after_id: int) -> None:
    """Give a visitor's coupons to the account that he turned out to be."""
    connection.execute(update(grants).where(grants.c.account_id == before_id).values(account_id=after_id))
