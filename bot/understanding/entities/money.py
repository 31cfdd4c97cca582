"""Sums of money, in fen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.understanding.entities.entity import Span
from bot.understanding.entities.numerals import NUMBER, parse_number

# 块 also counts things (两块茶饼): it is money before a digit, an end, or a word that goes with prices.
_AFTER_PIECE = (
    r"(?=钱|\d|[零一二两三四五六七八九半]|$|[\s,.。，！!？?、;；:：/~\-到至)）]|左右|上下|以内|以下|以上|之内|以后|多|一|的|包邮|"
    r"能|可以|行|吗|吧|呢|卖|太|贵|便宜|就|还|起|封顶|才|都|是|不|我|给|每|和|了|啊|呀|哦|那|有|要|买)"
)
_MAIN = re.compile(
    rf"(?P<low>{NUMBER})\s*(?:元|块)?\s*(?:-|~|—|到|至)\s*(?P<high>{NUMBER})\s*(?:元|圆|块钱|人民币|rmb|块{_AFTER_PIECE})"
    rf"|[¥$]\s*(?P<signed>\d+(?:,\d{{3}})*(?:\.\d{{1,2}})?)(?:\s*元)?"
    rf"|(?P<yuan>{NUMBER})\s*(?:元|圆|人民币|rmb|块钱|块{_AFTER_PIECE})(?:(?P<jiao>[\d一二两三四五六七八九半])(?:毛|角)?(?![\d个斤盒罐包件瓶天元块月]))?钱?"
    rf"|(?P<small>{NUMBER})\s*(?P<unit>毛钱?|角钱?|分钱)"
)
# 一两百 is 100 to 200.
_TWO_DIGITS = re.compile("(?P<digits>[一二两三四五六七八九]{2})(?P<unit>[十百千万])")


def find_money(text: str) -> Iterator[Span]:
    """Yield sums in folded text: 99元, ¥12.50, 三百五十块, 3块5, 五毛, 100-200元 (value `10000-20000`)."""
    for match in _MAIN.finditer(text):
        value = _value(match)
        if value is not None:
            yield Span(match.start(), match.end(), "money", value, "fen")


def _value(match: re.Match[str]) -> str | int | None:
    if match["low"]:
        low, high = parse_number(match["low"]), parse_number(match["high"])
        return None if low is None or high is None or low > high else f"{_fen(low)}-{_fen(high)}"
    if match["signed"]:
        amount = parse_number(match["signed"])
        return None if amount is None or match[0][0] == "$" else _fen(amount)
    if match["small"]:
        amount = parse_number(match["small"])
        if amount is None:
            return None
        return round(amount * (1 if match["unit"].startswith("分") else 10))
    if about := _TWO_DIGITS.fullmatch(match["yuan"]):
        return "-".join(str(_fen(parse_number(digit + about["unit"]) or 0)) for digit in about["digits"])
    amount = parse_number(match["yuan"])
    if amount is None:
        return None
    jiao = match["jiao"]
    tenth = 0.0 if jiao is None else 5.0 if jiao == "半" else parse_number(jiao) or 0.0
    return _fen(amount) + round(tenth * 10)


def _fen(yuan: float) -> int:
    return round(min(yuan, 1e12) * 100)
