"""What the bot's load says: questions as customers of a tea shop write them, no two of a run the same."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

_OPENINGS = ("", "你好，", "请问", "在吗，", "想问下", "亲，", "麻烦问一下，", "那个，", "老板，", "您好，")
_ENDINGS = ("", "？", "呢", "呀", "啊", "～", "，谢谢", "，急", "，麻烦了", "哈")
_GOODS = (
    *(
        "明前西湖龙井",
        "大佛龙井",
        "碧螺春",
        "太平猴魁",
        "六安瓜片",
        "信阳毛尖",
        "安吉白茶",
        "正山小种",
        "金骏眉",
        "祁门红茶",
    ),
    *("滇红金针", "铁观音", "大红袍", "肉桂", "水仙", "鸭屎香", "东方美人", "勐海七子饼", "小青柑", "白毫银针"),
    *("白牡丹", "寿眉", "君山银针", "茯砖", "茉莉龙珠", "桂花乌龙", "盖碗", "紫砂壶", "桂花糕", "四季礼盒"),
)
_ABOUT = (
    *(
        "{}多少钱",
        "{}还有货吗",
        "{}怎么泡",
        "{}是什么味道",
        "{}产地是哪里",
        "{}适合送人吗",
        "{}有小包装吗",
        "{}今年的新茶吗",
    ),
    *("{}用多少度的水", "{}咖啡因高不高"),
)
_GENERAL = (
    *("今天下单什么时候发货", "运费怎么算", "多少钱包邮", "发什么快递", "新疆几天能到", "周末发货吗", "可以开发票吗"),
    *(
        "七天无理由退货怎么弄",
        "退款多久到账",
        "茶开封了能退吗",
        "有什么优惠活动",
        "会员打几折",
        "积分怎么用",
        "能便宜点吗",
    ),
    *(
        "我的订单到哪了",
        "怎么还没发货",
        "可以改地址吗",
        "想取消订单",
        "有什么推荐的绿茶",
        "送长辈买什么好",
        "新手喝什么茶",
    ),
    *("预算两百推荐一款红茶", "晚上喝什么不影响睡觉", "茶叶怎么保存", "保质期多久", "你们店在哪里", "几点有人工客服"),
    *("支持花呗吗", "降价了能退差价吗", "收到的茶罐破了怎么办"),
)


def questions(*, seed: int) -> Iterator[str]:
    """Yield questions without end, all different for some six thousand, then with a number behind them."""
    mixed = [about.format(name) for about in _ABOUT for name in _GOODS]
    pool = [
        f"{opening}{core}{ending}" for core in (*mixed, *_GENERAL * 4) for opening in _OPENINGS for ending in _ENDINGS
    ]
    pool = list(dict.fromkeys(pool))
    random.Random(seed).shuffle(pool)
    yield from pool
    for number in itertools.count(1):
        yield from (f"{text} {number}" for text in pool)
