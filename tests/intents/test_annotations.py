"""Entity annotations are read to the letter of the grammar, offsets in code points."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.annotations import parse_annotations, write_annotations
from intents.model import Entity


def test_text_and_entity() -> None:
    read = parse_annotations("我要[龙井](product)")
    assert read.text == "我要龙井"
    assert read.entities == (Entity(2, 4, "product", "龙井"),)


def test_a_value_may_hold_colons() -> None:
    assert parse_annotations("[九点](time:09:00)").entities == (Entity(0, 2, "time", "09:00"),)


def test_spaces_in_a_value_and_an_entity_are_kept() -> None:
    assert parse_annotations("[a](c: v )").entities[0].value == " v "
    assert parse_annotations("[a]( c )").entities[0].entity == " c "


def test_an_object_gives_role_group_and_value_and_other_keys_are_ignored() -> None:
    read = parse_annotations('去[京]{"entity": "city", "role": "to", "group": "1", "value": "北京", "extra": true}')
    assert read.text == "去京"
    assert read.entities == (Entity(1, 2, "city", "北京", "to", "1"),)


def test_a_number_as_value_stays_a_number() -> None:
    assert parse_annotations('[两]{"entity": "n", "value": 2}').entities[0].value == 2


def test_an_empty_role_counts_as_none() -> None:
    assert parse_annotations('[a]{"entity": "c", "role": ""}').entities[0].role is None


def test_a_list_gives_several_entities_on_one_span() -> None:
    read = parse_annotations('[苹果][{"entity": "fruit"}, {"entity": "brand", "value": "Apple"}]好')
    assert read.text == "苹果好"
    assert read.entities == (Entity(0, 2, "fruit", "苹果"), Entity(0, 2, "brand", "Apple"))


@pytest.mark.parametrize("source", ["[](c)", "[a] (c)", "[a](c:)", "[[a]](c)", "[a](:b)", "[a]()", "[a]{}"])
def test_what_does_not_fit_is_plain_text(source: str) -> None:
    read = parse_annotations(source)
    assert (read.text, read.entities, read.errors) == (source, (), ())
    assert [hint.code for hint in read.hints] == ["annotation_unread"]


@pytest.mark.parametrize("source", ["［a］(c)", "[a]（c）", "【a】（c）", "［a］｛c｝"])
def test_full_width_brackets_are_plain_text_with_a_hint(source: str) -> None:
    read = parse_annotations(source)
    assert (read.text, read.entities) == (source, ())
    assert "bracket_full_width" in [hint.code for hint in read.hints]


def test_ordinary_chinese_brackets_give_no_hint() -> None:
    assert parse_annotations("【新品】龙井（明前）有吗[笑]").hints == ()


def test_a_list_without_objects_loses_its_brackets() -> None:
    read = parse_annotations("[a][b](c)")
    assert (read.text, read.entities) == ("a(c)", ())
    assert [hint.code for hint in read.hints] == ["annotation_list_empty"]


def test_no_escape_exists() -> None:
    read = parse_annotations(r"\[a\](c)")
    assert read.text == r"\a" + "\\"
    assert read.entities == (Entity(1, 3, "c", "a\\"),)


def test_a_text_may_hold_an_opening_bracket() -> None:
    assert parse_annotations("[x[a](c)").entities == (Entity(0, 3, "c", "x[a"),)


def test_offsets_count_code_points() -> None:
    assert parse_annotations("😀👍🏽[龙井](p)").entities == (Entity(3, 5, "p", "龙井"),)


def test_annotations_side_by_side_keep_their_offsets() -> None:
    read = parse_annotations("[a](x)[bc](y:z)d[e](w)")
    assert read.text == "abcde"
    assert [(one.start, one.end) for one in read.entities] == [(0, 1), (1, 3), (4, 5)]


@pytest.mark.parametrize(
    "source",
    [
        '[a]{"entity": c}',
        "[a]{'entity': 'c'}",
        '[a]{"role": "c"}',
        '[a]{"entity": 1}',
        '[a]{"entity": "c", "role": 1}',
        '[a]{"entity": "c", "group": null}',
        '[a]{"entity": "c", "value": null}',
        '[a]{"entity": "c", "value": true}',
        '[a]{"entity": "c",}',
        '[a][{"entity": "c"}, {"entity": 2}]',
    ],
)
def test_an_object_that_is_no_strict_json_or_lacks_its_entity_is_an_error(source: str) -> None:
    read = parse_annotations("x" + source)
    assert [(fault.code, fault.start) for fault in read.errors] == [("annotation_json", 1)]
    assert read.text == "xa"


@given(st.text("[](){}a:\n", max_size=30))
def test_brackets_are_searched_from_left_to_right_as_one_expression_would(source: str) -> None:
    one = re.compile(r"\[([^\]]+?)\](\(([^:)]+?)(?::([^)]+))?\)|\{([^}]+?)\}|\[(.*?)\])")
    read = parse_annotations(source)
    if not read.errors:
        assert read.text == one.sub(lambda match: match[1], source)
        assert [entity.entity for entity in read.entities] == [match[3] for match in one.finditer(source) if match[3]]


_WORDS = st.text(st.characters(exclude_characters="[]\n\r", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6)


@given(_WORDS, _WORDS, _WORDS, st.lists(st.tuples(_NAMES, _NAMES, st.none() | _NAMES), min_size=1, max_size=3))
def test_whatever_is_written_is_read_back(
    before: str, marked: str, after: str, named: list[tuple[str, str, str | None]]
) -> None:
    start, end = len(before), len(before) + len(marked)
    entities = tuple(Entity(start, end, name, value, role) for name, value, role in named)
    text = before + marked + after
    # What stands behind a mark must not open another one by chance.
    written = write_annotations(text, entities)
    read = parse_annotations(written)
    assert (read.text, read.entities) == (text, entities)


def test_overlapping_spans_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        write_annotations("abc", [Entity(0, 2, "x", "ab"), Entity(1, 3, "y", "bc")])
