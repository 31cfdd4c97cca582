"""What a shadow has compared: one line a turn, to go on from after an interruption; words only where they differ."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one version decided: `replies` in words."""

    act: str
    reason: str
    intent: str | None
    confidence: float | None
    replies: tuple[str, ...]


class Compared(msgspec.Struct, frozen=True, omit_defaults=True):
    """A turn that both versions decided; `kind` is empty when they did the same, and then so are the words."""

    turn_id: int
    conversation_id: int
    at_us: int
    kind: str
    as_recorded: bool | None = None
    """Whether the live version decided again as it had then; None where another version had decided."""
    text: str = ""
    live: Told | None = None
    candidate: Told | None = None


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Compared)


class Journal:
    """The file of compared turns; a line that a crash left half written counts as not compared."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.compared: dict[int, Compared] = {}
        raw = path.read_bytes() if path.exists() else b""
        whole = raw[: raw.rfind(b"\n") + 1]
        for line in whole.splitlines():
            one = _decoder.decode(line)
            self.compared[one.turn_id] = one
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._file.truncate(len(whole))

    def add(self, one: Compared) -> None:
        """Note a turn down."""
        self._file.write(_encode(one) + b"\n")
        self._file.flush()
        self.compared[one.turn_id] = one

    def close(self) -> None:
        """Close the file."""
        self._file.close()
