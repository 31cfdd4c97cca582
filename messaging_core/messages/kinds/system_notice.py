"""A notice of the messenger itself: a bar on top. Only the system sends it, and nobody can turn it off."""

from __future__ import annotations

from typing import Literal

import msgspec

from messaging_core.errors import CoreError
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Address, Short, check_address, check_words, lines
from messaging_core.settings import Limits


class SystemNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bar says, how serious it is, and where to read on."""

    title: Short
    text: str = ""
    level: Literal["info", "warning"] = "info"
    url: Address = ""


def check(body: SystemNotice, limits: Limits) -> None:
    """Refuse an empty title, a text that is too long, and addresses that a browser would run."""
    check_words(body.title, "body.title")
    if len(body.text) > limits.text_chars:
        raise CoreError("message_too_long", limit=limits.text_chars, used=len(body.text))
    check_address(body.url, "body.url")


KIND = kind(SystemNotice, check=check, words=lambda body: lines(body.title, body.text), sent_by="system")
