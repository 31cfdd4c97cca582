"""The desk as one agent has it: all that a page in this process reads and does, under his own rights."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from messaging_core.core import Core
from messaging_core.desk import actions, agents, agents_store, board, notebook, notebook_store
from messaging_core.desk.agents import check_serves
from messaging_core.desk.agents_store import DeskSettings
from messaging_core.desk.board import BoardRow, Talk
from messaging_core.desk.notebook_store import Subject
from messaging_core.desk.policy import Seat, Status
from messaging_core.errors import CoreError
from messaging_core.identity.policy import Actor
from messaging_core.kernel.schema import AnyRow
from messaging_core.media.policy import reader_of
from messaging_core.messages import acts
from messaging_core.messages.kinds import read_body
from messaging_core.messages.model import SendRequest, Sent, Waiting, make_quote


class Desk:
    """Everything raises CoreError where the actor may not, or the state does not allow it."""

    def __init__(self, core: Core, actor: Actor) -> None:
        self._core = core
        self.actor = actor
        self.enterprise_id = check_serves(actor)

    # --- reading ---------------------------------------------------------------------------------------------

    async def board(self) -> list[BoardRow]:
        """Return the open sessions, who waits first."""
        return await self._core.read(lambda c: board.read_board(c, self.actor))

    async def closed(self) -> list[BoardRow]:
        """Return the sessions that were closed last."""
        return await self._core.read(lambda c: board.read_closed(c, self.actor))

    async def row(self, conversation_id: int) -> BoardRow | None:
        """Return the newest session of a conversation."""
        return await self._core.read(lambda c: board.read_row(c, self.actor, conversation_id=conversation_id))

    async def talk(self, conversation_id: int, *, before_seq: int = 2**62, limit: int = 50) -> Talk:
        """Return a page of a conversation."""
        return await self._core.read(
            lambda c: board.read_talk(
                c, self.actor, conversation_id=conversation_id, before_seq=before_seq, limit=limit
            )
        )

    async def quoted(self, conversation_id: int, seqs: list[int]) -> list[dict[str, Any]]:
        """Return messages that others answer."""
        return await self._core.read(
            lambda c: board.read_quoted(c, self.actor, conversation_id=conversation_id, seqs=seqs)
        )

    def media_url(self, media_id: str) -> str:
        """Return the address under which the page loads an upload for some minutes; its right is asked for then."""
        return self._core.media.link(int(media_id), reader_of(self.actor))[0]

    async def file(self, session_id: int) -> notebook.File:
        """Return labels and notes of a session and its customer."""
        return await self._core.read(lambda c: notebook.read_file(c, self.actor, session_id=session_id))

    async def phrases(self) -> list[AnyRow]:
        """Return the phrases at hand."""
        return await self._core.read(
            lambda c: notebook_store.list_phrases(c, self.enterprise_id, owner_id=self.actor.account_id)
        )

    async def seats(self) -> list[Seat]:
        """Return the agents."""
        return await self._core.read(lambda c: agents_store.list_seats(c, self.enterprise_id))

    async def settings(self) -> DeskSettings:
        """Return how the desk works."""
        return await self._core.read(lambda c: agents_store.read_settings(c, self.enterprise_id))

    # --- sessions --------------------------------------------------------------------------------------------

    async def take(self, session_id: int) -> None:
        """Take a session over."""
        await self._core.run(lambda unit: actions.take(unit, self.actor, session_id=session_id))

    async def hand_back(self, session_id: int) -> None:
        """Give a session back to the bot."""
        await self._core.run(lambda unit: actions.hand_back(unit, self.actor, session_id=session_id))

    async def transfer(self, session_id: int, agent_id: int | None) -> None:
        """Give a session to a colleague, or with None to the queue."""
        await self._core.run(lambda unit: actions.transfer(unit, self.actor, session_id=session_id, agent_id=agent_id))

    async def close(self, session_id: int) -> None:
        """End a session."""
        await self._core.run(lambda unit: actions.close(unit, self.actor, session_id=session_id))

    async def send(
        self,
        conversation_id: int,
        *,
        kind: str,
        body: Mapping[str, Any],
        client_msg_id: str | None = None,
        reply_to: int | None = None,
    ) -> Sent | Waiting:
        """Send a message and return it, or what it waits for, once that is committed."""
        outcome = await self._core.send(
            SendRequest(
                actor=self.actor,
                conversation_id=conversation_id,
                client_msg_id=client_msg_id or secrets.token_urlsafe(12),
                kind=kind,
                v=1,
                body=read_body(kind, 1, msgspec.json.encode(body), self._core.settings.limits),
                settle=lambda _request, _outcome: None,
                quote=make_quote(reply_to, [], mention_all=False),
            )
        )
        if isinstance(outcome, CoreError):
            raise outcome
        return outcome

    async def recall(self, conversation_id: int, seq: int) -> None:
        """Take back what one's side has said."""
        await self._core.run(lambda unit: acts.recall(unit, self.actor, conversation_id=conversation_id, seq=seq))

    def read(self, conversation_id: int, msg_no: int) -> None:
        """Say how far one has read."""
        self._core.mark_read(conversation_id, self.actor.account_id, msg_no)

    def type(self, conversation_id: int, *, on: bool) -> None:
        """Tell the customer that one is typing; only who has the session may."""
        frame = (
            f'{{"type":"typing","conversation_id":"{conversation_id}","account_id":"{self.actor.account_id}",'
            f'"on":{"true" if on else "false"}}}'
        )
        self._core.hub.push_ephemeral(conversation_id, frame.encode())

    def is_online(self, account_id: int) -> bool:
        """Return whether somebody has a connection open."""
        return self._core.presence.is_online(account_id)

    # --- attendance and settings -----------------------------------------------------------------------------

    async def set_status(self, status: Status) -> None:
        """Say that one works, takes a break, or goes home."""
        await self._core.run(lambda unit: agents.set_status(unit, self.actor, status=status))
        self._core.rota.stir(self.enterprise_id)

    async def set_capacity(self, account_id: int, capacity: int | None) -> None:
        """Set how many sessions an agent may have at once."""
        await self._core.run(
            lambda unit: agents.set_capacity(unit, self.actor, account_id=account_id, capacity=capacity)
        )
        self._core.rota.stir(self.enterprise_id)

    async def change_settings(self, settings: DeskSettings) -> None:
        """Change how the desk works."""
        await self._core.run(lambda unit: agents.change_settings(unit, self.actor, settings))
        self._core.rota.stir(self.enterprise_id)

    # --- notebook --------------------------------------------------------------------------------------------

    async def put_labels(self, session_id: int, subject: Subject, labels: list[str]) -> None:
        """Replace the labels of a session or its customer."""
        await self._core.run(
            lambda unit: notebook.put_labels(unit, self.actor, session_id=session_id, subject=subject, labels=labels)
        )

    async def add_note(self, session_id: int, text: str) -> None:
        """Write a note on the session's customer."""
        await self._core.run(lambda unit: notebook.add_note(unit, self.actor, session_id=session_id, text=text))

    async def delete_note(self, note_id: int) -> None:
        """Remove a note."""
        await self._core.run(lambda unit: notebook.delete_note(unit, self.actor, note_id=note_id))

    async def add_phrase(self, *, title: str, text: str, shared: bool = False) -> None:
        """Add a phrase."""
        await self._core.run(lambda unit: notebook.add_phrase(unit, self.actor, title=title, text=text, shared=shared))

    async def delete_phrase(self, phrase_id: int) -> None:
        """Remove a phrase."""
        await self._core.run(lambda unit: notebook.delete_phrase(unit, self.actor, phrase_id=phrase_id))
