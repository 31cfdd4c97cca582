"""The protocol's page against the client's frames: every example on it, both ways."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from messaging_core.client.errors import ProtocolError
from messaging_core.client.frames import (
    AnyClientFrame,
    Event,
    KnownServerFrame,
    UnknownFrame,
    decode_frame,
    encode_body,
    encode_frame,
)

_PAGE = files("messaging_core").joinpath("protocol.md").read_text(encoding="utf-8")
_EXAMPLES = re.findall(r"^```json example (client|server) (\w+)\n(.*?)\n```$", _PAGE, re.MULTILINE | re.DOTALL)


def _examples(side: str) -> list[Any]:
    found = [(kind, text) for who, kind, text in _EXAMPLES if who == side]
    return [pytest.param(text, id=f"{place}-{kind}") for place, (kind, text) in enumerate(found)]


def _known_types(union: Any) -> set[str]:
    return {member.__struct_config__.tag for member in union.__args__}


def test_the_page_has_an_example_of_every_frame() -> None:
    assert {kind for who, kind, _ in _EXAMPLES if who == "server"} == _known_types(KnownServerFrame)
    assert {kind for who, kind, _ in _EXAMPLES if who == "client"} == _known_types(AnyClientFrame)


@pytest.mark.parametrize("text", _examples("server"))
def test_a_server_example_is_read_without_losing_a_field(text: str) -> None:
    frame = decode_frame(text)

    assert not isinstance(frame, UnknownFrame)
    told, read = json.loads(text), msgspec.to_builtins(frame)
    assert _only(read, like=told) == _normal(told)


@pytest.mark.parametrize("text", _examples("client"))
def test_a_client_example_is_what_the_encoder_writes(text: str) -> None:
    told = json.loads(text)
    frame = msgspec.json.decode(text, type=AnyClientFrame)

    assert json.loads(encode_frame(frame)) == told


def test_unknown_fields_are_passed_over() -> None:
    frame = decode_frame(b'{"type":"pong","ref":"4","at":"2026-11-22T08:00:06.000000Z","mood":"good"}')

    assert frame == decode_frame(b'{"type":"pong","ref":"4","at":"2026-11-22T08:00:06.000000Z"}')


def test_an_unknown_frame_is_kept_raw() -> None:
    raw = '{"type":"reaction","emoji":"茶"}'.encode()

    assert decode_frame(raw) == UnknownFrame(type="reaction", raw=raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"tea", b"[]", b'{"seq":1}', b'{"type":7}', b'{"type":"synced","conversation_id":"1"}', b'{"type":"\xff"}'],
)
def test_what_is_no_frame_is_a_protocol_error(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_frame(raw)


def test_a_tombstone_stands_for_its_whole_range() -> None:
    hidden = next(decode_frame(text) for _, kind, text in _EXAMPLES if kind == "event" and '"hidden"' in text)

    assert isinstance(hidden, Event)
    assert (hidden.seq, hidden.end_seq) == (2, 6)


def test_a_body_that_is_not_json_is_refused_at_once() -> None:
    with pytest.raises(TypeError):
        encode_body({"text": object()})
    with pytest.raises(UnicodeEncodeError):
        encode_body({"text": "\ud83c"})


def _only(read: Any, *, like: Any) -> Any:
    """Return of what was read the fields that were told: the client's structs have defaults for more."""
    if isinstance(like, dict):
        return {key: _only(read[key], like=value) for key, value in like.items()}
    if isinstance(like, list):
        return [_only(item, like=value) for item, value in zip(read, like, strict=True)]
    return read


def _normal(told: Any) -> Any:
    """Return the example with its times in the form in which msgspec writes them."""
    if isinstance(told, dict):
        return {key: _normal(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_normal(item) for item in told]
    return re.sub(r"\.000000Z$", "Z", told) if isinstance(told, str) else told
