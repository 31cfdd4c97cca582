"""What has been answered so far, on disk: a run that was cut off goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from eval.errors import SuiteError
from eval.samples.model import Output


class JournalHead(msgspec.Struct, frozen=True):
    """The first line: what the outputs belong to."""

    suite: str
    data: str
    settings: str
    started_at: str


class Journal:
    """A JSONL file: a head, then one output a line. A last line that was cut is dropped."""

    def __init__(self, path: Path, head: JournalHead) -> None:
        self.path = path
        self.head = head
        self.outputs: list[Output] = []
        if path.exists():
            self._resume()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(head) + b"\n")
        self._file: IO[bytes] = path.open("ab")

    def add(self, outputs: list[Output]) -> None:
        """Write outputs; they are on disk when this returns."""
        self.outputs += outputs
        self._file.write(b"".join(msgspec.json.encode(output) + b"\n" for output in outputs))
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _resume(self) -> None:
        lines = self.path.read_bytes().split(b"\n")
        try:
            found = msgspec.json.decode(lines[0], type=JournalHead)
        except msgspec.MsgspecError as error:
            raise SuiteError("journal_broken", place=str(self.path), why=str(error)) from error
        for name in ("suite", "data", "settings"):
            if getattr(found, name) != getattr(self.head, name):
                raise SuiteError("journal_other", place=str(self.path), what=name)
        self.head = found
        kept = [lines[0]]
        for line in lines[1:]:
            try:
                self.outputs.append(msgspec.json.decode(line, type=Output))
            except msgspec.MsgspecError:
                break
            kept.append(line)
        self.path.write_bytes(b"\n".join(kept) + b"\n")
