"""What can be done with accounts, staff and tokens."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from messaging_core.desk import actions as desk
from messaging_core.errors import CoreError, forbidden, invalid, not_found
from messaging_core.identity import store
from messaging_core.identity.policy import (
    SCOPES,
    SERVING_ROLES,
    AccountKind,
    Actor,
    StaffRole,
    check_manages,
    check_operator,
    check_visit,
    hash_secret,
    new_secret,
)
from messaging_core.identity.roles import KEY_RIGHTS
from messaging_core.identity.standing import check_unlocked
from messaging_core.identity.tokens_store import find_token_by_hash
from messaging_core.kernel.unit import Unit
from messaging_core.safety.policy import banned
from messaging_core.settings import Safety


@dataclass(slots=True, frozen=True)
class Issued:
    """A new token: the secret is shown once and never stored."""

    id: int
    secret: str
    account_id: int


def authenticate(connection: Connection, secret: str, *, now_us: int, rules: Safety, banned_too: bool = False) -> Actor:
    """Return who holds this token; raise `unauthenticated` when it is unknown, revoked or expired.

    Whoever is banned on the platform gets `account_banned`; `banned_too` lets him in all the same, to appeal.
    """
    row = find_token_by_hash(connection, hash_secret(secret))
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now_us):
        raise CoreError("unauthenticated")
    if row.enterprise_id is not None and row.role is None and row.kind not in ("bot", "enterprise"):
        raise CoreError("unauthenticated")  # the member has left the enterprise since
    if row.banned_at is not None and not banned_too:
        raise banned(rules)
    return Actor(
        account_id=row.account_id,
        kind=row.kind,
        name=row.name,
        enterprise_id=row.enterprise_id if row.enterprise_id is not None else row.owner_enterprise_id,
        staff_role=row.role,
        scopes=frozenset(row.scopes.split()),
        token_id=row.id,
        origins=tuple(row.origins.split()),
        used_at_us=row.last_used_at,
    )


def create_account(
    unit: Unit, actor: Actor | None, *, name: str, kind: AccountKind, enterprise_id: int | None = None
) -> int:
    """Make a personal account or an enterprise's bot and return its id. `actor` None: the system at set-up."""
    if actor is not None:
        if kind == "bot" and enterprise_id is not None:
            check_manages(actor, enterprise_id)
        else:
            check_operator(actor)
    if kind == "bot":
        check_unlocked(_check_enterprise(unit.connection, enterprise_id), "bots")
    account_id = unit.new_id()
    store.insert_account(
        unit.connection,
        id=account_id,
        kind=kind,
        name=name,
        enterprise_id=enterprise_id if kind in ("bot", "visitor") else None,
        verified=False,
        bot_account_id=None,
        created_at=unit.now_us,
    )
    return account_id


def create_enterprise(unit: Unit, actor: Actor | None, *, name: str, verified: bool) -> int:
    """Make an enterprise account and return its id, which is the `enterprise_id` of all that it owns."""
    if actor is not None:
        check_operator(actor)
    account_id = unit.new_id()
    store.insert_account(
        unit.connection,
        id=account_id,
        kind="enterprise",
        name=name,
        enterprise_id=account_id,
        verified=verified,
        bot_account_id=None,
        created_at=unit.now_us,
    )
    return account_id


def set_verified(unit: Unit, actor: Actor, *, enterprise_id: int, verified: bool) -> None:
    """Record the platform's verification of an enterprise."""
    check_operator(actor)
    _check_enterprise(unit.connection, enterprise_id)
    store.update_account(unit.connection, enterprise_id, verified=verified)


def set_bot(unit: Unit, actor: Actor | None, *, enterprise_id: int, bot_account_id: int | None) -> None:
    """Choose the bot that answers an enterprise's customers first, or none."""
    if actor is not None:
        check_manages(actor, enterprise_id)
    enterprise = _check_enterprise(unit.connection, enterprise_id)
    if bot_account_id is not None:
        check_unlocked(enterprise, "bots")
        bot = store.find_account(unit.connection, bot_account_id)
        if bot is None or bot.kind != "bot" or bot.enterprise_id != enterprise_id:
            raise not_found("account")
    store.update_account(unit.connection, enterprise_id, bot_account_id=bot_account_id)


def rename_bot(unit: Unit, actor: Actor | None, *, enterprise_id: int, bot_account_id: int, name: str) -> None:
    """Give an enterprise's bot another name; what it has said stays under its account."""
    if actor is not None:
        check_manages(actor, enterprise_id)
    bot = store.find_account(unit.connection, bot_account_id)
    if bot is None or bot.kind != "bot" or bot.enterprise_id != enterprise_id:
        raise not_found("account")
    store.update_account(unit.connection, bot_account_id, name=name)


def put_staff(unit: Unit, actor: Actor | None, *, enterprise_id: int, account_id: int, role: StaffRole) -> None:
    """Add a person to an enterprise or change his role; only owners make owners, or make them something else.

    Who may serve customers no more gives up the sessions that he has.
    """
    if actor is not None:
        check_manages(actor, enterprise_id)
        if role == "owner":
            _check_above_owners(actor)
    _check_enterprise(unit.connection, enterprise_id)
    account = store.find_account(unit.connection, account_id)
    if account is None or account.kind != "personal":
        raise not_found("account")
    before = store.find_staff_role(unit.connection, enterprise_id, account_id)
    if role != "owner" and before == "owner":
        _check_above_owners(actor)
        _check_owner_remains(unit.connection, enterprise_id, account_id)
    store.put_staff(unit.connection, enterprise_id=enterprise_id, account_id=account_id, role=role, now_us=unit.now_us)
    if before in SERVING_ROLES and role not in SERVING_ROLES:
        desk.release_staff(unit, actor, enterprise_id=enterprise_id, account_id=account_id)


def remove_staff(unit: Unit, actor: Actor, *, enterprise_id: int, account_id: int) -> None:
    """Take a person out of an enterprise: his tokens for it stop working and his sessions return to the queue."""
    check_manages(actor, enterprise_id)
    role = store.find_staff_role(unit.connection, enterprise_id, account_id)
    if role is None:
        raise not_found("member")
    if role == "owner":
        _check_above_owners(actor)
        _check_owner_remains(unit.connection, enterprise_id, account_id)
    unit.revoked_tokens += store.revoke_staff_tokens(
        unit.connection, enterprise_id=enterprise_id, account_id=account_id, now_us=unit.now_us
    )
    store.delete_staff(unit.connection, enterprise_id=enterprise_id, account_id=account_id)
    desk.release_staff(unit, actor, enterprise_id=enterprise_id, account_id=account_id)


def _check_above_owners(actor: Actor | None) -> None:
    if actor is not None and not (actor.is_operator or actor.staff_role == "owner"):
        raise forbidden("admin_only")


def issue_token(
    unit: Unit,
    actor: Actor | None,
    *,
    account_id: int,
    enterprise_id: int | None = None,
    label: str = "",
    scopes: tuple[str, ...] = ("chat",),
    origins: tuple[str, ...] = (),
    expires_at_us: int | None = None,
    purpose: str = "token",
) -> Issued:
    """Make a token for an account and return it with its secret."""
    account = store.find_account(unit.connection, account_id)
    if actor is not None:
        _check_may_issue(
            unit.connection,
            actor,
            account,
            enterprise_id=enterprise_id,
            scopes=scopes,
            origins=origins,
            expires_at_us=expires_at_us,
        )
    if account is None:
        raise not_found("account")
    known = KEY_RIGHTS if purpose == "key" else SCOPES
    if any(scope not in known for scope in scopes):
        raise invalid("wrong_choice", "scopes", limit=", ".join(known))
    if enterprise_id is not None and account.kind == "personal":
        if store.find_staff_role(unit.connection, enterprise_id, account_id) is None:
            raise forbidden("staff_only")
    elif enterprise_id is not None and account.enterprise_id != enterprise_id:
        raise forbidden("staff_only")
    token_id, secret = unit.new_id(), new_secret(account.kind)
    store.insert_token(
        unit.connection,
        id=token_id,
        account_id=account_id,
        enterprise_id=enterprise_id,
        hash=hash_secret(secret),
        label=label,
        scopes=" ".join(scopes),
        origins=" ".join(origins),
        created_at=unit.now_us,
        expires_at=expires_at_us,
        revoked_at=None,
        purpose=purpose,
        last_used_at=unit.now_us,
    )
    return Issued(token_id, secret, account_id)


def _check_may_issue(
    connection: Connection,
    actor: Actor,
    account: store.AccountRow | None,
    *,
    enterprise_id: int | None,
    scopes: tuple[str, ...],
    origins: tuple[str, ...],
    expires_at_us: int | None,
) -> None:
    """Refuse what the actor may not pass on; whether a foreign account exists is not told."""
    if actor.is_operator:
        return
    if "operator" in scopes:
        raise forbidden("operator_only")
    if account is not None and account.kind in ("bot", "enterprise") and actor.manages(account.enterprise_id):
        return
    if account is None or account.id != actor.account_id or account.kind in ("bot", "enterprise"):
        raise forbidden("self_only")
    if enterprise_id is not None and enterprise_id != actor.enterprise_id:
        raise forbidden("self_only")
    # A token never passes on more than it has: no wider scopes, no more origins, no longer life.
    for scope in scopes:
        if scope not in actor.scopes:
            raise forbidden("scope", scope=scope)
    if actor.origins and not (origins and set(origins) <= set(actor.origins)):
        raise forbidden("origin")
    own = store.find_token(connection, actor.token_id)
    if own is not None and own.expires_at is not None and (expires_at_us is None or expires_at_us > own.expires_at):
        raise forbidden("outlives")


def revoke_token(unit: Unit, actor: Actor, *, token_id: int) -> None:
    """Revoke a token; its live connections are closed."""
    token = store.find_token(unit.connection, token_id)
    if token is None:
        raise not_found("token")
    account = store.find_account(unit.connection, token.account_id)
    owned = account is not None and account.kind in ("bot", "enterprise") and actor.manages(account.enterprise_id or 0)
    if not (actor.is_operator or token.account_id == actor.account_id or owned):
        raise not_found("token")
    store.revoke_token(unit.connection, token_id, now_us=unit.now_us)
    unit.revoked_tokens.append(token_id)


def create_visitor(unit: Unit, actor: Actor, *, name: str) -> Issued:
    """Make an anonymous visitor of the enterprise whose site key this is, with a token for the key's origins."""
    check_visit(actor)
    account_id = create_account(unit, None, name=name, kind="visitor", enterprise_id=actor.enterprise_id)
    return issue_token(unit, None, account_id=account_id, label="visitor", origins=actor.origins)


def _check_enterprise(connection: Connection, enterprise_id: int | None) -> store.AccountRow:
    row = store.find_account(connection, enterprise_id) if enterprise_id is not None else None
    if row is None or row.kind != "enterprise":
        raise not_found("account")
    return row


def _check_owner_remains(connection: Connection, enterprise_id: int, leaving_id: int) -> None:
    staff = store.list_staff(connection, enterprise_id)
    owners = [row.account_id for row in staff if row.role == "owner"]
    if owners == [leaving_id]:
        raise forbidden("last_owner")
