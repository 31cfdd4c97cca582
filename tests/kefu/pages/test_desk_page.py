"""The desk's page while it reads: what happens meanwhile is shown after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from kefu.pages.desk.model import to_entry
from kefu.pages.desk.page import DeskPage
from messaging_core.api import BoardRow, Event
from messaging_core.errors import StorageUnavailable

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


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A desk with its page, which shows nothing and flushes when it is told to."""
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
    return desk


def _shown(page: DeskPage) -> tuple[str, int]:
    entry = page.board.find(CONVERSATION)
    assert entry is not None
    return entry.words, entry.unread


async def test_what_is_said_while_a_session_is_read_is_in_the_list(desk: Any) -> None:
    await desk.page._flush()
    await desk.page._flush()
    assert _shown(desk.page) == ("第2句", 2)


async def test_a_session_that_could_not_be_read_is_read_again(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_conversation_id: int) -> BoardRow:
        raise StorageUnavailable("stopped")

    desk.number = 2
    with monkeypatch.context() as stopped:
        stopped.setattr(desk, "row", fails)
        with pytest.raises(StorageUnavailable):
            await desk.page._flush()
    assert _shown(desk.page) == ("第1句", 1)
    await desk.page._flush()
    assert _shown(desk.page) == ("第2句", 2)
