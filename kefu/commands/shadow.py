"""`kefu shadow`: where would a version do otherwise than the live one?"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kefu.base.clock import DAY_US, HOUR_US, MINUTE_US, parse_time
from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Database, Url, console, read_settings, refusals
from kefu.commands.train import Enterprise

if TYPE_CHECKING:
    from bot.training.shadow import ShadowReport
    from kefu.shadow.records import Compared, Journal
    from kefu.shadow.run import Progress
    from messaging_core.settings import Settings

_AGO = re.compile(r"(\d+)([dhm])")
_NEWEST = (1 << 63) - 1
_UNITS = {"d": DAY_US, "h": HOUR_US, "m": MINUTE_US}


def shadow(
    version: Annotated[str, typer.Argument(help="要比的版本，见 kefu train 的最后一行 · the candidate")],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    since: Annotated[
        str, typer.Option("--since", help="从何时起：7d、24h、30m 前，或 RFC 3339 时间 · ago, or a time")
    ] = "7d",
    follow: Annotated[
        bool, typer.Option("--follow", help="读完以后接着看新的对话，Ctrl-C 结束 · go on as they come")
    ] = False,
    texts: Annotated[
        Path | None,
        typer.Option("--input", help='不读对话，只比这些话，每行 {"text": "..."} · texts instead', exists=True),
    ] = None,
    examples: Annotated[int, typer.Option("--examples", help="每种差别举几个例子 · examples of each kind", min=0)] = 5,
    again: Annotated[bool, typer.Option("--again", help="从头再比 · forget what was compared")] = False,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="输出格式 · format")] = "text",
) -> None:
    """新版本在真实对话里会和线上有什么不同：只读，不回答任何人。Where would a version do otherwise than the live one?

    读正在运行的服务里顾客说过的话，每一轮让线上版本和新版本各决定一次；在自己的进程里算，不占服务的时间。
    中断了再执行一次，会接着比。

    示例 · example:  kefu shadow 3f9c… --since 24h --follow

    退出码 · exit codes: 0 一样 same · 1 有差别 different · 2 读不了 refused
    """
    settings = read_settings(data, database)
    with refusals():
        if texts is not None:
            different = _tell_texts(_compare_texts(settings, version, texts, enterprise, url), examples)
        else:
            report = _compare_turns(
                settings, version, enterprise, url, since_us=_read_since(since), follow=follow, again=again,
                examples=examples, quiet=output == "json",
            )  # fmt: skip
            _tell_turns(report, output)
            different = report["same"] < report["turns"]
    raise typer.Exit(1 if different else 0)


def forget(
    customer: Annotated[int, typer.Option("--customer", help="顾客的账号编号 · the customer's account id", min=1)],
    data: Data = None,
) -> None:
    """从影子运行的记录里删掉一位顾客说过的话。Take a customer out of what shadows have noted.

    只管 data/shadow/ 里的副本，聊天记录本身不动；那些话还在聊天记录里的话，再执行 kefu shadow 会重新读到。
    不知道是谁说的旧记录也一并删掉。

    示例 · example:  kefu forget --customer 253128391782301712

    退出码 · exit codes: 0 已删除 done · 2 有影子正在运行 a shadow is running
    """
    from kefu.shadow.keeping import forget_customer
    from kefu.workspace import shadow_folder

    with refusals():
        turns = forget_customer(shadow_folder(read_settings(data)), customer)
    typer.echo(f"删掉了 {turns} 轮 · turns dropped: {turns}")


def _read_since(text: str) -> int:
    if (ago := _AGO.fullmatch(text)) is not None:
        return time.time_ns() // 1000 - int(ago[1]) * _UNITS[ago[2]]
    try:
        return parse_time(text)
    except ValueError as error:
        raise ConfigError(
            f"--since：“{text}”不是时间，例如 24h、7d、2026-11-22T08:00:00+08:00 · is no time: {error}"
        ) from error


def _compare_turns(
    settings: Settings,
    version: str,
    enterprise: str | None,
    url: str | None,
    *,
    since_us: int,
    follow: bool,
    again: bool,
    examples: int,
    quiet: bool,
) -> dict[str, Any]:
    from kefu.shadow.keeping import drop_old
    from kefu.shadow.records import Journal
    from kefu.shadow.report import line_of, summarise
    from kefu.shadow.run import Progress
    from kefu.shadow.source import Source
    from kefu.workspace import shadow_folder

    source = Source(settings, enterprise=enterprise, url=url)
    live = asyncio.run(source.page(_NEWEST)).live
    folder = shadow_folder(settings)
    drop_old(folder, before_us=time.time_ns() // 1000 - settings.copies.days * DAY_US)
    path = folder / f"{live[:16]}-{version[:16]}.jsonl"
    if again:
        path.unlink(missing_ok=True)
    journal, progress = Journal(path), Progress()
    # The server that answers customers may share this machine: it goes first.
    os.nice(10)

    def heard(one: Compared) -> None:
        if follow and one.kind and not quiet:
            typer.echo(line_of(one))

    try:
        asyncio.run(_run(source, settings, live, version, journal, since_us, follow, heard, progress))
    except KeyboardInterrupt:
        console(stderr=True).print("\n到此为止；再执行一次会接着比 · stopped; run it again to go on")
    finally:
        journal.close()
    turns = [one for one in journal.compared.values() if one.at_us >= since_us]
    report = summarise(turns, live=live, candidate=version, examples=examples)
    return {**report, "wordless": progress.wordless, "live_changed_to": progress.live_changed_to}


async def _run(
    source: Any,
    settings: Settings,
    live: str,
    version: str,
    journal: Journal,
    since_us: int,
    follow: bool,
    heard: Any,
    progress: Progress,
) -> None:
    from kefu.shadow.pair import open_pair
    from kefu.shadow.run import run_shadow
    from kefu.workspace import artefacts_folder, models_folder, shop_folder

    if follow and not source.is_served:
        raise ConfigError("--follow 需要正在运行的服务，请先 kefu serve，或用 --url 指定 · no server is running")
    opened = open_pair(
        artefacts_folder(settings), models_folder(settings), shop_folder(settings),
        live=live, candidate=version, customers=await source.customers(),
    )  # fmt: skip
    async with opened as pair:
        await run_shadow(
            source, pair, journal, live=live, since_us=since_us, follow=follow, compared=heard, progress=progress
        )


def _tell_turns(report: dict[str, Any], output: str) -> None:
    from kefu.shadow.report import readable
    from kefu.texts import say

    if output == "json":
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    if not report["turns"]:
        typer.echo(say("shadow.none", "zh"))
        return
    for line in readable(report):
        typer.echo(line)
    if report["live_changed_to"]:
        typer.echo(say("shadow.live_changed", "zh", {"version": report["live_changed_to"], "live": report["live"]}))


def _compare_texts(
    settings: Settings, version: str, texts: Path, enterprise: str | None, url: str | None
) -> ShadowReport:
    from bot.artefact import read_recipe
    from bot.encoding.tiers import load_encoder, tier_of
    from bot.training.jsonl import read_rows
    from bot.training.shadow import shadow as compare
    from bot.understanding.hybrid import Understander
    from kefu.bundle import bundle_folder, read_bundle
    from kefu.publishing import list_versions
    from kefu.workspace import artefacts_folder, models_folder

    root = artefacts_folder(settings)
    history = asyncio.run(list_versions(settings, enterprise=enterprise, url=url))
    if not history:
        raise ConfigError("还没有发布过 · nothing was published yet")
    readers = []
    for chosen in (history[0].version, version):
        tier = tier_of(read_recipe(bundle_folder(root, chosen)).encoder_id)
        encoder = load_encoder(tier, models=models_folder(settings))
        readers.append(Understander.load(bundle_folder(root, read_bundle(root, chosen).model), encoder))
    return compare(readers[0], readers[1], (str(row["text"]) for _, row in read_rows(texts)))


def _tell_texts(report: ShadowReport, most: int) -> bool:
    for one in report.differences[: most * 10]:
        now, then = one.live, one.candidate
        typer.echo(
            f"{one.times} x {one.text}: {now.decision} {now.intent} {now.sureness:.2f}"
            f" -> {then.decision} {then.intent} {then.sureness:.2f}"
        )
    kinds = ", ".join(f"{kind} {count}" for kind, count in report.kinds.most_common())
    typer.echo(f"{report.texts} 句，{report.same} 句一样 · same{f'；{kinds}' if kinds else ''}")
    return bool(report.differences)
