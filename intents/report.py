"""Findings and differences for people (colours) and for programs (JSON)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from intents.diff import Change
from intents.model import Json, Pack
from intents.problems import Problem, Severity
from intents.texts import say
from kefu.base.texts import Lang

_COLOURS: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def counts(pack: Pack, problems: Iterable[Problem]) -> dict[str, int]:
    """Return how much was read and how much is wrong."""
    found = Counter(one.severity for one in problems)
    return {
        "files": len(pack.files),
        "intents": len(pack.intents),
        "examples": sum(len(intent.examples) for intent in pack.intents.values()),
        "responses": len(pack.responses),
        "errors": found["error"],
        "warnings": found["warning"],
        "notes": found["note"],
    }


def print_problems(console: Console, problems: Iterable[Problem], lang: Lang) -> None:
    """Print `file:line:column severity text`, what stands there, and the cure."""
    for one in problems:
        head = Text(str(one.place), style="bold")
        head.append(f" {say(f'severity.{one.severity}', lang)} ", style=_COLOURS[one.severity])
        head.append(one.text(lang))
        head.append(f" [{one.code}]", style="dim")
        console.print(head, soft_wrap=True)
        if one.excerpt:
            console.print(Text(f"    {one.excerpt}", style="dim"), soft_wrap=True)
        cure = Text(f"    {say('check.cure', lang)}: ", style="green")
        cure.append(one.cure(lang))
        console.print(cure, soft_wrap=True)


def print_summary(console: Console, pack: Pack, problems: tuple[Problem, ...], lang: Lang) -> None:
    """Print one line with what was read and found."""
    numbers = counts(pack, problems)
    style = "red" if numbers["errors"] else "yellow" if numbers["warnings"] else "green"
    console.print(Text(say("check.summary" if problems else "check.clean", lang, numbers), style=style), soft_wrap=True)


def problems_json(pack: Pack, problems: tuple[Problem, ...], lang: Lang) -> str:
    """Return everything as one JSON object: `summary` and `problems`."""
    value: Json = {"summary": {**counts(pack, problems)}, "problems": [one.as_json(lang) for one in problems]}
    return json.dumps(value, ensure_ascii=False, indent=2)


def changes_json(changes: tuple[Change, ...], lang: Lang) -> str:
    """Return differences as one JSON object."""
    return json.dumps({"changes": [one.as_json(lang) for one in changes]}, ensure_ascii=False, indent=2)
