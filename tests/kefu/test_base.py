"""The ground floor: texts in two languages, ids that grow, times that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kefu.base.clock import format_time, parse_time
from kefu.base.ids import IdFactory
from kefu.base.texts import catalogue, pick_lang, text
from messaging_core.errors import STATUS, CoreError
from tests.support.clock import FakeClock

PROTOCOL = (Path(__file__).parents[2] / "messaging_core" / "protocol.md").read_text("utf-8")


def places(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


def test_both_languages_say_the_same_things_about_the_same_places() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    assert {key: places(zh[key]) for key in zh} == {key: places(en[key]) for key in en}


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_refusal_has_a_text_and_stands_in_the_protocol(code: str) -> None:
    assert text(f"error.{code}", "zh") != text(f"error.{code}", "en")
    assert f"`{code}` {STATUS[code]}" in PROTOCOL


def test_a_refusal_names_its_reason_in_the_readers_language() -> None:
    refusal = CoreError("forbidden", reason="operator_only")
    assert refusal.detail("zh") == "您没有权限进行此操作：仅限平台运营。"
    assert refusal.detail("en") == "You may not do this: only operators of the platform."


def test_an_unknown_place_in_a_text_never_fails() -> None:
    assert "?" in text("error.unknown_frame", "zh", {})


@pytest.mark.parametrize(("header", "lang"), [(None, "zh"), ("en-US,en;q=0.9", "en"), ("zh-CN", "zh"), ("fr", "zh")])
def test_english_only_where_it_comes_first(header: str | None, lang: str) -> None:
    assert pick_lang(header) == lang


def test_ids_grow_even_when_the_clock_steps_back() -> None:
    clock = FakeClock()
    factory = IdFactory(clock=clock)
    made = [factory.new() for _ in range(5000)]
    clock.at_us -= 3_600_000_000
    made += [factory.new() for _ in range(5000)]
    assert made == sorted(set(made))
    assert made[-1] < 2**63


def test_ids_of_two_nodes_never_meet() -> None:
    clock = FakeClock()
    one, two = IdFactory(clock=clock, node=1), IdFactory(clock=clock, node=2)
    assert not {one.new() for _ in range(5000)} & {two.new() for _ in range(5000)}


def test_times_survive_the_wire() -> None:
    at_us = 1_795_334_400_123_456
    assert format_time(at_us) == "2026-11-22T08:00:00.123456Z"
    assert parse_time(format_time(at_us)) == at_us


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        parse_time("2026-11-22T08:00:00")
