"""`kefu train`, and `kefu bot` for what was trained."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Database, Url, console, read_settings, refusals, stop
from kefu.commands.outside import train_rows

if TYPE_CHECKING:
    from rich.progress import TaskID

    from bot.shop import FaqAnswer
    from kefu.training import Progress, TrainedBot
    from kefu.training_file import TrainingFile
    from kefu.warm import WarmBot
    from messaging_core.settings import Settings

bot_app = typer.Typer(
    no_args_is_help=True,
    help="机器人版本：查看、发布、回退。Versions of the bot: list, publish, roll back.",
)
Enterprise = Annotated[
    str | None, typer.Option("--enterprise", help="企业编号 · enterprise id", show_default="唯一的那家 · the only one")
]


PackFolder = Annotated[
    Path | None, typer.Option("--pack", help="意图目录 · intent folder", show_default="data/packs/ 里的那个")
]
Publish = Annotated[bool, typer.Option("--publish/--no-publish", help="训练后立即上线 · make it live afterwards")]
Note = Annotated[str, typer.Option("--note", help="这次改了什么 · what this version changes")]
WrongAnswers = Annotated[
    str | None,
    typer.Option("--wrong-answers", help="答错预算，如 2% · budget of wrong answers", show_default="training.yml，5%"),
]
EncoderName = Annotated[
    str | None,
    typer.Option("--encoder", help="句向量模型，见 kefu models list · encoder", show_default="training.yml，default"),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", help="用外部数据训练：--data 是 .jsonl，模型放到这里 · train on rows, --data names them"),
]
Valid = Annotated[Path | None, typer.Option("--valid", help="外部数据的验证集，只评不学 · judged, never learned")]
Unlabelled = Annotated[
    Path | None,
    typer.Option(
        "--unlabelled",
        help='没标意图的真实消息，每行 {"text": "..."}，例句少时有用 · real messages without intent, to learn from',
        exists=True,
    ),
]
Models = Annotated[Path | None, typer.Option("--models", help="句向量模型目录 · encoders", show_default="data/models")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子；相同文件、相同种子得到相同版本 · random seed")]


def train(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    pack: PackFolder = None,
    enterprise: Enterprise = None,
    publish: Publish = True,
    note: Note = "",
    wrong_answers: WrongAnswers = None,
    encoder: EncoderName = None,
    output: Output = None,
    valid: Valid = None,
    unlabelled: Unlabelled = None,
    models: Models = None,
    seed: Seed = 0,
) -> None:
    """训练机器人并上线：读意图文件和常见问题，检查，训练，切换。Train the bot and make it live.

    有一处写错就停下，告诉您 文件:行 和改法；正在用的版本不受影响。服务不用停，下一轮对话就用新版本。
    只改了几句时，几秒内先给出一个可试的版本（kefu shadow），完整训练做完才上线。
    收作说法的顾客原话（kefu index adopt）满 200 条后，还用来调常见问题的检索；没变好就不动。

    示例 · example:  编辑 data/packs/retail_zh/shipping.yml，然后  kefu train --note "补充发货问法"

    退出码 · exit codes: 0 完成 done · 2 文件有错或无法上线 refused
    """
    if output is not None:
        if data is None:
            raise stop(ConfigError("--output 要和 --data train.jsonl 一起用 · --output needs --data train.jsonl"))
        return train_rows(
            data,
            output,
            valid=valid,
            wrong_answers=wrong_answers,
            seed=seed,
            encoder=encoder or "default",
            models=models,
            unlabelled=unlabelled,
        )
    settings = read_settings(data, database)
    with refusals():
        chosen = _chosen(settings, wrong_answers, encoder)
        trained = _train(settings, pack, seed, chosen, models, unlabelled)
        _report(trained)
        if publish:
            _publish(settings, trained.version, enterprise=enterprise, note=note, url=url)
    # The last line of the output is for programs.
    typer.echo(trained.version)


def _chosen(settings: Settings, wrong_answers: str | None, encoder: str | None) -> TrainingFile:
    """What `training.yml` says, and before it the command line."""
    from kefu.training_file import read_budget, read_training_file

    chosen = read_training_file(settings)
    if wrong_answers is not None:
        chosen = replace(chosen, wrong_answers=read_budget(wrong_answers, "--wrong-answers"))
    return chosen if encoder is None else replace(chosen, encoder=encoder)


def _publish(settings: Settings, version: str, *, enterprise: str | None, note: str, url: str | None) -> None:
    """Make it live with the shop's files as they are; what was trained is not lost when that fails."""
    from kefu.publishing import publish_version, reload_shop

    try:
        asyncio.run(reload_shop(settings, url=url))
        asyncio.run(publish_version(settings, version, enterprise=enterprise, note=note, url=url))
    except ConfigError as error:
        later = f"训练好了，没有上线；之后执行 kefu publish {version} · trained, not live"
        raise ConfigError(f"{error}\n{later}") from error
    console(stderr=True).print(f"[green]已上线 · live:[/green] {version}")


def _train(
    settings: Settings,
    pack: Path | None,
    seed: int,
    chosen: TrainingFile,
    models: Path | None,
    unlabelled: Path | None,
) -> TrainedBot:
    from bot.training.jsonl import read_texts
    from kefu.adopting import read_adopted, with_adopted
    from kefu.training import train_bot
    from kefu.workspace import artefacts_folder, find_pack, models_folder, vectors_folder

    folder = pack or find_pack(settings)
    adopted = read_adopted(settings)
    with _progress() as progress:
        return train_bot(
            folder,
            with_adopted(_read_faq(settings), adopted),
            artefacts=artefacts_folder(settings),
            cache=vectors_folder(settings),
            progress=progress,
            seed=seed,
            wrong_answers=chosen.wrong_answers,
            encoder_name=chosen.encoder,
            models=models or models_folder(settings),
            early=_tell_early,
            unlabelled=read_texts(unlabelled),
            asked=[(text, faq_id) for faq_id, texts in adopted.items() for text in texts],
        )


def _tell_early(warm: WarmBot) -> None:
    """Say that there is a version to try while the training goes on."""
    pending = ", ".join(warm.pending)
    console(stderr=True).print(
        f"[green]可先试 · to try:[/green] {warm.version}（改动 edits: {warm.edits}；待定 pending: {pending}）",
        soft_wrap=True,
    )


def _read_faq(settings: Settings) -> tuple[FaqAnswer, ...]:
    """Return the FAQ of the workspace's shop; everything in its files is checked with it."""
    from kefu.demo.shop.load import load_shop
    from kefu.workspace import shop_folder

    folder = shop_folder(settings)
    if not folder.is_dir():
        raise ConfigError(
            f"{folder}: 没有店铺资料，请先执行 kefu init --demo · no shop here, run kefu init --demo first"
        )
    return load_shop(folder).faq


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar a stage on the terminal; elsewhere a line a stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from kefu.texts import say

    out = console(stderr=True)
    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=out, disable=not out.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            label = say(f"train.{stage}", "zh")
            if stage not in tasks:
                tasks[stage] = bars.add_task(label, total=total)
                if not out.is_terminal:
                    out.print(f"{label} …")
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


def _report(trained: TrainedBot) -> None:
    from bot.training.report_text import report_lines
    from kefu.texts import say

    data = {
        "intents": trained.intents,
        "utterances": trained.utterances,
        "entries": trained.entries,
        "accuracy": f"{trained.accuracy:.1%}",
        "answered": f"{trained.answered:.1%}",
        "wrong": f"{trained.wrong:.1%}",
        "faq_first": f"{trained.faq_first:.1%}",
    }
    out = console(stderr=True)
    out.print(say("train.report", "zh", data), soft_wrap=True)
    if (asked := trained.asked) is not None:
        told = {"questions": asked.questions, "before": f"{asked.before:.3f}", "after": f"{asked.rank:.3f}"}
        out.print(say("train.asked_helped" if asked.rank > asked.before else "train.asked_kept", "zh", told))
    for line in report_lines(trained.report, trained.change):
        out.print(line, soft_wrap=True, highlight=False, markup=False)


@bot_app.command("versions")
def versions(data: Data = None, database: Database = None, url: Url = None, enterprise: Enterprise = None) -> None:
    """列出发布过的版本，最新的在前。List the versions that were live, newest first."""
    from rich.table import Table

    from kefu.publishing import list_versions

    settings = read_settings(data, database)
    with refusals():
        rows = asyncio.run(list_versions(settings, enterprise=enterprise, url=url))
    table = Table("#", "版本 · version", "时间 · at", "说明 · note", box=None)
    for row in rows:
        table.add_row(str(row.number), row.version, row.at, row.note)
    console().print(table if rows else "还没有发布过 · nothing was published yet")


@bot_app.command("publish")
def publish_command(
    version: Annotated[str, typer.Argument(help="版本号，见 kefu bot versions · the version")],
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    note: Annotated[str, typer.Option("--note", help="说明 · note")] = "",
) -> None:
    """让一个训练好的版本上线，一步切换，不用重启。Make a trained version live, in one step and without a restart."""
    from kefu.publishing import publish_version

    settings = read_settings(data, database)
    with refusals():
        asyncio.run(publish_version(settings, version, enterprise=enterprise, note=note, url=url))
    console().print(f"[green]已上线 · live:[/green] {version}")


@bot_app.command("rollback")
def rollback_command(
    data: Data = None,
    database: Database = None,
    url: Url = None,
    enterprise: Enterprise = None,
    to: Annotated[
        int | None,
        typer.Option("--to", help="回到第几次发布 · which step of the history", show_default="上一个 · the last"),
    ] = None,
) -> None:
    """回到上一个版本，一步切换。Go back to the version before this one."""
    from kefu.publishing import roll_back_version

    settings = read_settings(data, database)
    with refusals():
        version = asyncio.run(roll_back_version(settings, to=to, enterprise=enterprise, url=url))
    console().print(f"[green]已回退到 · back to:[/green] {version}")
