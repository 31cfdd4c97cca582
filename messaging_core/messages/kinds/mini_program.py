"""A card that opens a mini-program at one of its pages."""

from __future__ import annotations

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Key, Note, Short, check_address, lines
from messaging_core.settings import Limits


class MiniProgram(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which program and page, and what the card shows; `url` is where a client goes that cannot open programs."""

    app_id: Key
    name: Short
    title: Short
    path: Address = ""
    icon_url: Address = ""
    image_url: Address = ""
    url: Address = ""
    note: Note = ""


def check(body: MiniProgram, _limits: Limits) -> None:
    """Refuse a page with control characters and addresses that a browser would run."""
    if any(ord(char) <= 32 or ord(char) == 127 for char in body.path):
        raise invalid("wrong_form", "body.path", hint="must not hold spaces or control characters")
    for field in ("icon_url", "image_url", "url"):
        check_address(getattr(body, field), f"body.{field}")


KIND = kind(MiniProgram, check=check, words=lambda body: lines(body.name, body.title, body.note))
