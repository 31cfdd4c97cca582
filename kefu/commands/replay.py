"""`kefu replay`: what would the bot have done?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Url, console, read_settings, refusals

if TYPE_CHECKING:
    from kefu.replay.player import PlayOptions
    from kefu.replay.records import Journal, PlayedDialogue
    from kefu.replay.script import Script
    from messaging_core.settings import Settings


def replay(
    file: Annotated[Path, typer.Argument(help="对话 .jsonl，或写好预期的 .yaml · dialogues or a suite", exists=True)],
    data: Data = None,
    url: Url = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="放结果的目录 · folder of the results", show_default="replays/<文件名>")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="只放前几段 · only the first so many", min=1)] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="转人工后不交还机器人 · leave handed-off sessions with the humans")
    ] = False,
    concurrency: Annotated[
        int, typer.Option("--concurrency", help="同时几位顾客 · customers at once", min=1, max=64)
    ] = 4,
    sample: Annotated[int, typer.Option("--sample", help="抽多少轮回答供人读 · answered turns to read", min=0)] = 0,
    seed: Annotated[int, typer.Option("--seed", help="抽样的随机种子 · seed of the sample")] = 7,
    enterprise: Annotated[
        str | None,
        typer.Option("--enterprise", help="企业编号 · enterprise id", show_default="唯一的那家 · the only one"),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="从头再放一遍 · forget what was played")] = False,
) -> None:
    """回放真实对话：像顾客一样把每句话再说一遍，看机器人怎么答。Play dialogues that happened through the real wire.

    需要一个正在运行的服务（kefu serve --demo）。中断了再执行一次，会接着放。每一行是一段对话：
    {"dialogue_id": "a1", "turns": [{"role": "user", "text": "发货了吗"}, {"role": "system", "text": "..."}]}

    示例 · example:  kefu replay dialogues.jsonl --sample 100 --seed 7

    退出码 · exit codes: 0 放完 done · 1 丢了消息或答了两遍 something was lost or doubled · 2 放不了 refused
    """
    from kefu.replay.player import PlayOptions
    from kefu.replay.records import Journal
    from kefu.replay.report import pick_sample, readable, score, summarise, write_report
    from kefu.replay.script import read_scripts

    settings = read_settings(data)
    folder = out or Path("replays") / file.stem
    with refusals():
        scripts = read_scripts(file)[:limit]
        if again:
            (folder / "played.jsonl").unlink(missing_ok=True)
        journal = Journal(folder / "played.jsonl")
        asyncio.run(_run(scripts, journal, settings, url, enterprise, PlayOptions(stay=stay, concurrency=concurrency)))
    played = {script.id: journal.played[script.id] for script in scripts}
    report, scores = summarise(list(played.values())), score(scripts, played)
    write_report(folder, report, pick_sample(played.values(), count=sample, seed=seed), scores)
    console().print(readable(report, scores), markup=False, soft_wrap=True)
    console().print(f"[green]结果 · results:[/green] {folder}/", soft_wrap=True)
    if report["faults"] or report["lost"]:
        raise typer.Exit(1)


async def _run(
    scripts: list[Script],
    journal: Journal,
    settings: Settings,
    url: str | None,
    enterprise: str | None,
    options: PlayOptions,
) -> None:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from kefu.operator import find_server, operator_token
    from kefu.replay.run import run_replay
    from kefu.replay.stage import Stage

    base = find_server(settings, url=url)
    if base is None:
        raise ConfigError("服务没有在运行，请先执行 kefu serve --demo，或用 --url 指定 · no server is running")
    stage = Stage(base, operator_token(settings))
    columns = (TextColumn("回放"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[turns]} 轮"))
    try:
        await stage.open(enterprise)
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console(stderr=True)) as bar:
            turns = 0
            waiting = sum(script.id not in journal.played for script in scripts)
            task = bar.add_task("", total=len(scripts), completed=len(scripts) - waiting, turns=turns)

            def played(dialogue: PlayedDialogue) -> None:
                nonlocal turns
                turns += len(dialogue.turns)
                bar.update(task, advance=1, turns=turns)

            await run_replay(scripts, stage, journal, options, played=played)
    finally:
        journal.close()
        await stage.close()
