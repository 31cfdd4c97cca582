"""`kefu chat`: a customer in the terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from kefu.base.errors import ConfigError
from kefu.commands.base import Data, Url, console, read_settings, stop

if TYPE_CHECKING:
    from messaging_core.settings import Settings


def chat(
    data: Data = None,
    url: Url = None,
    customer: Annotated[
        str | None, typer.Option("--as", help="以店铺顾客的身份，如 C1001 · as a customer of the demo shop")
    ] = None,
    enterprise: Annotated[
        str | None,
        typer.Option("--enterprise", help="企业编号 · enterprise id", show_default="唯一的那家 · the only one"),
    ] = None,
) -> None:
    """在终端里当一回顾客，和机器人聊。Talk to the bot as a customer, in the terminal.

    需要一个正在运行的服务（kefu serve --demo）。有选项时输入数字就行；输入 /quit 或按 Ctrl-D 结束。

    示例 · example:  kefu chat --as C1001
    """
    settings = read_settings(data)
    try:
        asyncio.run(_chat(settings, url=url, customer=customer, enterprise=enterprise))
    except ConfigError as error:
        raise stop(error) from error
    except KeyboardInterrupt:
        typer.echo()


async def _chat(settings: Settings, *, url: str | None, customer: str | None, enterprise: str | None) -> None:
    from kefu.operator import find_server, operator_token
    from kefu.replay.stage import Stage
    from kefu.terminal import talk

    base = find_server(settings, url=url)
    if base is None:
        raise ConfigError("服务没有在运行，请先执行 kefu serve --demo，或用 --url 指定 · no server is running")
    stage = Stage(base, operator_token(settings))
    try:
        await stage.open(enterprise)
        if customer is None:
            token = await stage.new_customer("终端顾客")
        else:
            known = await stage.known_customers()
            if customer not in known:
                raise ConfigError(f"店铺里没有顾客 {customer}，有 {'、'.join(known)} · the shop has no such customer")
            token = await stage.token_of(known[customer])
        await talk(stage, token, console())
    finally:
        await stage.close()
