"""What every import shares: names and texts made fit for our files, and the result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from intents.model import Example, Intent, IntentFile, Json, Pack, Place, Response, Variant
from intents.problems import Problem
from intents.source import MAX_EXAMPLE_CHARS
from kefu.base.errors import KefuError

_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


class ImportRefusedError(KefuError):
    """Nothing can be imported; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text("en"))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Output:
    """A file that an import or export makes; `name` is relative to the target folder."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Imported:
    """The files to write, what they say together, and what was wrong with the input."""

    outputs: tuple[Output, ...]
    pack: Pack
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Collector:
    """Gathers intents from rows or records; a name, question or wording that comes again is no second one."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    _examples: dict[str, dict[str, Example]] = field(default_factory=dict)
    _answers: dict[str, dict[str, Variant]] = field(default_factory=dict)
    _renamed: dict[str, str] = field(default_factory=dict)

    def report(self, code: str, line: int, column: int = 1, **data: str) -> None:
        """Note a problem of the input."""
        self.problems.append(Problem(code, Place(self.file, line, column), data))

    def name(self, written: str, line: int) -> str:
        """Return an intent's name as our files may hold it; a change is noted once."""
        name = _SPACES.sub("_", written.strip())
        if name.count("/") > 1 or name.startswith("/") or name.endswith("/"):
            name = name.replace("/", "_")
        if name != written.strip() and written not in self._renamed:
            self.report("import_name", line, name=written, new=name)
        self._renamed[written] = name
        return name

    def example(self, intent: str, text: str, line: int) -> None:
        """Add a question; brackets that would read as an annotation are parted, since no escape exists."""
        text = re.sub(r"\](?=[({\[])", "] ", one_line(text))
        if len(text) > MAX_EXAMPLE_CHARS:
            self.report("import_row_long", line, size=str(len(text)), limit=str(MAX_EXAMPLE_CHARS))
        elif text:
            found = self._examples.setdefault(intent, {})
            found.setdefault(text, Example(text))

    def annotated(self, intent: str, example: Example) -> None:
        """Add a question that already has its entities."""
        self._examples.setdefault(intent, {}).setdefault(example.text, example)

    def answer(self, intent: str, text: str, raw: Json = None) -> None:
        """Add a wording of an intent's answer."""
        if text.strip():
            self._answers.setdefault(intent, {}).setdefault(text.strip(), Variant(text.strip(), raw=raw))

    def finish(self, intents: dict[str, Intent] | None = None) -> IntentFile:
        """Return everything gathered; `intents` carries what else is known of an intent."""
        known = intents or {}
        names = list(dict.fromkeys([*self._examples, *self._answers, *known]))
        for name in names:
            if not self._examples.get(name):
                self.report("import_answer_only", 1, name=name)
        found = [
            Intent(name, tuple(self._examples.get(name, {}).values()), known.get(name, Intent(name)).about)
            for name in names
        ]
        answers = [Response(f"utter_{name}", tuple(said.values())) for name, said in self._answers.items()]
        return IntentFile(self.file, intents=tuple(found), responses=tuple(answers))


def one_line(text: str) -> str:
    """Return a text on one line, without the characters that a file of ours cannot hold."""
    return _SPACES.sub(" ", text).strip()


def write_outputs(outputs: tuple[Output, ...], target: Path, *, overwrite: bool = False) -> None:
    """Write files into a folder, each whole or not at all; raise FileExistsError before the first when one is there."""
    paths = [target / output.name for output in outputs]
    existing = [path for path in paths if path.exists()]
    if existing and not overwrite:
        raise FileExistsError(str(existing[0]))
    for path, output in zip(paths, outputs, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".part")
        try:
            draft.write_bytes(output.content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
