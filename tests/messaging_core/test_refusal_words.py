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


def test_the_length_of_a_video_is_told_in_seconds_and_stays_a_number_on_the_wire() -> None:
    refusal = CoreError("upload_refused", reason="video_too_long", limit=15_000, used=15_001)
    assert "上限 15.0 秒，实际 15.1 秒" in refusal.detail("zh")
    assert "at most 15.0 s, it has 15.1 s" in refusal.detail("en")
    assert (refusal.data["limit"], refusal.data["used"]) == (15_000, 15_001)
    shots = invalid("shots_too_long", "body.template.shots", limit=15_000)
    assert "“分镜”加起来不能超过 15.0 秒" in shots.detail("zh")
    assert "together may last at most 15.0 s" in shots.detail("en")


def test_waiting_is_told_in_seconds_and_never_as_none() -> None:
    assert "请在 1 秒后再试" in CoreError("rate_limited", retry_after_ms=40).detail("zh")
    assert "in 3 s" in CoreError("rate_limited", retry_after_ms=2001).detail("en")
