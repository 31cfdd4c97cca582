"""`kefu serve` with a bot for every enterprise that takes a moment and says again what it hears."""

from __future__ import annotations

import argparse
import asyncio
import random
from pathlib import Path

import uvloop

from bot.decision import Decision
from bot.routes import add_bot
from bot.turn import Turn
from bot.worker import BotWorker
from kefu.serve import _listen
from kefu.tables import migrate
from kefu.workspace import ensure_operator
from messaging_core.api import Core
from messaging_core.app import create_app, hold_workspace, make_server, set_up_logs
from messaging_core.settings import load_settings
from tests.bot.worker.deciders import call_human, echo


class Slow:
    """Thinks up to 40 ms, so that a kill meets decisions as well as commits; some questions call a human."""

    async def decide(self, turn: Turn) -> Decision:
        """See Decider.decide."""
        await asyncio.sleep(random.uniform(0.0, 0.04))
        return call_human(turn) if "快递" in turn.text else echo(turn)


async def _serve(core: Core, listener: object, address: str) -> None:
    app = create_app(core)
    add_bot(app, lambda _enterprise_id: Slow())
    server = make_server(app, core, host="", port=0)

    async def announce() -> None:
        await core.run(lambda unit: ensure_operator(unit, core.settings))
        await core.subscribers.add(BotWorker(core, lambda _enterprise_id: Slow()))
        print(address, flush=True)

    core.on_started = announce
    await server.serve(sockets=[listener])  # type: ignore[list-item]


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database")
    given = parser.parse_args()
    settings = load_settings(data=given.data, database=given.database)
    set_up_logs(settings)
    listener = _listen("127.0.0.1", given.port)
    address = f"http://127.0.0.1:{given.port}"
    with hold_workspace(settings, url=address):
        migrate(settings)
        uvloop.run(_serve(Core(settings), listener, address))


if __name__ == "__main__":
    main()
