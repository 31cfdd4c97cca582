"""Words that lean on what was said before are told from those that stand by themselves."""

from __future__ import annotations

import pytest

from bot.dialogue.leaning import contradicts, follows_on, wants_nothing_more


@pytest.mark.parametrize("text", ["那还用邮费吗", "运费呢?", "那最近的几单能换开吗", "多久呢"])
def test_a_follow_up_leans_on_what_was_said_before(text: str) -> None:
    assert follows_on(text)


@pytest.mark.parametrize("text", ["运费多少", "什么时候发货呢,我等着用", "能开发票吗", "那么贵"])
def test_a_whole_question_stands_by_itself(text: str) -> None:
    assert not follows_on(text)


@pytest.mark.parametrize(
    ("text", "over", "wrong"),
    [
        ("没有了", True, False),
        ("没啦,谢谢", True, False),
        ("没有", False, False),
        ("不对", False, True),
        ("不是这个", False, True),
    ],
)
def test_a_no_ends_the_talk_or_rejects_what_was_understood(text: str, *, over: bool, wrong: bool) -> None:
    assert (wants_nothing_more(text), contradicts(text)) == (over, wrong)
