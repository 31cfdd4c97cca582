"""An echo bot as a third party writes it: nothing but `messaging_core.api`."""

from __future__ import annotations

from typing import Any

import msgspec

from messaging_core.api import Actor, Core, Delivery, Event, SendRequest, Unit, read_note, send_batch, write_note


class EchoBot:
    """Answers a person's text in a service conversation with the same text, each exactly once.

    The session's version comes from the session's own events, which arrive in order with the messages: an answer fits
    the session as it was when the customer wrote, and is refused when an agent has taken over since.
    """

    from_start = False
    kinds: frozenset[str] | None = None

    def __init__(self, core: Core, *, account_id: int, enterprise_id: int, name: str = "echo") -> None:
        self.name = name
        self.enterprise_id: int | None = enterprise_id
        self.refused: list[str] = []
        self._core = core
        self._actor = Actor(account_id=account_id, kind="bot", name="回声", enterprise_id=enterprise_id)

    async def handle(self, delivery: Delivery) -> None:
        """Note the session's steps and answer what a person wrote."""
        event = delivery.event
        if event.kind.startswith("session."):
            session = _decode(event.data)
            await self._core.run(lambda unit: self._follow(unit, delivery, session))
        elif event.message is not None:
            message = _decode(event.message)
            if message["origin"] == "person" and message["kind"] == "text":
                await self._core.run(lambda unit: self._answer(unit, delivery, message["body"]["text"]))

    def _follow(self, unit: Unit, delivery: Delivery, session: dict[str, Any]) -> None:
        version = session["assignment_version"] if session["state"] == "bot" else None
        write_note(unit, self._place(delivery.event), {"assignment_version": version})
        delivery.advance(unit)

    def _answer(self, unit: Unit, delivery: Delivery, text: str) -> None:
        """Reply and move the cursor in one transaction: both or neither."""
        event = delivery.event
        session = read_note(unit, self._place(event))
        if session is not None and session["assignment_version"] is not None:
            reply = self._reply(event, text, version=session["assignment_version"])
            for outcome in send_batch(unit, [reply]):
                if isinstance(outcome, Exception):
                    self.refused.append(outcome.code)
        delivery.advance(unit)

    def _reply(self, event: Event, text: str, *, version: int) -> SendRequest:
        return SendRequest(
            actor=self._actor,
            conversation_id=event.conversation_id,
            client_msg_id=f"{self.name}.{event.seq}",
            kind="text",
            v=1,
            body=msgspec.json.encode({"text": text}),
            settle=lambda _request, _outcome: None,
            assignment_version=version,
        )

    def _place(self, event: Event) -> str:
        return f"{self.name}.{event.conversation_id}"


def _decode(raw: bytes | None) -> dict[str, Any]:
    return msgspec.json.decode(raw or b"{}", type=dict[str, Any])
