"""The command line: every command in its place. Commands live in `kefu.commands` and import what they need late."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from kefu.commands import chat, outside, recommend, replay, serve, shadow, train
from kefu.commands.late import LateGroup


class _Root(TyperGroup):
    """The commands of this module, and the groups of other packages."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for group in _groups():
            self.add_command(group)


def _groups() -> list[LateGroup]:
    return [
        LateGroup(name="bot", help="机器人版本：查看、发布、回退。Versions of the bot.", load=lambda: train.bot_app),
        LateGroup(name="intents", help="意图文件：检查、导入、导出、比较。Intent files.", load=_intents),
        LateGroup(name="models", help="句向量模型：查看、准备、微调。Encoders.", load=_models),
        LateGroup(name="graph", help="知识图谱：加载、检查、提问、比较。Knowledge graph.", load=_graph),
        LateGroup(name="index", help="检索：文档与问答的索引。Documents and questions: index, search.", load=_index),
        LateGroup(name="ledger", help="承诺账本：机器人对谁说过什么。What the bot promised to whom.", load=_ledger),
        LateGroup(name="eval", help="评测：运行、比较、门禁、报告。Evaluation.", load=_eval),
        LateGroup(name="parked", help="停放的事件：订阅方多次处理失败。Undigested events.", load=_parked),
    ]


def _intents() -> typer.Typer:
    from intents.commands import make_app
    from kefu.intent_checks import INTENT_CHECKS

    return make_app(INTENT_CHECKS)


def _models() -> typer.Typer:
    from bot.encoding.commands import app as group

    return group


def _graph() -> typer.Typer:
    from kefu.commands.graph import app as group

    return group


def _index() -> typer.Typer:
    from kefu.commands.index import app as group

    return group


def _ledger() -> typer.Typer:
    from kefu.commands.ledger import app as group

    return group


def _eval() -> typer.Typer:
    from kefu.commands.eval import app as group

    return group


def _parked() -> typer.Typer:
    from kefu.commands.parked import app as group

    return group


app = typer.Typer(
    name="kefu",
    cls=_Root,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=(
        "Kefu 客服：自带聊天系统的客服机器人框架。An AI customer-service framework on its own messenger.\n\n"
        "第一次用：kefu serve --demo，打开它打印的地址，问一句“龙井多少钱”。\n\n"
        "日常：改意图文件，kefu intents check 检查，kefu train 训练上线，kefu chat 试聊，kefu replay 回放真实对话。"
    ),
)
app.command()(serve.init)
app.command()(serve.serve)
app.command()(train.train)
# What a trainer does daily is short to type; the same commands stand under `kefu bot` with the history of versions.
app.command(name="publish")(train.publish_command)
app.command(name="rollback")(train.rollback_command)
app.command()(shadow.shadow)
app.command()(shadow.forget)
train.bot_app.command()(shadow.shadow)
app.command()(outside.predict)
app.command()(chat.chat)
app.command()(replay.replay)
app.command()(recommend.recommend)
app.command()(serve.migrate)
app.command(name="settings")(serve.show_settings)
