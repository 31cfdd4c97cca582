"""What became of each turn, and whether the wire kept its promises: every message in one turn, every reply once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.replay.records import PlayedDialogue, PlayedTurn, Reply, Spoken
from kefu.replay.script import Script
from messaging_core.client import Event, Message

_CARD = "product_card"
# 人工 in what a customer says is the wish for one, except where the words are about something else.
_WISH = re.compile(
    r"人工(?!智能|费|成本|合成|草|降|炒|采|制|做|种|养|香)|真人客服|转客服|找(?:个|一个)?(?:真)?人(?:来)?(?:聊|说|处理)"
)
_NO_WISH = re.compile(r"(?:不要|不用|别|无需|不需要)(?:转)?人工|你是人工|是人工(?:吗|么|还是)")


def wants_human(messages: Sequence[str]) -> bool:
    """Return whether a customer says in so many words that he wants a human."""
    return any(_WISH.search(text) and not _NO_WISH.search(text) for text in messages)


def judge_dialogue(
    script: Script,
    conversation_id: str,
    spoken: Sequence[Spoken],
    decisions: Sequence[Mapping[str, Any]],
    events: Sequence[Event],
) -> PlayedDialogue:
    """Return the played dialogue; `decisions` are the server's record, `events` what the customer's client was sent."""
    replies = {event.message.id: event.message for event in events if event.message is not None}
    of: dict[str, list[Mapping[str, Any]]] = {}
    for decision in decisions:
        for message in decision["messages"]:
            if message["origin"] == "person":
                of.setdefault(message["message_id"], []).append(decision)
    turns = tuple(_turn(one, of, replies) for one in spoken)
    return PlayedDialogue(script.id, conversation_id, turns, _faults(spoken, of, decisions, events))


def _turn(spoken: Spoken, of: Mapping[str, list[Mapping[str, Any]]], messages: Mapping[str, Message]) -> PlayedTurn:
    """A burst may have become several turns of the bot: the last one's decision counts, the replies are all."""
    own: dict[str, Mapping[str, Any]] = {
        decision["id"]: decision for message_id in spoken.message_ids for decision in of.get(message_id, [])
    }
    if not own:
        if spoken.held_by is not None and not spoken.message_ids:
            return PlayedTurn(messages=spoken.messages, act="held", reason=spoken.held_by)
        return PlayedTurn(messages=spoken.messages, act="none", latency_ms=spoken.latency_ms)
    last = list(own.values())[-1]
    said = [
        messages[row["message_id"]]
        for decision in own.values()
        for row in decision["messages"]
        if row["origin"] == "bot" and row["message_id"] in messages
    ]
    return PlayedTurn(
        messages=spoken.messages,
        act=last["act"],
        reason=last["reason"],
        intent=last["intent"],
        confidence=last["confidence"],
        handoff_reason=last["handoff_reason"],
        replies=tuple(Reply(one.kind, words_of(one.kind, one.body), one.client_msg_id or "") for one in said),
        evidence=tuple(last["evidence"]),
        latency_ms=spoken.latency_ms,
        error=last["error"],
    )


def words_of(kind: str, body: Mapping[str, Any]) -> str:
    """Return what a reader of a message sees, in one text."""
    if kind == _CARD:
        price = body.get("price_fen")
        return f"[{body.get('title', '')}{f' {price / 100:g}元' if price is not None else ''}]"
    choices = "".join(f"\n  ▸ {choice['label']}" for choice in body.get("choices", ()))
    return f"{body.get('text', '')}{choices}"


def _faults(
    spoken: Sequence[Spoken],
    of: Mapping[str, list[Mapping[str, Any]]],
    decisions: Sequence[Mapping[str, Any]],
    events: Sequence[Event],
) -> tuple[str, ...]:
    faults = []
    for one in spoken:
        for message_id in one.message_ids:
            count = len(of.get(message_id, ()))
            if count != 1:
                faults.append(f"message {message_id} is in {count} turns")
    answered = {row["message_id"] for decision in decisions for row in decision["messages"] if row["origin"] == "bot"}
    bot = [event.sent for event in events if event.sent is not None and event.sent.origin == "bot"]
    keys = Counter(message.client_msg_id for message in bot)
    faults += [f"reply {key} came {count} times" for key, count in keys.items() if count > 1]
    faults += [
        f"message {message.id} of the bot belongs to no turn"
        for message in bot
        if message.id not in answered and not (message.client_msg_id or "").startswith(("greeting:", "off:"))
    ]
    seqs = [event.seq for event in events]
    if seqs != sorted(set(seqs)):
        faults.append("events came twice or out of order")
    return tuple(faults)
