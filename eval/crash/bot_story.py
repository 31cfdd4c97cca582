"""What is wrong with the bot's turns after a run: read over HTTP, compared message by message."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from eval.crash.faults import Fault, Findings

_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class BotStory:
    """One conversation: its events and the bot's turns, as the server tells them in the end."""

    conversation_id: str
    events: list[dict[str, Any]]
    turns: list[dict[str, Any]]

    def messages(self, origin: str) -> dict[str, dict[str, Any]]:
        """Return the messages of an origin by id."""
        said = (event["message"] for event in self.events if event.get("message") is not None)
        return {message["id"]: message for message in said if message["origin"] == origin}

    @property
    def waiting(self) -> int:
        """Return how many of the customer's messages have no turn yet."""
        taken = {one["message_id"] for turn in self.turns for one in turn["messages"]}
        return len(self.messages("person").keys() - taken)


async def read_story(http: httpx.AsyncClient, conversation_id: str, *, staff_token: str) -> BotStory:
    """Read a conversation's turns and events as one of the enterprise's staff.

    The turns come first: what a turn has said is committed with it, so it is among the events that are read later. A
    turn that is decided between the two reads leaves its messages `waiting`, and the story is read anew.
    """
    headers = {"Authorization": f"Bearer {staff_token}"}
    turns: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query: dict[str, str | int] = {
            "conversation_id": conversation_id,
            "limit": _PAGE,
            **({"cursor": cursor} if cursor else {}),
        }
        answer = (await http.get("/v1/bot/turns", params=query, headers=headers)).raise_for_status().json()
        turns += answer["items"]
        cursor = answer["next_cursor"]
    events: list[dict[str, Any]] = []
    while True:
        query = {"after_seq": events[-1]["seq"] if events else 0, "limit": _PAGE}
        path = f"/v1/conversations/{conversation_id}/events"
        page = (await http.get(path, params=query, headers=headers)).raise_for_status().json()["items"]
        events += page
        if len(page) < _PAGE:
            break
    return BotStory(conversation_id=conversation_id, events=events, turns=turns)


def check_story(story: BotStory, *, acknowledged: set[str], found: Findings) -> None:
    """Note what is lost, doubled, without a turn or without its one outcome. `acknowledged`: client_msg_ids."""
    asked, said = story.messages("person"), story.messages("bot")
    where = story.conversation_id
    stored = Counter(message["client_msg_id"] for message in asked.values())
    for lost in sorted(acknowledged - stored.keys()):
        found.note(Fault.LOST, f"{where}: {lost}")
    for key, count in (stored + Counter(message["client_msg_id"] for message in said.values())).items():
        if count > 1:
            found.note(Fault.DOUBLED, f"{where}: {key} stored {count} times")
    owners = Counter(one["message_id"] for turn in story.turns for one in turn["messages"] if one["origin"] == "person")
    for message_id in asked:
        if owners[message_id] != 1:
            found.note(Fault.UNTURNED, f"{where}: message {message_id} is in {owners[message_id]} turns")
    _check_outcomes(story, said, found)


def _check_outcomes(story: BotStory, said: dict[str, dict[str, Any]], found: Findings) -> None:
    where = story.conversation_id
    by_turn: dict[str, set[str]] = {}
    for message in said.values():
        turn_id, _, place = message["client_msg_id"].partition(":")
        if turn_id != "greeting":
            by_turn.setdefault(turn_id, set()).add(place)
    queued = {event["actor_id"] for event in story.events if event["kind"] == "session.queued"}
    for turn in story.turns:
        places = by_turn.pop(turn["id"], set())
        replies = {one["message_id"] for one in turn["messages"] if one["origin"] == "bot"}
        if places != {str(place) for place in range(len(replies))} or not replies <= said.keys():
            found.note(Fault.OUTCOME, f"{where}: turn {turn['id']} has {len(replies)} replies, said were {places}")
        if turn["outcome"] == "silent" and replies:
            found.note(Fault.OUTCOME, f"{where}: turn {turn['id']} is silent and has replies")
        if turn["outcome"] == "replied" and not replies:
            found.note(Fault.OUTCOME, f"{where}: turn {turn['id']} has replied nothing")
        if turn["outcome"] == "handed_off" and not queued:
            found.note(Fault.OUTCOME, f"{where}: turn {turn['id']} called a human, but the session never queued")
    for turn_id in by_turn:
        found.note(Fault.OUTCOME, f"{where}: replies of turn {turn_id}, which does not exist")
