"""The HTTP calls about contacts: follows, groups, lists, who may message one, do-not-disturb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from .http_transport import HttpTransport
from .models import Account, Page


class Relation(Struct, frozen=True, kw_only=True, gc=False):
    """How one stands to somebody."""

    following: bool
    special: bool
    followed_by: bool
    mutual: bool
    blacklisted: bool
    whitelisted: bool
    group_ids: list[str]


class Contact(Struct, frozen=True, kw_only=True, gc=False):
    """Somebody one follows (`special`), who follows one, or who is on a list."""

    account: Account
    at: datetime
    special: bool = False
    mutual: bool = False


class ContactGroup(Struct, frozen=True, kw_only=True, gc=False):
    """A contact group; `may_message`: its members may write when the scope is `groups`."""

    id: str
    name: str
    members: int
    may_message: bool


class ContactGroupWithMembers(Struct, frozen=True, kw_only=True):
    """A contact group with its members."""

    group: ContactGroup
    members: list[Account]


class Privacy(Struct, frozen=True, kw_only=True, gc=False):
    """Who may message one: `everyone`, `mutual`, `followers` or `groups`."""

    who: str
    group_ids: list[str] = []
    findable: bool = True


class Silence(Struct, frozen=True, kw_only=True, gc=False):
    """A do-not-disturb interval `[start, end)`, as 22:00; weekday 1 is Monday; `end` may lie on the next day."""

    weekday: int
    start: str
    end: str


class DoNotDisturb(Struct, frozen=True, kw_only=True):
    """When one's devices stay silent, whether they do now and until when, and who rings through all the same."""

    time_zone: str
    intervals: list[Silence]
    silent: bool
    until: datetime | None = None
    special: list[str] = []

    def rings(self, sender_id: str) -> bool:
        """Return whether a message of this sender may make a sound now."""
        return not self.silent or sender_id in self.special


class _RelationBox(Struct):
    relation: Relation


class _AccountBox(Struct):
    account: Account


class ContactCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def follow(self, account_id: str, *, special: bool = False) -> Relation:
        """Follow somebody; special follows ring through do-not-disturb."""
        body = {"special": special}
        return (await self._http.request(_RelationBox, "PUT", f"/v1/follows/{account_id}", body=body)).relation

    async def unfollow(self, account_id: str) -> None:
        """Follow somebody no longer."""
        await self._http.request(type(None), "DELETE", f"/v1/follows/{account_id}")

    async def follows(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Contact]:
        """Return a page of whom one follows."""
        return await self._http.request(Page[Contact], "GET", "/v1/follows", query={"limit": limit, "cursor": cursor})

    async def followers(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Contact]:
        """Return a page of who follows one."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Contact], "GET", "/v1/followers", query=query)

    async def relation(self, account_id: str) -> Relation:
        """Return how one stands to somebody."""
        return (await self._http.request(_RelationBox, "GET", f"/v1/contacts/{account_id}")).relation

    async def look_up(self, login: str) -> Account:
        """Return the person with a log-in name, if he lets himself be found."""
        return (await self._http.request(_AccountBox, "GET", "/v1/people", query={"login": login})).account

    async def contact_groups(self) -> list[ContactGroup]:
        """Return one's contact groups."""
        return (await self._http.request(Page[ContactGroup], "GET", "/v1/contact-groups")).items

    async def add_contact_group(self, name: str) -> ContactGroup:
        """Make a contact group."""
        answer = await self._http.request(ContactGroupWithMembers, "POST", "/v1/contact-groups", body={"name": name})
        return answer.group

    async def contact_group(self, group_id: str) -> ContactGroupWithMembers:
        """Return a contact group with its members."""
        return await self._http.request(ContactGroupWithMembers, "GET", f"/v1/contact-groups/{group_id}")

    async def rename_contact_group(self, group_id: str, name: str) -> ContactGroup:
        """Give a contact group another name."""
        path = f"/v1/contact-groups/{group_id}"
        return (await self._http.request(ContactGroupWithMembers, "PATCH", path, body={"name": name})).group

    async def remove_contact_group(self, group_id: str) -> None:
        """Remove a contact group; its members stay contacts."""
        await self._http.request(type(None), "DELETE", f"/v1/contact-groups/{group_id}")

    async def put_into_group(self, group_id: str, account_id: str) -> None:
        """Put somebody into a contact group."""
        await self._http.request(type(None), "PUT", f"/v1/contact-groups/{group_id}/members/{account_id}")

    async def take_from_group(self, group_id: str, account_id: str) -> None:
        """Take somebody out of a contact group."""
        await self._http.request(type(None), "DELETE", f"/v1/contact-groups/{group_id}/members/{account_id}")

    async def blacklist(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Contact]:
        """Return a page of those who may never write."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Contact], "GET", "/v1/blacklist", query=query)

    async def whitelist(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Contact]:
        """Return a page of those who may always write."""
        query = {"limit": limit, "cursor": cursor}
        return await self._http.request(Page[Contact], "GET", "/v1/whitelist", query=query)

    async def block(self, account_id: str) -> None:
        """Put somebody on the blacklist."""
        await self._http.request(type(None), "PUT", f"/v1/blacklist/{account_id}")

    async def unblock(self, account_id: str) -> None:
        """Take somebody off the blacklist."""
        await self._http.request(type(None), "DELETE", f"/v1/blacklist/{account_id}")

    async def allow(self, account_id: str) -> None:
        """Put somebody on the whitelist."""
        await self._http.request(type(None), "PUT", f"/v1/whitelist/{account_id}")

    async def disallow(self, account_id: str) -> None:
        """Take somebody off the whitelist."""
        await self._http.request(type(None), "DELETE", f"/v1/whitelist/{account_id}")

    async def privacy(self) -> Privacy:
        """Return who may message one."""
        return await self._http.request(Privacy, "GET", "/v1/privacy")

    async def set_privacy(self, who: str, *, group_ids: Sequence[str] = (), findable: bool = True) -> Privacy:
        """Say who may message one; with `groups`, which contact groups."""
        body: dict[str, object] = {"who": who, "group_ids": list(group_ids), "findable": findable}
        return await self._http.request(Privacy, "PUT", "/v1/privacy", body=body)

    async def do_not_disturb(self) -> DoNotDisturb:
        """Return when one's devices stay silent."""
        return await self._http.request(DoNotDisturb, "GET", "/v1/do-not-disturb")

    async def set_do_not_disturb(self, intervals: Sequence[Silence]) -> DoNotDisturb:
        """Replace the do-not-disturb intervals."""
        body = {"intervals": list(intervals)}
        return await self._http.request(DoNotDisturb, "PUT", "/v1/do-not-disturb", body=body)
