"""The rows of the matrix for money: red packets and wallets. The packet is Lin's for Mi, between the two."""

from __future__ import annotations

from tests.safety.row import Row

PERSONAL = "forbidden:personal_only"
MACHINES = "bot operator visitor"
PACKET = {"client_msg_id": "p1", "total_fen": 500}
P = "/v1/red-packets/{packet_id}"

COMMERCE = [
    Row(
        "POST /v1/conversations/{conversation_id}/red-packets",
        "Lin's and Mi's conversation",
        "lin",
        refused={"insufficient_balance": "mi", PERSONAL: MACHINES},
        path={"conversation_id": "direct"},
        body=PACKET,
        hides="direct",
    ),
    Row(
        "POST /v1/conversations/{conversation_id}/red-packets",
        "a service conversation",
        refused={"forbidden:no_money_in_service": "lin qiao", PERSONAL: MACHINES},
        path={"conversation_id": "service"},
        body=PACKET,
        hides="service",
    ),
    Row(
        f"GET {P}",
        "Lin's red packet",
        "lin mi",
        rest="not_found",
        path={"packet_id": "packet"},
        hides="packet",
        shows=("请喝茶", "lin mi"),
    ),
    Row(
        f"POST {P}/open",
        "Lin's red packet",
        "mi",
        refused={"forbidden:own_packet": "lin", PERSONAL: MACHINES},
        rest="not_found",
        path={"packet_id": "packet"},
        hides="packet",
    ),
    Row("GET /v1/wallet", "one's own", "*", refused={PERSONAL: MACHINES}, shows=("100000", "lin")),
    Row(
        "POST /v1/operator/wallets/top-up",
        "Lin's wallet",
        "operator",
        rest="forbidden:operator_only",
        body={"account_id": "@lin", "amount_fen": 100},
        hides="lin",
    ),
]

ADMIN, STAFF = "forbidden:admin_only", "forbidden:staff_only"
MOON = {"enterprise_id": "moon_tea"}
E = "/v1/enterprises/{enterprise_id}"
SOON = "2027-01-01T00:00:00Z"
NEW_COUPON = {"title": "立减五元", "amount_fen": 500, "ends_at": SOON}
CID = "/v1/conversations/{conversation_id}"
NEW_GRANT = {"client_msg_id": "g1", "coupon_id": "@coupon"}

COMMERCE += [
    Row(
        f"POST {E}/coupons",
        "Moon Tea",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        body=NEW_COUPON,
        hides="moon_tea",
    ),
    Row(
        f"GET {E}/coupons",
        "Moon Tea",
        "qiao zhou boss operator",
        rest=STAFF,
        path=MOON,
        hides="moon_tea",
        shows=("@coupon", "qiao zhou boss operator"),
    ),
    Row(
        f"DELETE {E}/coupons/{{coupon_id}}",
        "Moon Tea's coupon",
        "boss operator",
        rest=ADMIN,
        path={**MOON, "coupon_id": "coupon"},
        hides="moon_tea coupon",
    ),
    Row(
        f"PUT {E}/preloaded-coupon",
        "Moon Tea",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        body={"coupon_id": "@coupon"},
        hides="moon_tea coupon",
    ),
    Row(
        f"POST {CID}/coupons",
        "Lin's conversation with Moon Tea",
        "qiao",
        refused={"assignment_changed": "bot", "not_a_member": "zhou boss"},
        path={"conversation_id": "service"},
        body=NEW_GRANT,
        hides="service",
    ),
    Row(
        f"POST {CID}/coupons",
        "Lin's and Mi's conversation",
        path={"conversation_id": "direct"},
        body=NEW_GRANT,
        hides="direct",
    ),
    Row("GET /v1/coupons", "one's own", "*", shows=("@grant", "lin")),
    Row(
        "POST /v1/coupons/{grant_id}/redeem",
        "Lin's coupon of Moon Tea",
        "boss operator",
        rest="not_found",
        path={"grant_id": "grant"},
        body={"order_id": "MT-2", "total_fen": 1000},
        hides="grant",
    ),
    Row(
        f"POST {E}/orders",
        "Moon Tea",
        "boss operator",
        rest=ADMIN,
        path=MOON,
        body={"order_id": "MT-2", "title": "龙井", "total_fen": 1000, "conversation_id": "@service"},
        hides="moon_tea",
    ),
    Row(
        f"GET {E}/orders",
        "Moon Tea",
        "qiao zhou boss operator",
        rest=STAFF,
        path=MOON,
        hides="moon_tea",
        shows=("MT-1", "qiao zhou boss operator"),
    ),
    Row(f"GET {E}/attribution", "Moon Tea", "boss operator", rest=STAFF, path=MOON, hides="moon_tea"),
    Row(
        f"POST {CID}/order-cards",
        "Lin's conversation with Moon Tea",
        "lin qiao",
        refused={"assignment_changed": "bot"},
        path={"conversation_id": "service"},
        body={"client_msg_id": "o1", "order_id": "MT-1"},
        hides="service",
    ),
]
