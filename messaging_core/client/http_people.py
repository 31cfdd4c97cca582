"""The HTTP calls about people: log-ins, passwords, devices, one's profile, an enterprise's API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Account, Page


class LoggedIn(Struct, frozen=True, kw_only=True, gc=False):
    """Who has logged in. The token of the new device is shown this once."""

    account: Account
    token: str
    device_id: str


class Device(Struct, frozen=True, kw_only=True, gc=False):
    """A place where one is logged in."""

    id: str
    name: str
    created_at: datetime
    last_seen_at: datetime
    current: bool
    online: bool
    enterprise_id: str | None = None


class Employer(Struct, frozen=True, kw_only=True, gc=False):
    """An enterprise whose staff one is."""

    enterprise_id: str
    name: str
    role: str
    verified: bool = False


class IssuedKey(Struct, frozen=True, kw_only=True, gc=False):
    """A new API key. It is shown this once."""

    id: str
    key: str


class ApiKey(Struct, frozen=True, kw_only=True, gc=False):
    """An API key as it is listed, without its secret."""

    id: str
    label: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime | None = None


class _Ended(Struct):
    ended: int


class _AccountBox(Struct):
    account: Account


class PeopleCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def sign_up(self, login: str, password: str, name: str, *, device: str = "") -> LoggedIn:
        """Make a personal account and log in to it; this client needs no token."""
        body = {"login": login, "password": password, "name": name, "device": device}
        return await self._http.request(LoggedIn, "POST", "/v1/sign-up", body=body)

    async def log_in(
        self, login: str, password: str, *, device: str = "", enterprise_id: str | None = None
    ) -> LoggedIn:
        """Log in, with `enterprise_id` as one of its staff; this client needs no token."""
        body = {"login": login, "password": password, "device": device, "enterprise_id": enterprise_id}
        return await self._http.request(LoggedIn, "POST", "/v1/log-in", body=body)

    async def visitor_signs_up(self, login: str, password: str, name: str, *, device: str = "") -> LoggedIn:
        """Turn the visitor whose token this client has into a person with an account; his token ends."""
        body = {"login": login, "password": password, "name": name, "device": device}
        return await self._http.request(LoggedIn, "POST", "/v1/visitors/sign-up", body=body)

    async def visitor_logs_in(self, login: str, password: str, *, device: str = "") -> LoggedIn:
        """Log the visitor in to his account, which takes his conversation over; his token ends."""
        body = {"login": login, "password": password, "device": device}
        return await self._http.request(LoggedIn, "POST", "/v1/visitors/log-in", body=body)

    async def log_out(self) -> None:
        """End the token of this client."""
        await self._http.request(type(None), "POST", "/v1/log-out")

    async def set_login(self, login: str, password: str) -> None:
        """Give one's account, which has none, a log-in name and a password."""
        await self._http.request(type(None), "PUT", "/v1/me/login", body={"login": login, "password": password})

    async def change_password(self, password: str, new_password: str) -> None:
        """Change one's password; all other devices and tokens of the account end."""
        body = {"password": password, "new_password": new_password}
        await self._http.request(type(None), "PUT", "/v1/me/password", body=body)

    async def change_profile(self, *, name: str | None = None, time_zone: str | None = None) -> Account:
        """Change one's name or time zone (`Asia/Shanghai`)."""
        body = {"name": name, "time_zone": time_zone}
        return (await self._http.request(_AccountBox, "PATCH", "/v1/me", body=body)).account

    async def employers(self) -> list[Employer]:
        """Return the enterprises whose staff one is."""
        return (await self._http.request(Page[Employer], "GET", "/v1/me/enterprises")).items

    async def devices(self) -> list[Device]:
        """Return where one is logged in."""
        return (await self._http.request(Page[Device], "GET", "/v1/devices")).items

    async def revoke_device(self, device_id: str) -> None:
        """Log one device out; its live connections close."""
        await self._http.request(type(None), "DELETE", f"/v1/devices/{device_id}")

    async def revoke_other_devices(self) -> int:
        """Log all other devices out and return how many that were."""
        return (await self._http.request(_Ended, "DELETE", "/v1/devices")).ended

    async def create_key(
        self, enterprise_id: str, scopes: Sequence[str], *, label: str = "", expires_at: datetime | None = None
    ) -> IssuedKey:
        """Make an API key of an enterprise; its scopes are rights: `orders`, `read_orders`, `coupons`, ..."""
        body: dict[str, object] = {"scopes": list(scopes), "label": label, "expires_at": expires_at}
        return await self._http.request(IssuedKey, "POST", f"/v1/enterprises/{enterprise_id}/keys", body=body)

    async def keys(self, enterprise_id: str) -> list[ApiKey]:
        """Return the enterprise's API keys that work."""
        return (await self._http.request(Page[ApiKey], "GET", f"/v1/enterprises/{enterprise_id}/keys")).items

    async def revoke_key(self, enterprise_id: str, key_id: str) -> None:
        """Make an API key useless from now on."""
        await self._http.request(type(None), "DELETE", f"/v1/enterprises/{enterprise_id}/keys/{key_id}")
