"""The product with a shop, a bot that knows a few sentences, and a site key: a process of its own for widget tests.

    python -m tests.browser.widget_shop DATA PORT ORIGIN [ORIGIN ...]

prints one JSON line {url, site_key, agent} and serves until told to stop; started again, all of it is the same.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from fastapi import FastAPI, Request, Response

from kefu.app import create_app
from messaging_core.api import (
    Actor,
    Core,
    Delivery,
    SendRequest,
    Unit,
    accept_terms,
    create_account,
    create_enterprise,
    issue_token,
    put_staff,
    read_note,
    send_batch,
    set_bot,
    write_note,
)
from messaging_core.app import make_server, migrate
from messaging_core.settings import Marketing, Settings

LONGJING = {
    "product_id": "MT-1001",
    "title": "明前西湖龙井 50g 罐装",
    "price_fen": 26800,
    "image_url": "/static/goods/MT-1001.svg",
    "url": "/static/goods.html#MT-1001",
    "note": "清明前采的一芽一叶，炒豆香，后味清甜。",
}
WHICH = {
    "text": "龙井有两款，您想了解哪一款？",
    "choices": [
        {"label": "明前西湖龙井", "say": "明前西湖龙井多少钱"},
        {"label": "雨前西湖龙井", "say": "雨前西湖龙井多少钱"},
        {"label": "都不是，转人工", "say": "转人工"},
    ],
}
SCRIPT: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "什么时候发货": [("text", {"text": "每天 16:00 之前付款的现货当天发出，之后付款的第二天发，最迟 24 小时内发出。"})],
    "有什么推荐的绿茶": [
        ("text", {"text": "绿茶里今年卖得最好的是这一款：清明前采的，豆香清甜，送长辈、自己喝都合适。"}),
        ("product_card", LONGJING),
    ],
    "龙井多少钱": [("choices", WHICH)],
    "明前西湖龙井多少钱": [
        ("text", {"text": "明前西湖龙井 50g 罐装 268.00 元，现在有货。"}),
        ("product_card", LONGJING),
    ],
    "雨前西湖龙井多少钱": [("text", {"text": "雨前西湖龙井 100g 罐装 128.00 元，现在有货。"})],
}


class ScriptBot:
    """Says what the script has for a text, otherwise that it heard it; silent once an agent is there."""

    name = "script"
    from_start = False
    kinds: frozenset[str] | None = None

    def __init__(self, core: Core, actor: Actor) -> None:
        self.enterprise_id: int | None = actor.enterprise_id
        self._core = core
        self._actor = actor

    async def handle(self, delivery: Delivery) -> None:
        """Follow the session, and answer what a person wrote."""
        event = delivery.event
        if event.kind.startswith("session."):
            session = msgspec.json.decode(event.data or b"{}")
            version = session["assignment_version"] if session["state"] == "bot" else None
            await self._core.run(lambda unit: self._follow(unit, delivery, version))
        elif event.message is not None:
            message = msgspec.json.decode(event.message)
            if message["origin"] == "person" and message["kind"] == "text":
                await self._core.run(lambda unit: self._answer(unit, delivery, message["body"]["text"]))

    def _follow(self, unit: Unit, delivery: Delivery, version: int | None) -> None:
        write_note(unit, f"script.{delivery.event.conversation_id}", {"version": version})
        delivery.advance(unit)

    def _answer(self, unit: Unit, delivery: Delivery, text: str) -> None:
        event = delivery.event
        version = (read_note(unit, f"script.{event.conversation_id}") or {}).get("version")
        if isinstance(version, int):
            said = SCRIPT.get(text, [("text", {"text": f"您说的是“{text}”。"})])
            send_batch(unit, [self._reply(delivery, place, *each, version) for place, each in enumerate(said)])
        delivery.advance(unit)

    def _reply(self, delivery: Delivery, place: int, kind: str, body: dict[str, Any], version: int) -> SendRequest:
        return SendRequest(
            actor=self._actor,
            conversation_id=delivery.event.conversation_id,
            client_msg_id=f"{delivery.event.seq}:{place}",
            kind=kind,
            v=1,
            body=msgspec.json.encode(body),
            settle=lambda _request, _outcome: None,
            assignment_version=version,
        )


def set_up(unit: Unit, origins: list[str]) -> dict[str, Any]:
    """Make the shop the first time; return its ids and tokens."""
    known = read_note(unit, "widget_shop")
    if known is not None:
        return known
    shop = create_enterprise(unit, None, name="月茶", verified=True)
    accept_terms(unit, None, enterprise_id=shop)
    bot = create_account(unit, None, name="小月", kind="bot", enterprise_id=shop)
    set_bot(unit, None, enterprise_id=shop, bot_account_id=bot)
    qiao = create_account(unit, None, name="老乔", kind="personal")
    put_staff(unit, None, enterprise_id=shop, account_id=qiao, role="agent")
    lin = create_account(unit, None, name="林小姐", kind="personal")
    key = issue_token(unit, None, account_id=shop, scopes=("visit",), origins=tuple(origins))
    made = {
        "shop": str(shop),
        "bot": str(bot),
        "site_key": key.secret,
        "agent": issue_token(unit, None, account_id=qiao, enterprise_id=shop).secret,
        "customer": issue_token(unit, None, account_id=lin, origins=tuple(origins)).secret,
    }
    write_note(unit, "widget_shop", made)
    return made


def add_feedback(app: FastAPI, core: Core) -> None:
    """Take ratings and know questions where the product without its bot layer has nobody who does."""

    @app.post("/v1/bot/feedback", status_code=204)
    async def feedback(request: Request) -> Response:
        vote = await request.json()
        await core.run(lambda unit: write_note(unit, f"vote.{vote['message_id']}", {"value": vote["value"]}))
        return Response(status_code=204)

    @app.get("/v1/bot/questions")
    async def questions(typed: str) -> Any:
        return {"items": [{"id": text, "question": text} for text in SCRIPT if typed in text]}

    @app.get("/test/votes/{message_id}")
    async def votes(message_id: str) -> Any:
        return await core.run(lambda unit: read_note(unit, f"vote.{message_id}"))


async def _serve(data: Path, listener: socket.socket, origins: list[str]) -> None:
    # No quiet hours: offers go out at any time at which the tests run.
    settings = Settings(data=data, marketing=Marketing(quiet_from_h=0, quiet_to_h=0))
    core = Core(settings)
    app = create_app(core)
    add_feedback(app, core)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def announce() -> None:
        made = await core.run(lambda unit: set_up(unit, origins))
        bot = Actor(int(made["bot"]), "bot", "小月", int(made["shop"]))
        await core.subscribers.add(ScriptBot(core, bot))
        print(json.dumps({"url": address, **made}), flush=True)

    core.on_started = announce
    await make_server(app, core, host="", port=0).serve(sockets=[listener])


def main() -> None:
    """Serve on the port that is asked for, 0 for a free one."""
    data, port, *origins = sys.argv[1:]
    Path(data).mkdir(parents=True, exist_ok=True)
    migrate(Settings(data=Path(data)))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    listener.listen()  # who reads the line may connect before the server takes its first connection
    uvloop.run(_serve(Path(data), listener, origins))


if __name__ == "__main__":
    main()
