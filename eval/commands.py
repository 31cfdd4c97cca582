"""`kefu eval`: run suites, compare runs, hold them against a baseline, make the report."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from kefu.base.texts import Lang

if TYPE_CHECKING:
    from eval.run.log import RunLog

# Everything heavy is imported where it is used, so that other commands start fast.

Out = Annotated[Path, typer.Option("--out", help="放结果的目录 · folder of the results")]
LangOption = Annotated[Lang, typer.Option("--lang", help="语言 · language")]
Baselines = Annotated[Path | None, typer.Option("--baseline", help="基线目录 · folder of baselines")]
Logs = Annotated[list[Path], typer.Argument(help="运行目录或 log.json · run folders or log.json", exists=True)]


def make_app(factories: Mapping[str, str]) -> typer.Typer:
    """Return the command group; `factories` are the bots that kefu hands in, name to `package.module:function`."""
    app = typer.Typer(no_args_is_help=True, help="评测：运行、比较、门禁、报告。Evaluate: run, compare, gate, report.")

    @app.command()
    def run(
        suites: Annotated[
            list[str] | None, typer.Argument(help="评测集文件或目录，默认随附的全部 · suites; default: all that ship")
        ] = None,
        out: Out = Path("eval-runs"),
        batch: Annotated[
            str | None, typer.Option(help="这批的名字；同名则接着上次 · name; the same name goes on")
        ] = None,
        release: Annotated[bool, typer.Option("--release", help="连封存部分一起 · the sealed part, too")] = False,
        target: Annotated[
            list[str] | None,
            typer.Option("--target", help="换评测对象，如 kind=rasa,url=http://… · another target; may repeat"),
        ] = None,
        processes: Annotated[int | None, typer.Option(min=1, help="几个进程 · worker processes")] = None,
        executor: Annotated[
            Literal["processes", "ray"] | None, typer.Option(help="进程或 Ray · processes or Ray")
        ] = None,
        limit: Annotated[int | None, typer.Option(min=1, help="只取前几个样本 · the first samples only")] = None,
        budget_s: Annotated[
            float | None, typer.Option(min=1, help="每个评测集的时限，秒 · seconds a suite may take")
        ] = None,
        rate_per_s: Annotated[
            float | None,
            typer.Option(
                "--rate", min=0.01, help="不管答得多快，每秒问几条 · samples a second, however fast they are answered"
            ),
        ] = None,
        bench_data: Annotated[
            Path | None,
            typer.Option(envvar="KEFU_BENCH_DATA", help="公开数据目录 · folder of the outside data"),
        ] = None,
        baseline: Baselines = None,
        lang: LangOption = "zh",
    ) -> None:
        """运行评测集，写日志、报告（HTML）、JUnit XML 与 JSON。Run suites; write logs, report, JUnit XML and JSON.

        退出码 · exit codes: 0 都达到 all met · 1 有未达到 something missed · 2 评测集或数据有误 wrong input ·
        3 评测对象不可用 target unusable
        """
        from eval.session import Request, run_all

        request = Request(
            paths=tuple(shipped(name) for name in suites or ["retail_zh"]),
            folder=out / (batch or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")),
            release=release,
            targets=tuple(parse_target(one) for one in target or ()) or (None,),
            processes=processes,
            executor=executor,
            limit=limit,
            budget_s=budget_s,
            rate_per_s=rate_per_s,
            bench_data=bench_data,
            baseline=baseline,
            factories=dict(factories),
            lang=lang,
        )
        raise typer.Exit(run_all(request, Console(highlight=False, soft_wrap=True)))

    _add_others(app)
    return app


def _add_others(app: typer.Typer) -> None:
    @app.command()
    def check(
        suites: Annotated[list[str] | None, typer.Argument(help="评测集文件或目录 · suites")] = None,
        lang: LangOption = "zh",
    ) -> None:
        """检查评测集的写法与数据，不运行。Check suites and their data without running them.

        退出码 · exit codes: 0 没有问题 fine · 2 有错误 faults
        """
        from eval.session import check_all

        paths = tuple(shipped(name) for name in suites or ["."])
        raise typer.Exit(check_all(paths, Console(highlight=False, soft_wrap=True), lang))

    @app.command()
    def score(logs: Logs, lang: LangOption = "zh") -> None:
        """用现在的打分器给旧日志重新打分，不重新提问。Score old logs again without asking anything again."""
        from eval.run.log import write_log
        from eval.run.score import score_again
        from eval.session import print_log

        console = Console(highlight=False, soft_wrap=True)
        for path, log in zip(logs, _read(logs, lang), strict=True):
            again = score_again(log)
            write_log(again, path / "log.json" if path.is_dir() else path)
            print_log(again, console, lang)

    @app.command()
    def compare(logs: Logs, lang: LangOption = "zh") -> None:
        """逐样本比较两次运行；多于两次时都与第一次比。Compare runs sample by sample, all with the first."""
        from eval.compare.pair import compare as compare_runs
        from eval.errors import EvalError
        from eval.session import print_comparison

        console = Console(highlight=False, soft_wrap=True)
        runs = _read(logs, lang)
        if len(runs) < 2:
            raise typer.BadParameter("两个以上 · two or more")
        try:
            for new in runs[1:]:
                print_comparison(compare_runs(runs[0], new), console, lang)
        except EvalError as error:
            raise _stop(error, lang) from error

    @app.command()
    def gate(
        logs: Logs,
        baseline: Annotated[Path, typer.Option("--baseline", help="基线目录 · folder of baselines")] = Path(
            "eval-baselines"
        ),
        accept: Annotated[bool, typer.Option("--accept", help="把这些运行存为基线 · store as baselines")] = False,
        junit: Annotated[Path | None, typer.Option("--junit", help="另存 JUnit XML · write JUnit XML")] = None,
        lang: LangOption = "zh",
    ) -> None:
        """与基线比：只有区间排除了基线才算变差。Fail only when an interval excludes the baseline.

        退出码 · exit codes: 0 没有变差 holds · 1 变差 worse · 2 没有基线或日志有误 no baseline, broken log
        """
        from eval.errors import EvalError
        from eval.session import accept_all, gate_all

        console = Console(highlight=False, soft_wrap=True)
        runs = _read(logs, lang)
        try:
            if accept:
                accept_all(runs, baseline, console, lang)
            else:
                raise typer.Exit(gate_all(runs, baseline, console, lang, junit_path=junit))
        except EvalError as error:
            raise _stop(error, lang) from error

    @app.command()
    def report(
        logs: Logs,
        to: Annotated[Path, typer.Option("--to", help="写到哪个文件 · file to write")] = Path("eval-report.html"),
        baseline: Baselines = None,
        lang: LangOption = "zh",
    ) -> None:
        """把一次或多次运行做成一个离线 HTML 报告。Make one offline HTML file of some runs."""
        from eval.session import write_report

        write_report(_read(logs, lang), to, baseline, Console(highlight=False, soft_wrap=True), lang)

    @app.command()
    def history(
        folder: Annotated[Path, typer.Argument(help="放结果的目录 · folder of the results", exists=True)],
        to: Annotated[Path, typer.Option("--to", help="写到哪个文件 · file to write")] = Path("eval-history.html"),
        lang: LangOption = "zh",
    ) -> None:
        """所有运行的走势。Every suite's figure over its runs."""
        from eval.report.page import history as history_page
        from eval.report.page import write_page
        from eval.session import find_logs
        from eval.texts import say

        logs = _read(find_logs(folder), lang)
        if not logs:
            from eval.errors import SuiteError

            raise _stop(SuiteError("no_runs", place=str(folder)), lang)
        write_page(history_page(logs), to)
        Console(highlight=False, soft_wrap=True).print(say("run.report", lang, {"path": to}))


def shipped(name: str) -> Path:
    """Return a path as given, or a suite that ships with us by its name (`retail_zh/intents`, `public`)."""
    given = Path(name)
    if given.exists() and name != ".":
        return given
    ours = Path(__file__).parent / "suites" / name
    for path in (ours, ours.with_name(ours.name + ".yaml")):
        if path.exists():
            return path
    return given


def parse_target(told: str) -> dict[str, Any]:
    """Return `kind=rasa,url=http://..` as a mapping; words become numbers and flags where they look like them."""
    found: dict[str, Any] = {}
    for part in re.split(r",(?=\w+=)", told):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"key=value,key=value: {told!r}", param_hint="--target")
        if value in ("true", "false"):
            found[key] = value == "true"
        else:
            found[key] = int(value) if value.isdigit() else os.path.expandvars(value)
    return found


def _read(paths: list[Path], lang: Lang) -> list[RunLog]:
    from eval.errors import EvalError
    from eval.run.log import read_log

    try:
        return [read_log(path) for path in paths]
    except EvalError as error:
        raise _stop(error, lang) from error


def _stop(error: Any, lang: Lang) -> typer.Exit:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]✗[/red] {error.text(lang)}", markup=True)
    return typer.Exit(error.exit_code)
