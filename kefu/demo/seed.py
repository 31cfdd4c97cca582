"""Moon Tea moves in: the shop's files into its tables, the people into the messenger. Safe to repeat."""

from __future__ import annotations

from pathlib import Path

import structlog

from bot.configure import put_settings
from bot.settings import BotSettings
from bot.turns.settings_store import find_settings
from kefu.demo.people import House, find_house, seed_house
from kefu.demo.shop.problems import ShopDataError
from kefu.demo.shop.shop import load_into
from messaging_core.api import Core, Unit

log = structlog.get_logger("kefu.demo")
_GREETING = "您好，我是小月，月茶的 AI 客服。问商品、价格、发货、订单都行；要找人工，说一声“人工”就好。"


async def seed_demo(core: Core, folder: Path) -> House:
    """Bring shop and people up to the files, and return Moon Tea.

    Files that are broken are reported in the log and what was loaded before stays; raises ShopDataError when there is
    nothing before.
    """
    try:
        await load_into(core, folder)
    except ShopDataError as error:
        house = await core.run(find_house)
        if house is None:
            raise
        log.error("demo.shop_refused", problems=[problem.text("zh") for problem in error.problems])
        return house
    return await core.run(seed_house)


async def turn_on(core: Core, house: House) -> None:
    """Turn auto-reply on if nobody has set anything yet: afterwards the settings page decides."""

    def action(unit: Unit) -> None:
        if find_settings(unit.connection, house.enterprise_id).version == 0:
            settings = BotSettings(auto_reply=True, name="小月", greeting=_GREETING)
            put_settings(unit, None, enterprise_id=house.enterprise_id, settings=settings)

    await core.run(action)
