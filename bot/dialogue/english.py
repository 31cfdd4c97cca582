"""Questions in English: the goods that they name, and what they ask, where the words say it plainly."""

from __future__ import annotations

import re

# Names as they are written in English and in pinyin, and what they are called here.
_NAMES = {
    "long ?jing|dragon ?well": "龙井",
    "tie ?guan ?yin|ti kuan yin|iron goddess": "铁观音",
    "da ?hong ?pao|big red robe": "大红袍",
    "rou ?gui": "肉桂",
    "shui ?xian": "水仙",
    "feng ?huang ?dan ?cong|dan ?cong": "单丛",
    "ya ?shi ?xiang|duck shit": "鸭屎香",
    "bi ?luo ?chun": "碧螺春",
    "huang ?shan mao ?feng|mao ?feng": "黄山毛峰",
    "tai ?ping hou ?kui": "太平猴魁",
    "lu ?an gua ?pian": "六安瓜片",
    "xin ?yang mao ?jian": "信阳毛尖",
    "an ?ji bai ?cha": "安吉白茶",
    "zheng ?shan xiao ?zhong|lapsang(?: souchong)?": "正山小种",
    "jin ?jun ?mei": "金骏眉",
    "qi ?men|keemun": "祁门",
    "dian ?hong|yunnan black": "滇红",
    "bai ?hao ?yin ?zhen|silver needle": "白毫银针",
    "bai ?mu ?dan|white peony": "白牡丹",
    "shou ?mei": "寿眉",
    "lao ?bai ?cha|aged white": "老白茶",
    "shou pu['’]?-?erh?|ripe pu['’]?-?erh?|shu pu['’]?-?erh?": "熟普",
    "sheng pu['’]?-?erh?|raw pu['’]?-?erh?": "生普",
    "pu['’]?-?erh?": "普洱茶",
    "liu ?bao": "六堡",
    "fu ?zhuan": "茯砖",
    "mo ?li hua ?cha|jasmine": "茉莉",
    "xiao ?qing ?gan": "小青柑",
    "gai ?wan": "盖碗",
    "green tea": "绿茶",
    "black tea|red tea": "红茶",
    "white tea": "白茶",
    "oolong|wu ?long": "乌龙茶",
    "dark tea": "黑茶",
    "yellow tea": "黄茶",
}
_GOODS = [(re.compile(rf"\b(?:{names})\b"), chinese) for names, chinese in _NAMES.items()]
_ASKS = (
    ("ask_price", re.compile(r"\bhow much\b(?! (?:tea|leaf|leaves))|\bprices?\b|\bcosts?\b")),
    ("ask_brewing", re.compile(r"\b(?:brew|steep|make|prepare|water temperature)\b")),
    ("ask_caffeine", re.compile(r"\bcaffeine\b")),
    ("ask_stock", re.compile(r"\b(?:do you (?:have|sell|carry)|in stock|available|have you got)\b")),
    ("ask_taste", re.compile(r"\b(?:taste|flavou?r|what is|tell me about|how is)\b")),
)
# What is asked of a shop without naming goods; the first that fits, so what is narrower stands first.
_SERVICE = (
    ("cancel_order", re.compile(r"\bcancel (?:my|the|this|an) order\b")),
    ("change_address", re.compile(r"\bchange (?:my|the) (?:shipping |delivery )?address\b")),
    ("refund_status", re.compile(r"\b(?:where|when)\b.*\brefund\b|\brefund (?:status|take)\b")),
    ("return_goods", re.compile(r"\breturn (?:policy|this|it|my|the|an?)\b|\bsend (?:it|this) back\b|\ba refund\b")),
    ("exchange_goods", re.compile(r"\bexchange (?:this|it|my|the)\b")),
    ("shipping_fee", re.compile(r"\b(?:shipping|delivery) (?:fees?|costs?)\b|\bfree (?:shipping|delivery)\b")),
    ("shipping_time", re.compile(r"\b(?:how long|when)\b.*\b(?:ship|shipping|arrive|deliver|delivery)\b")),
    ("track_parcel", re.compile(r"\bwhere(?:'s| is) my (?:package|parcel)\b|\btrack (?:my|the) \w+")),
    ("order_status", re.compile(r"\bwhere(?:'s| is) my order\b|\border status\b|\bstatus of my order\b")),
    ("invoice", re.compile(r"\binvoice\b")),
    ("payment_methods", re.compile(r"\bpay (?:with|by)\b|\bpayment methods?\b")),
    ("business_hours", re.compile(r"\b(?:opening|business) hours\b|\bare you open\b")),
    ("store_location", re.compile(r"\bwhere (?:is|are) your (?:store|shop)s?\b")),
)


def name_goods(text: str) -> str:
    """Return the Chinese names of the goods that a normalised English text names; empty when it names none."""
    found = []
    for pattern, chinese in _GOODS:
        if pattern.search(text):
            found.append(chinese)
            text = pattern.sub(" ", text)
    return " ".join(found)


def read_ask(text: str) -> str | None:
    """Return the intent that the words of an English question about goods say plainly, else None."""
    return next((intent for intent, pattern in _ASKS if pattern.search(text)), None)


def read_service_ask(text: str) -> str | None:
    """Return the intent that an English question without goods says plainly, else None."""
    return next((intent for intent, pattern in _SERVICE if pattern.search(text)), None)
