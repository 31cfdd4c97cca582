"""`kefu graph check` and `load`: whole tables."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kefu.base.clock import SystemClock
from kefu.base.errors import ConfigError
from knowledge_graph.build import Built, build_leniently
from knowledge_graph.commands.base import (
    DEFAULT,
    FOUND,
    OK,
    Change,
    Folder,
    FormatOption,
    KindOption,
    find_live,
    stop,
    tell_change,
    tell_problems,
)
from knowledge_graph.compare import compare
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.tables import read_table
from knowledge_graph.records import Problem, Record
from knowledge_graph.schema import Schema, load_schema, packed_schema

Files = Annotated[list[Path], typer.Argument(help="CSV、Excel、JSONL、三元组 TSV · tables and triples", exists=True)]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", help="模式文件，默认零售 · schema, by default retail", exists=True),
]


def check(files: Files, schema: SchemaOption = None, kind: KindOption = None, output: FormatOption = "text") -> None:
    """检查文件：每个问题给出 文件:行、说明和改法，不改动任何东西。Check files; nothing is changed.

    退出码 · exit codes: 0 通过 fine · 1 有问题 faults · 2 打不开 unreadable
    """
    built = build_files(files, chosen_schema(schema), kind)
    tell_problems(built.problems, output)
    if output == "text" and not built.problems:
        base = built.base
        Console().print(
            f"[green]通过 · fine:[/green] {len(base.nodes.ids)} 节点 nodes, {len(base.columns.subject)} 事实 facts"
        )
    raise typer.Exit(FOUND if built.problems else OK)


def load(
    files: Files,
    graph: Folder = DEFAULT,
    schema: SchemaOption = None,
    kind: KindOption = None,
    output: FormatOption = "text",
    dry_run: Annotated[bool, typer.Option("--preview", help="只看会改什么 · say what would change")] = False,
    note: Annotated[str, typer.Option("--note", help="这一版的说明 · a word about this version")] = "",
) -> None:
    """整体加载为新版本；有一处问题就不生效，现用版本不变。Load as the new version; one fault and nothing changes."""
    built = build_files(files, chosen_schema(schema), kind)
    if built.problems and not dry_run:
        tell_problems(built.problems, output)
        raise typer.Exit(FOUND)
    folder, new = GraphFolder(graph), KnowledgeGraph(built.base)
    old = find_live(folder)
    differences = [] if old is None else compare(old, new)
    if not dry_run:
        folder.publish(new, at_us=SystemClock().now_us(), note=note)
    change = Change(new.version, old is None, not dry_run, differences, built.problems)
    tell_change(change, output)
    raise typer.Exit(FOUND if built.problems else OK)


def chosen_schema(path: Path | None) -> Schema:
    try:
        return packed_schema("retail") if path is None else load_schema(path)
    except ConfigError as error:
        raise stop(error) from error


def build_files(files: list[Path], schema: Schema, kind: str | None) -> Built:
    """Read and build with a line that counts rows; the line is for people, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("读取 · reading", total=None)

        def counted(records: Iterator[Record | Problem]) -> Iterator[Record | Problem]:
            due = time.monotonic()
            for number, record in enumerate(records, start=1):
                if time.monotonic() > due:
                    progress.update(task, completed=number)
                    due = time.monotonic() + 0.2
                yield record

        return build_leniently(
            counted(chain.from_iterable(read_table(one, schema, kind=kind) for one in files)), schema
        )
