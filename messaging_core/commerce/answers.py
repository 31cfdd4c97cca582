"""What the commerce routes answer, for `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from messaging_core.transport.answers import Answer, Count, Id, Time


class PacketShare(Answer):
    """Who has opened a red packet; the amount once the reader may see it."""

    account_id: Id
    name: str
    amount_fen: Count | None
    at: Time


class Packet(Answer):
    """A red packet, in fen; `mine_fen` is the reader's own share."""

    id: Id
    conversation_id: Id
    sender_id: Id
    split: Literal["equal", "random"]
    note: str
    total_fen: Count
    shares: Count
    remaining_shares: Count
    state: Literal["open", "emptied", "refunded"]
    created_at: Time
    expires_at: Time
    mine_fen: Count | None
    opened: list[PacketShare]


class OnePacket(Answer):
    """A red packet."""

    packet: Packet


class OpenedPacket(OnePacket):
    """One's share."""

    amount_fen: Count


class SentPacket(OnePacket):
    """A red packet and its message."""

    message_id: Id
    seq: Count
    duplicate: bool


class WalletEntry(Answer):
    """What moved; negative: paid."""

    id: Id
    amount_fen: int
    kind: Literal["top_up", "packet_sent", "packet_opened", "packet_returned"]
    packet_id: Id | None
    at: Time


class Balance(Answer):
    """What a wallet holds, in fen."""

    balance_fen: Count


class Wallet(Balance):
    """A wallet with its entries, newest first."""

    items: list[WalletEntry]
    next_cursor: str | None


class Coupon(Answer):
    """A coupon of an enterprise: `amount_fen` off or `percent` of the price off."""

    id: Id
    title: str
    amount_fen: Count | None
    percent: Count | None
    min_spend_fen: Count
    starts_at: Time
    ends_at: Time
    total: Count | None
    issued: Count
    redeemed: Count
    per_person: Count
    url: str
    note: str
    closed: bool
    preloaded: bool


class OneCoupon(Answer):
    """A coupon."""

    coupon: Coupon


class CouponList(Answer):
    """An enterprise's coupons, newest first."""

    items: list[Coupon]
    next_cursor: str | None


class CouponGrant(Answer):
    """A coupon that somebody has; `expired` is one that was not used in time."""

    id: Id
    coupon_id: Id
    enterprise_id: Id
    enterprise: str
    conversation_id: Id
    title: str
    amount_fen: Count | None
    percent: Count | None
    min_spend_fen: Count
    ends_at: Time
    url: str
    note: str
    state: Literal["issued", "redeemed", "expired"]
    given_by: Literal["agent", "bot", "key", "preload"]
    issued_at: Time
    redeemed_at: Time | None
    order_id: str | None
    off_fen: Count | None


class OneGrant(Answer):
    """A coupon that somebody has."""

    grant: CouponGrant


class GrantList(Answer):
    """One's coupons, newest first."""

    items: list[CouponGrant]
    next_cursor: str | None


class IssuedCoupon(OneGrant):
    """A coupon that was given out, and its card's message."""

    message_id: Id
    seq: Count
    duplicate: bool


class Redeemed(OneGrant):
    """What a coupon took off."""

    off_fen: Count


class SentCard(Answer):
    """The message of a card."""

    message_id: Id
    seq: Count
    duplicate: bool


class Order(Answer):
    """An order of the shop as the messenger knows it, with what led to it."""

    order_id: str
    customer_id: Id | None
    conversation_id: Id | None
    led_by: Literal["agent", "bot", "none"]
    led_by_id: Id | None
    led_by_name: str | None
    message_id: Id | None
    product_id: str
    title: str
    quantity: Count
    total_fen: Count
    status: str
    image_url: str
    url: str
    placed_at: Time
    updated_at: Time


class OneOrder(Answer):
    """An order."""

    order: Order


class OrderList(Answer):
    """An enterprise's orders, newest first."""

    items: list[Order]
    next_cursor: str | None


class Share(Answer):
    """What an agent or a bot has led to."""

    led_by: Literal["agent", "bot", "none"]
    account_id: Id | None
    name: str | None
    orders: Count
    total_fen: Count
    commission_fen: Count


class Attribution(Answer):
    """Who led to how much in a time, the most first."""

    items: list[Share]
    next_cursor: None
