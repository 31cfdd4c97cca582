"""The rows of the matrix for the bot's routes. `turn` is the bot's with the visitor, `reply` what it said in it."""

from __future__ import annotations

from tests.safety.row import Row

ADMIN, STAFF, ENTERPRISE = "forbidden:admin_only", "forbidden:staff_only", "forbidden:enterprise_only"
OTHERS = "lin mi gray bot operator visitor"
AGENTS = "qiao zhou boss"
VISIT = {"conversation_id": "@visit"}

BOT = [
    *(
        Row(
            f"{method} /v1/bot/settings",
            "one's enterprise",
            "boss rival_boss",
            refused={ADMIN: "qiao zhou rival bot visitor"},
            rest=ENTERPRISE,
            body=body,
        )
        for method, body in (("GET", None), ("PUT", {"auto_reply": True, "greeting": "您好"}))
    ),
    Row(
        "GET /v1/bot/turns",
        "the visitor's conversation",
        AGENTS,
        refused={STAFF: OTHERS},
        rest="not_found",
        query=VISIT,
        hides="visit",
        shows=("@turn", AGENTS),
    ),
    Row(
        "GET /v1/bot/turns/{turn_id}",
        "the visitor's turn",
        AGENTS,
        refused={STAFF: OTHERS},
        rest="not_found",
        path={"turn_id": "turn"},
        hides="turn",
        shows=("rule:of-the-world", AGENTS),
    ),
    Row(
        "GET /v1/bot/ledger",
        "one's enterprise",
        f"{AGENTS} rival rival_boss",
        rest=STAFF,
        shows=("@turn", AGENTS),
    ),
    Row(
        "GET /v1/bot/ledger",
        "the visitor's conversation",
        f"{AGENTS} rival rival_boss",
        rest=STAFF,
        query=VISIT,
        shows=("@turn", AGENTS),
    ),
    Row(
        "GET /v1/bot/ledger",
        "one customer's",
        f"{AGENTS} rival rival_boss",
        rest=STAFF,
        query={"customer_id": "@visitor", "kind": "price"},
    ),
    Row("GET /v1/bot/questions", "anybody's", "*", query={"enterprise_id": "@moon_tea", "typed": "发货"}),
    Row(
        "POST /v1/bot/feedback",
        "the visitor's reply",
        "visitor",
        rest="not_found",
        body={"message_id": "@reply", "value": "up"},
        hides="reply",
    ),
    Row("POST /v1/bot/preview", "one's enterprise", f"{AGENTS} rival rival_boss", rest=STAFF, body={"text": "您好"}),
    Row(
        "GET /v1/bot/summary",
        "the visitor's conversation",
        AGENTS,
        refused={STAFF: OTHERS},
        rest="not_found",
        query=VISIT,
        hides="visit",
        shows=("想问龙井", AGENTS),
    ),
]
