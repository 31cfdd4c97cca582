"""Whether goods come by a day: of a parcel on its way that asks when it comes, or how long it takes (周三能到吗)."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue.wish import Asked
from bot.gather.orders import on_the_way
from bot.gather.scene import Scene

# Wishes that such words are read as: which one they are hangs on the customer's orders, which no model sees.
_INTENTS = frozenset({"track_parcel", "shipping_time", "shipping_region", "ship_urge"})
_DAYS = frozenset({"date", "datetime"})
_ARRIVES = re.compile("送[得的]?到|送达|到货|[能会以]到|到得了|收[得的]?到|[拿到]得?到手")
_ASKS = re.compile("[吗嘛么不没]|能否|可否")
_NOT_YET_BOUGHT = re.compile("下单|付款|[现今][在天][买拍]|要是[买拍]|如果[买拍]")
_OF_AN_ORDER = re.compile("我的|我那|快递|包裹|物流|订单|那单")
_HOW_LONG = re.compile("几天|多少天|多久|多长时间|[什啥]么?时候|何时|哪天")
HOW_LONG = "how_long"
"""Slot of a wish that the shop's own word on its ways answers, the place's before an entry on some other place."""


async def settle(asked: Asked, scene: Scene) -> Asked:
    """Return a question for a day of arrival as the wish it is for this customer; any other wish as it was.

    How long it takes to a place is marked alike: 几天能到北京.
    """
    if asked.intent == "shipping_time" and "place" in asked.slots and _HOW_LONG.search(asked.wish.plain):
        return replace(asked, slots={**asked.slots, HOW_LONG: "yes"})
    days = any(entity.entity in _DAYS for entity in asked.wish.understanding.entities)
    words = asked.wish.plain
    if asked.intent not in _INTENTS or asked.chosen or not (days and _ARRIVES.search(words) and _ASKS.search(words)):
        return asked
    if not _NOT_YET_BOUGHT.search(words) and await _waits(asked, scene):
        return replace(asked, intent="track_parcel", confidence=1.0, chosen=True)
    slots = {**asked.slots, HOW_LONG: "yes"}
    return replace(asked, intent="shipping_time", confidence=1.0, slots=slots, chosen=True)


async def _waits(asked: Asked, scene: Scene) -> bool:
    if asked.orders or _OF_AN_ORDER.search(asked.wish.plain):
        return True
    return any(on_the_way(order) for order in await scene.orders())
