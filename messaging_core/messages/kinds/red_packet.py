"""A red packet in a conversation. Only the server writes it: the money moves in the same transaction."""

from __future__ import annotations

import msgspec

KIND = "red_packet"


class RedPacket(msgspec.Struct, frozen=True):
    """What the message shows; who has opened what is asked for by `packet_id`."""

    packet_id: str
    note: str
    split: str
    shares: int


encode = msgspec.json.Encoder().encode
