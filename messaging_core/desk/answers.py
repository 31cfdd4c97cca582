"""What the desk's routes answer, for `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from messaging_core.transport.answers import Answer, Count, Id, Page, State, Time


class Session(Answer):
    """A service session as staff see it."""

    id: Id
    enterprise_id: Id
    conversation_id: Id
    customer_id: Id
    customer_name: str
    state: State
    agent_id: Id | None
    agent_name: str | None
    assignment_version: int
    reason: str
    opened_at: Time
    changed_at: Time
    closed_at: Time | None
    queued_at: Time | None
    summary: str
    stars: Annotated[int, Field(ge=1, le=5)] | None
    stars_text: str


class Waiting(Session):
    """A session that waits for an agent."""

    position: Annotated[int, Field(ge=1)]


class Queue(Answer):
    """Who waits, in order of arrival."""

    items: list[Waiting]


class Place(Answer):
    """A session's place in the queue; 0: it does not wait."""

    position: Count


class Seat(Answer):
    """An agent at the desk."""

    account_id: Id
    name: str
    role: str
    status: Literal["online", "away", "offline"]
    capacity: Count
    own_capacity: Count | None
    load: Count


class OneSeat(Answer):
    """An agent at the desk."""

    agent: Seat


class Seats(Answer):
    """The agents of a desk."""

    items: list[Seat]


class DeskSettings(Answer):
    """How a desk works."""

    auto_assign: bool
    capacity: Count
    grace_s: Count


class Phrase(Answer):
    """A quick phrase; `shared` by all agents, or one's own."""

    id: Id
    title: str
    text: str
    shared: bool


class OnePhrase(Answer):
    """A quick phrase."""

    phrase: Phrase


class Phrases(Answer):
    """Quick phrases."""

    items: list[Phrase]


class Note(Answer):
    """A note on a customer."""

    id: Id
    author_id: Id
    author_name: str
    text: str
    at: Time


class DeskFile(Answer):
    """What the desk knows of a session and its customer."""

    session: Session
    session_labels: list[str]
    customer_labels: list[str]
    known_labels: list[str]
    notes: list[Note]


class OneSession(Answer):
    """A service session."""

    session: Session


class SessionList(Page):
    """A page of service sessions."""

    items: list[Session]
