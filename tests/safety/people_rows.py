"""The rows of the matrix for log-ins, devices and keys. Mi has a log-in name; Lin is logged in on a phone."""

from __future__ import annotations

from tests.safety.row import Row

PERSONAL, ADMIN = "forbidden:personal_only", "forbidden:admin_only"
MACHINES = "bot operator visitor"
MOON = {"enterprise_id": "moon_tea"}
K = "/v1/enterprises/{enterprise_id}/keys"
NEW = {"login": "somebody", "password": "a-new-password", "name": "新人"}
WRONG = {"login": "mi.login", "password": "not-her-password"}
RIGHT = {"login": "mi.login", "password": "mi-and-her-tea"}
ALL = "anonymous lin mi gray qiao zhou boss bot operator rival rival_boss visitor site_key revoked expired"

LOG_INS = [
    Row("POST /v1/sign-up", "a free name", open_to_all=True, body=NEW),
    Row("POST /v1/sign-up", "Mi's name", refused={"already_exists": ALL}, body={**NEW, "login": "mi.login"}),
    Row("POST /v1/log-in", "Mi's account", open_to_all=True, body=RIGHT),
    Row("POST /v1/log-in", "Mi's account, wrongly", refused={"wrong_login": ALL}, body=WRONG),
    Row("POST /v1/log-in", "nobody's account", refused={"wrong_login": ALL}, body={**WRONG, "login": "nobody"}),
    Row(
        "POST /v1/log-in",
        "Mi's account for an enterprise",
        refused={"forbidden:staff_only": ALL},
        body={**RIGHT, "enterprise_id": "@moon_tea"},
    ),
    Row(
        "POST /v1/visitors/sign-up",
        "a free name",
        "visitor",
        rest="forbidden:visitors_only",
        refused={"forbidden:visitors_only": "site_key"},
        body=NEW,
    ),
    Row(
        "POST /v1/visitors/log-in",
        "Mi's account",
        "visitor",
        rest="forbidden:visitors_only",
        refused={"forbidden:visitors_only": "site_key"},
        body=RIGHT,
    ),
    Row("POST /v1/log-out", "one's own token", "*"),
    Row(
        "PUT /v1/me/login",
        "one's own account",
        "*",
        refused={PERSONAL: MACHINES, "already_exists": "mi"},
        body={"login": "somebody", "password": "a-new-password"},
    ),
    Row(
        "PUT /v1/me/password",
        "one's own account",
        "mi",
        refused={PERSONAL: MACHINES},
        rest="wrong_login",
        body={"password": RIGHT["password"], "new_password": "a-new-password"},
    ),
    Row("PATCH /v1/me", "oneself", "*", refused={PERSONAL: MACHINES}, body={"name": "新名", "time_zone": "Asia/Tokyo"}),
    Row("GET /v1/me/enterprises", "one's own", "*", shows=("月茶", "qiao zhou boss")),
    Row("GET /v1/devices", "one's own", "*", shows=("@lin_phone", "lin")),
    Row(
        "DELETE /v1/devices/{device_id}",
        "Lin's phone",
        "lin",
        rest="not_found",
        path={"device_id": "lin_phone"},
        hides="lin_phone",
    ),
    Row("DELETE /v1/devices", "one's own", "*"),
]

KEYS = [
    Row(f"POST {K}", "Moon Tea", "boss operator", rest=ADMIN, path=MOON, body={"scopes": ["orders"]}, hides="moon_tea"),
    Row(f"GET {K}", "Moon Tea", "boss operator", rest=ADMIN, path=MOON, shows=("@moon_key", "boss operator")),
    Row(
        f"DELETE {K}/{{key_id}}",
        "Moon Tea's key",
        "boss operator",
        rest=ADMIN,
        path={**MOON, "key_id": "moon_key"},
        hides="moon_tea moon_key",
    ),
]

PLAIN = {"enterprise_id": "plain_shop"}
REQUESTS = "/v1/enterprises/{enterprise_id}/verification-requests"
T = "/v1/enterprises/{enterprise_id}/terms"
STAFF, OPERATOR = "forbidden:staff_only", "forbidden:operator_only"

STANDING = [
    Row(
        "POST /v1/operator/enterprises",
        "a new enterprise with a new owner",
        "operator",
        rest=OPERATOR,
        body={"name": "新店", "owner": NEW},
    ),
    Row(
        "POST /v1/operator/enterprises",
        "a new enterprise whose owner has an account",
        "operator",
        rest=OPERATOR,
        body={"name": "新店", "owner": {"login": "mi.login"}},
    ),
    Row(
        "GET /v1/operator/enterprises",
        "the platform",
        "operator",
        rest=OPERATOR,
        shows=("@rival_shop", "operator"),
    ),
    Row("GET /v1/me/rights", "oneself", "*", needs_chat=False),
    Row(
        f"POST {REQUESTS}",
        "Moon Tea, which is verified",
        refused={"already_exists": "boss operator"},
        rest=ADMIN,
        path=MOON,
        body={"documents": ["营业执照"]},
        hides="moon_tea",
    ),
    Row(
        f"POST {REQUESTS}",
        "a shop that has asked",
        refused={"already_exists": "operator"},
        rest=ADMIN,
        path=PLAIN,
        body={"documents": ["营业执照"]},
        hides="plain_shop",
    ),
    Row(f"GET {REQUESTS}", "a shop that has asked", "operator", rest=ADMIN, path=PLAIN, hides="plain_shop"),
    Row(
        "GET /v1/operator/verification-requests",
        "the platform",
        "operator",
        rest=OPERATOR,
        shows=("@plain_request", "operator"),
    ),
    Row(
        "POST /v1/operator/verification-requests/{request_id}/decide",
        "the request of a shop",
        "operator",
        rest=OPERATOR,
        path={"request_id": "plain_request"},
        body={"approve": True},
        hides="plain_request",
    ),
    Row("GET /v1/terms", "the platform", open_to_all=True),
    Row("POST /v1/operator/terms", "the platform", "operator", rest=OPERATOR, body={"text_zh": "新", "text_en": "new"}),
    Row(f"GET {T}", "Moon Tea", "qiao zhou boss operator", rest=STAFF, path=MOON, hides="moon_tea"),
    Row(f"POST {T}", "Moon Tea", "boss operator", rest=ADMIN, path=MOON, body={"version": 1}, hides="moon_tea"),
]

G = "/v1/contact-groups"
GROUP = {"group_id": "contact_group"}
NOT_PEOPLE = {PERSONAL: MACHINES}

CONTACTS = [
    Row("GET /v1/follows", "one's own", "*", shows=("@nan", "lin")),
    Row("GET /v1/followers", "one's own", "*"),
    Row("PUT /v1/follows/{account_id}", "Nan", "*", refused=NOT_PEOPLE, path={"account_id": "nan"}, body={}),
    Row("DELETE /v1/follows/{account_id}", "Nan", "*", refused=NOT_PEOPLE, path={"account_id": "nan"}),
    Row("GET /v1/contacts/{account_id}", "Nan", "*", path={"account_id": "nan"}, shows=("@contact_group", "lin")),
    Row("GET /v1/people", "Mi", "*", refused=NOT_PEOPLE, query={"login": "mi.login"}),
    Row(f"GET {G}", "one's own", "*", shows=("@contact_group", "lin")),
    Row(f"POST {G}", "one's own", "*", refused=NOT_PEOPLE, body={"name": "茶友"}),
    *[
        Row(
            of,
            "Lin's group",
            "lin",
            refused=NOT_PEOPLE,
            rest="not_found",
            path={**GROUP, **path},
            body=body,
            hides="contact_group",
        )
        for of, path, body in (
            (f"GET {G}/{{group_id}}", {}, None),
            (f"PATCH {G}/{{group_id}}", {}, {"name": "茶友"}),
            (f"DELETE {G}/{{group_id}}", {}, None),
            (f"PUT {G}/{{group_id}}/members/{{account_id}}", {"account_id": "gray"}, None),
            (f"DELETE {G}/{{group_id}}/members/{{account_id}}", {"account_id": "nan"}, None),
        )
    ],
    *[
        row
        for name in ("blacklist", "whitelist")
        for row in (
            Row(f"GET /v1/{name}", "one's own", "*"),
            Row(f"PUT /v1/{name}/{{account_id}}", "Nan", "*", refused=NOT_PEOPLE, path={"account_id": "nan"}),
            Row(f"DELETE /v1/{name}/{{account_id}}", "Nan", "*", refused=NOT_PEOPLE, path={"account_id": "nan"}),
        )
    ],
    Row("GET /v1/privacy", "one's own", "*", refused=NOT_PEOPLE),
    Row("PUT /v1/privacy", "one's own", "*", refused=NOT_PEOPLE, body={"who": "mutual"}),
    Row(
        "PUT /v1/privacy",
        "one's own with Lin's group",
        "lin",
        refused=NOT_PEOPLE,
        rest="not_found",
        body={"who": "groups", "group_ids": ["@contact_group"]},
        hides="contact_group",
    ),
    Row("GET /v1/do-not-disturb", "one's own", "*", refused=NOT_PEOPLE),
    Row(
        "PUT /v1/do-not-disturb",
        "one's own",
        "*",
        refused=NOT_PEOPLE,
        body={"intervals": [{"weekday": 1, "start": "22:00", "end": "08:00"}]},
    ),
]

PEOPLE_ROWS = [*LOG_INS, *KEYS, *STANDING, *CONTACTS]
