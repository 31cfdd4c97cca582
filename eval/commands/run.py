"""`kefu eval run` and `check`: what starts from suites."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from eval.commands.shared import Baselines, LangOption, ending, make_console

Suites = Annotated[
    list[str] | None, typer.Argument(help="评测集文件或目录，默认随附的全部 · suites; default: all that ship")
]
Out = Annotated[Path, typer.Option("--out", help="放结果的目录 · folder of the results")]
Batch = Annotated[str | None, typer.Option(help="这批的名字；同名则接着上次 · name; the same name goes on")]
Release = Annotated[bool, typer.Option("--release", help="连封存部分一起 · the sealed part, too")]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", help="换评测对象，如 kind=rasa,url=http://… · another target; may repeat"),
]
Processes = Annotated[int | None, typer.Option(min=1, help="几个进程 · worker processes")]
Executor = Annotated[Literal["processes", "ray"] | None, typer.Option(help="进程或 Ray · processes or Ray")]
Limit = Annotated[int | None, typer.Option(min=1, help="只取前几个样本 · the first samples only")]
Budget = Annotated[float | None, typer.Option(min=1, help="每个评测集的时限，秒 · seconds a suite may take")]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate", min=0.01, help="不管答得多快，每秒问几条 · samples a second, however fast they are answered"
    ),
]
BenchData = Annotated[
    Path | None,
    typer.Option(
        envvar="KEFU_BENCH_DATA", exists=True, file_okay=False, help="公开数据目录 · folder of the outside data"
    ),
]


def run(
    context: typer.Context,
    suites: Suites = None,
    out: Out = Path("eval-runs"),
    batch: Batch = None,
    release: Release = False,
    target: Targets = None,
    processes: Processes = None,
    executor: Executor = None,
    limit: Limit = None,
    budget_s: Budget = None,
    rate_per_s: Rate = None,
    bench_data: BenchData = None,
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
        factories=context.obj,
        lang=lang,
    )
    with ending(lang):
        raise typer.Exit(run_all(request, make_console()))


def check(suites: Suites = None, bench_data: BenchData = None, lang: LangOption = "zh") -> None:
    """检查评测集的写法与数据，不运行。Check suites and their data without running them.

    退出码 · exit codes: 0 没有问题 fine · 2 有错误 faults
    """
    from eval.session import check_all

    paths = tuple(shipped(name) for name in suites or ["."])
    with ending(lang):
        raise typer.Exit(check_all(paths, make_console(), lang, bench_data))


def shipped(name: str) -> Path:
    """Return a path as given, or a suite that ships with us by its name (`retail_zh/intents`, `public`)."""
    given = Path(name)
    if given.exists() and name != ".":
        return given
    ours = Path(__file__).parents[1] / "suites" / name
    for path in (ours, ours.with_name(ours.name + ".yaml")):
        if path.exists():
            return path
    return given


def parse_target(told: str) -> dict[str, Any]:
    """Return `kind=rasa,url=http://..` as a mapping; words become numbers and flags where they look like them.

    A dot reaches inside: `settings.few=20` is `{"settings": {"few": 20}}`.
    """
    found: dict[str, Any] = {}
    for part in re.split(r",(?=[\w.]+=)", told):
        path, equals, value = part.partition("=")
        *outer, key = path.split(".")
        if not equals or not all((*outer, key)):
            raise typer.BadParameter(f"key=value,key=value: {told!r}", param_hint="--target")
        inside = found
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[key] = _plain(value)
    return found


def _plain(value: str) -> bool | int | float | str:
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    if re.fullmatch(r"-?\d*\.\d+", value):
        return float(value)
    return os.path.expandvars(value)
