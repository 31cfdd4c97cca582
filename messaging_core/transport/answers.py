"""What the HTTP API answers, for `/openapi.json`. Routes write their JSON themselves; a test holds them to this."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from messaging_core.errors import STATUS

Id = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$")]
Count = Annotated[int, Field(ge=0)]
State = Literal["bot", "queued", "agent", "closed"]


class Answer(BaseModel):
    """What all answers share: every field is described."""

    model_config = ConfigDict(extra="forbid")


class Problem(Answer):
    """A refusal (RFC 9457): `code` for programs, `detail` for people, in the language asked for."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    data: dict[str, Any]


class Account(Answer):
    """An account."""

    id: Id
    kind: Literal["personal", "enterprise", "visitor", "bot", "system"]
    name: str
    enterprise_id: Id | None
    verified: bool
    created_at: Time


class OneAccount(Answer):
    """An account."""

    account: Account


class IssuedVisitor(OneAccount):
    """A visitor and his token, which is shown this once."""

    token: str


class Enterprise(Answer):
    """An enterprise as everybody may see it."""

    id: Id
    name: str
    verified: bool


class Site(Answer):
    """Whose site key asks."""

    enterprise: Enterprise


class Me(OneAccount):
    """Who asks, and what for; `login`: the log-in name, None without one."""

    login: str | None
    enterprise_id: Id | None
    staff_role: str | None
    scopes: list[str]


class StaffMember(Answer):
    """One of an enterprise's staff."""

    account_id: Id
    name: str
    role: str
    created_at: Time


class StaffRole(Answer):
    """A role in an enterprise."""

    account_id: Id
    role: str


class IssuedToken(Answer):
    """A token, which is shown this once."""

    id: Id
    token: str


class Token(Answer):
    """A token without its secret."""

    id: Id
    label: str
    scopes: list[str]
    origins: list[str]
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    current: bool


class Peer(Answer):
    """The other person of a direct conversation."""

    id: Id
    kind: str
    name: str


class ShortSession(Answer):
    """A service session as both sides see it."""

    id: Id
    state: State
    assignment_version: int
    agent_id: Id | None
    agent_name: str | None


class ReplyTo(Answer):
    """The message that is answered."""

    seq: int
    message_id: Id
    sender_id: Id


class Message(Answer):
    """A message."""

    id: Id
    client_msg_id: str
    sender_id: Id
    origin: Literal["person", "agent", "bot", "system"]
    kind: str
    v: int
    body: dict[str, Any]
    seq: int
    msg_no: int
    at: Time
    reply_to: ReplyTo | None = None
    mentions: list[Id] = []
    mention_all: bool = False
    forwarded: bool = False
    released: bool = False
    folded_ms: Count = 0
    edited_at: Time | None = None
    reactions: dict[str, list[Id]] = {}


class OneMessage(Answer):
    """A message."""

    message: Message


class GroupView(Answer):
    """How a group is run, as its members see it."""

    announcement_only: bool
    silenced_until: Time | None
    join_approval: bool
    notice: str
    notice_at: Time | None
    pins: list[int]


class OwnView(Answer):
    """How one keeps a conversation in one's list."""

    version: Count
    pinned_at: Time | None
    muted: bool
    archived_msg_no: Count | None
    folded: bool
    folded_until: Time | None
    draft: str
    draft_at: Time | None


class Conversation(Answer):
    """A conversation as one of its members sees it."""

    id: Id
    kind: Literal["direct", "group", "service"]
    title: str
    enterprise_id: Id | None
    created_at: Time
    role: str
    joined_seq: int
    last_seq: int
    last_msg_no: Count
    read_msg_no: Count
    unread: Count
    member_count: Count
    peer: Peer | None
    last_message: Message | None
    session: ShortSession | None
    group: GroupView | None
    silenced_until: Time | None
    mentions: list[Count]
    own: OwnView
    alert: Literal["banner", "ring", "badge", "folded"] | None


class OneConversation(Answer):
    """A conversation."""

    conversation: Conversation


class Member(Answer):
    """A member of a conversation."""

    account_id: Id
    name: str
    nickname: str | None
    silenced_until: Time | None
    kind: str
    role: str
    joined_at: Time
    read_msg_no: Count


class Event(Answer):
    """An event, as in the `event` frame."""

    type: Literal["event"]
    conversation_id: Id
    seq: int
    kind: str
    v: int
    at: Time
    actor_id: Id | None
    message: Message | None = None
    data: dict[str, Any] | None = None


class Messages(Answer):
    """Messages, newest first."""

    items: list[Message]
    more: bool


class Events(Answer):
    """Events, in order."""

    items: list[Event]
    last_seq: int


class Sent(Answer):
    """A committed message, as in the `ack` frame."""

    status: Literal["sent"]
    conversation_id: Id
    client_msg_id: str
    message_id: Id
    seq: int
    msg_no: int
    at: Time
    duplicate: bool


class PendingSend(Answer):
    """A message that waits for a human (`held`) or for the morning (`queued`), as in the `ack` frame."""

    status: Literal["held", "queued", "recalled"]
    conversation_id: Id
    client_msg_id: str
    rule: str
    until: Time | None
    at: Time
    duplicate: bool


class Read(Answer):
    """A read cursor that is on its way."""

    msg_no: Count


class Polled(Answer):
    """The frames that a WebSocket would have brought, and the cursors for the next poll."""

    frames: list[dict[str, Any]]
    cursors: dict[str, int]


class Health(Answer):
    """How the process is."""

    status: str


class Page(Answer):
    """A page of a list: `next_cursor` asks for the next, null at the end."""

    next_cursor: str | None


class StaffList(Page):
    """An enterprise's staff."""

    items: list[StaffMember]


class TokenList(Page):
    """A page of tokens."""

    items: list[Token]


class ConversationList(Page):
    """A page of conversations."""

    items: list[Conversation]


class MemberList(Page):
    """A page of members."""

    items: list[Member]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of these statuses as FastAPI's `responses`."""
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code, its_status in STATUS.items() if its_status == status),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


PROBLEMS = problems(401, 403, 404, 409, 413, 422, 429, 503)
"""What any route under /v1 may answer instead."""


def describe_problems(app: FastAPI) -> None:
    """Put the shape of refusals, which no route returns by itself, into the application's OpenAPI."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        schema = make()
        schema["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
