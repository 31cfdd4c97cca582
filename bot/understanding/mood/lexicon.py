"""Words and signs of feeling in normalised text, by cue."""

from __future__ import annotations

import re
from typing import Literal

Cue = Literal[
    "profanity", "insult", "threat", "anger", "distrust", "urging", "disappointment", "praise", "shouting", "angry_face"
]

_PATTERNS: dict[Cue, str] = {
    "profanity": (
        r"(?<!妈)妈的|他妈|他么的|特么|(?<![a-z])(?:tmd|nmd|cnm|wcnm|md|sb|nc|fuck\w*|shit|bullshit|wtf)(?![a-z])|"
        r"草泥马|操你|"
        r"傻[逼比叉x]|狗屁|放屁|屁话|滚(?:蛋|远点|开)?(?=$|[吧!！。,， ])|去死|死全家|贱人|王八|混蛋|畜生"
    ),
    "insult": (
        r"垃圾(?!桶|袋|箱|分类|短信)|废物|白痴|智障|脑残|弱智|蠢货|有病吧|脑子(?:有|进水|坏)|不要脸|无耻|"
        r"恶心(?!想吐|呕吐|头晕)|"
        r"(?:干什么|干啥|干嘛|做什么)吃的|破(?:店|玩意|东西|公司|平台|客服)|烂(?:店|透)|黑店|黑心|丧良心|没良心|死人吗|死光|装死|听不懂人话|"
        r"useless|worst|terrible|idiot"
    ),
    "threat": (
        r"曝光|起诉|律师函|法院见|法庭|消协|消费者协会|(?<!\d)12315(?!\d)|(?:打|拨|找|向|去|上|给).{0,3}12345(?!\d)|工商局|(?:找|叫)(?:媒体|记者)|"
        r"等着(?:瞧|收|差评)|给我等着|"
        r"(?:给|打|写|刷|必须|等).{0,4}差评(?!能|可以|怎么|删|改)|差评[!！]|举报(?:你|店|商家)|sue you|report you"
    ),
    "anger": (
        r"气(?:死|炸|疯)|气得|气人|(?:很|非常|太|十分|真的|好|超|特别)生气|火大|一肚子火|发火|恼火|愤怒|忍无可忍|"
        r"受够|受不了|"
        r"欺人太甚|太过分|过分了吧|有完没完|没完没了|当我(?:好欺负|傻)|当傻子|耍我|玩我|糊弄|敷衍|angry|furious|"
        r"ridiculous"
    ),
    "distrust": (
        r"骗(?:子|人|我|钱|了)|欺骗|欺诈|诈骗|忽悠|坑(?:人|爹|我|了|死)|太坑|真坑|(?:这么|那么|怎么)坑(?!位)|抢钱|说话不算|言而无信|套路|"
        r"scam|fraud|cheat"
    ),
    "urging": (
        r"(?:怎么|为什么|咋|为啥)一直(?:没|不)|到底(?:什么时候|啥时候|还|能不能|管不管|发不发|退不退|行不行)|"
        r"(?:等|催|问|说|打)了?(?:好?几|[三四五六七八九十多]|好多|无数|八百|\d+)(?:次|遍|回)|"
        r"等(?:了)?(?:半天|好久|这么久|很久)|"
        r"拖(?:了|拖拉拉|到)|(?:没|不).{0,2}人(?:理|管|回|接|处理)|别(?:老)?(?:让我等|复制)|不想再?等|让我等|"
        r"过了(?:承诺|约定)?时间|上点心|一动不动|"
        r"不(?:理|回)(?:我|人)|急死|still waiting"
    ),
    "disappointment": (
        r"失望|不满意|太差|很差|差劲|真差|太慢|慢死|慢得|无语|离谱|烦死|真麻烦|体验(?:很|太)?差|答非所问|"
        r"没(?:解决|用处|诚意|做到|有一次)|没用(?=$|[,，。])|说不(?:清楚|通)|费劲|给(?:我)?个说法|需要.{0,2}解释|"
        r"难喝死|丢死人|不承认|在听|看清楚|"
        r"不(?:负责|厚道|像话|合理)|又(?:是(?!哪|什么)|发错|坏|缺)|第[二三四五]次(?:发错|坏|出错)|两次都|越来越差|"
        r"每次都|踢皮球|推来推去|凭什么|搞什么|什么态度|disappoint\w*|not happy"
    ),
    "praise": (
        r"谢谢|感谢|多谢|太好了|太棒|真棒|很棒|点赞|给.{0,3}赞|满意(?!吗)(?<!不满意)|好评(?!返现|有|送)|"
        r"喜欢(?!吗|可以|的话|就|能)(?<!不喜欢)|爱了|"
        r"辛苦了|贴心|完美|惊喜|良心(?!被|不|喂)(?<!没良心)(?<!丧良心)|thank|great|love it|perfect|awesome"
    ),
}
_COMPILED = {cue: re.compile(pattern) for cue, pattern in _PATTERNS.items()}
_FACE = re.compile("[😡😠🤬💢👿🖕😤]")
_SHOUT = re.compile(r"[!！?？]{3,}")
# Goods and ways of speaking that hold such words and no feeling.
_HARMLESS = re.compile(
    r"垃圾(?:桶|袋|箱|分类|短信)|(?:诈骗|骗子)(?:电话|短信)|不满意(?:可以|能|怎么)|头晕恶心|"
    r"(?:笑|饿|困|热|冷|渴|累|想|馋|爱|羡慕)死|气泡|差评.{0,4}(?:删|改|修改|怎么)|坑位|投诉电话|"
    r"会不会(?:是)?(?:骗|假|坑)|防骗|不是骗|怕(?:被)?(?:骗|坑)|又(?:是)?(?:好|香|便宜|大)"
)


def find_cues(written: str, plain: str) -> tuple[Cue, ...]:
    """Return the cues of a text (`plain` is it normalised) in a fixed order."""
    cleaned = _HARMLESS.sub(" ", plain)
    found: list[Cue] = [cue for cue, pattern in _COMPILED.items() if pattern.search(cleaned)]
    if _SHOUT.search(written):
        found.append("shouting")
    if _FACE.search(written):
        found.append("angry_face")
    return tuple(found)
