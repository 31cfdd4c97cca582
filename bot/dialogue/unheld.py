"""Things that a customer asks for by name and that neither the catalogue nor the shop's own words know."""

from __future__ import annotations

import re

from bot.understanding.entities.colours import find_colours
from bot.understanding.normalise import normalise
from intents.model import Pack

_ASIDE = (
    r"(?:那|那么|请问|问一下|你好|您好|老板|亲|想问下|想问一下)*"
    r"(?:你们|你家|您家|咱家|咱们|店里|这里|这儿)*(?:家|店)?(?:的)?"
)
# How something is today, 今天股市怎么样, is no question for goods.
_DAY = r"(?P<day>(?:今天|今日|今儿|昨天|明天|后天|最近|现在|目前|这几天)的?)?"
_TIME = r"(?:的)?(?:现在|大概|一般|今天|最近|目前|一[瓶盒斤箱罐杯个袋条两克公件台套])*(?:是|要|得)?"
_OF_IT = re.compile(
    rf"^{_ASIDE}{_DAY}(?:有没有|有|卖|买|想买|想要|要|来)?(?P<thing>[^，,。?？!！]{{2,12}}?){_TIME}"
    r"(?:多少钱|多钱|什么价格?|啥价|价格(?:多少)?|几块钱|怎么卖|咋卖|有货[吗嘛么不没]?|有没有货?|还有吗|有吗|有卖|卖吗|有得卖|能买到吗|"
    r"(?P<how>怎么样|咋样|如何|呢)|好喝[吗不]|好吃[吗不]|好用[吗不]|怎么做|怎么煮|怎么泡|怎么吃|哪个(?:更)?好)(?:呀|啊|呢|哦)?[?？。!！]*$"
)
_IS_THERE = re.compile(
    rf"^{_ASIDE}{_DAY}(?:也|还)?(?:有没有|有|卖不卖|卖|能买到|买得到)(?P<thing>[^，,。?？!！]{{1,8}}?)"
    r"(?:卖)?(?:吗|么|嘛|不|没|没有|呢)?(?:呀|啊|哦)?[?？。!！]*$"
)
# Words that point at something said before, or at nothing in particular.
_POINTS = re.compile(
    "[这那它他她谁哪啥你我您咱就在能会查还没不过到哦几第]|什么|怎么|多少|刚才|上面|前面|别的|其他|其它|东西|一点|一下"
)
# Goods of other shops whose names are made of words that ours uses as well.
_ELSEWHERE = re.compile(
    "(?:茶叶蛋|奶茶|咖啡豆?|可乐|雪碧|果汁|牛奶|[白红啤黄洋米]?酒|香烟|手机|电脑|耳机|手表|衣服|鞋子?|面膜|口红|水果|大米|零食|"
    "充电器|数据线|打印机|冰箱|空调|电视|尿不湿|纸巾|洗衣液)$"
)
# What is asked of a named thing (its name is blanked): 的匠人是谁, 含多少维生素. 水烧到几度 asks for degrees: those
# are known.
_PROPERTIES = (
    re.compile(r"\0[^，。?？]{0,4}多少(?P<thing>[\u3400-\u9fff]{2,5})[a-z]?[?？]?$"),
    re.compile(
        r"\0的?(?P<thing>[\u3400-\u9fff]{2,6}?)(?:是|有|为|含|到)?(?:多少|多[高大长深]|几(?!度|分|秒|克|泡|遍|次|天|年)|什么|谁|哪)"
    ),
)
_HAN = re.compile("[\u3400-\u9fff]+")
_FOREIGN_BELOW = 0.35
_HEAD = 2


class KnownWords:
    """The pairs of characters that a pack's own examples and word lists hold: the shop's vocabulary."""

    def __init__(self, pack: Pack) -> None:
        self._pairs: set[str] = set()
        for name, intent in pack.intents.items():
            if name != "out_of_scope":
                for example in intent.examples:
                    self._add(example.text)
        for words in pack.lookups.values():
            for word in words:
                self._add(word)

    def find_unheld(self, text: str, *, in_scope: float) -> str | None:
        """Return the thing that a normalised text asks for when it is none of ours; None when there is none.

        The caller has looked for the shop's goods in the text before. A thing is unknown when its head (the last two
        characters) stands nowhere in the vocabulary, or when any pair does not and the text reads as foreign.
        """
        match = _OF_IT.match(text) or _IS_THERE.match(text)
        if match is None or (match["day"] and match.groupdict().get("how")):
            return None
        thing = match["thing"].strip(" 的")
        if _ELSEWHERE.search(thing):
            return thing
        if any(colour.end - colour.start == len(thing) for colour in find_colours(thing)):
            return None  # 红色的还有吗: of which goods, the talk tells
        if len(thing) < _HEAD or _POINTS.search(thing) or not _HAN.fullmatch(thing):
            return None
        pairs = _pairs(thing)
        unknown = [pair for pair in pairs if pair not in self._pairs]
        foreign = in_scope < _FOREIGN_BELOW and bool(unknown)
        return thing if pairs[-1] in unknown or foreign else None

    def find_unheld_property(self, blanked: str) -> str | None:
        """Return the property that is asked of a named thing when it is in none of our words; None when there is none.

        `blanked` is a normalised text whose names are NULs. A property is unknown when its first pair of characters and
        half of all its pairs stand nowhere in the vocabulary.
        """
        for pattern in _PROPERTIES:
            match = pattern.search(blanked)
            if match is not None:
                pairs = _pairs(match["thing"])
                unknown = [pair for pair in pairs if pair not in self._pairs]
                if pairs[0] in unknown and 2 * len(unknown) >= len(pairs):
                    return match["thing"]
        return None

    def _add(self, text: str) -> None:
        for run in _HAN.findall(normalise(text)):
            self._pairs.update(_pairs(run))


def _pairs(run: str) -> list[str]:
    return [run[place : place + _HEAD] for place in range(len(run) - 1)]
