"""Short ways for tests to read intent files."""

from __future__ import annotations

from intents.merge import merge_files
from intents.model import Pack
from intents.reader import read_bytes, read_text


def pack(text: str | bytes) -> Pack:
    """Read one file into a pack."""
    return merge_files([read_bytes(text, "f.yml") if isinstance(text, bytes) else read_text(text, "f.yml")])


def block(*lines: str, name: str = "a") -> str:
    """Return a file with one intent and these lines in its block."""
    return f"nlu:\n- intent: {name}\n  examples: |\n" + "".join(f"    {line}\n" for line in lines)


def texts(read: Pack, name: str = "a") -> list[str]:
    """Return the texts of an intent's examples."""
    return [example.text for example in read.intents[name].examples]


def found(read: Pack) -> list[str]:
    """Return the problems as `code:line:column`."""
    return [f"{one.code}:{one.place.line}:{one.place.column}" for one in read.problems]


def codes(read: Pack) -> list[str]:
    """Return the problems' codes by place."""
    return [one.code for one in read.problems]


def errors(read: Pack) -> list[str]:
    """Return the codes of the errors."""
    return [one.code for one in read.problems if one.severity == "error"]
