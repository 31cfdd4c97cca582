"""`kefu parked`: events that a subscriber could not digest."""

from __future__ import annotations

import asyncio

import typer

from kefu.commands.base import Data, Database, Url, console, read_settings, refusals

app = typer.Typer(no_args_is_help=True, help="停放的事件：订阅方多次处理失败。Events a subscriber could not digest.")


@app.command("list")
def parked_list(data: Data = None, database: Database = None, url: Url = None) -> None:
    """列出停放的事件。List parked events."""
    from rich.table import Table

    from kefu.operator import list_parked

    settings = read_settings(data, database)
    with refusals():
        rows = asyncio.run(list_parked(settings, url=url))
    table = Table("id", "consumer", "conversation", "seq", "attempts", "parked_at", "error", box=None)
    for row in rows:
        table.add_row(
            *(str(row[key]) for key in ("id", "consumer", "conversation_id", "seq", "attempts")),
            str(row["parked_at"]),
            str(row["error"]),
        )
    console().print(table if rows else "[green]没有停放的事件 · nothing is parked[/green]")


@app.command("retry")
def parked_retry(parked_id: str, data: Data = None, database: Database = None, url: Url = None) -> None:
    """重试一个事件。Hand an event to its subscriber once more."""
    from kefu.operator import retry_parked

    settings = read_settings(data, database)
    with refusals():
        digested = asyncio.run(retry_parked(settings, parked_id, url=url))
    console().print("[green]已处理 · digested[/green]" if digested else "[red]仍然失败 · failed again[/red]")
    if not digested:
        raise typer.Exit(1)


@app.command("drop")
def parked_drop(parked_id: str, data: Data = None, database: Database = None, url: Url = None) -> None:
    """放弃一个事件。Give an event up."""
    from kefu.operator import drop_parked

    settings = read_settings(data, database)
    with refusals():
        asyncio.run(drop_parked(settings, parked_id, url=url))
    console().print("[green]已放弃 · dropped[/green]")
