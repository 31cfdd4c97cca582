"""`kefu graph`, whose feed reads the workspace's own shop when no other source is named."""

from __future__ import annotations

from pathlib import Path

from kefu.commands.base import read_settings
from kefu.demo.shop.opened import open_demo_shop
from knowledge_graph.commands import make_app
from knowledge_graph.loading.shop_feed import OpenShop


def _own_shop(data: Path | None) -> OpenShop:
    settings = read_settings(data)
    return lambda: open_demo_shop(settings)


app = make_app(_own_shop)
