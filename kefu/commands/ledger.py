"""`kefu ledger`: what the bot promised to whom: prices, dates, refunds, stock, each with its fact, version and time."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from typing import Annotated, Any, Literal

import typer

from kefu.commands.base import Data, Database, Url, console, read_settings, refusals

app = typer.Typer(no_args_is_help=True, help="承诺账本：机器人对谁说过什么价格、期限、库存。What the bot promised.")
_COLUMNS = ("at", "customer_id", "kind", "said", "value", "fact_id", "fact_version", "conversation_id", "turn_id")
_CHARS = 40


@app.command()
def report(
    customer: Annotated[str | None, typer.Option("--customer", help="对哪位顾客（账号） · to whom")] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", help="在哪个会话 · where")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="price discount date refund stock fee policy")] = None,
    fact: Annotated[str | None, typer.Option("--fact", help="事实编号的开头，如 MT-1001 · a fact's id begins")] = None,
    since: Annotated[str | None, typer.Option("--since", help="从何时起 · since (RFC 3339)")] = None,
    until: Annotated[str | None, typer.Option("--until", help="到何时止 · until (RFC 3339)")] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="最多几条 · at most")] = 200,
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Annotated[str | None, typer.Option("--enterprise", help="企业编号 · the enterprise's id")] = None,
    output: Annotated[Literal["text", "json", "csv"], typer.Option("--format", help="输出格式 · format")] = "text",
) -> None:
    """列出机器人说出口的承诺，最新的在前。List what the bot promised, newest first.

    退出码 · exit codes: 0 有 some · 1 没有 none · 2 读不了 unreadable
    """
    from kefu.ledger import read_ledger

    wanted = {
        "conversation_id": conversation, "customer_id": customer, "kind": kind, "fact": fact, "since": since,
        "until": until,
    }  # fmt: skip
    settings = read_settings(data, database)
    with refusals():
        rows = asyncio.run(read_ledger(settings, wanted, most=most, enterprise=enterprise, url=url))
    _tell(rows, output)
    raise typer.Exit(0 if rows else 1)


def _tell(rows: list[dict[str, Any]], output: str) -> None:
    if output == "json":
        typer.echo(json.dumps({"items": rows}, ensure_ascii=False))
    elif output == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(_COLUMNS)
        writer.writerows([row[name] for name in _COLUMNS] for row in rows)
    else:
        from rich.table import Table

        table = Table("时间 · at", "顾客 · to", "", "说法 · said", "依据 · fact", "版本 · version", box=None)
        for row in rows:
            cells = (row["at"], row["customer_id"], row["kind"], row["said"], row["fact_id"], row["fact_version"])
            table.add_row(*(str(cell)[:_CHARS] for cell in cells))
        console().print(table if rows else "没有这样的承诺 · nothing of the kind was promised")
