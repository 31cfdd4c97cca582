"""`kefu graph set`: one fact changed by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from kefu.base.clock import SystemClock
from knowledge_graph.build import GraphRefused
from knowledge_graph.commands.base import (
    DEFAULT,
    FOUND,
    Change,
    Folder,
    FormatOption,
    need_live,
    tell_change,
    tell_problems,
)
from knowledge_graph.compare import compare
from knowledge_graph.folder import GraphFolder
from knowledge_graph.loading.rows import TableRow
from knowledge_graph.loading.tables import table_records
from knowledge_graph.records import FactRecord, Problem
from knowledge_graph.revise import Changes, revise


def set_fact(
    subject: str,
    predicate: str,
    values: Annotated[list[str], typer.Argument(help="新的值 · the new values")],
    graph: Folder = DEFAULT,
    output: FormatOption = "text",
) -> None:
    """改一个事实，立即成为新版本。Change one fact; the next version is live at once.

    示例 · example:  kefu graph set MT-1203-01 price 3500
    """
    folder = GraphFolder(graph)
    old = need_live(folder)
    row = (TableRow("kefu graph set", {"subject": subject, "predicate": predicate, "value": value}) for value in values)
    records = list(table_records(row, old.schema))
    wrong = [one for one in records if isinstance(one, Problem)]
    try:
        if wrong:
            raise GraphRefused(tuple(wrong))
        new = revise(old, Changes(put=[one for one in records if isinstance(one, FactRecord)]))
    except GraphRefused as error:
        tell_problems(error.problems, output)
        raise typer.Exit(FOUND) from error
    folder.publish(new, at_us=SystemClock().now_us(), note=f"{subject}/{predicate}")
    tell_change(Change(new.version, False, True, compare(old, new)), output)
