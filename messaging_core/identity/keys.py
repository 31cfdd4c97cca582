"""What can be done with an enterprise's API keys: tokens of the enterprise itself, with rights of the table."""

from __future__ import annotations

from messaging_core.errors import invalid, not_found
from messaging_core.identity import store
from messaging_core.identity.actions import Issued, issue_token
from messaging_core.identity.policy import Actor, check_right
from messaging_core.identity.roles import KEY_RIGHTS, Right
from messaging_core.kernel.unit import Unit


def create_key(
    unit: Unit,
    actor: Actor,
    *,
    enterprise_id: int,
    label: str,
    scopes: tuple[Right, ...],
    expires_at_us: int | None = None,
) -> Issued:
    """Make an API key and return it with its secret, which is shown this once."""
    check_right(actor, "keys", enterprise_id)
    if not scopes:
        raise invalid("empty", "body.scopes")
    if any(scope not in KEY_RIGHTS for scope in scopes):
        raise invalid("wrong_choice", "body.scopes", limit=", ".join(KEY_RIGHTS))
    account = store.find_account(unit.connection, enterprise_id)
    if account is None or account.kind != "enterprise":
        raise not_found("account")
    return issue_token(
        unit,
        None,
        account_id=enterprise_id,
        enterprise_id=enterprise_id,
        label=label,
        scopes=scopes,
        expires_at_us=expires_at_us,
        purpose="key",
    )


def revoke_key(unit: Unit, actor: Actor, *, enterprise_id: int, key_id: int) -> None:
    """Make an API key useless from now on."""
    check_right(actor, "keys", enterprise_id)
    key = store.find_token(unit.connection, key_id)
    if key is None or key.account_id != enterprise_id or key.purpose != "key":
        raise not_found("key")
    store.revoke_token(unit.connection, key_id, now_us=unit.now_us)
    unit.revoked_tokens.append(key_id)
