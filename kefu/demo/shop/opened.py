"""The demo shop of a workspace, opened beside a server that may be running, for reading alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kefu.base.errors import ConfigError
from kefu.demo.shop import tables
from kefu.demo.shop.shop import DemoShop
from messaging_core.api import Core
from messaging_core.settings import Settings


@asynccontextmanager
async def open_demo_shop(settings: Settings) -> AsyncIterator[DemoShop]:
    """Give the workspace's demo shop; raises ConfigError where `kefu serve --demo` has not made one."""
    core = Core(settings)
    await core.database.start()
    try:
        if not await core.read(tables.has_tables):
            raise ConfigError(
                f"{settings.data}: 还没有店铺，先运行一次 kefu serve --demo，或用 --shop 指定您的"
                " · no shop here: run kefu serve --demo once, or name yours with --shop"
            )
        yield DemoShop(core)
    finally:
        await core.database.close()
