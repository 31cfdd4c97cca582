"""The kinds of messages: one file each; a further kind is one file and one line here."""

from __future__ import annotations

import msgspec

from messaging_core.errors import CoreError, invalid
from messaging_core.messages.kinds import (
    brand_emoji,
    card,
    choices,
    coupon_card,
    emoji,
    gif,
    image,
    link,
    mini_program,
    order_card,
    product_card,
    system_notice,
    text,
    video,
    video_template,
)
from messaging_core.messages.kinds.kind import Kind
from messaging_core.settings import Limits

KINDS: dict[tuple[str, int], Kind] = {
    ("text", 1): text.KIND,
    ("choices", 1): choices.KIND,
    ("emoji", 1): emoji.KIND,
    ("brand_emoji", 1): brand_emoji.KIND,
    ("image", 1): image.KIND,
    ("gif", 1): gif.KIND,
    ("video", 1): video.KIND,
    ("video_template", 1): video_template.KIND,
    ("link", 1): link.KIND,
    ("product_card", 1): product_card.KIND,
    ("order_card", 1): order_card.KIND,
    ("coupon_card", 1): coupon_card.KIND,
    ("mini_program", 1): mini_program.KIND,
    ("card", 1): card.KIND,
    ("system_notice", 1): system_notice.KIND,
}

_encode = msgspec.json.Encoder().encode


def read_body(kind: str, v: int, raw: msgspec.Raw | bytes, limits: Limits) -> bytes:
    """Return the canonical JSON of a message body; refuse unknown kinds and bodies that break their kind's rules."""
    found = KINDS.get((kind, v))
    if found is None:
        raise CoreError("unknown_kind", kind=kind, v=v)
    try:
        body = found.decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise invalid("wrong_form", "body", hint=str(error)[:300]) from error
    found.check(body, limits)
    return _encode(body)


def sent_part(kind: str, v: int, body: bytes) -> bytes:
    """Return of a stored body what its sender had sent: without what the server added."""
    found = KINDS.get((kind, v))
    return body if found is None or not found.completed else _encode(found.decoder.decode(body))


def find_words(kind: str, v: int, body: bytes) -> str:
    """Return all that people read in a body that `read_body` has passed; empty for kinds without words."""
    found = KINDS.get((kind, v))
    return "" if found is None else found.words(found.decoder.decode(body))
