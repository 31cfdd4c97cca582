"""The rows of the matrix for the desk: sessions, queue, attendance, phrases, labels, notes."""

from __future__ import annotations

from tests.safety.row import Row

ADMIN, STAFF = "forbidden:admin_only", "forbidden:staff_only"
D1 = "/v1/desk"
D = f"{D1}/sessions/{{session_id}}"

_SESSIONS = [
    Row(
        "GET /v1/desk/sessions",
        "one's enterprise",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        shows=("@session", "qiao zhou boss"),
    ),
    *(
        Row(
            f"POST {D}/{step}",
            "Lin's session",
            allowed,
            refused=refused,
            rest="not_found",
            path={"session_id": "session"},
            body=body,
            hides="session",
        )
        for step, allowed, refused, body in (
            ("request-agent", "lin bot qiao zhou boss", {}, {}),
            ("take", "qiao zhou boss", {}, None),
            ("hand-back", "qiao boss", {"forbidden:assigned_only": "zhou"}, None),
            ("transfer", "qiao boss", {"forbidden:assigned_only": "zhou"}, {"agent_id": "@zhou"}),
            # The bot would end what an agent has taken over.
            ("close", "lin qiao zhou boss", {"assignment_changed": "bot"}, None),
        )
    ),
    *(
        Row(
            f"POST {D}/{step}",
            "the visitor's session",
            allowed,
            refused=refused,
            rest="not_found",
            path={"session_id": "visit_session"},
            body=body,
            hides="visit_session",
        )
        for step, allowed, refused, body in (
            ("request-agent", "visitor bot qiao zhou boss", {}, {}),
            ("take", "qiao zhou boss", {}, None),
            ("hand-back", "", {"wrong_state": "qiao zhou boss"}, None),
            ("close", "visitor bot qiao zhou boss", {}, None),
        )
    ),
    Row(
        f"POST {D}/transfer",
        "Lin's session to another enterprise's agent",
        refused={"not_found": "qiao boss", "forbidden:assigned_only": "zhou"},
        rest="not_found",
        path={"session_id": "session"},
        body={"agent_id": "@rival"},
        hides="session rival",
    ),
]
_BOOK = [
    Row(
        "GET /v1/desk/sessions/queue",
        "one's enterprise",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
    ),
    Row(
        f"GET {D}/place",
        "Lin's session",
        "lin qiao zhou boss",
        rest="not_found",
        path={"session_id": "session"},
        hides="session",
    ),
    Row(
        f"PUT {D}/rating",
        "Lin's session, which is open",
        refused={"wrong_state": "lin"},
        rest="not_found",
        path={"session_id": "session"},
        body={"stars": 5},
        hides="session",
    ),
    Row(
        f"GET {D1}/agents",
        "one's enterprise",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        shows=("月茶掌柜", "qiao zhou boss"),
    ),
    Row(f"PUT {D1}/status", "oneself", "qiao zhou boss rival rival_boss", rest=STAFF, body={"status": "online"}),
    Row(
        f"PUT {D1}/agents/{{account_id}}",
        "Moon Tea's agent",
        "boss",
        refused={ADMIN: "qiao zhou rival", "not_found": "rival_boss"},
        rest=STAFF,
        path={"account_id": "qiao"},
        body={"capacity": 3},
        hides="qiao",
    ),
    Row(f"GET {D1}/settings", "one's enterprise", "qiao zhou boss rival rival_boss", rest=STAFF),
    Row(
        f"PUT {D1}/settings",
        "one's enterprise",
        "boss rival_boss",
        refused={ADMIN: "qiao zhou rival"},
        rest=STAFF,
        body={"auto_assign": False, "capacity": 5, "grace_s": 60},
    ),
    Row(
        f"GET {D1}/phrases",
        "one's own and the enterprise's",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        shows=("@phrase", "qiao"),
    ),
    Row(
        f"POST {D1}/phrases",
        "oneself",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        body={"title": "问候", "text": "您好"},
    ),
    Row(
        f"POST {D1}/phrases",
        "all agents",
        "boss rival_boss",
        refused={ADMIN: "qiao zhou rival"},
        rest=STAFF,
        body={"title": "问候", "text": "您好", "shared": True},
    ),
    *(
        Row(
            f"{method} {D1}/phrases/{{phrase_id}}",
            "Qiao's own phrase",
            "qiao",
            rest="not_found",
            path={"phrase_id": "phrase"},
            body=body,
            hides="phrase",
        )
        for method, body in (("PUT", {"title": "问候", "text": "您好"}), ("DELETE", None))
    ),
    *(
        Row(
            f"{method} {D}/{what}",
            "Lin's session",
            "qiao zhou boss",
            rest="not_found",
            path={"session_id": "session"},
            body=body,
            hides="session",
        )
        for method, what, body in (
            ("GET", "file", None),
            ("PUT", "labels", {"labels": ["退款"]}),
            ("PUT", "customer-labels", {"labels": ["老客"]}),
            ("POST", "notes", {"text": "喜欢绿茶"}),
        )
    ),
    Row(
        f"DELETE {D1}/notes/{{note_id}}",
        "Qiao's note",
        "qiao boss",
        refused={ADMIN: "zhou"},
        rest="not_found",
        path={"note_id": "note"},
        hides="note",
    ),
]

DESK = [*_SESSIONS, *_BOOK]
