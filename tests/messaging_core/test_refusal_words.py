"""A refusal names the place in the user's own words; the wire keeps the path for whoever writes a client."""

from __future__ import annotations

import pytest

from messaging_core.errors import CoreError, invalid

_ADDRESS = "The address is not what it must be"


@pytest.mark.parametrize(
    ("refusal", "zh", "en"),
    [
        (invalid("empty", "body"), "“内容”不能为空", "The content must not be empty"),
        (invalid("too_long", "body.text", limit=5), "“文字”太长，最多 5", "The text is too long, at most 5"),
        (
            invalid("wrong_form", "body.buttons[2].url"),
            "“网页地址”的内容或写法不对",
            "The address is not what it must be",
        ),
        (invalid("missing", "body.answers.phone", label="手机"), "缺少“手机”", "手机 is missing"),
        (invalid("missing", "body.quite_new"), "缺少“body.quite_new”", "body.quite_new is missing"),
    ],
)
def test_a_place_is_called_as_its_user_calls_it(refusal: CoreError, zh: str, en: str) -> None:
    assert refusal.detail("zh") == f"请求内容有误：{zh}。"
    assert refusal.detail("en") == f"The request is not right: {en}."
    assert str(refusal.data["field"]).startswith("body")


def test_waiting_is_told_in_seconds_and_never_as_none() -> None:
    assert "请在 1 秒后再试" in CoreError("rate_limited", retry_after_ms=40).detail("zh")
    assert "in 3 s" in CoreError("rate_limited", retry_after_ms=2001).detail("en")
