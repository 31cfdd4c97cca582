"""Several messages forwarded as one card. Only the server writes it, from what the forwarder may see."""

from __future__ import annotations

import msgspec

KIND = "merged"


class Item(msgspec.Struct, frozen=True):
    """One message as it was when it was forwarded."""

    sender_id: str
    sender_name: str
    origin: str
    kind: str
    v: int
    body: msgspec.Raw
    at: str


class Merged(msgspec.Struct, frozen=True):
    """What the card shows."""

    title: str
    items: list[Item]


encode = msgspec.json.Encoder().encode
