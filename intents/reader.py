"""Read one intent file: everything that is right in it, and every problem with its place and cure."""

from __future__ import annotations

import re
from pathlib import Path

from intents.document import Document, read_document
from intents.items import read_items
from intents.model import IntentFile
from intents.problems import sort_problems
from intents.responses import read_responses
from intents.source import Source, UnreadableError, decode_source, load_source, text_source
from intents.yaml_tree import Scalar

FORMAT_VERSION = (3, 1)


def read_file(path: Path, name: str | None = None) -> IntentFile:
    """Read a file; `name` is what problems call it. An unreadable file gives one problem and nothing else."""
    shown = name or str(path)
    try:
        return _read(load_source(path, shown))
    except UnreadableError as error:
        return IntentFile(shown, problems=(error.problem,))


def read_bytes(raw: bytes, name: str = "intents.yml") -> IntentFile:
    """Read the content of a file that was uploaded."""
    try:
        return _read(decode_source(raw, name))
    except UnreadableError as error:
        return IntentFile(name, problems=(error.problem,))


def read_text(text: str, name: str = "intents.yml") -> IntentFile:
    """Read a text as an editor holds it; the same limits as for files."""
    if len(text) > 1_000_000:
        return read_bytes(text.encode("utf-8", "surrogatepass"), name)
    return _read(text_source(text, name))


def _read(source: Source) -> IntentFile:
    document = read_document(source)
    if not _version_fits(source, document):
        return IntentFile(source.file, problems=sort_problems(source.problems))
    for key in document.others:
        source.report("section_ignored", key.line, key.column, key=key.text)
    if not document.known and document.sound:
        # Somebody else's file: what is wrong in it is not ours to say, unless it was meant to hold intents.
        source.problems = [one for one in source.problems if one.severity == "note" or one.code == "root_no_mapping"]
        if not source.problems or document.others:
            source.report("nothing_here", 1)
    items = read_items(source, document.items)
    responses = read_responses(source, document.answers)
    return IntentFile(
        source.file,
        tuple(items.intents),
        tuple(items.synonyms),
        tuple(items.patterns),
        tuple(items.terms),
        tuple(responses),
        sort_problems(source.problems),
    )


def _version_fits(source: Source, document: Document) -> bool:
    """Judge the `version` key; False means that nothing of the file is read."""
    version = document.version
    if version is None or (isinstance(version, Scalar) and version.kind == "null"):
        return True
    if not isinstance(version, Scalar) or version.kind != "str":
        source.report("version_no_text", version.line, version.column)
        return True
    written = version.text.strip("\"'")
    if not written:
        return True
    match = re.fullmatch(r"\s*v?(\d{1,9}(?:\.\d{1,9})*)\s*", written)
    if match is None:
        source.report("version_odd", version.line, version.column, version=version.text)
        return True
    numbers = [int(part) for part in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    if tuple(numbers) > FORMAT_VERSION:
        source.report("version_new", version.line, version.column, version=written)
        return False
    if tuple(numbers) < FORMAT_VERSION:
        source.report("version_old", version.line, version.column, version=written)
    return True
