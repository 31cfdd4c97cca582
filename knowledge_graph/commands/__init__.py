"""The commands of `kefu graph`: load, check, query, stats, diff, change one fact, take a feed, roll back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

from knowledge_graph.commands.feed import make_feed
from knowledge_graph.commands.learn import learn
from knowledge_graph.commands.query import query
from knowledge_graph.commands.rank import rank
from knowledge_graph.commands.set_fact import set_fact
from knowledge_graph.commands.tables import check, load
from knowledge_graph.commands.versions import diff, rollback, stats
from knowledge_graph.loading.shop_feed import OpenShop

_HELP = "知识图谱：加载、检查、提问、统计、比较。Knowledge graph: load, check, query, stats, diff."


def make_app(own_shop: Callable[[Path | None], OpenShop] | None = None) -> typer.Typer:
    """Return the commands; `own_shop` opens the shop of a workspace (None: the default one) for `feed`."""
    app = typer.Typer(no_args_is_help=True, help=_HELP)
    commands: dict[str, Callable[..., None]] = {
        "check": check, "load": load, "rank": rank, "set": set_fact, "rollback": rollback, "query": query,
        "learn": learn, "stats": stats, "diff": diff, "feed": make_feed(own_shop),
    }  # fmt: skip
    for name, command in commands.items():
        app.command(name=name)(command)
    return app
