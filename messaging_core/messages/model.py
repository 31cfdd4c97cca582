"""What a send asks, what it gets, and a message's form on the wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from kefu.base.clock import format_time
from messaging_core.errors import CoreError, invalid
from messaging_core.identity.policy import Actor

# Nothing in it needs escaping in JSON, so it is put into frames as it is.
_CLIENT_MSG_ID = re.compile(r"[A-Za-z0-9_.:\-]{1,64}\Z")


@dataclass(slots=True)
class Sent:
    """A message that is committed."""

    message_id: int
    seq: int
    msg_no: int
    at_us: int
    duplicate: bool = False


@dataclass(slots=True)
class Waiting:
    """A message that is committed but not delivered: it has no numbers yet."""

    status: str
    """`held`: a human looks at it; `queued`: until `until_us`; `recalled`: its sender took it back."""
    rule: str
    until_us: int | None
    at_us: int
    duplicate: bool = False

    def said(self, conversation_id: int, client_msg_id: str) -> dict[str, object]:
        """Return what its sender is told, over HTTP and WebSocket alike."""
        return {
            "status": self.status,
            "conversation_id": str(conversation_id),
            "client_msg_id": client_msg_id,
            "rule": self.rule,
            "until": format_time(self.until_us) if self.until_us is not None else None,
            "at": format_time(self.at_us),
            "duplicate": self.duplicate,
        }


Outcome = Sent | Waiting | CoreError


@dataclass(slots=True, frozen=True)
class Quote:
    """What a message answers and whom it calls."""

    reply_to: int | None = None
    """`seq` of the message that is answered."""
    mentions: tuple[int, ...] = ()
    mention_all: bool = False


NO_QUOTE = Quote()


def make_quote(reply_to: int | None, mentions: list[int], *, mention_all: bool) -> Quote:
    """Return what a message answers and calls; nearly all of them nothing."""
    if reply_to is None and not mentions and not mention_all:
        return NO_QUOTE
    return Quote(reply_to, tuple(dict.fromkeys(mentions)), mention_all)


class ReplyTo(msgspec.Struct, frozen=True):
    """The message that is answered. Its words are not copied: they may be recalled."""

    seq: int
    message_id: str
    sender_id: str


class Extra(msgspec.Struct, omit_defaults=True):
    """What stands beside a message's body, for those few that have it; its fields are fields of the message."""

    reply_to: ReplyTo | None = None
    mentions: list[str] = []
    mention_all: bool = False
    forwarded: bool = False
    edited_at: str | None = None
    message_class: str | None = msgspec.field(default=None, name="class")
    """`marketing` or `system`; without a word it is interactive."""
    released: bool = False
    """Whether it had waited: it was written before what came meanwhile, so its sender need not have read that."""
    folded_ms: int = 0
    """Its sender writes too fast: for so long from then on the lists of the others fold the conversation away."""
    reactions: dict[str, list[str]] = {}
    """Emoji -> who set it, in order."""

    def encode(self) -> bytes | None:
        """Return it as JSON, None when there is nothing."""
        raw = msgspec.json.encode(self)
        return raw if raw != b"{}" else None


def with_class(raw: bytes | None, message_class: str) -> bytes | None:
    """Return what stands beside a body, with its class."""
    extra = read_extra(raw)
    extra.message_class = message_class
    return extra.encode()


def with_released(raw: bytes | None) -> bytes | None:
    """Return what stands beside a body that had waited."""
    extra = read_extra(raw)
    extra.released = True
    return extra.encode()


def with_folded(raw: bytes | None, folded_ms: int) -> bytes:
    """Return what stands beside the body of a message whose sender writes too fast. Spliced: it comes in floods."""
    return b'%s"folded_ms":%d}' % (b"{" if raw is None else raw[:-1] + b",", folded_ms)


def left_of(raw: str | bytes | None) -> bytes | None:
    """Return what stays beside a message whose words are gone: what its sender had read, and how fast he wrote."""
    if raw is None:
        return None
    extra = read_extra(raw)
    return Extra(released=extra.released, folded_ms=extra.folded_ms).encode()


_extra = msgspec.json.Decoder(Extra)


def read_extra(raw: str | bytes | None) -> Extra:
    """Return what stands beside a body."""
    return _extra.decode(raw) if raw is not None else Extra()


class SendRequest(msgspec.Struct):
    """One message on its way; `settle` hears on the event loop what became of it."""

    actor: Actor
    conversation_id: int
    client_msg_id: str
    kind: str
    v: int
    body: bytes
    settle: Callable[[SendRequest, Outcome], None]
    assignment_version: int | None = None
    ref: str | None = None
    quote: Quote = NO_QUOTE
    extra: bytes | None = None
    """What stands beside the body, as JSON; made from `quote` by the guards, or given by the server itself."""
    house: bool = False
    """Whether the messenger itself speaks (a welcome): it is no member and no guard asks it."""
    released: bool = False
    """Whether it comes out of `pending`: it was judged when it came, and only what is decided at delivery is asked."""


def check_client_msg_id(client_msg_id: str) -> None:
    """Refuse an id that is not 1 to 64 of A-Z, a-z, 0-9 and `_ . : -`."""
    if not _CLIENT_MSG_ID.match(client_msg_id):
        raise invalid("wrong_form", "client_msg_id", hint="1 to 64 of A-Z a-z 0-9 _ . : -")


def origin_of(actor: Actor, role: str) -> str:
    """Return who speaks: `bot`, `system`, `agent` (a human for the enterprise) or `person`."""
    if actor.is_machine:
        return actor.kind
    return "agent" if role == "agent" else "person"


def encode_message(
    *,
    message_id: int,
    client_msg_id: str,
    sender_id: int,
    origin: str,
    kind: str,
    v: int,
    body: bytes,
    seq: int,
    msg_no: int,
    at_us: int,
    extra: bytes | None = None,
) -> bytes:
    """Return a message as JSON. Built by hand: all parts are known to need no escaping, `body` is JSON already."""
    return b'{"id":"%d","client_msg_id":"%s","sender_id":"%d","origin":"%s","kind":"%s","v":%d,"body":%s,' % (
        message_id,
        client_msg_id.encode(),
        sender_id,
        origin.encode(),
        kind.encode(),
        v,
        body,
    ) + b'"seq":%d,"msg_no":%d,"at":"%s"%s}' % (
        seq,
        msg_no,
        format_time(at_us).encode(),
        b"," + extra[1:-1] if extra is not None else b"",
    )
