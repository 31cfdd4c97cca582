"""Expected refusals: one code, one HTTP status, one text in two languages; the same over HTTP and WebSocket.

KefuError
└── CoreError(code, data)          what the caller may be told
    └── StorageUnavailable         nothing was acknowledged; trying again with the same key is safe
"""

from __future__ import annotations

import re

from kefu.base.clock import format_time
from kefu.base.errors import KefuError
from kefu.base.texts import Lang, text

STATUS: dict[str, int] = {
    "invalid_frame": 400,
    "unknown_frame": 400,
    "hello_expected": 400,
    "unsupported_protocol": 400,
    "unauthenticated": 401,
    "wrong_login": 401,
    "forbidden": 403,
    "not_a_member": 403,
    "not_found": 404,
    "banned": 403,
    "account_banned": 403,
    "link_ended": 410,
    "too_late": 409,
    "too_many": 409,
    "client_msg_id_reused": 409,
    "idempotency_key_reused": 409,
    "assignment_changed": 409,
    "wrong_state": 409,
    "agent_full": 409,
    "already_exists": 409,
    "terms_changed": 409,
    "already_decided": 409,
    "list_full": 409,
    "group_full": 409,
    "insufficient_balance": 409,
    "packet_empty": 409,
    "packet_expired": 409,
    "price_differs": 409,
    "coupon_closed": 409,
    "coupon_had": 409,
    "coupon_redeemed": 409,
    "coupon_expired": 409,
    "cursor_ahead": 409,
    "offset_mismatch": 409,
    "upload_in_use": 409,
    "wrong_pack_state": 409,
    "button_expired": 409,
    "range_not_there": 416,
    "message_too_long": 413,
    "too_large": 413,
    "invalid_request": 422,
    "unknown_kind": 422,
    "upload_refused": 422,
    "link_unreachable": 422,
    "not_allowed": 403,
    "limit_reached": 429,
    "rate_limited": 429,
    "too_many_connections": 429,
    "too_many_uploads": 429,
    "upload_quota": 429,
    "internal": 500,
    "overloaded": 503,
    "storage_unavailable": 503,
}

_INDEX = re.compile(r"\[\d+\]|\.\d+(?=\.|$)")
# Fields of `data` whose values are words of the catalogue, and the section they stand in.
_WORDS = {"what": "what", "reason": "reason", "state": "state", "action": "action", "rule": "rule"}


class CoreError(KefuError):
    """A refusal that the caller is told: `code` from STATUS, `data` with what he needs to mend it."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data

    @property
    def status(self) -> int:
        """Return the HTTP status of the code."""
        return STATUS[self.code]

    def detail(self, lang: Lang) -> str:
        """Return the explanation in the user's language."""
        words = dict(self.data)
        if isinstance(words.get("field"), str):
            words["field"] = words.get("label") or _place(str(words["field"]), lang)
        if isinstance(words.get("retry_after_ms"), int):
            words["retry_after_s"] = -(-int(str(words["retry_after_ms"])) // 1000)
        for field in ("limit", "used"):
            if isinstance(words.get(field), int):  # a text about milliseconds tells them as seconds
                words[f"{field}_s"] = f"{-(-int(str(words[field])) // 100) / 10:.1f}"
        for field, section in _WORDS.items():
            value = words.get(field)
            if isinstance(value, str):
                try:
                    words[field] = text(f"{section}.{value}", lang, words)
                except KeyError:
                    continue  # free text (a parser's own words) stands as it is
        return text(f"error.{self.code}", lang, words)


def _place(field: str, lang: Lang) -> str:
    """Return what a user calls a field: by the last word of its path; a path that nobody has named stands as it is."""
    try:
        return text(f"field.{_INDEX.sub('', field).rpartition('.')[2]}", lang)
    except KeyError:
        return field


class StorageUnavailable(CoreError):
    """The database did not take the write; nothing was acknowledged."""

    def __init__(self, why: str) -> None:
        super().__init__("storage_unavailable", retry_after_ms=1000)
        self.why = why


def ruled_out(
    rule: str,
    *,
    limit: int | None = None,
    used: int | None = None,
    unlock_at_us: int | None = None,
    appeal_url: str | None = None,
    **data: object,
) -> CoreError:
    """Return the refusal of a messenger's rule: `limit_reached` where it counts, else `not_allowed`.

    `rule` is a word of the section `rule`; `unlock_at_us` says until when, None: until somebody changes it.
    """
    said = {
        "rule": rule,
        "limit": limit,
        "used": used,
        "unlock_at": format_time(unlock_at_us) if unlock_at_us is not None else None,
        "appeal_url": appeal_url,
        **data,
    }
    return CoreError("limit_reached" if limit is not None else "not_allowed", **said)


def forbidden(reason: str, **data: object) -> CoreError:
    """Return the refusal for a missing right; `reason` is a word of the catalogue's section `reason`."""
    return CoreError("forbidden", reason=reason, **data)


def invalid(
    reason: str, field: str, *, limit: object = None, hint: str | None = None, label: str | None = None
) -> CoreError:
    """Return the refusal for a field of a request; `reason` is a word of the section `reason`, `hint` technical.

    `label` is what the user calls the field, where somebody has named it; else the section `field` does.
    """
    data = {"reason": reason, "field": field, "limit": limit, "hint": hint, "label": label}
    return CoreError("invalid_request", **{name: value for name, value in data.items() if value is not None})


def not_found(what: str) -> CoreError:
    """Return the refusal for a thing that does not exist or must not be seen; `what` is a word of `what`."""
    return CoreError("not_found", what=what)
