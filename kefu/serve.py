"""From settings to a running server: migrate, lock, seed, load the bots, listen, and stop in order."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bot.groups.worker import GroupBotWorker
from bot.retrieval.rerank import CrossEncoderReranker
from bot.worker import BotWorker
from kefu import memory
from kefu.app import create_app
from kefu.base.errors import ConfigError
from kefu.bots import Bots
from kefu.catalogues import Catalogues
from kefu.demo.people import House
from kefu.demo.seed import seed_demo, turn_on
from kefu.demo.shop.shop import DemoShop
from kefu.graph_goods import GraphGoods
from kefu.packages import check_packages
from kefu.shadow.keeping import keep_short
from kefu.tables import migrate
from kefu.workspace import (
    artefacts_folder,
    documents_folder,
    ensure_operator,
    graph_folder,
    init_workspace,
    shadow_folder,
    shop_folder,
)
from knowledge_graph.folder import GraphFolder
from messaging_core.api import Core
from messaging_core.app import hold_workspace, make_server, set_up_logs
from messaging_core.settings import Settings


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `kefu serve` was told; `train`: the demo's bot is trained first when there is none.

    `reranker`: folder of a cross-encoder that looks at FAQ candidates once more; None: no second look.
    """

    host: str
    port: int
    demo: bool = False
    train: bool = True
    reranker: Path | None = None


def serve_forever(settings: Settings, options: ServeOptions) -> None:
    """Serve until told to stop; the first line on standard output names the address.

    Raises:
        ConfigError: another server has the workspace, the port is taken, the database or the demo's files cannot be
            used.
    """
    check_packages()
    set_up_logs(settings)
    listener = _listen(options.host, options.port)
    address = f"http://{options.host}:{listener.getsockname()[1]}"
    with hold_workspace(settings, url=address):
        if options.demo:
            init_workspace(settings, demo=True)
        migrate(settings)
        # Ctrl-C is how people end it; by then everything is closed in order.
        with suppress(KeyboardInterrupt):
            uvloop.run(_serve(settings, listener, address, options))


async def _serve(settings: Settings, listener: socket.socket, address: str, options: ServeOptions) -> None:
    house: House | None = None
    goods: GraphGoods | None = None

    def find_shop(enterprise_id: int) -> GraphGoods | None:
        return goods if house is not None and enterprise_id == house.enterprise_id else None

    catalogues = Catalogues(find_shop)
    core = Core(settings, catalogue_of=catalogues.find)
    shop = DemoShop(core) if options.demo else None
    goods = GraphGoods(shop, GraphFolder(graph_folder(settings)), core.clock) if shop is not None else None
    reranker = CrossEncoderReranker(options.reranker) if options.reranker is not None else None
    bots = Bots(core, reranker=reranker, artefacts=artefacts_folder(settings), find_shop=find_shop)
    app = create_app(core, demo=shop, bots=bots, catalogues=catalogues)
    server = make_server(app, core, host="", port=0)
    refusal: ConfigError | None = None

    async def prepare() -> None:
        nonlocal house, refusal
        try:
            await core.run(lambda unit: ensure_operator(unit, settings))
            if options.demo:
                house = await seed_demo(core, shop_folder(settings))
                await catalogues.read(house.enterprise_id)
            await bots.start()
            if house is not None and options.train and bots.find(house.enterprise_id) is None:
                await _train(settings, bots, house)
            if house is not None and bots.find(house.enterprise_id) is not None:
                await _index_documents(settings, bots, house)
                await turn_on(core, house)
            await core.subscribers.add(BotWorker(core, bots.find))
            await core.subscribers.add(GroupBotWorker(core, bots.find))
        except ConfigError as error:
            refusal = error
            raise
        memory.settle()
        _announce(address, demo=options.demo)

    core.on_started = prepare
    collecting = asyncio.create_task(memory.collect_when_quiet(), name="collect-garbage")
    keeping = asyncio.create_task(
        keep_short(shadow_folder(settings), core.clock, days=settings.copies.days), name="keep-shadow-notes-short"
    )
    try:
        await server.serve(sockets=[listener])
    finally:
        collecting.cancel()
        keeping.cancel()
        await catalogues.close()
        await bots.close()
    if refusal is not None:
        raise refusal
    if not server.started:
        print("the server did not start; see the log above", file=sys.stderr)
        raise SystemExit(3)


async def _train(settings: Settings, bots: Bots, house: House) -> None:
    """Train in a process of its own: its memory is given back, and its progress shows on the terminal."""
    command = [sys.executable, "-m", "kefu", "train", "--no-publish", "--data", str(settings.data)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    version = out.decode().strip().rpartition("\n")[2]
    if process.returncode != 0:
        raise ConfigError(
            f"演示机器人没有训练成功（原因见上），请改好 {settings.data} 里的文件"
            " · the demo's bot could not be trained (see above); mend the files"
        )
    await bots.publish(house.enterprise_id, version, note="demo")


async def _index_documents(settings: Settings, bots: Bots, house: House) -> None:
    """Index the demo's documents when nobody has yet; from then on `kefu index` does."""
    if bots.shelf(house.enterprise_id).current is not None or not documents_folder(settings).is_dir():
        return
    command = [sys.executable, "-m", "kefu", "index", "build", "--no-publish", "--format", "json"]
    process = await asyncio.create_subprocess_exec(
        *command, "--data", str(settings.data), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode == 0:  # what is wrong with a document stands above; the bot works without
        await bots.publish_documents(house.enterprise_id, json.loads(out)["version"], note="demo")


def _announce(address: str, *, demo: bool) -> None:
    print(address, flush=True)
    if demo:
        print(f"  顾客 · customer   {address}/demo/")
        print(f"  客服台 · desk     {address}/desk")
        print(f"  设置 · settings   {address}/settings/bot")
        print(f"  聊天 · chat       {address}/", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"{host}:{port} 用不了，换一个 --port · cannot be listened on: {error.strerror}; choose another --port"
        ) from error
    # Before the address is printed: who reads it may connect at once, and waits in the backlog until we serve.
    listener.listen(4096)
    listener.set_inheritable(False)
    return listener
