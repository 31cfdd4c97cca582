"""The HTTP calls for what agents keep: quick phrases, labels, notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from .http_desk import DeskSession
from .http_transport import HttpTransport
from .models import Page


class Phrase(Struct, frozen=True, kw_only=True, gc=False):
    """A quick phrase, `shared` by all agents or one's own."""

    id: str
    title: str
    text: str
    shared: bool = False


class Note(Struct, frozen=True, kw_only=True, gc=False):
    """What a colleague wrote down about a customer."""

    id: str
    author_id: str
    author_name: str
    text: str
    at: datetime


class DeskFile(Struct, frozen=True, kw_only=True):
    """What the desk knows of a session and its customer; `known_labels` are all that the enterprise uses."""

    session: DeskSession
    session_labels: list[str]
    customer_labels: list[str]
    known_labels: list[str]
    notes: list[Note]


class _PhraseBox(Struct):
    phrase: Phrase


class NotebookCalls:
    """A part of HttpApi."""

    __slots__ = ()
    _http: HttpTransport

    async def phrases(self) -> list[Phrase]:
        """Return the phrases of the enterprise and one's own."""
        return (await self._http.request(Page[Phrase], "GET", "/v1/desk/phrases")).items

    async def add_phrase(self, title: str, text: str, *, shared: bool = False) -> Phrase:
        """Add a phrase for oneself or, as a manager, for all."""
        body = {"title": title, "text": text, "shared": shared}
        return (await self._http.request(_PhraseBox, "POST", "/v1/desk/phrases", body=body)).phrase

    async def change_phrase(self, phrase_id: str, title: str, text: str) -> Phrase:
        """Reword a phrase."""
        path = f"/v1/desk/phrases/{phrase_id}"
        return (await self._http.request(_PhraseBox, "PUT", path, body={"title": title, "text": text})).phrase

    async def remove_phrase(self, phrase_id: str) -> None:
        """Remove a phrase."""
        await self._http.request(type(None), "DELETE", f"/v1/desk/phrases/{phrase_id}")

    async def desk_file(self, session_id: str) -> DeskFile:
        """Return labels and notes of a session and its customer."""
        return await self._http.request(DeskFile, "GET", f"/v1/desk/sessions/{session_id}/file")

    async def set_session_labels(self, session_id: str, labels: Sequence[str]) -> DeskFile:
        """Replace the session's labels."""
        path = f"/v1/desk/sessions/{session_id}/labels"
        return await self._http.request(DeskFile, "PUT", path, body={"labels": list(labels)})

    async def set_customer_labels(self, session_id: str, labels: Sequence[str]) -> DeskFile:
        """Replace the labels of the session's customer."""
        path = f"/v1/desk/sessions/{session_id}/customer-labels"
        return await self._http.request(DeskFile, "PUT", path, body={"labels": list(labels)})

    async def add_note(self, session_id: str, text: str) -> DeskFile:
        """Write a note on the session's customer."""
        path = f"/v1/desk/sessions/{session_id}/notes"
        return await self._http.request(DeskFile, "POST", path, body={"text": text})

    async def remove_note(self, note_id: str) -> None:
        """Remove one's note; managers remove anybody's."""
        await self._http.request(type(None), "DELETE", f"/v1/desk/notes/{note_id}")
