"""`kefu graph feed` reads the workspace's own shop when no other source is named."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from kefu.commands.graph import app
from kefu.demo.shop.shop import load_into
from kefu.workspace import init_workspace, shop_folder
from knowledge_graph.folder import GraphFolder
from messaging_core.api import Core
from messaging_core.settings import Settings
from tests.support.tables import migrate

RUN = CliRunner()


async def _put_shop(settings: Settings) -> None:
    core = Core(settings)
    await core.database.start()
    await load_into(core, shop_folder(settings))
    await core.database.close()


def test_the_workspaces_shop_feeds_its_graph_and_a_changed_price_is_the_only_change(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    init_workspace(settings, demo=True)
    command = ["feed", "--data", str(tmp_path), "--graph", str(tmp_path / "graph"), "--format", "json"]
    without = RUN.invoke(app, command)
    assert without.exit_code == 2 and "kefu serve --demo" in without.stderr
    migrate(settings)
    asyncio.run(_put_shop(settings))
    assert RUN.invoke(app, command).exit_code == 0
    first = GraphFolder(tmp_path / "graph").current()
    assert first is not None and sum(1 for _ in first.nodes("product")) > 50
    sizes = shop_folder(settings) / "variants.csv"
    sizes.write_text(sizes.read_text("utf-8").replace("50g 罐装,14800,", "50g 罐装,13900,", 1), "utf-8")
    asyncio.run(_put_shop(settings))
    change = json.loads(RUN.invoke(app, command).stdout)
    assert [(one["subject"], one["predicate"], one["after"]) for one in change["differences"]] == [
        ("MT-1001-02", "price", [13900])
    ]
