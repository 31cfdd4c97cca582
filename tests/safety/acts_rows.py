"""The rows of the matrix for acts on messages, groups and one's own list; `seq` is the first message, said by Lin.

`group` is Lin's, Rival is banned from it, Rival's boss has asked to come in by its link.
"""

from __future__ import annotations

from typing import Any

from tests.safety.row import Row

ADMIN, GROUP_ONLY, SENDER = "forbidden:admin_only", "forbidden:group_only", "forbidden:sender_only"
C = "/v1/conversations/{conversation_id}"
M = f"{C}/messages/{{seq}}"
PEOPLE = "lin mi gray qiao zhou boss rival_boss"


def _on(conversation: str, of: str, allowed: str = "", **fields: Any) -> Row:
    path = {"conversation_id": conversation, **fields.pop("path", {})}
    return Row(of, conversation, allowed, path=path, hides=conversation, **fields)


_MESSAGES = [
    row
    for conversation in ("direct", "group")
    for row in (
        _on(conversation, f"GET {M}", "lin mi", path={"seq": "seq"}),
        _on(conversation, f"POST {M}/recall", "lin", refused={SENDER: "mi"}, path={"seq": "seq"}),
        _on(
            conversation,
            f"PATCH {M}",
            "lin",
            refused={SENDER: "mi"},
            path={"seq": "seq"},
            body={"body": {"text": "龙井还有吗"}},
        ),
        _on(conversation, f"DELETE {M}", "lin mi", path={"seq": "seq"}),
        _on(conversation, f"PUT {M}/reactions/{{emoji}}", "lin mi", path={"seq": "seq", "emoji": "emoji"}),
        _on(conversation, f"DELETE {M}/reactions/{{emoji}}", "lin mi", path={"seq": "seq", "emoji": "emoji"}),
        _on(conversation, f"GET {M}/versions", "lin mi", path={"seq": "seq"}),
        _on(conversation, f"GET {M}/readers", "lin mi", path={"seq": "seq"}),
        _on(
            conversation,
            f"POST {C}/forward",
            "lin mi",
            body={
                "client_msg_id": "f1",
                "from_conversation_id": "@direct",
                "seqs": [2],
                "merged": True,
                "title": "摘录",
            },
        ),
    )
]
# Who is in one of the two conversations only, cannot carry words from the one to the other.
_FORWARD = [
    Row(
        f"POST {C}/forward",
        "what somebody else has said",
        "lin",
        path={"conversation_id": "service"},
        body={"client_msg_id": "f1", "from_conversation_id": "@direct", "seqs": [2]},
        hides="service direct",
    ),
]
_OWN = [
    row
    for conversation, members in (
        ("direct", "lin mi"),
        ("group", "lin mi"),
        ("service", "lin qiao bot"),
        ("visit", "visitor bot"),
    )
    for row in (
        _on(conversation, f"PATCH {C}/own", members, body={"pinned": True}),
        _on(conversation, f"PUT {C}/draft", members, body={"text": "还没写完"}),
    )
] + [Row("GET /v1/unread", "one's own", "*")]

_GROUPS = [
    row
    for conversation, allowed, refused in (
        ("group", "lin", {ADMIN: "mi"}),
        ("direct", "", {GROUP_ONLY: "lin mi"}),
        ("service", "", {GROUP_ONLY: "lin qiao bot"}),
    )
    for of, fields in (
        ("GET /group", {}),
        ("PATCH /group", {"body": {"notice": "周六品茶"}}),
        ("PUT /silence", {"body": {"seconds": 60}}),
        ("PUT /members/{account_id}/silence", {"path": {"account_id": "nan"}, "body": {"seconds": 60}}),
        ("PUT /members/{account_id}/nickname", {"path": {"account_id": "nan"}, "body": {"nickname": "南风"}}),
        ("GET /bots", {}),
        ("GET /bans", {}),
        ("PUT /bans/{account_id}", {"path": {"account_id": "nan"}, "body": {}}),
        ("DELETE /bans/{account_id}", {"path": {"account_id": "rival"}}),
        ("PUT /pins/{seq}", {"path": {"seq": "seq"}}),
        ("DELETE /pins/{seq}", {"path": {"seq": "seq"}}),
        ("GET /audit", {}),
        ("POST /invite-links", {"body": {}}),
        ("GET /invite-links", {}),
        ("DELETE /invite-links/{link_id}", {"path": {"link_id": "link"}}),
        ("GET /join-requests", {}),
        ("PUT /join-requests/{account_id}", {"path": {"account_id": "rival_boss"}, "body": {"accept": True}}),
    )
    for method, _, rest in (of.partition(" "),)
    for row in (_on(conversation, f"{method} {C}{rest}", allowed, refused=refused, **dict(fields)),)
]
_INVITES = [
    Row("POST /v1/invites/look", "a link of the group", "*", body={"code": "@code"}),
    Row(
        "POST /v1/invites/join",
        "a link of the group",
        PEOPLE,
        refused={"banned": "rival"},
        rest="forbidden:personal_only",
        body={"code": "@code"},
    ),
    Row(
        "POST /v1/invites/look",
        "a link that does not exist",
        rest="not_found",
        body={"code": "nothing"},
    ),
]

ACTS = [*_MESSAGES, *_FORWARD, *_OWN, *_GROUPS, *_INVITES]
