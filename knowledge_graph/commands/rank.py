"""`kefu graph rank`: which nodes are near to some."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console

from kefu.base.errors import ConfigError
from knowledge_graph.commands.base import DEFAULT, Folder, FormatOption, need_live, stop
from knowledge_graph.folder import GraphFolder
from knowledge_graph.network import network
from knowledge_graph.network import rank as ranks


def rank(
    seeds: Annotated[list[str], typer.Argument(help="起点的编号 · ids to start from")],
    graph: Folder = DEFAULT,
    predicate: Annotated[
        list[str] | None, typer.Option("--predicate", help="只走这些边 · only these edges; may repeat")
    ] = None,
    backend: Annotated[
        str, typer.Option("--backend", help="arrays、networkx 或已安装的 NetworkX 后端 · or an installed backend")
    ] = "arrays",
    most: Annotated[int, typer.Option("--most", min=1, help="前几个 · how many")] = 20,
    output: FormatOption = "text",
) -> None:
    """从几个节点出发，哪些节点离得近（个性化 PageRank）。Which nodes are near to some (personalised PageRank)."""
    live = need_live(GraphFolder(graph))
    unknown = [id for id in seeds if live.find_node(id) is None]
    try:
        if unknown:
            raise ConfigError(f"{unknown[0]}: 没有这个节点 · there is no such node")
        near = ranks(network(live, predicates=predicate), dict.fromkeys(seeds, 1.0), backend=backend)
    except ConfigError as error:
        raise stop(error) from error
    best = sorted(near.items(), key=lambda one: (-one[1], one[0]))[:most]
    if output == "json":
        typer.echo(msgspec.json.encode({"backend": backend, "rank": dict(best)}).decode())
        return
    for id, value in best:
        node = live.find_node(id)
        Console(highlight=False).print(f"{value:.5f}  {id}  {node.name if node else ''}", markup=False)
