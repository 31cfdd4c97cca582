"""The rows of the matrix for the rules: waiting messages, marketing, reports, the risk desk. Mi's case is about Lin."""

from __future__ import annotations

from tests.safety.row import Row

OPERATOR, ADMIN = "forbidden:operator_only", "forbidden:admin_only"
MOON = {"enterprise_id": "moon_tea"}
W = "/v1/enterprises/{enterprise_id}/words"
R = "/v1/review"
REPORT = {"conversation_id": "@direct", "account_id": "@mi", "reason": "spam"}

RULES = [
    Row(
        "POST /v1/operator/notices",
        "Mi, by her log-in name",
        "operator",
        rest=OPERATOR,
        body={"title": "今晚维护", "to": {"login": "mi.login"}},
    ),
    Row(
        "POST /v1/operator/notices",
        "Moon Tea's staff",
        "operator",
        rest=OPERATOR,
        body={"title": "今晚维护", "level": "warning", "to": {"enterprise_id": "@moon_tea"}},
        hides="moon_tea",
    ),
    Row("GET /v1/pending", "one's own", "*", shows=("一起去网络赌场", "lin")),
    Row(
        "DELETE /v1/conversations/{conversation_id}/pending",
        "Lin's waiting message",
        "lin",
        rest="not_found",
        path={"conversation_id": "direct"},
        query={"client_msg_id": "waits"},
        hides="direct",
    ),
    Row("GET /v1/marketing/consents", "one's own", "*"),
    Row(
        "PUT /v1/marketing/consents/{enterprise_id}",
        "Moon Tea",
        "*",
        refused={"forbidden:customers_only": "bot operator"},
        path=MOON,
        body={"opted_in": True},
    ),
    Row(
        "POST /v1/reports",
        "Mi in Lin's and Mi's conversation",
        "lin",
        refused={"not_found": "mi", "forbidden:personal_only": "bot operator"},
        body=REPORT,
        hides="direct",
    ),
    Row(
        "POST /v1/appeals",
        "Gray's sanction",
        "gray",
        rest="not_found",
        body={"sanction_id": "@sanction", "text": "是误会"},
        hides="sanction",
    ),
    Row("GET /v1/appeals", "one's own", "*"),
    Row("GET /v1/safety/standing", "one's own", "*", shows=("level_2", "gray")),
    Row(f"GET {R}/cases", "the queue", "operator", rest=OPERATOR, shows=("林小姐", "operator")),
    Row(
        f"GET {R}/cases/{{case_id}}",
        "the case about Lin",
        "operator",
        rest=OPERATOR,
        path={"case_id": "case"},
        hides="case",
    ),
    Row(
        f"POST {R}/cases/{{case_id}}/decision",
        "the case about Lin",
        "operator",
        rest=OPERATOR,
        path={"case_id": "case"},
        body={"verdict": "release"},
        hides="case",
    ),
    Row(f"GET {R}/rules", "all rules", "operator", rest=OPERATOR),
    Row(f"GET {R}/shadow", "level 1", "operator", rest=OPERATOR, query={"rule": "level_1"}),
    Row(
        f"PUT {R}/sanctions/{{sanction_id}}/label",
        "a sanction in shadow mode",
        "operator",
        rest=OPERATOR,
        path={"sanction_id": "shadow"},
        body={"right": False},
        hides="shadow",
    ),
    Row(
        f"GET {R}/accounts/{{account_id}}/standing",
        "Gray's",
        "operator",
        rest=OPERATOR,
        path={"account_id": "gray"},
        hides="gray",
    ),
    Row(f"GET {W}", "Moon Tea's", "boss operator", rest=ADMIN, path=MOON, hides="moon_tea"),
    Row(
        f"POST {W}",
        "Moon Tea's",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        body={"words": ["老茶行"]},
        hides="moon_tea",
    ),
    Row(
        f"DELETE {W}",
        "Moon Tea's",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        query={"word": "对门茶行"},
        hides="moon_tea",
    ),
]
