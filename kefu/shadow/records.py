"""What a shadow has compared: one line a turn, to go on from after an interruption; words only where they differ."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import msgspec

from kefu.base.errors import ConfigError

# As long as dropping old notes from one file takes at most.
_CLEANING_S = 0.5


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
    customer_id: int = 0
    """Whose turn it is, so that his words can be taken out; 0 in notes of earlier versions."""


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Compared)


def read_journal(path: Path) -> tuple[list[Compared], int]:
    """Return the turns of a file and the bytes that hold them; a line that a crash left half written does not count.

    Raises ConfigError for a file that is none of ours.
    """
    raw = path.read_bytes() if path.exists() else b""
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        return [_decoder.decode(line) for line in whole.splitlines()], len(whole)
    except msgspec.MsgspecError as error:
        raise ConfigError(
            f"{path}: 不是影子运行的记录，请移走或删除（{error}） · is no journal of a shadow, move it away"
        ) from error


def rewrite_journal(file: IO[bytes], turns: Iterable[Compared]) -> None:
    """Replace what an open file holds; killed on the way, it holds fewer turns, which are then compared again."""
    file.seek(0)
    file.truncate()
    file.write(b"".join(_encode(one) + b"\n" for one in turns))
    file.flush()
    os.fsync(file.fileno())


def lock_journal(file: IO[bytes]) -> bool:
    """Take a file for oneself until it is closed; return False when another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Journal:
    """The file of compared turns; one process at a time writes to it. Raises ConfigError while another does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        until_s = time.monotonic() + _CLEANING_S
        while not (locked := lock_journal(self._file)) and time.monotonic() < until_s:
            time.sleep(0.02)
        if not locked:
            self._file.close()
            raise ConfigError(f"{path}: 另一个 kefu shadow 正在比这两个版本 · another shadow compares these versions")
        turns, size = read_journal(path)
        self.compared = {one.turn_id: one for one in turns}
        self._file.truncate(size)

    def add(self, one: Compared) -> None:
        """Note a turn down."""
        self._file.write(_encode(one) + b"\n")
        self._file.flush()
        self.compared[one.turn_id] = one

    def close(self) -> None:
        """Close the file."""
        self._file.close()
