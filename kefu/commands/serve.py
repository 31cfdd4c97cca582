"""`kefu init`, `kefu serve`, `kefu migrate`, `kefu settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Database, console, read_settings, refusals, stop


def init(
    data: Data = None,
    demo: Annotated[bool, typer.Option("--demo", help="加上演示店铺的资料 · add the demo shop's files")] = False,
) -> None:
    """准备工作目录：放好意图模板（和演示店铺），供您修改。Make a workspace with files to edit.

    已经在的文件不会动。之后：改 data/packs/ 里的意图文件，kefu train 训练，kefu serve 启动。

    示例 · example:  kefu init --demo --data data
    """
    from kefu.training_file import write_training_file
    from kefu.workspace import init_workspace

    settings = read_settings(data)
    try:
        made = init_workspace(settings, demo=demo)
        made += [path for path in [write_training_file(settings)] if path is not None]
    except OSError as error:
        reason = f"{error.filename or settings.data}: {error.strerror}"
        raise stop(ConfigError(reason)) from error
    for path in made:
        console().print(f"[green]+[/green] {path}", soft_wrap=True)
    if not made:
        console().print(f"{settings.data} 已经准备好了 · is ready", soft_wrap=True)


def serve(
    data: Data = None,
    database: Database = None,
    broker: Annotated[
        str | None, typer.Option("--broker", help="多节点消息总线 · nats://host:port for many nodes. KEFU_BROKER")
    ] = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口，0 为任选 · port, 0 takes a free one", min=0, max=65535)] = 8800,
    demo: Annotated[bool, typer.Option("--demo", help="加上演示店铺“月茶” · add the demo shop Moon Tea")] = False,
    train: Annotated[
        bool,
        typer.Option("--train/--no-train", help="演示店铺还没有机器人时先训练 · train the demo's bot if it has none"),
    ] = True,
    reranker: Annotated[
        Path | None,
        typer.Option(
            "--reranker",
            help="本地交叉编码器目录，给问答候选重排 · folder of a cross-encoder for FAQ candidates",
            envvar="KEFU_RERANKER",
        ),
    ] = None,
) -> None:
    """启动服务：聊天、机器人、客服台、网页与接口都在一个端口上。Run everything on one port.

    加 --demo 时，第一次会建好月茶店铺并训练机器人（约一分钟），以后几秒启动，数据都在。按 Ctrl-C 停止，消息不会丢。

    示例 · example:  kefu serve --demo --port 8800
    """
    from kefu.serve import ServeOptions, serve_forever

    settings = read_settings(data, database, broker)
    with refusals():
        serve_forever(settings, ServeOptions(host=host, port=port, demo=demo, train=train, reranker=reranker))


def migrate(
    data: Data = None,
    database: Database = None,
    to: Annotated[str, typer.Option("--to", help="版本，base 为清空 · revision; base: no tables")] = "heads",
    down: Annotated[bool, typer.Option("--down", help="回退到该版本 · go back to that revision")] = False,
) -> None:
    """升级或回退数据库表结构。Bring the database's tables to a revision (`serve` upgrades by itself)."""
    from kefu.tables import migrate as run_migration

    settings = read_settings(data, database)
    with refusals():
        run_migration(settings, revision=to, down=down)
    console().print(f"[green]完成 · done:[/green] {settings.database_url} -> {to}")


def show_settings(data: Data = None, database: Database = None) -> None:
    """列出所有设置、当前值与作用。List every setting with its value and effect."""
    from rich.table import Table

    settings = read_settings(data, database)
    table = Table("KEFU_…", "值 · value", "作用 · effect", box=None)
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if hasattr(value, "model_fields_set"):
            for inner, inner_field in type(value).model_fields.items():
                table.add_row(
                    f"KEFU_{name}__{inner}".upper(), str(getattr(value, inner)), inner_field.description or ""
                )
        else:
            table.add_row(f"KEFU_{name}".upper(), str(value), field.description or "")
    console().print(table)
