"""`kefu eval`: run suites, compare runs, hold them against a baseline, make the report."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from eval.commands.logs import compare, gate, history, report, score
from eval.commands.run import check, run


def make_app(factories: Mapping[str, str]) -> typer.Typer:
    """Return the command group; `factories` are the bots that kefu hands in, name to `package.module:function`."""
    app = typer.Typer(no_args_is_help=True, help="评测：运行、比较、门禁、报告。Evaluate: run, compare, gate, report.")
    # With the command and not with the group: `kefu` calls its commands without entering their group.
    app.command(context_settings={"obj": dict(factories)})(run)
    for command in (check, score, compare, gate, report, history):
        app.command()(command)
    return app
