"""The story of a bot's turns is read while the bot is still at work."""

from __future__ import annotations

from typing import Any

import httpx

from eval.crash.bot_story import check_story, read_story
from eval.crash.faults import Findings


def message(seq: int, origin: str, client_msg_id: str) -> dict[str, Any]:
    said = {"id": f"m{seq}", "origin": origin, "client_msg_id": client_msg_id}
    return {"seq": seq, "kind": "message.sent", "actor_id": "a", "message": said}


class Server:
    """Has a question in it, and answers it right after the first request."""

    def __init__(self) -> None:
        self.events = [message(1, "person", "c1")]
        self.turns: list[dict[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        items = list(self.turns if request.url.path == "/v1/bot/turns" else self.events)
        if not self.turns:
            parts = [{"message_id": "m1", "origin": "person"}, {"message_id": "m2", "origin": "bot"}]
            self.turns.append({"id": "t1", "outcome": "replied", "messages": parts})
            self.events.append(message(2, "bot", "t1:0"))
        return httpx.Response(200, json={"items": items, "next_cursor": None})


async def test_a_turn_that_is_decided_between_two_reads_is_no_fault() -> None:
    server = Server()
    async with httpx.AsyncClient(base_url="http://kefu", transport=httpx.MockTransport(server.answer)) as http:
        story = await read_story(http, "7", staff_token="t")
        assert story.waiting == 1, "a turn without its reply would look like a lost one"
        story = await read_story(http, "7", staff_token="t")
    assert story.waiting == 0
    found = Findings()
    check_story(story, acknowledged={"c1"}, found=found)
    assert not any(found.counts.values()), found.examples
