"""A file that is broken somewhere: the place is told, the rest is kept, and nothing ever crashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intents.loader import load_pack
from intents.merge import merge_files
from intents.reader import read_bytes, read_text
from intents.source import MAX_EXAMPLE_CHARS, MAX_FILE_BYTES
from kefu.base.texts import LANGS
from tests.intents.reading import block, errors, found, pack, texts

BEFORE = "nlu:\n- intent: b\n  examples: |\n    - 早\n"
AFTER = "- intent: c\n  examples: |\n    - 晚\n"


def test_one_broken_item_costs_that_item_only() -> None:
    read = pack(BEFORE + "- intent: a: x\n  examples: |\n    - x\n" + AFTER)
    assert (list(read.intents), found(read)) == (["b", "c"], ["yaml_colon:5:12"])
    assert read.problems[0].data["count"] == "3"


def test_an_example_further_left_than_its_block_costs_that_line_only() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n    - x\n  - y\n    - z\n" + AFTER)
    assert (list(read.intents), texts(read)[:1], found(read)[0]) == (["a", "c"], ["x"], "yaml_indent:5:3")


def test_lines_with_the_same_fault_are_told_once_with_their_number() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n  - x\n  - y\n  - z\n" + AFTER)
    assert [one.data.get("count") for one in read.problems if one.code == "yaml_indent"] == ["3"]
    assert texts(read, "c") == ["晚"]


def test_a_comment_that_cuts_a_block_in_two_is_named_and_the_block_kept() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n    - x\n# gone\n    - y\n")
    assert (texts(read), found(read)) == (["x", "y"], ["comment_in_examples:5:1"])
    assert errors(read) == ["comment_in_examples"]


def test_examples_without_the_bar_are_told_at_their_dash() -> None:
    read = pack(BEFORE + "- intent: a\n  examples: - x\n" + AFTER)
    assert (list(read.intents), found(read)) == (["b", "c"], ["yaml_dash_here:6:13"])


def test_an_open_quote_is_told_where_it_opens() -> None:
    read = pack('nlu:\n- intent: "a\n  examples: |\n    - x\n' + AFTER)
    assert (list(read.intents), found(read)) == (["c"], ["yaml_quote:2:11"])


def test_a_broken_answer_costs_that_answer_only() -> None:
    read = pack(
        block("- x") + "responses:\n  utter_a:\n  - text: a: b: c\n  utter_b:\n  - text: 好\n  utter_c:\n  - text: 行\n"
    )
    assert (list(read.responses), texts(read)) == (["utter_b", "utter_c"], ["x"])
    assert found(read) == ["yaml_colon:7:12"]


def test_a_second_document_is_an_error_and_read() -> None:
    read = pack("---\n" + block("- x") + "---\n" + block("- y", name="b"))
    assert (list(read.intents), errors(read)) == (["a", "b"], ["yaml_documents"])


def test_an_alias_without_anchor_is_told() -> None:
    assert errors(pack("nlu:\n- intent: a\n  examples: *nix\n" + AFTER)) == ["yaml_alias"]


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello\n"])
def test_a_file_that_is_no_mapping_is_an_error(text: str) -> None:
    assert errors(pack(text)) == ["root_no_mapping"]


@pytest.mark.parametrize("text", ["", "# only a word\n", "language: zh\npipeline: []\n"])
def test_a_file_without_our_sections_is_noted_and_no_error(text: str) -> None:
    read = pack(text)
    assert (errors(read), "nothing_here" in [one.code for one in read.problems]) == ([], True)


def test_a_control_character_costs_its_line_only() -> None:
    read = pack(block("- a", "- b\x07c", "- d"))
    assert (texts(read), found(read)) == (["a", "d"], ["control_character:5:8"])


def test_gbk_is_recognised_and_refused_with_its_name() -> None:
    read = pack(block("- 你好，请问有没有龙井").encode("gbk"))
    assert (found(read), read.problems[0].data["guess"]) == (["not_utf8:4:7"], "GBK / GB18030")


def test_utf_16_is_recognised() -> None:
    assert pack(block("- 你好").encode("utf-16")).problems[0].data["guess"] == "UTF-16"


def test_a_file_over_the_limit_is_refused() -> None:
    read = pack(b"#" + b"x" * MAX_FILE_BYTES)
    assert (dict(read.intents), found(read)) == ({}, ["file_too_large:1:1"])
    assert read.problems[0].text("en") == "the file has 10.1 MB: at most 10 MB are read"


def test_an_example_of_a_million_characters_is_refused_and_the_rest_kept() -> None:
    read = pack(block("- " + "茶" * 1_000_000, "- " + "[" * MAX_EXAMPLE_CHARS, "- a"))
    assert (texts(read), found(read)) == (["[" * MAX_EXAMPLE_CHARS, "a"], ["example_too_long:4:7"])


def test_deep_nesting_is_refused() -> None:
    assert errors(pack("nlu:\n- intent: a\n  metadata: " + "[" * 5000 + "]" * 5000 + "\n")) == ["yaml_deep"]


def test_aliases_of_aliases_do_not_blow_up() -> None:
    bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
    bomb += "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 12))
    read = pack(bomb + "nlu:\n- intent: a\n  metadata: *x11\n  examples: |\n    - x\n" + AFTER)
    assert "yaml_alias" in errors(read) or "yaml_deep" in errors(read)
    assert texts(read, "c") == ["晚"]


def test_every_problem_has_its_words_in_both_languages() -> None:
    read = pack('version: "2.0"\nnlu:\n- intent: 1\n- intent: a\n  foo: 1\n  examples: |\n    x\n    - [a]{b}\n')
    assert len(read.problems) == 6
    for one in read.problems:
        for lang in LANGS:
            assert one.text(lang) and one.cure(lang)
            assert "{" not in one.text(lang).replace("{b}", "")


PIECES = st.sampled_from(
    [
        *("nlu:\n", "- intent: a\n", "  examples: |\n", "    - x\n", "  - y\n", "\t- z\n", "# c\n", "\n"),
        *("responses:\n", "  utter_a:\n", "  - text: hi\n", "version: 3\n", "  intent: b\n", '"', "'", "[", "{"),
        *("- synonym: s\n", "? ", ": ", "!x ", "|\n", ">\n", "<<: *a\n", "&a ", "*a\n", "---\n", "...\n"),
        *("\u2028", "\x00", "-", " ", "[a](b:c)", "%YAML 1.1\n"),
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_crashes_the_reader(text: str) -> None:
    read = merge_files([read_text(text, "f.yml")])
    lines = text.replace("\r\n", "\n").count("\n") + 2
    for one in read.problems:
        assert 1 <= one.place.line <= lines
        assert one.text("zh") and one.cure("en")


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    assert read_bytes(raw, "f.yml").file == "f.yml"


@settings(max_examples=60, deadline=None)
@example(1, "\n")
@example(2, "\n")
@given(st.integers(0, 200), st.sampled_from(["\t", '"', "[", "]", "{", ":", "- ", "\n", "&x", "|", "#", "\u2028"]))
def test_one_slip_in_a_sound_file_costs_at_most_the_items_around_it(at: int, slip: str) -> None:
    sound = 'version: "3.1"\nnlu:\n' + "".join(
        f"- intent: i{n}\n  examples: |\n    - 问{n}\n    - 说{n}\n" for n in range(6)
    )
    at = 20 + at % (len(sound) - 20)
    read = merge_files([read_text(sound[:at] + slip + sound[at:], "f.yml")])
    kept = [name for name in (f"i{n}" for n in range(6)) if name in read.intents]
    assert len(kept) >= 4


def test_a_scalar_cannot_be_merged_in(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("nlu:\n- <<: word\n  intent: a\n", encoding="utf-8")
    assert [one.code for one in load_pack(tmp_path).problems if one.severity == "error"] == ["yaml_broken"]
