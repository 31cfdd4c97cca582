"""`kefu eval score`, `compare`, `gate`, `report` and `history`: what starts from runs that are over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.commands.shared import Baselines, LangOption, Logs, ending, make_console

if TYPE_CHECKING:
    from eval.run.log import RunLog

GateBaselines = Annotated[Path, typer.Option("--baseline", help="基线目录 · folder of baselines")]
Accept = Annotated[bool, typer.Option("--accept", help="把这些运行存为基线 · store as baselines")]
Junit = Annotated[Path | None, typer.Option("--junit", help="另存 JUnit XML · write JUnit XML")]
To = Annotated[Path, typer.Option("--to", dir_okay=False, help="写到哪个文件 · file to write")]
Folder = Annotated[Path, typer.Argument(help="放结果的目录 · folder of the results", exists=True)]


def score(logs: Logs, lang: LangOption = "zh") -> None:
    """用现在的打分器给旧日志重新打分，不重新提问。Score old logs again without asking anything again."""
    from eval.run.log import write_log
    from eval.run.score import score_again
    from eval.session import print_log

    console = make_console()
    with ending(lang):
        for path, log in zip(logs, _read(logs), strict=True):
            again = score_again(log)
            write_log(again, path / "log.json" if path.is_dir() else path)
            print_log(again, console, lang)


def compare(logs: Logs, lang: LangOption = "zh") -> None:
    """逐样本比较两次运行；多于两次时都与第一次比。Compare runs sample by sample, all with the first."""
    from eval.compare.pair import compare as compare_runs
    from eval.session import print_comparison

    with ending(lang):
        runs = _read(logs)
        if len(runs) < 2:
            raise typer.BadParameter("两个以上 · two or more")
        for new in runs[1:]:
            print_comparison(compare_runs(runs[0], new), make_console(), lang)


def gate(
    logs: Logs,
    baseline: GateBaselines = Path("eval-baselines"),
    accept: Accept = False,
    junit: Junit = None,
    lang: LangOption = "zh",
) -> None:
    """与基线比：只有区间排除了基线才算变差。Fail only when an interval excludes the baseline.

    退出码 · exit codes: 0 没有变差 holds · 1 变差 worse · 2 没有基线或日志有误 no baseline, broken log
    """
    from eval.session import accept_all, gate_all

    with ending(lang):
        runs = _read(logs)
        if accept:
            accept_all(runs, baseline, make_console(), lang)
        else:
            raise typer.Exit(gate_all(runs, baseline, make_console(), lang, junit_path=junit))


def report(logs: Logs, to: To = Path("eval-report.html"), baseline: Baselines = None, lang: LangOption = "zh") -> None:
    """把一次或多次运行做成一个离线 HTML 报告。Make one offline HTML file of some runs."""
    from eval.session import write_report

    with ending(lang):
        write_report(_read(logs), to, baseline, make_console(), lang)


def history(folder: Folder, to: To = Path("eval-history.html"), lang: LangOption = "zh") -> None:
    """所有运行的走势。Every suite's figure over its runs."""
    from eval.errors import SuiteError
    from eval.report.page import history as history_page
    from eval.report.page import write_page
    from eval.session import find_logs
    from eval.texts import say

    with ending(lang):
        logs = _read(find_logs(folder))
        if not logs:
            raise SuiteError("no_runs", place=str(folder))
        write_page(history_page(logs), to)
        make_console().print(say("run.report", lang, {"path": to}), markup=False)


def _read(paths: list[Path]) -> list[RunLog]:
    from eval.run.log import read_log

    return [read_log(path) for path in paths]
