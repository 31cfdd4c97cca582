"""The frames a client may send, decoded and checked in one step."""

from __future__ import annotations

from typing import Annotated

import msgspec

from messaging_core.errors import CoreError, invalid
from messaging_core.transport.invalid import explain_frame

Ref = Annotated[str, msgspec.Meta(max_length=64)] | None
# Patterns end in \Z: `$` would also match before a newline, which would break the JSON of everybody who is told.
IdText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}\Z")]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
ClientMsgId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:\-]{1,64}\Z")]


class Hello(msgspec.Struct, tag="hello", frozen=True):
    """The first frame."""

    token: Annotated[str, msgspec.Meta(max_length=200)]
    protocol: int
    features: list[str] = []
    client: Annotated[str, msgspec.Meta(max_length=100)] = ""
    lang: str = "zh"
    cursors: dict[IdText, Seq] = {}
    ref: Ref = None


class Send(msgspec.Struct, tag="send", frozen=True):
    """A message."""

    conversation_id: IdText
    client_msg_id: ClientMsgId
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    body: msgspec.Raw
    v: int = 1
    assignment_version: int | None = None
    reply_to: Seq | None = None
    mentions: Annotated[list[IdText], msgspec.Meta(max_length=500)] = []
    mention_all: bool = False
    ref: Ref = None


class Read(msgspec.Struct, tag="read", frozen=True):
    """A read cursor."""

    conversation_id: IdText
    msg_no: Seq
    ref: Ref = None


class Typing(msgspec.Struct, tag="typing", frozen=True):
    """Whether the user is typing."""

    conversation_id: IdText
    on: bool
    ref: Ref = None


class Watch(msgspec.Struct, tag="watch", frozen=True):
    """Whose presence is wanted."""

    account_ids: Annotated[list[IdText], msgspec.Meta(max_length=5000)]
    ref: Ref = None


class Sync(msgspec.Struct, tag="sync", frozen=True):
    """A gap was seen."""

    conversation_id: IdText
    after_seq: Seq
    ref: Ref = None


class Ping(msgspec.Struct, tag="ping", frozen=True):
    """Are you there?"""

    ref: Ref = None


ClientFrame = Hello | Send | Read | Typing | Watch | Sync | Ping
FRAME_TYPES = ("hello", "send", "read", "typing", "watch", "sync", "ping")

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


class _Head(msgspec.Struct):
    type: str = ""
    ref: str | None = None


_head = msgspec.json.Decoder(_Head)
MAX_ID = (1 << 63) - 1


def decode(data: bytes) -> ClientFrame:
    """Return the frame; raise `unknown_frame` or `invalid_frame` with the reason and the frame's `ref`."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _explain(data, error) from error


def _explain(data: bytes, error: Exception) -> CoreError:
    try:
        head = _head.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return explain_frame(error)
    ref = head.ref if head.ref is not None and len(head.ref) <= 64 else None
    refusal = CoreError("unknown_frame", frame=head.type[:40]) if head.type not in FRAME_TYPES else explain_frame(error)
    if ref is not None:
        refusal.data["ref"] = ref
    return refusal


def parse_id(text: str) -> int:
    """Return an id of the wire as a number; raise `invalid_request` when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or int(text) > MAX_ID:
        raise invalid("wrong_form", "id", hint=f"not an id: {text[:40]!r}")
    return int(text)
