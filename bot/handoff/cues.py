"""Signs in the customer's words that need no model: a wish for a human, complaint, anger, illness, injection."""

from __future__ import annotations

import re

from bot.understanding.mood import read_mood
from bot.understanding.normalise import normalise

# Words that hold 人工 and speak of goods or work, not of a person to talk to.
_NO_HUMAN = re.compile(
    r"(?:纯|是|全|靠|用)?人工(?=采|摘|炒|做|制|种|栽|揉|挑|拣|包装|香精|色素|添加|甜味|合成|费|智能|培|干预|窨|手工)|"
    r"(?:是|纯|全|半|非)人工(?:的(?!客服))|手工|人工客服(?:几点|什么时候|啥时候|上班|下班|在线时间)|人工.{0,6}(?:几点|上班|下班)"
)
_HUMAN = re.compile(
    r"^(?:在线|呼叫|接)?客服(?:在线|呢)?[.。!！?？]*$|转?人工(?:客服|服务|座席|坐席|在线)?|转人[公供]|人[公供]客服|^人[公供]$|真人|活人|(?:不要|别|讨厌|不想(?:跟|和)?|换掉)(?:跟|和|用)?机器人|"
    r"(?:叫|找|让|喊|换|联系|转).{0,4}(?:经理|店长|老板|主管|负责人|领导|客服(?:人员|专员|小姐姐)?)(?!态度|电话是)|"
    r"(?:zhuan|转|找|要|叫)?\s*ren\s*gong|zhuan\s*ren|^zrg$|^rg$|转接?客服|转接(?:吧|一下|下|$)|换个?(?:真?人|客服)(?:来|跟|和|$)|"
    r"(?:叫|找|喊|派|来)(?:一?个|你们的?)?人(?:来|过来|出来|跟我|和我|处理|回我|说话|聊|吧|$)|"
    r"(?:speak|talk|chat)\s+(?:to|with)\s+(?:a\s+|an\s+)?(?:human|person|agent|someone|representative)|"
    r"(?:human|live|real)\s+(?:agent|person|support)|customer\s+service\s+(?:agent|rep)"
)
_ABOUT_BOT = re.compile(
    r"(?:你|您)?是(?:不是)?(?:真人|活人|人工|机器人)(?:客服)?(?:吗|么|嘛|还是|吧)?[?？]?$|真人还是|是真人|是人工吗|是人工还是"
)
_COMPLAINT = re.compile(
    r"投诉(?!处理.{0,4}多久)|(?<!\d)12315(?!\d)|(?:打|拨|找|向|去|上|给).{0,3}12345(?!\d)|工商局?|消协|消费者协会|(?:给|打|写|刷|要|等着|等).{0,6}差评|差评.{0,3}(?:差评|警告|等着)|"
    r"曝光|律师函|起诉|法院|(?:找|叫|联系).{0,3}(?:媒体|记者)|平台(?:介入|投诉)|举报(?:你|店|商家)|维权|假(?:茶|货).{0,6}(?:赔|告)|要(?:你们?|你家).{0,2}赔|黑心|骗子|欺诈"
)
_UNWELL = re.compile(
    r"(?:喝|吃)(?:着|了|完|过|下去|起来).{0,10}(?:肚子|胃)?(?:疼|痛|拉稀|拉肚子|腹泻|吐|恶心|头晕|过敏|不舒服|难受|起疹|发痒|中毒)|拉肚子|食物中毒|"
    r"(?:喝|吃).{0,8}(?:进医院|送医院|去医院|急诊)"
)
_DISPLEASED = re.compile("难喝|难吃|不好喝|不好吃|真差|太差|很差|差劲|失望|后悔|上当|不值|没用|真笨|太慢了|不满意")
_INJECTION = re.compile(
    r"(?:忽略|无视|忘(?:记|掉)|跳过|不(?:要|用)管)(?:掉|了)?.{0,8}(?:以上|之前|前面|上面|所有|一切|先前|你的).{0,8}"
    r"(?:指令|指示|规则|设定|提示|要求|内容|限制)|ignore (?:all |any |the )?(?:previous|above|prior|your)|"
    r"(?:system|developer) (?:prompt|message)|系统(?:提示词?|指令|消息)|提示词|"
    r"你现在(?:是|扮演|不再是)|(?:扮演|假装(?:你)?(?:是|成)|假设你是)|越狱|jailbreak|开发者模式|管理员(?:模式|权限)|"
    r"(?:输出|打印|告诉我|重复).{0,6}(?:你的)?(?:设定|指令|prompt)|repeat after me|跟我念|(?:请)?(?:只)?回复[:：\"“]"
)
# 人 工, 人*工: signs that keep a word from being read.
_APART = re.compile("(?<=[\u3400-\u9fff])[ *_·.~-]+(?=[\u3400-\u9fff])")
_WORD = re.compile(r"(?<![\w\[])[a-z]{2,}(?![\w\]])")
_LINK = re.compile(r"https?:\S+|www\.\S+")
_FEWEST_WORDS = 2
_HAN = re.compile("[\u3400-\u9fff]")
_PATTERNS = (("complaint", _COMPLAINT), ("unwell", _UNWELL), ("injection", _INJECTION))
_MOODS = {"angry": "anger", "displeased": "displeased"}


def wants_human(text: str) -> bool:
    """Whether a text asks for a person, in any of its spellings; goods made by hand do not count."""
    plain = _NO_HUMAN.sub(" ", _APART.sub("", normalise(text)))
    if _ABOUT_BOT.search(plain):
        return False
    return _HUMAN.search(plain) is not None


def is_english(plain: str) -> bool:
    """Return whether a normalised text is English: at least two words, no Chinese, no bare link or order number."""
    said = _LINK.sub(" ", plain)
    return not _HAN.search(said) and len(_WORD.findall(said)) >= _FEWEST_WORDS


def find_cues(text: str) -> frozenset[str]:
    """Return the cues of a text: human_wish, complaint, anger, unwell, displeased, injection, english."""
    plain = normalise(text)
    found = set()
    if wants_human(text):
        found.add("human_wish")
    for name, pattern in _PATTERNS:
        if pattern.search(plain):
            found.add(name)
    if mood := _MOODS.get(read_mood(text).label):
        found.add(mood)
    if _DISPLEASED.search(plain):
        found.add("displeased")
    if is_english(plain):
        found.add("english")
    return frozenset(found)
