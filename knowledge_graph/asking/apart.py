"""Sizes that are not wanted: 不要试饮装的龙井, 除了50g的还有多大的."""

from __future__ import annotations

import re

from knowledge_graph.numerals import NUMBER

_COUNTED = rf"{NUMBER}\s*(?:kg|g|ml|千克|公斤|毫升|克|斤|两|升|[泡包袋只片颗粒枚饼盒罐件套支瓶条块杯个])"
_CALLED = "(?:试饮|试喝|试用|体验|[大小]?[礼罐袋盒饼瓶散整])[罐袋盒饼瓶]?装?"
_APART = re.compile(
    rf"(?:(?<!要)不要|不想要|别要|(?<!是)不是|除了|除去|排除)(?P<size>(?!一个)(?:{_COUNTED}|{_CALLED})+)装?(?:的|以外|之外|除外|那个)*"
)


def find_apart(masked: str) -> re.Match[str] | None:
    """Return the words for a size that is not wanted, its group `size` the size itself; None where there are none.

    要不要 and 是不是 ask, they set nothing aside.
    """
    return _APART.search(masked)
