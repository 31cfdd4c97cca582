"""The HTTP calls about the rules: waiting messages, reports and appeals, marketing, and the risk desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from .http_transport import HttpTransport


class Used(Struct, frozen=True, kw_only=True, gc=False):
    """What is used of a limit, and when it begins anew."""

    limit: int
    used: int
    unlock_at: datetime | None = None


class Sanction(Struct, frozen=True, kw_only=True, gc=False):
    """A rule that somebody met."""

    id: str
    rule: str
    hits: int
    at: datetime
    ends_at: datetime | None = None
    overturned_at: datetime | None = None


class CreditEntry(Struct, frozen=True, kw_only=True, gc=False):
    """A reasoned change of a credit score."""

    id: str
    delta: int
    score: int
    reason: str
    at: datetime
    case_id: str | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """Somebody's score, limits and sanctions."""

    account_id: str
    score: int
    daily: Used
    hourly: Used
    banned: bool
    frozen_until: datetime | None = None
    sanctions: list[Sanction] = []
    credit: list[CreditEntry] = []


class Appeal(Struct, frozen=True, kw_only=True):
    """An own appeal: at a sanction, or (`pending_id`) for a message that was refused after it was held."""

    id: str
    state: str
    rule: str
    text: str
    opened_at: datetime
    sanction_id: str | None = None
    pending_id: str | None = None
    decided_at: datetime | None = None
    verdict: str | None = None


class PendingMessage(Struct, frozen=True, kw_only=True):
    """A message of one's own that waits, or what became of it."""

    id: str
    conversation_id: str
    client_msg_id: str
    kind: str
    body: dict[str, Any]
    status: str
    rule: str
    at: datetime
    until: datetime | None = None


class _Items(Struct):
    items: list[dict[str, Any]]


class _PendingPage(Struct):
    items: list[PendingMessage]


class _CaseId(Struct):
    case_id: str


class _StandingBox(Struct):
    standing: Standing


class _AppealsBox(Struct):
    items: list[Appeal]


class _CaseBox(Struct):
    case: dict[str, Any]


class SafetyCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def pending(self, *, conversation_id: str | None = None, limit: int | None = None) -> list[PendingMessage]:
        """Return one's own messages that wait, and what became of the others, newest first."""
        query = {"conversation_id": conversation_id, "limit": limit}
        return (await self._http.request(_PendingPage, "GET", "/v1/pending", query=query)).items

    async def recall_pending(self, conversation_id: str, client_msg_id: str) -> None:
        """Take back a message of one's own that waits."""
        path = f"/v1/conversations/{conversation_id}/pending"
        await self._http.request(type(None), "DELETE", path, query={"client_msg_id": client_msg_id})

    async def consents(self) -> list[dict[str, Any]]:
        """Return whose marketing one wants."""
        return (await self._http.request(_Items, "GET", "/v1/marketing/consents")).items

    async def consent(self, enterprise_id: str, *, opted_in: bool) -> None:
        """Say whether one wants an enterprise's marketing."""
        path = f"/v1/marketing/consents/{enterprise_id}"
        await self._http.request(type(None), "PUT", path, body={"opted_in": opted_in})

    async def report(
        self,
        conversation_id: str,
        account_id: str,
        *,
        reason: str,
        text: str = "",
        message_ids: tuple[str, ...] = (),
    ) -> str:
        """Report somebody: harassment, fraud, illegal, sexual, spam, other; return the case."""
        body = {
            "conversation_id": conversation_id,
            "account_id": account_id,
            "reason": reason,
            "text": text,
            "message_ids": list(message_ids),
        }
        return (await self._http.request(_CaseId, "POST", "/v1/reports", body=body)).case_id

    async def appeal(
        self,
        text: str,
        *,
        sanction_id: str | None = None,
        conversation_id: str | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """Appeal against a sanction, or for a message that was refused; return the case."""
        body = {
            "text": text,
            "sanction_id": sanction_id,
            "conversation_id": conversation_id,
            "client_msg_id": client_msg_id,
        }
        return (await self._http.request(_CaseId, "POST", "/v1/appeals", body=body)).case_id

    async def appeals(self) -> list[Appeal]:
        """Return one's own last appeals, newest first."""
        return (await self._http.request(_AppealsBox, "GET", "/v1/appeals")).items

    async def standing(self) -> Standing:
        """Return one's own score, limits and sanctions."""
        return (await self._http.request(_StandingBox, "GET", "/v1/safety/standing")).standing

    async def standing_of(self, account_id: str) -> Standing:
        """Return somebody's standing. The operator's right, like all that follows."""
        path = f"/v1/review/accounts/{account_id}/standing"
        return (await self._http.request(_StandingBox, "GET", path)).standing

    async def cases(self, *, state: str = "open", kind: str | None = None) -> list[dict[str, Any]]:
        """Return the queue of the risk desk."""
        query = {"state": state, "kind": kind}
        return (await self._http.request(_Items, "GET", "/v1/review/cases", query=query)).items

    async def case(self, case_id: str) -> dict[str, Any]:
        """Return a case with what a reviewer needs."""
        return (await self._http.request(_CaseBox, "GET", f"/v1/review/cases/{case_id}")).case

    async def decide(self, case_id: str, verdict: str, *, note: str = "") -> dict[str, Any]:
        """Decide a case, once."""
        path, body = f"/v1/review/cases/{case_id}/decision", {"verdict": verdict, "note": note}
        return (await self._http.request(_CaseBox, "POST", path, body=body)).case

    async def rules(self) -> list[dict[str, Any]]:
        """Return how each rule stands and how often it erred."""
        return (await self._http.request(_Items, "GET", "/v1/review/rules")).items

    async def shadow(self, rule: str) -> list[dict[str, Any]]:
        """Return whom a rule in shadow mode would have sanctioned."""
        return (await self._http.request(_Items, "GET", "/v1/review/shadow", query={"rule": rule})).items

    async def label_shadow(self, sanction_id: str, *, right: bool) -> None:
        """Say whether a sanction in shadow mode would have been right."""
        await self._http.request(type(None), "PUT", f"/v1/review/sanctions/{sanction_id}/label", body={"right": right})

    async def words(self, enterprise_id: str) -> list[dict[str, Any]]:
        """Return an enterprise's own words."""
        return (await self._http.request(_Items, "GET", f"/v1/enterprises/{enterprise_id}/words")).items

    async def add_words(self, enterprise_id: str, words: list[str]) -> None:
        """Add words that hold messages in an enterprise's conversations."""
        await self._http.request(_Items, "POST", f"/v1/enterprises/{enterprise_id}/words", body={"words": words})

    async def remove_word(self, enterprise_id: str, word: str) -> None:
        """Remove a word."""
        await self._http.request(type(None), "DELETE", f"/v1/enterprises/{enterprise_id}/words", query={"word": word})
