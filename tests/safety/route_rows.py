"""The rows of the matrix for HTTP: add one for every new route, and one for every kind of object it is asked for.

Words: `direct` is Lin's and Mi's; `group` is Lin's (owner) with Mi and Nan; `service` is Lin's with Moon Tea, its
session has Qiao; `visit` is the visitor's with Moon Tea, its session has the bot. Rival and rival_boss are the agent
and the owner of another enterprise, Gray has no business anywhere.
"""

from __future__ import annotations

from typing import Any

from tests.safety.acts_rows import ACTS
from tests.safety.bot_rows import BOT
from tests.safety.commerce_rows import COMMERCE
from tests.safety.desk_rows import DESK
from tests.safety.media_rows import MEDIA
from tests.safety.people_rows import PEOPLE_ROWS
from tests.safety.row import Row, table
from tests.safety.rules_rows import RULES
from tests.safety.world import said

PEOPLE = "lin mi gray qiao zhou boss rival rival_boss"
ADMIN, STAFF, OPERATOR = "forbidden:admin_only", "forbidden:staff_only", "forbidden:operator_only"
GROUP_ONLY, OWNER = "forbidden:group_only", "forbidden:owner_only"
ENTERPRISE = "forbidden:enterprise_only"
SELF = "forbidden:self_only"
MOON = {"enterprise_id": "moon_tea"}
C = "/v1/conversations"
CID = f"{C}/{{conversation_id}}"
E = "/v1/enterprises/{enterprise_id}"
TEXT = {"client_msg_id": "m1", "kind": "text", "body": {"text": "您好"}}

_IDENTITY = [
    Row("POST /v1/accounts", "a person", "operator", rest=OPERATOR, body={"name": "新人"}),
    Row(
        "POST /v1/accounts",
        "Moon Tea's bot",
        "boss operator",
        rest=ADMIN,
        body={"name": "新机器人", "kind": "bot", "enterprise_id": "@moon_tea"},
        hides="moon_tea",
    ),
    Row("POST /v1/enterprises", "an enterprise", "operator", rest=OPERATOR, body={"name": "新店"}),
    Row(
        f"PUT {E}/verification",
        "Moon Tea",
        "operator",
        rest=OPERATOR,
        path=MOON,
        body={"verified": False},
        hides="moon_tea",
    ),
    Row(
        f"PUT {E}/bot",
        "Moon Tea",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        body={"account_id": None},
        hides="moon_tea",
    ),
    Row(
        f"PUT {E}/bot",
        "Moon Tea with another enterprise's bot",
        rest=ADMIN,
        refused={"not_found": "boss operator"},
        path=MOON,
        body={"account_id": "@rival_bot"},
        hides="moon_tea rival_bot",
    ),
    Row(
        f"GET {E}/members",
        "Moon Tea's staff",
        "qiao zhou boss operator",
        rest=STAFF,
        path=MOON,
        hides="moon_tea",
        shows=("月茶掌柜", "qiao zhou boss operator"),
    ),
    Row(
        f"PUT {E}/members/{{account_id}}",
        "Moon Tea's staff",
        "boss operator",
        rest=ADMIN,
        path={**MOON, "account_id": "gray"},
        body={"role": "agent"},
        hides="moon_tea gray",
    ),
    Row(
        f"DELETE {E}/members/{{account_id}}",
        "Moon Tea's staff",
        "boss operator",
        rest=ADMIN,
        path={**MOON, "account_id": "zhou"},
        hides="moon_tea zhou",
    ),
    Row("POST /v1/tokens", "Mi's account", "mi operator", rest=SELF, body={"account_id": "@mi"}, hides="mi"),
    Row(
        "POST /v1/tokens",
        "Moon Tea's bot",
        "boss operator",
        rest=SELF,
        body={"account_id": "@bot"},
        hides="bot",
        refused={SELF: "bot"},
    ),
    Row(
        "POST /v1/tokens",
        "Moon Tea's site keys",
        "boss operator",
        rest=SELF,
        body={"account_id": "@moon_tea", "scopes": ["visit"], "origins": ["https://moontea.example"]},
        hides="moon_tea",
    ),
    Row(
        "POST /v1/tokens",
        "one's own for Moon Tea",
        "qiao operator",
        rest=SELF,
        body={"account_id": "@qiao", "enterprise_id": "@moon_tea"},
        hides="qiao moon_tea",
    ),
    Row(
        "POST /v1/tokens",
        "one's own as operator",
        "operator",
        rest=OPERATOR,
        body={"account_id": "@gray", "scopes": ["chat", "operator"]},
        hides="gray",
    ),
    Row("GET /v1/tokens", "one's own", "*", shows=("@mi_token", "mi")),
    Row(
        "DELETE /v1/tokens/{token_id}",
        "Mi's",
        "mi operator",
        rest="not_found",
        path={"token_id": "mi_token"},
        hides="mi_token",
    ),
    Row(
        "DELETE /v1/tokens/{token_id}",
        "the bot's",
        "bot boss operator",
        rest="not_found",
        path={"token_id": "bot_token"},
        hides="bot_token",
    ),
    Row(
        "DELETE /v1/tokens/{token_id}",
        "Moon Tea's site key",
        "boss operator",
        rest="not_found",
        path={"token_id": "site_key_token"},
        hides="site_key_token",
    ),
    Row("POST /v1/visitors", "Moon Tea", "site_key", rest="forbidden:scope", body={}, needs_chat=False),
    Row("GET /v1/site", "Moon Tea", "site_key", rest="forbidden:scope", needs_chat=False, shows=("月茶", "site_key")),
    Row("GET /v1/me", "oneself", "*"),
    Row(
        "GET /v1/accounts/{account_id}",
        "Mi",
        "lin mi qiao operator",
        rest="not_found",
        path={"account_id": "mi"},
        hides="mi",
        shows=("小米", "lin mi qiao operator"),
    ),
    Row(
        "GET /v1/accounts/{account_id}",
        "the visitor",
        "visitor bot operator",
        rest="not_found",
        path={"account_id": "visitor"},
        hides="visitor",
    ),
    Row("GET /v1/accounts/{account_id}", "Moon Tea", "*", path={"account_id": "moon_tea"}),
]

_CONVERSATIONS = [
    Row(
        f"POST {C}",
        "direct with Mi",
        "lin gray qiao zhou boss rival rival_boss",
        refused={"not_found": "mi"},
        rest="forbidden:personal_only",
        body={"kind": "direct", "account_id": "@mi"},
        hides="mi",
    ),
    Row(
        f"POST {C}",
        "a group with Mi",
        "*",
        refused={"forbidden:no_visitors": "visitor"},
        body={"kind": "group", "title": "新群", "member_ids": ["@mi"]},
    ),
    Row(
        f"POST {C}",
        "a community of Moon Tea",
        "qiao zhou boss",
        rest=STAFF,
        body={"kind": "group", "title": "新群", "member_ids": [], "enterprise_id": "@moon_tea"},
        hides="moon_tea",
    ),
    Row(
        f"POST {C}",
        "service of Moon Tea",
        f"{PEOPLE} visitor",
        rest="forbidden:customers_only",
        body={"kind": "service", "enterprise_id": "@moon_tea"},
    ),
    Row(
        f"POST {C}",
        "service of another enterprise",
        PEOPLE,
        rest="forbidden:customers_only",
        body={"kind": "service", "enterprise_id": "@rival_shop"},
    ),
    Row(f"GET {C}", "one's own", "*", shows=("@direct", "lin mi")),
]


def _on(conversation: str, of: str, allowed: str = "", **fields: Any) -> Row:
    """Return a row about one conversation, whose existence outsiders must not learn."""
    path = {"conversation_id": conversation, **fields.pop("path", {})}
    fields.setdefault("hides", conversation)
    return Row(of, conversation, allowed, path=path, **fields)


_WITHIN = [
    row
    for conversation, members, readers in (
        ("direct", "lin mi", "lin mi"),
        ("group", "lin mi", "lin mi"),
        ("service", "lin qiao bot", "lin qiao bot zhou boss"),
        ("visit", "visitor bot", "visitor bot qiao zhou boss"),
    )
    for row in (
        _on(conversation, f"GET {CID}", members, rest="not_found"),
        _on(conversation, f"GET {CID}/members", readers),
        _on(conversation, f"GET {CID}/messages", readers, shows=(said(conversation), readers)),
        _on(conversation, f"GET {CID}/events", readers, shows=(said(conversation), readers)),
        _on(conversation, f"PUT {CID}/read", members, body={"msg_no": 1}),
        Row(
            "POST /v1/poll",
            conversation,
            "*",
            body={"cursors": {f"@{conversation}": 0}, "wait_ms": 0},
            shows=(said(conversation), members),
        ),
    )
]

_SENDING = [
    _on("direct", f"POST {CID}/messages", "lin mi", body=TEXT),
    _on("group", f"POST {CID}/messages", "lin mi", body=TEXT),
    # The bot is a member, but Qiao has taken over.
    _on("service", f"POST {CID}/messages", "lin qiao", refused={"assignment_changed": "bot"}, body=TEXT),
    _on("visit", f"POST {CID}/messages", "visitor bot", body={**TEXT, "assignment_version": "@visit_version:int"}),
]

_GROUPS = [
    row
    for conversation, allowed, refusals in (
        ("group", "lin", {}),
        ("direct", "", {GROUP_ONLY: "lin mi"}),
        ("service", "", {GROUP_ONLY: "lin qiao bot"}),
    )
    for of, own, fields in (
        (f"PATCH {CID}", ADMIN, {"body": {"title": "新名"}}),
        (f"POST {CID}/members", ADMIN, {"body": {"account_ids": ["@gray"]}}),
        (f"PATCH {CID}/members/{{account_id}}", OWNER, {"path": {"account_id": "nan"}, "body": {"role": "admin"}}),
        (f"DELETE {CID}/members/{{account_id}}", ADMIN, {"path": {"account_id": "nan"}}),
    )
    for row in (_on(conversation, of, allowed, refused=refusals or {own: "mi"}, **fields),)
]

_INTEGRATIONS = [
    Row(
        "GET /v1/operator/parked",
        "the platform",
        "operator",
        rest=OPERATOR,
        shows=("@parked", "operator"),
    ),
    # Its subscriber is gone, so that even the operator cannot have it tried again.
    Row(
        "POST /v1/operator/parked/{parked_id}/retry",
        "a parked event",
        refused={"not_found": "operator"},
        rest=OPERATOR,
        path={"parked_id": "parked"},
        hides="parked",
    ),
    Row(
        "DELETE /v1/operator/parked/{parked_id}",
        "a parked event",
        "operator",
        rest=OPERATOR,
        path={"parked_id": "parked"},
        hides="parked",
    ),
    Row(
        "GET /v1/webhooks",
        "one's enterprise",
        "boss rival_boss",
        refused={ADMIN: "qiao zhou rival bot visitor"},
        rest=ENTERPRISE,
        shows=("@webhook", "boss"),
    ),
    Row(
        "POST /v1/webhooks",
        "one's enterprise",
        "boss rival_boss",
        refused={ADMIN: "qiao zhou rival bot visitor"},
        rest=ENTERPRISE,
        body={"url": "http://127.0.0.1:9/hook", "kinds": ["session.closed"]},
    ),
    Row(
        "POST /v1/webhooks",
        "another enterprise's bot",
        refused={ADMIN: "qiao zhou rival bot visitor", "not_found": "boss"},
        allowed="rival_boss",
        rest=ENTERPRISE,
        body={"url": "http://127.0.0.1:9/hook", "kinds": ["session.closed"], "bot_account_id": "@rival_bot"},
    ),
    Row(
        "DELETE /v1/webhooks/{webhook_id}",
        "Moon Tea",
        "boss",
        refused={ADMIN: "qiao zhou rival bot visitor", "not_found": "rival_boss"},
        rest=ENTERPRISE,
        path={"webhook_id": "webhook"},
        hides="webhook",
    ),
]

_OPEN = [
    Row(f"GET {path}", "nothing", open_to_all=True) for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")
]

# The WebSocket's own rows are in frame_rows.py.
ELSEWHERE = {"/v1/ws"}
ROUTE_ROWS = table(
    [
        *_IDENTITY,
        *PEOPLE_ROWS,
        *_CONVERSATIONS,
        *_WITHIN,
        *_SENDING,
        *_GROUPS,
        *ACTS,
        *DESK,
        *COMMERCE,
        *RULES,
        *MEDIA,
        *BOT,
        *_INTEGRATIONS,
        *_OPEN,
    ]
)
