"""The rows of the matrix for uploads, emoji packs, cards and links.

`media` is Lin's picture in the talk of Lin and Mi, `upload` one that Lin has begun; `pack` is Moon Tea's and waits for
a reviewer; `community` is Moon Tea's group of Qiao (owner), Lin and Mi, with a card; `lead` is what Lin left there.
"""

from __future__ import annotations

from tests.safety.row import Row

ADMIN, STAFF, OPERATOR = "forbidden:admin_only", "forbidden:staff_only", "forbidden:operator_only"
U = "/v1/uploads/{upload_id}"
PACK = "/v1/emoji-packs/{pack_id}"
CARD = "/v1/conversations/{conversation_id}/messages/{seq}"
OURS = "qiao zhou bot visitor"
"""Moon Tea's who manage nothing."""

_UPLOADS = [
    Row("POST /v1/uploads", "oneself", "*", body={"use": "image", "bytes": 1000}),
    Row(f"GET {U}", "Lin's upload", "lin", rest="not_found", path={"upload_id": "upload"}, hides="upload"),
    Row(
        f"PATCH {U}",
        "Lin's upload, with a part too small",
        refused={"invalid_request": "lin"},
        rest="not_found",
        path={"upload_id": "upload"},
        query={"offset": 0},
        body={},
        hides="upload",
    ),
    Row(f"DELETE {U}", "Lin's upload", "lin", rest="not_found", path={"upload_id": "upload"}, hides="upload"),
    Row("POST /v1/media/links", "Lin's picture", "*", body={"ids": ["@media"]}, shows=("@media", "lin mi")),
    Row(
        "GET /v1/media/{media_id}",
        "Lin's picture",
        "lin mi",
        rest="not_found",
        path={"media_id": "media"},
        hides="media",
    ),
    Row(
        "GET /v1/media/{media_id}",
        "a picture of Moon Tea's pack",
        "qiao zhou boss operator",
        rest="not_found",
        path={"media_id": "emoji_media"},
        hides="emoji_media",
    ),
    Row(
        "POST /v1/link-previews",
        "a page, with previews turned off",
        rest="forbidden:previews_off",
        body={"url": "https://moontea.example/"},
    ),
]
_PACKS = [
    Row("GET /v1/emoji-packs", "everybody's", "*", shows=("@pack", "")),
    Row(
        "GET /v1/emoji-packs",
        "one's enterprise",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        query={"whose": "own"},
        shows=("@pack", "qiao zhou boss"),
    ),
    Row(
        "GET /v1/emoji-packs",
        "those that wait",
        "operator",
        rest=OPERATOR,
        query={"whose": "review"},
        shows=("@pack", "operator"),
    ),
    Row(
        "POST /v1/emoji-packs",
        "one's enterprise",
        "boss rival_boss",
        refused={ADMIN: f"{OURS} rival"},
        rest=STAFF,
        body={"name": "茶"},
    ),
    Row(
        f"GET {PACK}", "Moon Tea's", "qiao zhou boss operator", rest="not_found", path={"pack_id": "pack"}, hides="pack"
    ),
    *(
        Row(
            f"{method} {PACK}{rest}",
            "Moon Tea's, which waits",
            refused={ADMIN: OURS, "wrong_pack_state": "boss operator"},
            rest="not_found",
            path={"pack_id": "pack", **path},
            body=body,
            hides="pack",
        )
        for method, rest, path, body in (
            ("POST", "/emoji", {}, {"name": "喝茶", "media_id": "@media"}),
            ("DELETE", "/emoji/{emoji_id}", {"emoji_id": "brand_emoji"}, None),
            ("POST", "/submit", {}, None),
        )
    ),
    Row(
        f"POST {PACK}/withdraw",
        "Moon Tea's",
        "boss operator",
        refused={ADMIN: OURS},
        rest="not_found",
        path={"pack_id": "pack"},
        hides="pack",
    ),
    Row(
        "POST /v1/operator/emoji-packs/{pack_id}/review",
        "Moon Tea's",
        "operator",
        rest=OPERATOR,
        path={"pack_id": "pack"},
        body={"approve": True},
        hides="pack",
    ),
]
_WHERE = {"conversation_id": "community", "seq": "card_seq"}
_CARDS = [
    Row(
        f"POST {CARD}/press",
        "the community's card",
        "lin mi qiao",
        path=_WHERE,
        body={"button": "go"},
        hides="community",
    ),
    Row(
        f"GET {CARD}/presses", "the community's card", "qiao", refused={STAFF: "lin mi"}, path=_WHERE, hides="community"
    ),
    Row(
        f"POST {CARD}/lead",
        "the community's card",
        "mi qiao",
        refused={"already_exists": "lin"},
        path=_WHERE,
        body={"button": "leave", "answers": {"phone": "13900000000"}, "consent": True},
        hides="community",
    ),
    Row(
        "GET /v1/leads",
        "one's enterprise",
        "qiao zhou boss rival rival_boss",
        rest=STAFF,
        shows=("13800000000", "qiao zhou boss"),
    ),
    Row(
        "DELETE /v1/leads/{lead_id}",
        "Lin's",
        "lin boss operator",
        rest="not_found",
        path={"lead_id": "lead"},
        hides="lead",
    ),
]

MEDIA = [*_UPLOADS, *_PACKS, *_CARDS]
