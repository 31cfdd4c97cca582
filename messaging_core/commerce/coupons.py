"""What can be done with coupons: make, give out in a conversation, have one ready when the chat opens, redeem once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from kefu.base.clock import SECOND_US, format_time
from messaging_core.commerce import coupons_store as store
from messaging_core.conversations import store as conversations
from messaging_core.delivery import classes, marketing_store
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError, invalid, not_found, ruled_out
from messaging_core.identity import store as identity
from messaging_core.identity.policy import Actor, check_right
from messaging_core.identity.roles import Right
from messaging_core.identity.standing_store import read_accepted
from messaging_core.identity.terms_guard import check_terms
from messaging_core.kernel.unit import Unit
from messaging_core.messages.actions import send_batch
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import SendRequest, Sent, check_client_msg_id
from messaging_core.safety.policy import Ring


def create_coupon(
    unit: Unit,
    actor: Actor,
    *,
    enterprise_id: int,
    title: str,
    amount_fen: int | None,
    percent: int | None,
    min_spend_fen: int,
    starts_at_us: int,
    ends_at_us: int,
    total: int | None,
    per_person: int,
    url: str,
    note: str,
) -> int:
    """Make a coupon and return its id: `amount_fen` off or `percent` of the price off, `total` None: without end."""
    check_right(actor, "coupons", enterprise_id)
    account = identity.find_account(unit.connection, enterprise_id)
    if account is None or account.kind != "enterprise":
        raise not_found("account")
    if (amount_fen is None) == (percent is None):
        raise invalid("wrong_form", "body.amount_fen", hint="exactly one of amount_fen and percent")
    if ends_at_us <= max(starts_at_us, unit.now_us):
        raise invalid("too_small", "body.ends_at", limit=format_time(max(starts_at_us, unit.now_us)))
    coupon_id = unit.new_id()
    store.insert_coupon(
        unit.connection,
        id=coupon_id,
        enterprise_id=enterprise_id,
        title=title,
        amount_fen=amount_fen,
        percent=percent,
        min_spend_fen=min_spend_fen,
        starts_at=starts_at_us,
        ends_at=ends_at_us,
        total=total,
        issued=0,
        redeemed=0,
        per_person=per_person,
        url=url,
        note=note,
        closed=False,
        created_by=actor.account_id,
        created_at=unit.now_us,
    )
    return coupon_id


def close_coupon(unit: Unit, actor: Actor, *, enterprise_id: int, coupon_id: int) -> None:
    """Give a coupon out no more; those who have it keep it."""
    check_right(actor, "coupons", enterprise_id)
    _own(store.lock_coupon(unit.connection, coupon_id), enterprise_id)
    store.update_coupon(unit.connection, coupon_id, closed=True)


def set_preload(unit: Unit, actor: Actor, *, enterprise_id: int, coupon_id: int | None) -> None:
    """Choose the one coupon that is ready when a customer opens the chat, or none."""
    check_right(actor, "coupons", enterprise_id)
    if coupon_id is not None:
        _own(store.find_coupon(unit.connection, coupon_id), enterprise_id)
    store.put_preload(unit.connection, enterprise_id, coupon_id, set_by=actor.account_id, at_us=unit.now_us)


def issue(
    unit: Unit,
    actor: Actor,
    *,
    conversation_id: int,
    coupon_id: int,
    client_msg_id: str,
    assignment_version: int | None = None,
) -> tuple[int, Sent]:
    """Give a service conversation's customer a coupon and send its card; return the grant and the message.

    The same client id gives the same coupon once. An API key speaks as the enterprise itself.
    """
    check_client_msg_id(client_msg_id)
    _check_key(actor, "issue_coupons")
    conversation = conversations.lock(unit.connection, conversation_id)
    if conversation is None or conversation.kind != "service" or actor.enterprise_id != conversation.enterprise_id:
        raise CoreError("not_a_member")
    if actor.kind != "bot" and not actor.may("issue_coupons", conversation.enterprise_id):
        raise CoreError("not_a_member")
    known = store.find_grant_by_key(
        unit.connection,
        conversation_id=conversation_id,
        given_by_id=actor.account_id,
        client_msg_id=client_msg_id,
    )
    coupon = _own(store.lock_coupon(unit.connection, coupon_id), conversation.enterprise_id)
    if known is not None and known.coupon_id != coupon_id:
        raise CoreError("client_msg_id_reused", client_msg_id=client_msg_id)
    session = desk.find_current(unit.connection, conversation_id)
    assert session is not None
    if known is None:
        _check_can_be_given(unit, coupon, session.customer_id)
        if actor.kind == "enterprise":
            _check_prompted(unit, conversation_id)
    speaker = actor if actor.kind != "enterprise" else _house(conversation.enterprise_id, coupon)
    sent = _send(unit, speaker, conversation_id, coupon, client_msg_id, assignment_version=assignment_version)
    if known is not None:
        return known.id, sent
    given_by = {"bot": "bot", "enterprise": "key"}.get(actor.kind, "agent")
    return _grant(unit, coupon, session.customer_id, conversation_id, given_by, actor.account_id, client_msg_id), sent


def preload(unit: Unit, customer: Actor, *, enterprise_id: int, conversation_id: int) -> int | None:
    """Have the enterprise's preloaded coupon ready for a customer who opens the chat: at most one a day.

    The day is a calendar day where the customer is. Returns the grant, None when there is none to give.
    """
    chosen = store.find_preload(unit.connection, enterprise_id)
    if chosen is None or not is_open(chosen, unit.now_us):
        return None
    account = identity.find_account(unit.connection, customer.account_id)
    assert account is not None
    today = _midnight(account.time_zone, unit.now_us)
    coupon = store.lock_coupon(unit.connection, chosen.id)
    if coupon is None or store.had_preload_since(unit.connection, enterprise_id, customer.account_id, today):
        return None
    try:
        _check_can_be_given(unit, coupon, customer.account_id)
        key = f"coupon:{coupon.id}:{unit.now_us}"
        _send(unit, _house(enterprise_id, coupon), conversation_id, coupon, key)
    except CoreError:
        return None  # used up, or a rule keeps the card back: the chat opens without it
    return _grant(unit, coupon, customer.account_id, conversation_id, "preload", enterprise_id, key)


def redeem(unit: Unit, actor: Actor, *, grant_id: int, shop_order_id: str, total_fen: int) -> int:
    """Use a coupon for an order of the shop and return what it takes off, in fen; once, however often it is said."""
    _check_key(actor, "coupons")
    grant = store.find_grant(unit.connection, grant_id)
    if grant is None or not (actor.is_operator or actor.may("coupons", grant.enterprise_id)):
        raise not_found("coupon")
    if grant.state == "redeemed":
        return _again(grant, shop_order_id)
    if unit.now_us >= grant.ends_at:
        raise CoreError("coupon_expired", expired_at=format_time(grant.ends_at))
    if total_fen < grant.min_spend_fen:
        raise invalid("too_small", "body.total_fen", limit=grant.min_spend_fen)
    off_fen = find_discount(amount_fen=grant.amount_fen, percent=grant.percent, total_fen=total_fen)
    if not store.redeem(unit.connection, grant_id, shop_order_id=shop_order_id, off_fen=off_fen, at_us=unit.now_us):
        grant = store.find_grant(unit.connection, grant_id)  # somebody was faster
        assert grant is not None
        return _again(grant, shop_order_id)
    store.count_redeemed(unit.connection, grant.coupon_id)
    return off_fen


def find_discount(*, amount_fen: int | None, percent: int | None, total_fen: int) -> int:
    """Return what a coupon takes off a total, never more than it; a part of a fen is the shop's."""
    if amount_fen is not None:
        return min(amount_fen, total_fen)
    assert percent is not None
    return total_fen * percent // 100


def is_open(coupon: store.CouponRow, now_us: int) -> bool:
    """Return whether a coupon may be given out at a time."""
    return (
        not coupon.closed
        and coupon.starts_at <= now_us < coupon.ends_at
        and (coupon.total is None or coupon.issued < coupon.total)
    )


def _check_key(actor: Actor, right: Right) -> None:
    """Refuse a key that lacks the scope before anything is looked up: what there is must not show."""
    if actor.kind == "enterprise":
        check_right(actor, right, actor.enterprise_id)


def _check_prompted(unit: Unit, conversation_id: int) -> None:
    """Refuse a machine that gives coupons unasked; the guards judge what people and bots send."""
    rules = unit.tools.settings.marketing
    row = marketing_store.find_recipients(unit.connection, [conversation_id]).get(conversation_id)
    last_said_us = Ring(bytes(row.recent or b"")).last() if row is not None else None
    if not classes.is_prompted(last_said_us=last_said_us, now_us=unit.now_us, rules=rules):
        raise ruled_out("unprompted", window_h=rules.reply_window_h)


def _check_can_be_given(unit: Unit, coupon: store.CouponRow, account_id: int) -> None:
    if not is_open(coupon, unit.now_us):
        raise CoreError("coupon_closed")
    had = store.count_grants(unit.connection, coupon.id, account_id)
    if had >= coupon.per_person:
        raise CoreError("coupon_had", limit=coupon.per_person, used=had)


def _grant(
    unit: Unit,
    coupon: store.CouponRow,
    account_id: int,
    conversation_id: int,
    given_by: str,
    given_by_id: int,
    client_msg_id: str,
) -> int:
    grant_id = unit.new_id()
    store.insert_grant(
        unit.connection,
        id=grant_id,
        coupon_id=coupon.id,
        enterprise_id=coupon.enterprise_id,
        account_id=account_id,
        conversation_id=conversation_id,
        given_by=given_by,
        given_by_id=given_by_id,
        client_msg_id=client_msg_id,
        state="issued",
        issued_at=unit.now_us,
        redeemed_at=None,
        shop_order_id=None,
        off_fen=None,
    )
    store.update_coupon(unit.connection, coupon.id, issued=coupon.issued + 1)
    return grant_id


def _send(
    unit: Unit,
    actor: Actor,
    conversation_id: int,
    coupon: store.CouponRow,
    client_msg_id: str,
    *,
    assignment_version: int | None = None,
) -> Sent:
    if actor.kind == "system":  # the guards are not asked for what the house itself says
        check_terms(coupon.enterprise_id, read_accepted(unit.connection, [coupon.enterprise_id]))
    card = {
        "coupon_id": str(coupon.id),
        "title": coupon.title,
        "amount_fen": coupon.amount_fen,
        "percent": coupon.percent,
        "min_spend_fen": coupon.min_spend_fen,
        "expires_at": format_time(coupon.ends_at),
        "url": coupon.url,
        "note": coupon.note,
    }
    raw = msgspec.json.encode({name: value for name, value in card.items() if value is not None})
    request = SendRequest(
        actor=actor,
        conversation_id=conversation_id,
        client_msg_id=client_msg_id,
        kind="coupon_card",
        v=1,
        body=read_body("coupon_card", 1, raw, unit.tools.settings.limits),
        settle=lambda _request, _outcome: None,
        assignment_version=assignment_version,
        house=actor.kind == "system",
    )
    outcome = send_batch(unit, [request])[0]
    if not isinstance(outcome, Sent):
        raise outcome if isinstance(outcome, CoreError) else ruled_out(outcome.rule)
    return outcome


def _house(enterprise_id: int, coupon: store.CouponRow) -> Actor:
    """Return the enterprise itself as the sender of what nobody in particular says."""
    return Actor(enterprise_id, "system", coupon.title, enterprise_id)


def _own(coupon: store.CouponRow | None, enterprise_id: int) -> store.CouponRow:
    if coupon is None or coupon.enterprise_id != enterprise_id:
        raise not_found("coupon")
    return coupon


def _again(grant: store.GrantRow, shop_order_id: str) -> int:
    if grant.shop_order_id != shop_order_id:
        raise CoreError("coupon_redeemed", redeemed_at=format_time(grant.redeemed_at))
    return int(grant.off_fen)


def _midnight(zone: str, now_us: int) -> int:
    local = datetime.fromtimestamp(now_us / SECOND_US, ZoneInfo(zone))
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * SECOND_US
