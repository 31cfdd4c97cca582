"""A link; the server adds the preview that it has fetched itself, so that nobody can dress a link up as another."""

from __future__ import annotations

from typing import Annotated

import msgspec

from messaging_core.errors import invalid
from messaging_core.messages.kinds.kind import kind
from messaging_core.messages.kinds.parts import Note, is_safe, lines
from messaging_core.settings import Limits


class Preview(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the page says of itself, as the server has read it."""

    title: str
    description: str = ""
    site: str = ""


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """An address (http or https) and the sender's own words about it."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    note: Note = ""


class StoredLink(Link, frozen=True, omit_defaults=True):
    """As the reader gets it."""

    preview: Preview | None = None


def check(body: Link, _limits: Limits) -> None:
    """Refuse what is no http or https address."""
    if body.url.startswith("/") or not is_safe(body.url):
        raise invalid("wrong_form", "body.url", hint="must be http://host or https://host")


KIND = kind(Link, check=check, words=lambda body: lines(body.note, body.url), completed=True)
