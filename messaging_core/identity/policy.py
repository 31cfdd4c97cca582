"""Who may do what: pure rules over an Actor."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Literal

from messaging_core.errors import forbidden
from messaging_core.identity.roles import MANAGING_ROLES, RIGHTS, SERVING_ROLES, STAFF_ROLES, Right, StaffRole

__all__ = ["SERVING_ROLES", "STAFF_ROLES", "AccountKind", "Actor", "Right", "StaffRole"]

AccountKind = Literal["personal", "enterprise", "visitor", "bot", "system"]
SCOPES = ("chat", "operator", "visit")

_PREFIX = {"personal": "s", "visitor": "v", "bot": "b", "enterprise": "e", "system": "o"}


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts: an account, through one token, for one enterprise or for himself."""

    account_id: int
    kind: AccountKind
    name: str
    enterprise_id: int | None = None
    staff_role: StaffRole | None = None
    scopes: frozenset[str] = field(default_factory=lambda: frozenset({"chat"}))
    token_id: int = 0
    origins: tuple[str, ...] = ()
    used_at_us: int = 0
    """When the token was last noted to be used."""

    @property
    def is_operator(self) -> bool:
        """Return whether this is the platform's own staff."""
        return "operator" in self.scopes

    @property
    def is_machine(self) -> bool:
        """Return whether this is a bot or the system: it never triggers a bot."""
        return self.kind in ("bot", "system")

    def may(self, right: Right, enterprise_id: int | None) -> bool:
        """Return whether the actor has a right in this enterprise: by his role there, or by the scopes of its key."""
        if enterprise_id is None or self.enterprise_id != enterprise_id:
            return False
        return right in self.scopes if self.kind == "enterprise" else self.staff_role in RIGHTS[right]

    def serves(self, enterprise_id: int) -> bool:
        """Return whether the actor may answer customers of this enterprise."""
        return self.may("serve", enterprise_id)

    def manages(self, enterprise_id: int) -> bool:
        """Return whether the actor may change settings and staff of this enterprise."""
        return self.is_operator or self.may("manage", enterprise_id)


def check_scope(actor: Actor, scope: str) -> None:
    """Refuse an actor whose token lacks `scope`; operators pass everywhere."""
    if scope not in actor.scopes and not actor.is_operator:
        raise forbidden("scope", scope=scope)


def check_visit(actor: Actor) -> None:
    """Refuse whoever has no site key of an enterprise."""
    if "visit" not in actor.scopes or actor.enterprise_id is None:
        raise forbidden("scope", scope="visit")


def check_operator(actor: Actor) -> None:
    """Refuse everybody but operators."""
    if not actor.is_operator:
        raise forbidden("operator_only")


def check_manages(actor: Actor, enterprise_id: int) -> None:
    """Refuse everybody but the enterprise's owner, its admins and operators."""
    if not actor.manages(enterprise_id):
        raise forbidden("admin_only")


def check_right(actor: Actor, right: Right, enterprise_id: int | None) -> None:
    """Refuse whoever lacks a right in this enterprise; operators pass."""
    if actor.is_operator or actor.may(right, enterprise_id):
        return
    if actor.kind == "enterprise":
        raise forbidden("scope", scope=right)
    raise forbidden("admin_only" if RIGHTS[right] == MANAGING_ROLES else "staff_only")


def check_person(actor: Actor) -> None:
    """Refuse everybody but personal accounts."""
    if actor.kind != "personal":
        raise forbidden("personal_only")


def new_secret(kind: AccountKind) -> str:
    """Return a fresh opaque token: 256 random bits behind a prefix that says what it is."""
    return f"kf_{_PREFIX[kind]}_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> str:
    """Return what is stored of a token. It is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
