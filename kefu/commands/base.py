"""What all commands share: the options for the workspace, the console, and how an error ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.base.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from messaging_core.settings import Settings

Data = Annotated[
    Path | None,
    typer.Option("--data", help="工作目录（数据库、令牌、机器人）· workspace folder. KEFU_DATA", show_default="data"),
]
Database = Annotated[
    str | None,
    typer.Option("--database", help="数据库地址，默认内嵌 SQLite · e.g. postgresql://user@host/db. KEFU_DATABASE"),
]
Url = Annotated[
    str | None,
    typer.Option("--url", help="服务地址 · the server's address", show_default="正在运行的那个 · the running one"),
]


def console(*, stderr: bool = False) -> Console:
    """Return a console for people."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def read_settings(data: Path | None, database: str | None = None, broker: str | None = None) -> Settings:
    """Return the settings, or end with the reason and the cure."""
    from messaging_core.settings import load_settings

    with refusals():
        return load_settings(data=data, database=database, broker=broker)


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with exit code 2 and, for a person, what is wrong and the cure, where a ConfigError tells it."""
    try:
        yield
    except ConfigError as error:
        raise stop(error) from error


def stop(error: Exception, *, code: int = 2) -> typer.Exit:
    """Print an error for a person and return the exit."""
    console(stderr=True).print("[red]错误 · error:[/red] ", end="")
    console(stderr=True).print(str(error), markup=False, soft_wrap=True)
    return typer.Exit(code)
