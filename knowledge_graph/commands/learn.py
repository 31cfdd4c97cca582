"""`kefu graph learn`: from customers' questions, what they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kefu.base.errors import ConfigError
from knowledge_graph.commands.base import DEFAULT, Folder, need_live, stop
from knowledge_graph.folder import GraphFolder


def learn(
    file: Annotated[Path, typer.Argument(help='JSONL：{"text", "asks": [属性], "focus": [节点]}', exists=True)],
    graph: Folder = DEFAULT,
) -> None:
    """从顾客真实问过的话学会“问的是什么”。Learn from customers' questions what they ask for.

    退出码 · exit codes: 0 已生效 live · 2 文件有误 the file is wrong
    """
    from knowledge_graph.asking.examples import read_examples
    from knowledge_graph.asking.learn import learn_asks

    folder = GraphFolder(graph)
    live = need_live(folder)
    try:
        model = learn_asks(live, read_examples(file, live.schema))
    except ConfigError as error:
        raise stop(error) from error
    folder.put_asks(model)
    Console(highlight=False).print(f"[green]学会了 · learned:[/green] {'、'.join(model.labels)}")
