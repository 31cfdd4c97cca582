"""The desk's page while it reads: what happens meanwhile is shown after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from kefu.pages.desk.model import to_entry
from kefu.pages.desk.page import DeskPage
from messaging_core.api import BoardRow, Event

CONVERSATION = 7


def _said(number: int) -> dict[str, Any]:
    return {
        "seq": number,
        "kind": "text",
        "body": {"text": f"第{number}句"},
        "sender_id": "5",
        "origin": "person",
        "at": f"2026-05-01T00:00:0{number}Z",
    }


class _Desk:
    """A desk whose answer is made before the second message, and comes after it."""

    actor = SimpleNamespace(account_id=1, staff_role="agent")
    page: DeskPage
    number = 1

    async def row(self, conversation_id: int) -> BoardRow:
        read = _said(self.number)
        if self.number == 1:
            self.number = 2
            self.page.on_event(_event("message.sent"))
        return _row(read)


def _row(said: dict[str, Any]) -> BoardRow:
    session: Any = SimpleNamespace(
        id=3, conversation_id=CONVERSATION, customer_id=5, customer_name="小满", state="agent", agent_id=1,
        agent_name="老乔", reason="", summary="", opened_at=1, changed_at=1, queued_at=None, stars=None,
    )  # fmt: skip
    return BoardRow(session=session, last_message=said, unread=said["seq"])


def _event(kind: str) -> Event:
    told: Any = SimpleNamespace(kind=kind, conversation_id=CONVERSATION, message=msgspec.json.encode(_said(2)))
    return told


async def test_what_is_said_while_a_session_is_read_is_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    desk: Any = _Desk()
    nobody: Any = None
    page = desk.page = DeskPage(nobody, desk, nobody)

    async def nothing() -> None:
        pass

    monkeypatch.setattr(page, "show_lists", lambda: None)
    monkeypatch.setattr(page, "show_top", nothing)
    monkeypatch.setattr(page, "_flush_soon", lambda: None)
    page.board.put(to_entry(_row(_said(1))))
    page.on_event(_event("session.assigned"))
    await page._flush()
    await page._flush()
    entry = page.board.find(CONVERSATION)
    assert entry is not None
    assert (entry.words, entry.unread) == ("第2句", 2)
