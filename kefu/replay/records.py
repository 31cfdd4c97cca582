"""What a replay notes down: one line of JSON a dialogue, written when it is over, so that a run can go on later."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec


class Spoken(msgspec.Struct, frozen=True):
    """One turn of the customer's as it was said; `latency_ms` to the first reply, None when there was none.

    A message that a rule holds for review has no id yet, and nobody has seen it: `held_by` names the last such rule.
    """

    messages: tuple[str, ...]
    message_ids: tuple[str, ...]
    latency_ms: float | None
    held_by: str | None = None


class Reply(msgspec.Struct, frozen=True):
    """One message of the bot as the customer got it."""

    kind: str
    text: str
    client_msg_id: str


class PlayedTurn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn of the customer's and what came of it.

    `act` is `reply`, `clarify`, `recommend`, `hand_off` or `silent`; `held` when all of it waits for review;
    `none` when nothing at all was recorded, which is a lost turn. `latency_ms` runs from the acknowledgement of the
    last message to the arrival of the reply.
    """

    messages: tuple[str, ...]
    act: str
    reason: str = ""
    intent: str | None = None
    confidence: float | None = None
    handoff_reason: str | None = None
    replies: tuple[Reply, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    latency_ms: float | None = None
    error: str | None = None


class PlayedDialogue(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dialogue that was played to its end; `faults` are breaches of what the wire promises."""

    id: str
    conversation_id: str
    turns: tuple[PlayedTurn, ...]
    faults: tuple[str, ...] = ()


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(PlayedDialogue)


class Journal:
    """The file of played dialogues; a line that a crash left half written counts as not played."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.played: dict[str, PlayedDialogue] = {}
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        for line in whole.splitlines():
            dialogue = _decoder.decode(line)
            self.played[dialogue.id] = dialogue
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._file.truncate(len(whole))

    def add(self, dialogue: PlayedDialogue) -> None:
        """Note a dialogue down; on disk when this returns."""
        self._file.write(_encode(dialogue) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.played[dialogue.id] = dialogue

    def close(self) -> None:
        """Close the file."""
        self._file.close()
