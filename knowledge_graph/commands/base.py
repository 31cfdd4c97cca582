"""What the commands of `kefu graph` share: options, the live version, how a change is told, how an error ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from kefu.base.errors import ConfigError
from knowledge_graph.compare import Difference
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import Problem

OK, FOUND, REFUSED = 0, 1, 2
_SHOWN = 40

Folder = Annotated[Path, typer.Option("--graph", help="存放图的目录 · folder of the graph", envvar="KEFU_GRAPH")]
KindOption = Annotated[str | None, typer.Option("--kind", help="表里是哪种节点 · kind of node of the tables")]
FormatOption = Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · output format")]
DEFAULT = Path("data/graph")


def find_live(folder: GraphFolder) -> KnowledgeGraph | None:
    """Return the live version, None when there is none yet; end the command when it cannot be read."""
    try:
        return folder.current()
    except ConfigError as error:
        raise stop(error) from error


def need_live(folder: GraphFolder) -> KnowledgeGraph:
    """Return the live version, or end the command with the cure."""
    live = find_live(folder)
    if live is None:
        raise stop(ConfigError("还没有图，先运行 kefu graph load 文件… · there is no graph yet; load one first"))
    return live


def tell_problems(problems: tuple[Problem, ...], output: str) -> None:
    """Print what is refused, each with its place."""
    if output == "json":
        typer.echo(msgspec.json.encode({"problems": problems}).decode())
        return
    console = Console(highlight=False, soft_wrap=True)
    for problem in problems[:_SHOWN]:
        console.print(f"[red]{problem.code}[/red] ", end="")
        console.print(str(problem), markup=False)
    if len(problems) > _SHOWN:
        console.print(f"… 还有 {len(problems) - _SHOWN} 处 · and more")


@dataclass(frozen=True, slots=True)
class Change:
    """What a new version says that the live one does not, and what of it would be refused."""

    version: str
    first: bool
    applied: bool
    differences: list[Difference]
    problems: tuple[Problem, ...] = ()


def tell_change(change: Change, output: str) -> None:
    """Print what a version changes, and whether it is live."""
    if output == "json":
        typer.echo(msgspec.json.encode(change).decode())
        return
    if change.problems:
        tell_problems(change.problems, output)
    differences, version, first, applied = change.differences, change.version, change.first, change.applied
    console = Console(highlight=False, soft_wrap=True)
    words = {"added": "+ 新增", "changed": "~ 改变", "removed": "- 删除"}
    for one in differences[:_SHOWN]:
        before, after = ("、".join(map(str, values)) for values in (one.before, one.after))
        what = f"{words[one.what]} {one.subject} {one.predicate or ''} {before} → {after}  ({one.source})"
        console.print(what, markup=False)
    if len(differences) > _SHOWN:
        console.print(f"… 还有 {len(differences) - _SHOWN} 处 · and more")
    state = "已生效 · live" if applied else "预览 · preview"
    console.print(f"{state}: {version}" + ("（第一个版本 · the first version）" if first else ""), markup=False)


def stop(error: Exception) -> typer.Exit:
    """Print an error for a person and return the exit."""
    Console(stderr=True).print(f"[red]错误 · error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
    return typer.Exit(REFUSED)
