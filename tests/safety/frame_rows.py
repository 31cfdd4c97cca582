"""The rows of the matrix for the WebSocket: add one for every new frame, and one for every kind of object."""

from __future__ import annotations

from tests.safety.row import Row, table

EVERYBODY = "lin mi gray qiao zhou boss bot operator rival rival_boss visitor"
SERVICE_MEMBERS = {"direct": "lin mi", "group": "lin mi", "service": "lin qiao bot", "visit": "visitor bot"}

_HELLO = [Row("hello", "the messenger", "*", body={"protocol": 1})]

_CONVERSATIONS = [
    row
    for conversation, members in SERVICE_MEMBERS.items()
    for row in (
        Row(
            "send",
            conversation,
            members.replace(" bot", "") if conversation == "service" else members,
            # In `service` an agent has taken over; in `visit` the bot must name the session's version.
            refused={"assignment_changed": "bot"} if conversation in ("service", "visit") else {},
            body={
                "conversation_id": f"@{conversation}",
                "client_msg_id": "m1",
                "kind": "text",
                "body": {"text": "您好"},
            },
            hides=conversation,
        ),
        Row(
            "read", conversation, members, body={"conversation_id": f"@{conversation}", "msg_no": 1}, hides=conversation
        ),
        Row(
            "typing",
            conversation,
            members,
            body={"conversation_id": f"@{conversation}", "on": True},
            hides=conversation,
        ),
        Row(
            "sync",
            conversation,
            members,
            body={"conversation_id": f"@{conversation}", "after_seq": 0},
            hides=conversation,
        ),
    )
]

# Presence: those who share a direct or service conversation, not those who share a group.
_WATCH = [
    Row("watch", person, watchers, rest="forbidden:not_watchable", body={"account_ids": [f"@{person}"]}, hides=person)
    for person, watchers in (
        ("lin", "lin mi qiao bot"),
        ("mi", "mi lin"),
        ("nan", ""),
        ("qiao", "lin qiao bot"),
        ("bot", "lin qiao bot visitor"),
        ("visitor", "visitor bot"),
        ("boss", ""),
    )
]

_PING = [Row("ping", "nothing", "*", body={})]

FRAME_ROWS = table([*_HELLO, *_CONVERSATIONS, *_WATCH, *_PING])
