"""The outbox on disk: JSON Lines, one line a change, so that unsent messages survive the process."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import msgspec

from .errors import OutboxCorrupt
from .frames import Send, encode_frame


class _Settled(msgspec.Struct, tag_field="type", tag="settled"):
    conversation_id: str
    client_msg_id: str


logger = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(Send | _Settled)


class OutboxFile:
    """A journal of `send` and `settled` lines.

    A line is handed to the operating system before the call returns: it survives a crash of the process, and with
    `fsync=True` a loss of power. The file is rewritten (aside, then renamed over) when it is opened and whenever
    `compact_lines` settled lines have gathered. One process a file. A torn last line, from a crash in the middle of a
    write, was never confirmed to anybody and is dropped; any other bad line raises OutboxCorrupt. Only the owner may
    read it.
    """

    __slots__ = ("_compact_lines", "_fd", "_fsync", "_live", "_path", "_settled_lines", "_size")

    def __init__(self, path: Path | str, *, fsync: bool = False, compact_lines: int = 1000) -> None:
        self._path = Path(path)
        self._fsync = fsync
        self._compact_lines = compact_lines
        self._live: dict[tuple[str, str], Send] = {}
        self._settled_lines = 0
        self._fd = -1
        self._size = 0

    def load(self) -> list[Send]:
        """Return the unsettled messages in their order, and rewrite the file to hold just these."""
        self._live = self._read()
        self._rewrite()
        return list(self._live.values())

    def added(self, send: Send) -> None:
        """Write down a message that waits; raise OSError when the disk does not take it."""
        self._append(encode_frame(send))
        self._live[send.conversation_id, send.client_msg_id] = send

    def settled(self, send: Send) -> None:
        """Write down that a message needs no sending any more.

        A disk that does not take it is logged only: the message is sent once more after the next start, and the
        server recognises it by its client_msg_id.
        """
        self._live.pop((send.conversation_id, send.client_msg_id), None)
        self._settled_lines += 1
        try:
            if self._settled_lines >= self._compact_lines:
                self._rewrite()
            else:
                self._append(msgspec.json.encode(_Settled(send.conversation_id, send.client_msg_id)))
        except OSError:
            logger.exception("%s: could not note that %s is settled", self._path, send.client_msg_id)

    def close(self) -> None:
        """Close the file; it can be loaded again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> dict[tuple[str, str], Send]:
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return {}
        live: dict[tuple[str, str], Send] = {}
        # Whatever follows the last newline is a torn write.
        for number, line in enumerate(lines[:-1], start=1):
            try:
                entry = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise OutboxCorrupt(f"{self._path}, line {number}: {error}") from error
            key = (entry.conversation_id, entry.client_msg_id)
            if isinstance(entry, Send):
                live[key] = entry
            else:
                live.pop(key, None)
        return live

    def _rewrite(self) -> None:
        aside = self._path.with_name(self._path.name + ".new")
        text = b"".join(encode_frame(send) + b"\n" for send in self._live.values())
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            _write_all(fd, text)
            os.fsync(fd)
            os.replace(aside, self._path)
        except BaseException:
            os.close(fd)
            raise
        self.close()
        self._fd = fd
        self._size = len(text)
        self._settled_lines = 0

    def _append(self, line: bytes) -> None:
        if self._fd < 0:
            raise OSError(errno.EBADF, "the outbox file is not open", str(self._path))
        try:
            _write_all(self._fd, line + b"\n")
        except OSError:
            # Half a line must not become the beginning of the next one.
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(line) + 1
        if self._fsync:
            os.fsync(self._fd)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
