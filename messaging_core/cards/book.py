"""The leads of an enterprise with the labels of the forms they came from: for a page in this process."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from messaging_core.cards import actions, store
from messaging_core.core import Core
from messaging_core.desk.agents import check_serves
from messaging_core.identity.policy import Actor
from messaging_core.messages.kinds.card import Card
from messaging_core.messages.reading_store import find_bodies


@dataclass(slots=True, frozen=True)
class LeadLine:
    """What somebody has left, the words he agreed to, and when (microseconds UTC); `answers` by the form's labels."""

    id: int
    customer: str
    card: str
    answers: tuple[tuple[str, str], ...]
    consent: str
    consented_at: int


class LeadBook:
    """Everything raises CoreError where the actor may not."""

    def __init__(self, core: Core, actor: Actor) -> None:
        self._core = core
        self._actor = actor
        self._enterprise_id = check_serves(actor)

    async def page(self, *, before_id: int = 2**62, limit: int = 50) -> list[LeadLine]:
        """Return leads, newest first."""

        def query(connection: Connection) -> list[LeadLine]:
            rows = store.list_leads(connection, enterprise_id=self._enterprise_id, before_id=before_id, limit=limit)
            bodies = find_bodies(connection, {(row.conversation_id, row.seq) for row in rows})
            return [_line(row, bodies.get((row.conversation_id, row.seq))) for row in rows]

        return await self._core.read(query)

    async def forget(self, lead_id: int) -> None:
        """Forget a lead for good."""
        await self._core.run(lambda unit: actions.withdraw(unit, self._actor, lead_id=lead_id))


def _line(row: store.LeadRow, body: str | None) -> LeadLine:
    title, labels = _labels(body, row.button)
    answers: dict[str, str] = msgspec.json.decode(row.answers)
    shown = tuple((labels.get(key, key), text) for key, text in answers.items())
    return LeadLine(row.id, row.account_name, title, shown, row.consent, row.consented_at)


def _labels(body: str | None, key: str) -> tuple[str, dict[str, str]]:
    """Return a card's title and the labels of the form behind a button; nothing for a card that was recalled since."""
    try:
        card = msgspec.json.decode(body or "", type=Card)
    except msgspec.MsgspecError:
        return "", {}
    forms = [button.form for button in card.buttons if button.key == key and button.form is not None]
    return card.title, {field.key: field.label for form in forms for field in form.fields}
