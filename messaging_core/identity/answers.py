"""What the newer identity routes answer, for `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from messaging_core.transport.answers import Account, Answer, Count, Id, OneAccount, Time


class LoggedIn(OneAccount):
    """Who has logged in, and his device's token, which is shown this once."""

    token: str
    device_id: Id


class Device(Answer):
    """A place where one is logged in."""

    id: Id
    name: str
    enterprise_id: Id | None
    created_at: Time
    last_seen_at: Time
    current: bool
    online: bool


class DeviceList(Answer):
    """Where one is logged in, the newest first."""

    items: list[Device]
    next_cursor: None


class Ended(Answer):
    """How many devices were ended."""

    ended: Count


class FoundedEnterprise(OneAccount):
    """A new enterprise with its first owner."""

    owner: Account


class EnterpriseLine(Answer):
    """An enterprise as the operator sees it; `owners` are names."""

    id: Id
    name: str
    verified: bool
    created_at: Time
    owners: list[str]
    accepted_terms: bool


class EnterpriseList(Answer):
    """The enterprises, the newest first."""

    items: list[EnterpriseLine]
    next_cursor: str | None


class Employer(Answer):
    """An enterprise whose staff one is."""

    enterprise_id: Id
    name: str
    verified: bool
    role: str


class EmployerList(Answer):
    """The enterprises whose staff one is."""

    items: list[Employer]
    next_cursor: None


class NewKey(Answer):
    """An API key, which is shown this once."""

    id: Id
    key: str


class ApiKey(Answer):
    """An API key without its secret."""

    id: Id
    label: str
    scopes: list[str]
    created_at: Time
    expires_at: Time | None
    last_used_at: Time


class KeyList(Answer):
    """An enterprise's API keys that work, the newest first."""

    items: list[ApiKey]
    next_cursor: None


class Contact(Answer):
    """Somebody as contacts show him."""

    id: Id
    kind: str
    name: str
    verified: bool


class Following(Answer):
    """Whom one follows."""

    account: Contact
    special: bool
    mutual: bool
    at: Time


class FollowingList(Answer):
    """Whom one follows."""

    items: list[Following]
    next_cursor: str | None


class Follower(Answer):
    """Who follows one."""

    account: Contact
    mutual: bool
    at: Time


class FollowerList(Answer):
    """Who follows one."""

    items: list[Follower]
    next_cursor: str | None


class Listed(Answer):
    """Somebody on one's blacklist or whitelist."""

    account: Contact
    at: Time


class ListedList(Answer):
    """A blacklist or whitelist."""

    items: list[Listed]
    next_cursor: str | None


class Relation(Answer):
    """How one stands to somebody."""

    following: bool
    special: bool
    followed_by: bool
    mutual: bool
    blacklisted: bool
    whitelisted: bool
    group_ids: list[Id]


class OneRelation(Answer):
    """How one stands to somebody."""

    relation: Relation


class Found(Answer):
    """Somebody who was looked up."""

    account: Contact


class ContactGroup(Answer):
    """A contact group; `may_message`: its members may write when the scope is `groups`."""

    id: Id
    name: str
    members: Count
    may_message: bool


class ContactGroupList(Answer):
    """One's contact groups."""

    items: list[ContactGroup]
    next_cursor: None


class OneContactGroup(Answer):
    """A contact group with its members."""

    group: ContactGroup
    members: list[Contact]


class Privacy(Answer):
    """Who may message one."""

    who: Literal["everyone", "mutual", "followers", "groups"]
    group_ids: list[Id]
    findable: bool


class SilenceInterval(Answer):
    """A do-not-disturb interval; an `end` not after `start` lies on the next day."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    start: str
    end: str


class DoNotDisturb(Answer):
    """When one's devices stay silent, whether they do now and until when, and who rings through."""

    time_zone: str
    intervals: list[SilenceInterval]
    silent: bool
    until: Time | None
    special: list[Id]


class VerificationRequest(Answer):
    """A request to be verified."""

    id: Id
    enterprise_id: Id
    enterprise: str
    documents: list[str]
    note: str
    requested_by: Id
    requested_at: Time
    state: Literal["pending", "approved", "refused"]
    reason: str
    reviewed_at: Time | None


class OneVerificationRequest(Answer):
    """A request to be verified."""

    request: VerificationRequest


class VerificationRequestList(Answer):
    """Requests to be verified."""

    items: list[VerificationRequest]
    next_cursor: str | None


class Terms(Answer):
    """The terms in force."""

    version: Annotated[int, Field(ge=1)]
    text: str


class TermsVersion(Answer):
    """The version in force."""

    version: Annotated[int, Field(ge=1)]


class TermsAcceptance(Answer):
    """What an enterprise has accepted; 0: nothing yet."""

    version: Count
    current: Count
    accepted: bool
    accepted_by: Id | None
    accepted_at: Time | None


class Rights(Answer):
    """What one may do in the enterprise of the token that asks."""

    enterprise_id: Id | None
    role: str | None
    rights: list[str]
    verified: bool
    unlocked: list[str]
