"""The HTTP calls about an enterprise's standing: verification, terms, and what its staff may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Page


class VerificationRequest(Struct, frozen=True, kw_only=True, gc=False):
    """A request to be verified: `state` is `pending`, `approved` or `refused` (with a `reason`)."""

    id: str
    enterprise_id: str
    enterprise: str
    documents: list[str]
    state: str
    requested_at: datetime
    note: str = ""
    reason: str = ""
    reviewed_at: datetime | None = None


class Terms(Struct, frozen=True, kw_only=True, gc=False):
    """The terms in force, in the reader's language."""

    version: int
    text: str


class TermsAcceptance(Struct, frozen=True, kw_only=True, gc=False):
    """Which version an enterprise has accepted (0: none) and which is in force."""

    version: int
    current: int
    accepted: bool
    accepted_by: str | None = None
    accepted_at: datetime | None = None


class Rights(Struct, frozen=True, kw_only=True, gc=False):
    """What one may do in the enterprise of the token that asks, and what its verification unlocks."""

    rights: list[str]
    verified: bool
    unlocked: list[str]
    enterprise_id: str | None = None
    role: str | None = None


class _RequestBox(Struct):
    request: VerificationRequest


class _Version(Struct):
    version: int


class StandingCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def rights(self) -> Rights:
        """Return what one may do in the enterprise of this client's token."""
        return await self._http.request(Rights, "GET", "/v1/me/rights")

    async def request_verification(
        self, enterprise_id: str, documents: Sequence[str], *, note: str = ""
    ) -> VerificationRequest:
        """Ask for the mark of a verified enterprise; `documents` are names."""
        path, body = f"/v1/enterprises/{enterprise_id}/verification-requests", {"documents": list(documents)}
        return (await self._http.request(_RequestBox, "POST", path, body={**body, "note": note})).request

    async def verification_requests_of(self, enterprise_id: str) -> list[VerificationRequest]:
        """Return an enterprise's requests, newest first."""
        path = f"/v1/enterprises/{enterprise_id}/verification-requests"
        return (await self._http.request(Page[VerificationRequest], "GET", path)).items

    async def verification_requests(
        self, *, state: str = "pending", limit: int | None = None, cursor: str | None = None
    ) -> Page[VerificationRequest]:
        """Return a page of the reviewer's queue. The operator's right."""
        query = {"state": state, "limit": limit, "cursor": cursor}
        path = "/v1/operator/verification-requests"
        return await self._http.request(Page[VerificationRequest], "GET", path, query=query)

    async def decide_verification(self, request_id: str, *, approve: bool, reason: str = "") -> VerificationRequest:
        """Verify an enterprise or refuse it with a reason. The operator's right."""
        path, body = f"/v1/operator/verification-requests/{request_id}/decide", {"approve": approve, "reason": reason}
        return (await self._http.request(_RequestBox, "POST", path, body=body)).request

    async def terms(self) -> Terms:
        """Return the terms in force."""
        return await self._http.request(Terms, "GET", "/v1/terms")

    async def publish_terms(self, text_zh: str, text_en: str) -> int:
        """Put a new version of the terms in force and return its number. The operator's right."""
        body = {"text_zh": text_zh, "text_en": text_en}
        return (await self._http.request(_Version, "POST", "/v1/operator/terms", body=body)).version

    async def accepted_terms(self, enterprise_id: str) -> TermsAcceptance:
        """Return which version of the terms an enterprise has accepted."""
        return await self._http.request(TermsAcceptance, "GET", f"/v1/enterprises/{enterprise_id}/terms")

    async def accept_terms(self, enterprise_id: str, version: int) -> TermsAcceptance:
        """Accept the version of the terms that was read, for an enterprise."""
        path = f"/v1/enterprises/{enterprise_id}/terms"
        return await self._http.request(TermsAcceptance, "POST", path, body={"version": version})
