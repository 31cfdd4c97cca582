"""What the routes of webhooks and parked events answer, for `/openapi.json`."""

from __future__ import annotations

from messaging_core.transport.answers import Answer, Id, Page, Time


class Parked(Answer):
    """An event that a subscriber could not digest."""

    id: Id
    consumer: str
    enterprise_id: Id | None
    conversation_id: Id
    seq: int
    attempts: int
    error: str
    parked_at: Time


class Retried(Answer):
    """Whether the event was digested this time."""

    digested: bool


class Webhook(Answer):
    """A webhook without its secret."""

    id: Id
    url: str
    kinds: list[str]
    bot_account_id: Id | None
    created_at: Time


class MadeWebhook(Webhook):
    """A webhook and the key of its signatures, which is shown this once."""

    secret: str


class ParkedList(Page):
    """A page of parked events."""

    items: list[Parked]


class WebhookList(Page):
    """An enterprise's webhooks."""

    items: list[Webhook]
