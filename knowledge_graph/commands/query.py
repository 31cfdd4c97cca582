"""`kefu graph query`: a question in words."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kefu.base.clock import SystemClock, parse_time
from kefu.base.errors import ConfigError
from knowledge_graph.commands.base import DEFAULT, FOUND, OK, Folder, FormatOption, need_live, stop
from knowledge_graph.folder import GraphFolder

AtOption = Annotated[str | None, typer.Option("--at", help="以何时为准，默认现在 · as of this time (RFC 3339)")]


def query(
    text: str,
    graph: Folder = DEFAULT,
    at: AtOption = None,
    focus: Annotated[list[str] | None, typer.Option("--focus", help="刚说过的节点 · nodes last spoken of")] = None,
    output: FormatOption = "text",
) -> None:
    """用一句话提问，答案附出处。Ask in words; the answer names its sources.

    退出码 · exit codes: 0 有答案 answered · 1 没有 no answer · 2 打不开 unreadable
    """
    live = need_live(GraphFolder(graph))
    answer = live.ask(text, at_us=moment(at), focus=tuple(focus or ()))
    if output == "json":
        typer.echo(msgspec.json.encode(answer).decode())
    else:
        console = Console(highlight=False)
        asked = " ".join(f"{name}={value}" for name, value in answer.asked.items())
        console.print(answer.status, style="bold", end=" ")
        console.print(f"{answer.kind} · {answer.total} · {asked}", markup=False)
        for row in answer.rows:
            console.print(f"  {row.node_id} {row.name}", markup=False)
            for fact in row.facts:
                console.print(f"    {fact.id} = {fact.value} {fact.unit}  ({fact.source})", markup=False)
    raise typer.Exit(OK if answer.status == "answered" else FOUND)


def moment(at: str | None) -> int:
    try:
        return SystemClock().now_us() if at is None else parse_time(at)
    except ValueError as error:
        raise stop(ConfigError(f"--at: {error}")) from error
