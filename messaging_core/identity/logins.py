"""What can be done with log-ins: sign up, log in, change the password; visitors become accounts; devices."""

from __future__ import annotations

from kefu.base.clock import format_time
from messaging_core.commerce import coupons_store, orders_store
from messaging_core.conversations import actions as conversations
from messaging_core.conversations import store as conversation_store
from messaging_core.conversations.numbering import Numbering
from messaging_core.conversations.policy import service_key
from messaging_core.delivery import marketing_store
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError, forbidden, not_found
from messaging_core.identity import logins_store, store
from messaging_core.identity.actions import Issued, create_account, issue_token
from messaging_core.identity.policy import Actor, check_person
from messaging_core.kernel.unit import Unit
from messaging_core.safety.policy import banned
from messaging_core.safety.store import find_standing


def sign_up(unit: Unit, *, login: str, password_hash: str, name: str, device: str) -> Issued:
    """Make a personal account with a log-in name and return its first device."""
    account_id = add_person(unit, login=login, password_hash=password_hash, name=name)
    return _add_device(unit, account_id, device=device)


def add_person(unit: Unit, *, login: str, password_hash: str, name: str) -> int:
    """Make a personal account with a log-in name and return its id; `already_exists` (login) when it is taken."""
    account_id = create_account(unit, None, name=name, kind="personal")
    _add_login(unit, account_id, login=login, password_hash=password_hash)
    return account_id


def log_in(
    unit: Unit,
    *,
    account_id: int,
    verified_hash: str,
    device: str,
    enterprise_id: int | None = None,
    new_hash: str | None = None,
    origins: tuple[str, ...] = (),
    expires_at_us: int | None = None,
) -> Issued:
    """Add a device to an account whose password was found right; with `enterprise_id` as one of its staff.

    Whoever is banned on the platform hears so, now that his password was right (`account_banned`).
    `verified_hash` is what the password was compared with: if it has been changed since, the log-in is refused.
    """
    row = logins_store.find_login_of(unit.connection, account_id)
    if row is None or row.password_hash != verified_hash:
        raise CoreError("wrong_login")
    standing = find_standing(unit.connection, account_id)
    if standing is not None and standing.banned_at is not None:
        raise banned(unit.tools.settings.safety)
    if new_hash is not None:
        logins_store.change_password(
            unit.connection, account_id, before=verified_hash, after=new_hash, now_us=unit.now_us
        )
    return _add_device(
        unit,
        account_id,
        device=device,
        enterprise_id=enterprise_id,
        origins=origins,
        expires_at_us=expires_at_us,
    )


def change_device(unit: Unit, actor: Actor, *, enterprise_id: int, device: str) -> Issued:
    """Put a device for work at an enterprise in place of the one that asks."""
    end_own_device(unit, actor)
    return _add_device(unit, actor.account_id, device=device, enterprise_id=enterprise_id)


def end_own_device(unit: Unit, actor: Actor) -> None:
    """End the device that asks; a token that is no device stays."""
    token = store.find_token(unit.connection, actor.token_id)
    if token is not None and token.purpose == "device":
        revoke_device(unit, actor, device_id=actor.token_id)


def set_login(unit: Unit, actor: Actor, *, login: str, password_hash: str) -> None:
    """Give an account that has none (the operator made it) a log-in name and a password."""
    check_person(actor)
    if logins_store.find_login_of(unit.connection, actor.account_id) is not None:
        raise CoreError("already_exists", what="login")
    _add_login(unit, actor.account_id, login=login, password_hash=password_hash)


def change_password(unit: Unit, actor: Actor, *, verified_hash: str, new_hash: str) -> None:
    """Replace one's password; every other device and token of the account ends."""
    changed = logins_store.change_password(
        unit.connection, actor.account_id, before=verified_hash, after=new_hash, now_us=unit.now_us
    )
    if not changed:
        raise CoreError("wrong_login")
    unit.revoked_tokens += store.revoke_all(unit.connection, actor.account_id, but=actor.token_id, now_us=unit.now_us)


def revoke_device(unit: Unit, actor: Actor, *, device_id: int) -> None:
    """End one of one's devices; its live connections close."""
    token = store.find_token(unit.connection, device_id)
    if token is None or token.account_id != actor.account_id or token.purpose != "device":
        raise not_found("device")
    store.revoke_token(unit.connection, device_id, now_us=unit.now_us)
    unit.revoked_tokens.append(device_id)


def revoke_other_devices(unit: Unit, actor: Actor) -> int:
    """End all of one's devices but the one that asks; return how many that were."""
    ended = store.revoke_all(
        unit.connection, actor.account_id, but=actor.token_id, purpose="device", now_us=unit.now_us
    )
    unit.revoked_tokens += ended
    return len(ended)


def become_account(unit: Unit, visitor: Actor, *, login: str, password_hash: str, name: str, device: str) -> Issued:
    """Turn a visitor's account into a personal one: his conversation stays what and where it is."""
    check_visitor(visitor)
    store.update_account(unit.connection, visitor.account_id, kind="personal", name=name, enterprise_id=None)
    _add_login(unit, visitor.account_id, login=login, password_hash=password_hash)
    unit.revoked_tokens += store.revoke_all(unit.connection, visitor.account_id, now_us=unit.now_us)
    return _add_device(unit, visitor.account_id, device=device, origins=visitor.origins)


def become_known(unit: Unit, visitor: Actor, *, account_id: int, verified_hash: str, device: str) -> Issued:
    """Hand a visitor's conversation over to the account that he has logged in to, and return its new device.

    The account takes the visitor's place and sees all of it. If it had a conversation with the enterprise before, that
    one stays readable, and the visitor's is the one that goes on.
    """
    check_visitor(visitor)
    issued = log_in(unit, account_id=account_id, verified_hash=verified_hash, device=device, origins=visitor.origins)
    assert visitor.enterprise_id is not None
    key = service_key(visitor.enterprise_id, visitor.account_id)
    conversation_id = conversation_store.find_by_key(unit.connection, key)
    if conversation_id is not None:
        _hand_over(unit, visitor, conversation_id, account_id=account_id)
    store.update_account(unit.connection, visitor.account_id, became_id=account_id)
    orders_store.change_customer(unit.connection, visitor.account_id, account_id)
    coupons_store.change_customer(unit.connection, visitor.account_id, account_id)
    marketing_store.change_customer(unit.connection, visitor.account_id, account_id)
    unit.revoked_tokens += store.revoke_all(unit.connection, visitor.account_id, now_us=unit.now_us)
    return issued


def _hand_over(unit: Unit, visitor: Actor, conversation_id: int, *, account_id: int) -> None:
    assert visitor.enterprise_id is not None
    key = service_key(visitor.enterprise_id, account_id)
    before = conversation_store.find_by_key(unit.connection, key)
    if before is not None:
        # In id order, as all conversations are locked.
        for id_ in sorted((before, conversation_id)):
            conversation_store.lock(unit.connection, id_)
        conversation_store.update_conversation(unit.connection, before, unique_key=f"{key}:before:{conversation_id}")
    numbering = Numbering.begin(unit, conversation_id)
    place = conversation_store.find_member(unit.connection, conversation_id, account_id)
    if place is not None and place.left_seq is None:
        raise forbidden("own_session")
    account = store.find_account(unit.connection, account_id)
    old = conversation_store.find_member(unit.connection, conversation_id, visitor.account_id)
    assert account is not None and old is not None
    conversations.leave(unit, numbering, visitor.account_id, actor_id=account_id, reason="became")
    conversations.join(
        unit,
        numbering,
        account_id,
        "customer",
        name=account.name,
        actor_id=account_id,
        sees_all=True,
        was=visitor.account_id,
    )
    conversation_store.update_member(unit.connection, conversation_id, account_id, read_msg_no=old.read_msg_no)
    numbering.finish()
    conversation_store.update_conversation(unit.connection, conversation_id, unique_key=key)
    desk.change_customer(unit.connection, conversation_id, account_id)


def check_visitor(actor: Actor) -> None:
    """Refuse everybody but visitors."""
    if actor.kind != "visitor" or actor.enterprise_id is None:
        raise forbidden("visitors_only")


def view_device(row: store.AccountRow, *, current_id: int) -> dict[str, object]:
    """Return a device as the wire shows it."""
    return {
        "id": str(row.id),
        "name": row.label,
        "enterprise_id": str(row.enterprise_id) if row.enterprise_id is not None else None,
        "created_at": format_time(row.created_at),
        "last_seen_at": format_time(row.last_used_at),
        "current": row.id == current_id,
    }


def _add_login(unit: Unit, account_id: int, *, login: str, password_hash: str) -> None:
    added = logins_store.insert_login(
        unit.connection, account_id=account_id, login=login, password_hash=password_hash, changed_at=unit.now_us
    )
    if not added:
        raise CoreError("already_exists", what="login")


def _add_device(
    unit: Unit,
    account_id: int,
    *,
    device: str,
    enterprise_id: int | None = None,
    origins: tuple[str, ...] = (),
    expires_at_us: int | None = None,
) -> Issued:
    return issue_token(
        unit,
        None,
        account_id=account_id,
        enterprise_id=enterprise_id,
        label=device,
        origins=origins,
        expires_at_us=expires_at_us,
        purpose="device",
    )
