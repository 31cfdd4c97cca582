"""`kefu graph stats`, `diff` and `rollback`: the versions that there are."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from kefu.base.clock import format_time
from kefu.base.errors import ConfigError
from knowledge_graph.commands.base import DEFAULT, Change, Folder, FormatOption, need_live, stop, tell_change
from knowledge_graph.compare import compare
from knowledge_graph.folder import GraphFolder


def stats(graph: Folder = DEFAULT, output: FormatOption = "text") -> None:
    """各种节点与事实的数量、历史版本。Numbers of nodes and facts, and the history."""
    folder = GraphFolder(graph)
    live = need_live(folder)
    kinds = {kind: sum(1 for _ in live.nodes(kind)) for kind in live.schema.kinds}
    facts = Counter(live.base.predicates[number] for number in live.base.columns.predicate.tolist())
    told: dict[str, Any] = {
        "version": live.version,
        "base": live.base.version,
        "overlay": live.overlay.size,
        "nodes": kinds,
        "facts": dict(facts),
        "history": [{"version": e.version, "at": format_time(e.at_us), "note": e.note} for e in folder.history()],
    }
    if output == "json":
        typer.echo(msgspec.json.encode(told).decode())
        return
    console = Console(highlight=False)
    console.print(f"版本 · version {live.version}（base {live.base.version}, overlay {live.overlay.size}）")
    for name, count in (*kinds.items(), *facts.most_common()):
        console.print(f"  {name:<14}{count:>10}")
    for entry in folder.history():
        console.print(f"  {entry.version}  {format_time(entry.at_us)}  {entry.note}", markup=False)


def diff(
    old: Annotated[str, typer.Argument(help="旧版本 · version")],
    new: Annotated[str, typer.Argument(help="新版本，默认现用 · version, the live one by default")] = "",
    graph: Folder = DEFAULT,
    output: FormatOption = "text",
) -> None:
    """两个版本差在哪里。What differs between two versions."""
    folder = GraphFolder(graph)
    need_live(folder)
    entries = {entry.version: entry for entry in folder.history()}
    wanted = [old, new or list(entries)[-1]]
    unknown = [version for version in wanted if version not in entries]
    if unknown:
        raise stop(ConfigError(f"{unknown[0]}: 没有这个版本，有 {'、'.join(entries)} · there is no such version"))
    left, right = (folder.open(entries[version]) for version in wanted)
    tell_change(Change(right.version, False, False, compare(left, right)), output)


def rollback(graph: Folder = DEFAULT) -> None:
    """退回上一个版本。Go back one version."""
    try:
        entry = GraphFolder(graph).roll_back()
    except (LookupError, ConfigError) as error:
        raise stop(error) from error
    Console().print(f"[green]现用 · live:[/green] {entry.version} {escape(entry.note)}", highlight=False)
