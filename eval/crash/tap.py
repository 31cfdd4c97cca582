"""Reading along on the wire: what the server really said, before the client puts it right or a cut swallows it."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from eval.crash.evidence import Receipt
from eval.crash.faults import Fault, Findings
from eval.crash.frame_reader import FrameReader


class _Summary(msgspec.Struct, gc=False):
    id: str
    last_seq: int


class _Told(msgspec.Struct, gc=False):
    """Any frame of the server, as far as it is looked at."""

    type: str
    conversation_id: str = ""
    seq: int | None = None
    kind: str = ""
    code: str = ""
    client_msg_id: str = ""
    message_id: str = ""
    msg_no: int | None = None
    duplicate: bool = False
    data: dict[str, Any] | None = None
    conversation: _Summary | None = None
    conversations: list[_Summary] = []


class _Asked(msgspec.Struct, gc=False):
    """Any frame of the client, as far as it is looked at."""

    type: str
    conversation_id: str = ""
    after_seq: int = 0
    cursors: dict[str, int] = {}


_told = msgspec.json.Decoder(_Told)
_asked = msgspec.json.Decoder(_Asked)


class Record:
    """What was read on all connections of one client."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = Findings()
        self.receipts: list[Receipt] = []
        self.welcomes = 0
        self.events = 0
        self.refusals: dict[str, int] = {}


class Tap:
    """One connection: within it, the events of a conversation come one after the other, each once.

    They go on after the cursor of the hello, after the summary of a welcome or of a new conversation, or after the
    `seq` of a sync that was asked for.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._server, self._client = FrameReader(), FrameReader()
        self._at: dict[str, int] = {}
        self._asked: dict[str, set[int]] = {}

    @property
    def is_websocket(self) -> bool:
        """Return whether this connection became a WebSocket."""
        return self._server.is_websocket

    def from_client(self, data: bytes) -> None:
        """Read what the client sent."""
        for payload in self._client.feed(data):
            frame = _asked.decode(payload)
            if frame.type == "hello":
                self._at.update(frame.cursors)
            elif frame.type == "sync":
                self._asked.setdefault(frame.conversation_id, set()).add(frame.after_seq)

    def from_server(self, data: bytes) -> None:
        """Read what the server sent."""
        for payload in self._server.feed(data):
            try:
                frame = _told.decode(payload)
            except msgspec.DecodeError as error:
                self._record.found.note(Fault.BROKEN, f"wire of {self._record.name}: {payload[:200]!r}: {error}")
                continue
            if frame.type == "event":
                self._hear_event(frame)
            elif frame.type == "ack":
                self._record.receipts.append(_receipt(frame))
            elif frame.type == "welcome":
                self._record.welcomes += 1
                for summary in frame.conversations:
                    self._at.setdefault(summary.id, summary.last_seq)
            elif frame.type == "conversation" and frame.conversation is not None:
                self._at[frame.conversation.id] = frame.conversation.last_seq
            elif frame.type == "error":
                self._record.refusals[frame.code] = self._record.refusals.get(frame.code, 0) + 1

    def _hear_event(self, frame: _Told) -> None:
        record, conversation_id, seq = self._record, frame.conversation_id, frame.seq or 0
        record.events += 1
        at = self._at.get(conversation_id)
        asked = self._asked.get(conversation_id, set())
        if at is not None and seq != at + 1 and seq - 1 not in asked:
            fault = Fault.GAP if seq > at else Fault.DOUBLED
            record.found.note(fault, f"wire of {record.name}: {conversation_id}/{seq} comes after {at}")
        asked.discard(seq - 1)
        hidden_to = frame.data.get("to_seq") if frame.kind == "hidden" and frame.data else None
        self._at[conversation_id] = hidden_to if isinstance(hidden_to, int) else seq


def _receipt(frame: _Told) -> Receipt:
    return Receipt(
        conversation_id=frame.conversation_id,
        client_msg_id=frame.client_msg_id,
        message_id=frame.message_id,
        seq=frame.seq or 0,
        msg_no=frame.msg_no or 0,
        duplicate=frame.duplicate,
        at_s=time.monotonic(),
    )
