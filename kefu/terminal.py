"""A conversation in a terminal: what the customer types goes out, what comes is shown as it comes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from kefu.base.errors import ConfigError
from kefu.replay.stage import Stage
from messaging_core.client import ApiError, ClientError, Disconnected, Event, Heard, KefuClient, Message

_CONNECT_S = 15.0
_LAST_WORDS_S = 1.0
_WAITING = {"queued": "您在排队等人工客服，机器人先不说话", "agent": "客服 {agent_name} 正在接待您"}
_STEPS = {
    "session.queued": "正在为您转人工，请稍等",
    "session.assigned": "客服 {agent_name} 来了",
    "session.handed_back": "小月继续为您服务",
    "session.closed": "本次服务结束了",
}


async def talk(stage: Stage, token: str, out: Console) -> None:
    """Talk until the customer has had enough; raise ConfigError when the server refuses."""
    try:
        async with KefuClient(stage.url, token, name="kefu-chat", http=stage.http(token)) as client:
            await client.wait_synced(_CONNECT_S)
            talker = _Talker(client, out)
            off = client.on(talker.hear)
            conversation = await client.http.create_service(stage.enterprise_id)
            out.print(f"[dim]已接通 {escape(conversation.title or '店铺')}，直接输入就好；/quit 结束[/dim]")
            session = conversation.session
            if session is not None and session.state in _WAITING:
                out.print(_step(_WAITING[session.state], session.agent_name))
            await talker.run(conversation.id)
            off()
    except TimeoutError as error:
        raise ConfigError(f"{stage.url} 没有应答 · does not answer") from error
    except (ApiError, ClientError) as error:
        raise ConfigError(f"{stage.url}: {error}") from error


class _Talker:
    def __init__(self, client: KefuClient, out: Console) -> None:
        self._client = client
        self._out = out
        self._choices: list[str] = []

    async def run(self, conversation_id: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            text = line.strip()
            if not line or text == "/quit":
                # Fed from a pipe, the last answer is still on its way.
                await asyncio.sleep(_LAST_WORDS_S)
                return
            if not text:
                continue
            if text.isdecimal() and 0 < int(text) <= len(self._choices):
                text = self._choices[int(text) - 1]
            self._choices = []
            try:
                await self._client.send_text(conversation_id, text)
            except ApiError as error:
                self._out.print(Text(str(error), style="red"))

    def hear(self, frame: Heard) -> None:
        """Show what comes."""
        if isinstance(frame, Disconnected):
            self._out.print("[dim]连接断了，正在重连，消息不会丢……[/dim]")
        elif isinstance(frame, Event) and frame.message is not None:
            if frame.sent is not None and frame.message.origin != "person":
                self._show(frame.message)
        elif isinstance(frame, Event) and frame.kind in _STEPS:
            data: Mapping[str, Any] = frame.data or {}
            self._out.print(_step(_STEPS[frame.kind], data.get("agent_name")))

    def _show(self, message: Message) -> None:
        who = "[green]小月[/green] [dim]AI[/dim]" if message.origin == "bot" else "[cyan]客服[/cyan]"
        body = message.body
        if message.kind == "product_card":
            price = body.get("price_fen")
            lines = [
                str(body.get("title", "")),
                f"{price / 100:g}元" if price is not None else "",
                body.get("note", ""),
            ]
            self._out.print(Panel(Text("\n".join(filter(None, lines))), title="商品", width=44, title_align="left"))
            return
        self._out.print(f"{who}：", end="")
        self._out.print(Text(str(body.get("text", ""))), soft_wrap=True)
        for number, choice in enumerate(body.get("choices", ()), 1):
            self._choices = [*self._choices[: number - 1], choice["say"]]
            self._out.print(Text(f"  {number}. {choice['label']}", style="yellow"))


def _step(words: str, agent_name: str | None) -> Text:
    return Text(f"—— {words.format(agent_name=agent_name)} ——", style="dim")
