"""The frames of protocol 1, typed by their `type`. Unknown fields are ignored, unknown server frames are kept raw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from .errors import ApiError, ProtocolError
from .models import Account, Conversation, Message, OwnView

PROTOCOL = 1
HIDDEN = "hidden"


class ClientFrame(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """What a client sends."""


class Hello(ClientFrame, frozen=True, kw_only=True, gc=False, tag="hello"):
    """The first frame: who I am, and what I have already applied."""

    token: str
    cursors: dict[str, int]
    protocol: int = PROTOCOL
    features: list[str] = []
    client: str = ""
    lang: str = "zh"


class Send(ClientFrame, frozen=True, kw_only=True, gc=False, tag="send"):
    """A message; the same `client_msg_id` twice is the same message. `body` is encoded already, and so fixed."""

    conversation_id: str
    client_msg_id: str
    kind: str
    body: Raw
    v: int = 1
    ref: str | UnsetType = UNSET
    assignment_version: int | UnsetType = UNSET
    reply_to: int | UnsetType = UNSET
    mentions: list[str] | UnsetType = UNSET
    mention_all: bool | UnsetType = UNSET


class Quote(Struct, frozen=True, kw_only=True, gc=False):
    """What a message answers (`seq`) and which members of its group it calls."""

    reply_to: int | None = None
    mentions: list[str] = []
    mention_all: bool = False

    def fields(self) -> dict[str, Any]:
        """Return the fields of `send` that it sets."""
        fields: dict[str, Any] = {} if self.reply_to is None else {"reply_to": self.reply_to}
        if self.mentions or self.mention_all:
            fields |= {"mentions": self.mentions, "mention_all": self.mention_all}
        return fields


class Read(ClientFrame, frozen=True, kw_only=True, gc=False, tag="read"):
    """I have read up to `msg_no`."""

    conversation_id: str
    msg_no: int
    ref: str | UnsetType = UNSET


class Typing(ClientFrame, frozen=True, kw_only=True, gc=False, tag="typing"):
    """I started or stopped typing."""

    conversation_id: str
    on: bool
    ref: str | UnsetType = UNSET


class Watch(ClientFrame, frozen=True, kw_only=True, gc=False, tag="watch"):
    """Whose presence I want, all of them in one list."""

    account_ids: list[str]
    ref: str | UnsetType = UNSET


class Sync(ClientFrame, frozen=True, kw_only=True, gc=False, tag="sync"):
    """Send what comes after `after_seq` once more."""

    conversation_id: str
    after_seq: int
    ref: str | UnsetType = UNSET


class Ping(ClientFrame, frozen=True, kw_only=True, gc=False, tag="ping"):
    """Are you there?"""

    ref: str | UnsetType = UNSET


class ServerFrame(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """What the server sends."""


class Limits(Struct, frozen=True, kw_only=True, gc=False):
    """Sizes that the server told in `welcome`."""

    frame_bytes: int = 65_536
    text_chars: int = 5_000
    welcome_conversations: int = 100


class Welcome(ServerFrame, frozen=True, kw_only=True, gc=False, tag="welcome"):
    """The answer to hello; `more` says that the HTTP list has further conversations."""

    session_id: str
    account: Account
    conversations: list[Conversation]
    protocol: int = PROTOCOL
    at: datetime | None = None
    features: list[str] = []
    limits: Limits = Limits()
    more: bool = False


class Synced(ServerFrame, frozen=True, kw_only=True, gc=False, tag="synced"):
    """Everything up to `seq` was sent."""

    conversation_id: str
    seq: int
    ref: str | None = None


class Ack(ServerFrame, frozen=True, kw_only=True, gc=False, tag="ack"):
    """The message is on disk. `held` and `queued` messages have no `seq` yet."""

    status: str
    conversation_id: str
    client_msg_id: str
    ref: str | None = None
    message_id: str | None = None
    seq: int | None = None
    msg_no: int | None = None
    at: datetime | None = None
    duplicate: bool = False
    rule: str | None = None
    until: datetime | None = None


class Pending(ServerFrame, frozen=True, kw_only=True, gc=False, tag="pending"):
    """A message of one's own that waited goes on waiting (`queued`), was `refused`, or was taken back (`recalled`)."""

    conversation_id: str
    client_msg_id: str
    status: str
    rule: str
    until: datetime | None = None
    at: datetime | None = None


class Event(ServerFrame, frozen=True, kw_only=True, gc=False, tag="event"):
    """One visible change of a conversation. An event with a `message` puts that at the message's `seq`."""

    conversation_id: str
    seq: int
    kind: str
    at: datetime
    v: int = 1
    actor_id: str | None = None
    message: Message | None = None
    data: dict[str, Any] | None = None
    alert: str | None = None
    """Without a sound: `badge`, do-not-disturb is on; `folded`, its sender writes too fast. None: as its class says."""

    @property
    def sent(self) -> Message | None:
        """Return the message that this event says anew; None for the change of an earlier one."""
        return self.message if self.message is not None and self.message.seq == self.seq else None

    @property
    def end_seq(self) -> int:
        """Return the last `seq` that this event stands for: a tombstone covers a range."""
        if self.kind == HIDDEN and self.data is not None:
            return max(self.seq, int(self.data.get("to_seq", self.seq)))
        return self.seq


class ConversationAdded(ServerFrame, frozen=True, kw_only=True, gc=False, tag="conversation"):
    """A conversation that this connection did not know; its events follow."""

    conversation: Conversation


class ReadCursor(ServerFrame, frozen=True, kw_only=True, gc=False, tag="cursor"):
    """A member has read up to `msg_no`."""

    conversation_id: str
    account_id: str
    msg_no: int
    at: datetime | None = None


class Own(ServerFrame, frozen=True, kw_only=True, gc=False, tag="own"):
    """One's own list has changed, on this device or another."""

    conversation_id: str
    own: OwnView


class Waiting(ServerFrame, frozen=True, kw_only=True, gc=False, tag="waiting"):
    """So many wait to be let into a group of which one is owner or admin."""

    conversation_id: str
    count: int


class PeerTyping(ServerFrame, frozen=True, kw_only=True, gc=False, tag="typing"):
    """A member started or stopped typing."""

    conversation_id: str
    account_id: str
    on: bool


class Presence(ServerFrame, frozen=True, kw_only=True, gc=False, tag="presence"):
    """A watched account came or went."""

    account_id: str
    online: bool
    at: datetime | None = None


class Pong(ServerFrame, frozen=True, kw_only=True, gc=False, tag="pong"):
    """The answer to ping."""

    ref: str | None = None
    at: datetime | None = None


class ErrorFrame(ServerFrame, frozen=True, kw_only=True, gc=False, tag="error"):
    """A refusal of one frame; the connection lives on."""

    code: str
    status: int = 400
    detail: str = ""
    ref: str | None = None
    data: dict[str, Any] = {}

    def to_error(self) -> ApiError:
        """Return the refusal as an exception."""
        return ApiError(self.code, self.status, self.detail, self.data)


class Closing(ServerFrame, frozen=True, kw_only=True, gc=False, tag="closing"):
    """Why the server is about to cut this connection."""

    code: str
    resume: bool = True
    retry_after_ms: int = 0
    detail: str = ""


class UnknownFrame(Struct, frozen=True, kw_only=True, gc=False):
    """A frame type that this client does not know: a newer server. Safe to pass over."""

    type: str
    raw: bytes


KnownServerFrame: TypeAlias = (
    Welcome
    | Synced
    | Ack
    | Event
    | ConversationAdded
    | ReadCursor
    | Own
    | Waiting
    | PeerTyping
    | Presence
    | Pending
    | Pong
    | ErrorFrame
    | Closing
)
AnyServerFrame: TypeAlias = KnownServerFrame | UnknownFrame
AnyClientFrame: TypeAlias = Hello | Send | Read | Typing | Watch | Sync | Ping


class _Envelope(Struct):
    type: str


_KNOWN_TYPES = frozenset(
    str(cls.__struct_config__.tag) for cls in ServerFrame.__subclasses__() if cls.__struct_config__.tag is not None
)
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[KnownServerFrame] = msgspec.json.Decoder(KnownServerFrame)
_envelope = msgspec.json.Decoder(_Envelope)


def encode_body(body: Mapping[str, Any]) -> Raw:
    """Return the content of a message as JSON; raise TypeError or UnicodeEncodeError for what JSON cannot say."""
    return Raw(_encoder.encode(body))


def encode_frame(frame: ClientFrame) -> bytes:
    """Return the frame as JSON in UTF-8."""
    return _encoder.encode(frame)


def decode_frame(raw: bytes | str | Raw) -> AnyServerFrame:
    """Return the typed frame; an unknown type as UnknownFrame; raise ProtocolError for anything malformed."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _decode_odd_frame(bytes(raw) if not isinstance(raw, str) else raw.encode(), error)


def _decode_odd_frame(raw: bytes, error: Exception) -> UnknownFrame:
    try:
        envelope = _envelope.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ProtocolError(f"not a frame: {error}") from error
    if envelope.type in _KNOWN_TYPES:
        raise ProtocolError(f"malformed {envelope.type} frame: {error}") from error
    return UnknownFrame(type=envelope.type, raw=raw)
