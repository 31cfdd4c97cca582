"""The HTTP calls that run a house: accounts, enterprises, tokens, visitors, webhooks, the operator's shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Raw, Struct

from .http_transport import HttpTransport
from .models import Account, Page


class StaffMember(Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who works for an enterprise: owner, admin, agent, analyst or trainer."""

    account_id: str
    name: str
    role: str


class IssuedToken(Struct, frozen=True, kw_only=True, gc=False):
    """A new token. The secret is shown this once."""

    id: str
    token: str


class TokenInfo(Struct, frozen=True, kw_only=True, gc=False):
    """A token as it is listed, without its secret."""

    id: str
    label: str = ""
    scopes: list[str] = []
    origins: list[str] = []
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    current: bool = False


class Visitor(Struct, frozen=True, kw_only=True, gc=False):
    """An anonymous visitor and his token."""

    account: Account
    token: str


class Site(Struct, frozen=True, kw_only=True, gc=False):
    """The enterprise of a site key."""

    id: str
    name: str
    verified: bool = False


class Webhook(Struct, frozen=True, kw_only=True, gc=False):
    """An address that is told of events; `secret` signs them and is shown when it is made."""

    id: str
    url: str
    kinds: list[str] = []
    bot_account_id: str | None = None
    secret: str | None = None


class ParkedEvent(Struct, frozen=True, kw_only=True, gc=False):
    """An event that a subscriber could not digest."""

    id: str
    consumer: str
    conversation_id: str
    seq: int
    enterprise_id: str | None = None
    error: str = ""
    attempts: int = 0
    parked_at: datetime | None = None


class EnterpriseLine(Struct, frozen=True, kw_only=True, gc=False):
    """An enterprise as the operator sees it; `owners` are names."""

    id: str
    name: str
    verified: bool
    owners: list[str]
    accepted_terms: bool


class Founded(Struct, frozen=True, kw_only=True, gc=False):
    """A new enterprise and its first owner."""

    account: Account
    owner: Account


class Notice(Struct, frozen=True, kw_only=True, gc=False):
    """A system notice that was taken, and how many people it is for."""

    id: str
    recipients: int


class _NoticeBox(Struct):
    notice: Notice


class _AccountBox(Struct):
    account: Account


class _SiteBox(Struct):
    enterprise: Site


class _Retried(Struct):
    digested: bool


class AdminCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def create_account(
        self, name: str, *, kind: str = "personal", enterprise_id: str | None = None, idempotency_key: str | None = None
    ) -> Account:
        """Make a personal account (operator) or an enterprise's `bot` (its admin)."""
        body: dict[str, object] = {"name": name, "kind": kind}
        if enterprise_id is not None:
            body["enterprise_id"] = enterprise_id
        return await self._account("/v1/accounts", body, idempotency_key)

    async def create_enterprise(
        self, name: str, *, verified: bool = False, idempotency_key: str | None = None
    ) -> Account:
        """Make an enterprise account; its id is the `enterprise_id`. The operator's right."""
        return await self._account("/v1/enterprises", {"name": name, "verified": verified}, idempotency_key)

    async def found_enterprise(
        self,
        name: str,
        *,
        owner_login: str,
        owner_name: str | None = None,
        owner_password: str | None = None,
        verified: bool = False,
        idempotency_key: str | None = None,
    ) -> Founded:
        """Make an enterprise with its first owner: a new person, or with the log-in name alone somebody who is there.

        The operator's right.
        """
        owner = {"login": owner_login}
        if owner_name is not None and owner_password is not None:
            owner |= {"name": owner_name, "password": owner_password}
        body = {"name": name, "verified": verified, "owner": owner}
        path = "/v1/operator/enterprises"
        return await self._http.request(Founded, "POST", path, body=body, idempotency_key=idempotency_key)

    async def enterprises(self, *, limit: int | None = None, cursor: str | None = None) -> Page[EnterpriseLine]:
        """Return a page of the enterprises, newest first. The operator's right."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[EnterpriseLine], "GET", "/v1/operator/enterprises", query=query)

    async def send_notice(
        self,
        title: str,
        *,
        to: Mapping[str, str],
        text: str = "",
        level: str = "info",
        url: str = "",
        idempotency_key: str | None = None,
    ) -> Notice:
        """Tell people something as the messenger; `to` has one of `account_id`, `login`, `enterprise_id` (its staff).

        The operator's right.
        """
        body = {"title": title, "text": text, "level": level, "url": url, "to": dict(to)}
        path = "/v1/operator/notices"
        return (await self._http.request(_NoticeBox, "POST", path, body=body, idempotency_key=idempotency_key)).notice

    async def set_verification(self, enterprise_id: str, verified: bool) -> None:
        """Give or take the mark of a verified enterprise. The operator's right."""
        path = f"/v1/enterprises/{enterprise_id}/verification"
        await self._http.request(Raw, "PUT", path, body={"verified": verified})

    async def staff(self, enterprise_id: str) -> list[StaffMember]:
        """Return who works for an enterprise."""
        path = f"/v1/enterprises/{enterprise_id}/members"
        return (await self._http.request(Page[StaffMember], "GET", path)).items

    async def set_staff(self, enterprise_id: str, account_id: str, role: str) -> None:
        """Take somebody on, or change what he is."""
        path = f"/v1/enterprises/{enterprise_id}/members/{account_id}"
        await self._http.request(Raw, "PUT", path, body={"role": role})

    async def remove_staff(self, enterprise_id: str, account_id: str) -> None:
        """End somebody's work for an enterprise."""
        await self._http.request(type(None), "DELETE", f"/v1/enterprises/{enterprise_id}/members/{account_id}")

    async def set_bot(self, enterprise_id: str, account_id: str | None) -> None:
        """Choose the bot that answers first; None turns it off."""
        path = f"/v1/enterprises/{enterprise_id}/bot"
        await self._http.request(Raw, "PUT", path, body={"account_id": account_id})

    async def create_token(
        self,
        account_id: str,
        *,
        enterprise_id: str | None = None,
        label: str = "",
        scopes: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        origins: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedToken:
        """Make a token for an account, or a site key for an enterprise."""
        fields: dict[str, object] = {
            "account_id": account_id,
            "enterprise_id": enterprise_id,
            "label": label,
            "scopes": list(scopes) if scopes is not None else None,
            "expires_at": expires_at,
            "origins": list(origins) if origins is not None else None,
        }
        body = {key: value for key, value in fields.items() if value is not None}
        return await self._http.request(IssuedToken, "POST", "/v1/tokens", body=body, idempotency_key=idempotency_key)

    async def tokens(self, *, limit: int | None = None, cursor: str | None = None) -> Page[TokenInfo]:
        """Return a page of one's tokens, newest first."""
        return await self._http.request(Page[TokenInfo], "GET", "/v1/tokens", query={"limit": limit, "cursor": cursor})

    async def revoke_token(self, token_id: str) -> None:
        """Revoke a token; its live connections close."""
        await self._http.request(type(None), "DELETE", f"/v1/tokens/{token_id}")

    async def create_visitor(self, name: str = "") -> Visitor:
        """Make an anonymous visitor, with a site key as the token of this client."""
        return await self._http.request(Visitor, "POST", "/v1/visitors", body={"name": name})

    async def site(self) -> Site:
        """Return the enterprise whose site key is the token of this client."""
        return (await self._http.request(_SiteBox, "GET", "/v1/site")).enterprise

    async def webhooks(self) -> list[Webhook]:
        """Return the enterprise's webhooks."""
        return (await self._http.request(Page[Webhook], "GET", "/v1/webhooks")).items

    async def create_webhook(
        self,
        url: str,
        *,
        kinds: Sequence[str] = ("message.sent",),
        bot_account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Webhook:
        """Have events sent to an address; with `bot_account_id` its answers are that bot's messages."""
        body: dict[str, object] = {"url": url, "kinds": list(kinds)}
        if bot_account_id is not None:
            body["bot_account_id"] = bot_account_id
        return await self._http.request(Webhook, "POST", "/v1/webhooks", body=body, idempotency_key=idempotency_key)

    async def remove_webhook(self, webhook_id: str) -> None:
        """Stop sending events to an address."""
        await self._http.request(type(None), "DELETE", f"/v1/webhooks/{webhook_id}")

    async def parked(self, *, limit: int | None = None, cursor: str | None = None) -> Page[ParkedEvent]:
        """Return a page of the events that subscribers could not digest, oldest first. The operator's right."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[ParkedEvent], "GET", "/v1/operator/parked", query=query)

    async def retry_parked(self, parked_id: str) -> bool:
        """Give a parked event to its subscriber once more; return whether it was digested."""
        return (await self._http.request(_Retried, "POST", f"/v1/operator/parked/{parked_id}/retry")).digested

    async def drop_parked(self, parked_id: str) -> None:
        """Give a parked event up."""
        await self._http.request(type(None), "DELETE", f"/v1/operator/parked/{parked_id}")

    async def _account(self, path: str, body: dict[str, object], idempotency_key: str | None) -> Account:
        answer = await self._http.request(_AccountBox, "POST", path, body=body, idempotency_key=idempotency_key)
        return answer.account
