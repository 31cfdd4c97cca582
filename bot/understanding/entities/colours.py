"""Colours, with the word 色 or as 黑的; 红茶, 白茶 and 大红袍 are no colours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.entities.entity import Span

_BASE = "红橙黄绿青蓝紫黑白灰粉棕褐金银杏驼米裸"
_NAMED = (
    "藏青|藏蓝|宝蓝|天蓝|湖蓝|海军蓝|克莱因蓝|雾霾蓝|酒红|玫红|大红|枣红|砖红|豆沙|军绿|墨绿|薄荷绿|牛油果绿|草绿|果绿|"
    "咖啡|奶咖|焦糖|卡其|香槟|玫瑰金|香芋紫|雪青|姜黄|鹅黄|柠檬黄|奶白|象牙白|米白|纯白|纯黑|哑光黑|银灰|烟灰|深空灰|"
    "莫兰迪|奶茶|烟粉|樱花粉|珊瑚|孔雀蓝|黛蓝|松绿|透明"
)
_COLOUR = re.compile(
    rf"(?P<named>{_NAMED})(?:色|(?=$|[款的那,，。！？!? 、和]))"
    rf"|(?:深|浅|暗|亮|淡|嫩|粉|银|棕)?(?P<base>[{_BASE}])色"
    r"|(?P<plain>[红黄绿蓝紫黑白灰粉])的(?!茶|酒)"
)


def find_colours(text: str) -> Iterator[Span]:
    """Yield colours in folded text; the value is the colour without 色."""
    for match in _COLOUR.finditer(text):
        if match["plain"]:
            yield Span(match.start(), match.start() + 1, "colour", match["plain"])
        else:
            yield Span(match.start(), match.end(), "colour", match[0].removesuffix("色"))
