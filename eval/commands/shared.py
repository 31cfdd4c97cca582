"""What all commands share: options, the console, and how an error ends the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kefu.base.texts import Lang

# Everything heavy is imported where it is used, so that other commands start fast.

LangOption = Annotated[Lang, typer.Option("--lang", help="语言 · language")]
Baselines = Annotated[
    Path | None, typer.Option("--baseline", exists=True, file_okay=False, help="基线目录 · folder of baselines")
]
Logs = Annotated[list[Path], typer.Argument(help="运行目录或 log.json · run folders or log.json", exists=True)]


def make_console() -> Console:
    """Return the console for results."""
    return Console(highlight=False, soft_wrap=True)


@contextmanager
def ending(lang: Lang) -> Iterator[None]:
    """End the program with the text and the exit code of what is refused, also of a file that cannot be written."""
    from eval.errors import EvalError, SuiteError

    try:
        yield
    except EvalError as error:
        raise _end(error.text(lang), error.exit_code) from error
    except OSError as error:
        told = SuiteError("file_unusable", place=str(error.filename or ""), why=error.strerror or str(error))
        raise _end(told.text(lang), told.exit_code) from error


def _end(text: str, code: int) -> typer.Exit:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]✗[/red] {escape(text)}")
    return typer.Exit(code)
