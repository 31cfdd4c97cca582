"""Each line of the grammar: what is accepted reads as in Rasa, what Rasa rejects or drops is told with its place."""

from __future__ import annotations

import pytest

from intents.model import About, Button, Card, Condition, NearMiss, Slot
from tests.intents.reading import block, codes, errors, found, pack, texts


def test_the_version_may_be_missing() -> None:
    read = pack(block("- 你好"))
    assert (texts(read), found(read)) == (["你好"], [])


def test_a_quoted_version_is_read() -> None:
    assert found(pack('version: "3.1"\n' + block("- a"))) == []


@pytest.mark.parametrize("version", ["2.0", "3.0", "3"])
def test_an_old_version_warns_and_is_read(version: str) -> None:
    read = pack(f'version: "{version}"\n' + block("- a"))
    assert (texts(read), found(read), errors(read)) == (["a"], ["version_old:1:10"], [])


@pytest.mark.parametrize("version", ["4.0", "3.2", "3.1.1"])
def test_a_newer_version_warns_and_yields_nothing(version: str) -> None:
    read = pack(f'version: "{version}"\n' + block("- a"))
    assert (dict(read.intents), found(read), errors(read)) == ({}, ["version_new:1:10"], [])
    assert read.problems[0].lost


def test_an_unquoted_version_is_an_error_and_the_rest_is_kept() -> None:
    read = pack("version: 3.1\n" + block("- a"))
    assert (texts(read), found(read), errors(read)) == (["a"], ["version_no_text:1:10"], ["version_no_text"])


def test_a_version_that_is_no_number_warns_and_is_read() -> None:
    read = pack('version: "abc"\n' + block("- a"))
    assert (texts(read), found(read)) == (["a"], ["version_odd:1:10"])


def test_intents_synonyms_regexes_and_lookups_are_read() -> None:
    read = pack(
        "nlu:\n- intent: a\n  examples: |\n    - x\n- synonym: 龙井\n  examples: |\n    - 老龙井\n"
        "- regex: no\n  examples: |\n    - \\d+[a](b)\n- lookup: tea\n  examples: |\n    - 毛尖\n    - 毛峰\n"
    )
    assert texts(read) == ["x"]
    assert read.synonyms == {"老龙井": "龙井"}
    assert [(one.name, one.pattern) for one in read.patterns] == [("no", r"\d+[a](b)")]
    assert read.lookups == {"tea": ("毛尖", "毛峰")}
    assert found(read) == []


def test_a_dash_needs_no_space_and_ends_are_stripped() -> None:
    assert texts(pack(block("-x", "-  y  "))) == ["x", "y"]


def test_only_the_first_dash_is_the_marker() -> None:
    assert texts(pack(block("- - x", "-- y"))) == ["- x", "- y"]


def test_examples_with_metadata_may_span_lines() -> None:
    read = pack(
        "nlu:\n- intent: a\n  examples:\n  - text: |\n      去[杭州](city)\n      谢谢\n"
        "    metadata: {k: [1, 真]}\n  - text: b\n"
    )
    first, second = read.intents["a"].examples
    assert (first.text, first.metadata, str(first.place)) == ("去杭州\n谢谢", {"k": [1, "真"]}, "f.yml:5:7")
    assert first.entities[0].entity == "city"
    assert (second.text, second.metadata) == ("b", None)
    assert found(read) == []


def test_bare_strings_in_a_list_of_examples_are_errors() -> None:
    read = pack("nlu:\n- intent: a\n  examples:\n  - hello\n  - text: b\n")
    assert (texts(read), found(read), errors(read)) == (["b"], ["example_bare:4:5"], ["example_bare"])


def test_a_text_that_is_a_number_is_an_error() -> None:
    assert "example_no_text" in errors(pack("nlu:\n- intent: a\n  examples:\n  - text: 5\n"))


def test_a_list_is_for_intents_only() -> None:
    assert found(pack("nlu:\n- synonym: A\n  examples:\n  - text: a\n")) == ["examples_shape:4:3"]


def test_stories_rules_and_unknown_sections_are_ignored_with_a_note() -> None:
    read = pack("stories:\n- story: s\n  steps: []\nrules: []\nwhat: 1\n" + block("- a"))
    assert texts(read) == ["a"]
    assert found(read) == ["section_ignored:1:1", "section_ignored:4:1", "section_ignored:5:1"]
    assert {one.severity for one in read.problems} == {"note"}


def test_an_unknown_key_in_an_item_is_an_error_that_names_the_likely_one() -> None:
    read = pack("nlu:\n- intent: a\n  exampels: |\n    - x\n- intent: b\n  examples: |\n    - y\n")
    assert (texts(read, "b"), found(read)) == (["y"], ["unknown_key:3:3"])
    assert "examples" in read.problems[0].cure("zh")


def test_metadata_stands_under_intents_only() -> None:
    read = pack("nlu:\n- synonym: A\n  metadata: {}\n  examples: |\n    - a\n")
    assert (read.synonyms, errors(read)) == ({"a": "A"}, ["unknown_key"])


def test_an_item_of_two_kinds_is_an_error() -> None:
    read = pack("nlu:\n- intent: a\n  synonym: b\n  examples: |\n    - x\n")
    assert (dict(read.intents), errors(read)) == ({}, ["two_kinds"])


def test_a_bare_string_under_nlu_is_an_error_at_its_place() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n    - x\n- y\n")
    assert (texts(read), found(read)) == (["x"], ["item_no_mapping:5:3"])


def test_an_item_without_kind_or_name_is_told_and_skipped() -> None:
    read = pack("nlu:\n- examples: |\n    - x\n- intent:\n  examples: |\n    - y\n")
    assert (dict(read.intents), found(read)) == ({}, ["no_kind:2:3", "name_empty:4:3"])
    assert all(one.lost for one in read.problems)


def test_a_value_that_differs_from_its_text_is_a_synonym() -> None:
    read = pack(block("- [老龙井](tea:龙井)", "- [毛尖](tea:毛尖)"))
    assert read.synonyms == {"老龙井": "龙井"}


def test_a_wrong_annotation_costs_its_line_only() -> None:
    read = pack(block("- 好", "- 去[杭州]{'entity': 'city'}", "- 行"))
    assert (texts(read), found(read)) == (["好", "行"], ["annotation_json:5:8"])
    assert read.problems[0].severity == "error"


def test_a_hint_points_at_the_column_of_the_bracket() -> None:
    assert found(pack(block("- 去[杭州] (city)"))) == ["annotation_unread:4:8"]


def test_a_slash_parts_intent_and_response_key() -> None:
    read = pack(block("- 多少钱", name="faq/price") + "responses:\n  utter_faq/price:\n  - text: 一百\n")
    intent = read.intents["faq/price"]
    assert (intent.base, intent.response_key) == ("faq", "price")
    answer = read.find_response("faq/price")
    assert answer is not None and answer.variants[0].text == "一百"


def test_two_slashes_are_an_error() -> None:
    assert found(pack(block("- a", name="faq/a/b"))) == ["name_slashes:2:11"]


def test_a_plus_is_part_of_one_name() -> None:
    assert list(pack(block("- a", name="a+b")).intents) == ["a+b"]


def test_duplicates_in_an_intent_merge_also_over_blocks() -> None:
    read = pack(block("- x", "- y", "- x") + "- intent: a\n  examples: |\n    - y\n    - z\n")
    assert texts(read) == ["x", "y", "z"]
    assert found(read) == ["duplicate_example:6:7", "duplicate_example:9:7"]
    assert read.problems[0].data["first"] == "f.yml:4:7"


def test_the_same_text_with_other_entities_is_no_duplicate() -> None:
    assert texts(pack(block("- a", "- [a](c)"))) == ["a", "a"]


def test_the_last_synonym_wins_with_a_warning() -> None:
    read = pack("nlu:\n- synonym: A\n  examples: |\n    - x\n- synonym: B\n  examples: |\n    - x\n")
    assert (read.synonyms, found(read)) == ({"x": "B"}, ["synonym_conflict:7:7"])
    assert read.problems[0].severity == "warning"


def test_a_line_without_dash_is_skipped_with_a_warning() -> None:
    read = pack(block("- a", "b"))
    assert (texts(read), found(read), read.problems[0].excerpt) == (["a"], ["dash_missing:5:5"], "b")
    assert read.problems[0].severity == "warning" and read.problems[0].lost


def test_a_deeper_dash_is_skipped_with_a_warning() -> None:
    read = pack(block("- a", "  - b"))
    assert (texts(read), found(read)) == (["a"], ["dash_deeper:5:7"])


def test_blank_and_commented_lines_are_skipped_with_a_warning() -> None:
    read = pack(block("- a", "", "", "# b", "- c"))
    assert (texts(read), found(read)) == (["a", "c"], ["blank_line:5:1", "comment_line:7:5"])
    assert read.problems[0].data["count"] == "2"
    assert not any(one.lost for one in read.problems)


def test_a_comment_sign_within_an_example_is_text() -> None:
    assert texts(pack(block("- a # b"))) == ["a # b"]


def test_a_lone_dash_is_an_empty_example() -> None:
    read = pack(block("-", "- a"))
    assert (texts(read), found(read)) == (["", "a"], ["empty_example:4:5"])


def test_a_folded_block_is_one_example() -> None:
    read = pack("nlu:\n- intent: a\n  examples: >\n    - x\n    - y\n")
    assert (texts(read), found(read)) == (["x - y"], ["examples_folded:3:13"])


@pytest.mark.parametrize("header", ["|", "|-", "|+", "| # c", "&e |", "!!str |"])
def test_the_place_of_an_example_holds_for_every_kind_of_block(header: str) -> None:
    read = pack(f"nlu:\n- intent: a\n  examples: {header}\n    - x\n    - yy\n")
    assert [str(one.place) for one in read.intents["a"].examples] == ["f.yml:4:7", "f.yml:5:7"]


def test_windows_line_ends_are_fine() -> None:
    assert texts(pack(block("- a", "- b").replace("\n", "\r\n").encode())) == ["a", "b"]


def test_a_byte_order_mark_is_fine() -> None:
    assert found(pack(b"\xef\xbb\xbf" + block("- a").encode())) == []


def test_anchors_are_fine() -> None:
    read = pack("x: &e |\n  - a\n  - b\nnlu:\n- intent: a\n  examples: *e\n- intent: b\n  examples: *e\n")
    assert (texts(read), texts(read, "b"), errors(read)) == (["a", "b"], ["a", "b"], [])


def test_merge_keys_are_fine() -> None:
    read = pack("nlu:\n- &i\n  intent: a\n  examples: |\n    - x\n- <<: *i\n  intent: b\n")
    assert (texts(read, "a"), texts(read, "b"), found(read)) == (["x"], ["x"], [])


def test_a_tab_as_indentation_is_an_error() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n    - x\n\t- y\n- intent: b\n  examples: |\n    - z\n")
    assert (texts(read), texts(read, "b"), found(read)) == (["x"], ["z"], ["yaml_tab:5:1"])


def test_a_tab_within_an_example_stays() -> None:
    assert texts(pack(block("- a\tb"))) == ["a\tb"]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_hidden_line_ends_are_errors_that_cost_one_line(sign: str) -> None:
    read = pack(block("- a", f"- b{sign}c", "- d"))
    assert (texts(read), found(read)) == (["a", "d"], ["line_end_hidden:5:8"])
    assert errors(read) == ["line_end_hidden"]


def test_a_hidden_line_end_in_a_comment_is_an_error_too() -> None:
    read = pack("# a\u2028 b\n" + block("- a"))
    assert (texts(read), found(read)) == (["a"], ["line_end_hidden:1:4"])


def test_duplicate_keys_are_errors_and_the_first_one_counts() -> None:
    read = pack("nlu:\n- intent: a\n  examples: |\n    - x\n  examples: |\n    - y\n")
    assert (texts(read), found(read)) == (["x"], ["yaml_key_twice:5:3"])


def test_a_second_nlu_section_is_an_error_and_still_read() -> None:
    read = pack(block("- x") + block("- y", name="b"))
    assert (texts(read), texts(read, "b"), found(read)) == (["x"], ["y"], ["yaml_key_twice:5:1"])


@pytest.mark.parametrize("name", ["123", "1.5", "0x1F", "017", "true", "2024-01-01", ".inf"])
def test_names_that_yaml_takes_for_something_else_are_errors(name: str) -> None:
    assert found(pack(block("- a", name=name))) == ["name_no_text:2:11"]


@pytest.mark.parametrize("name", ["yes", "no", "off", "on", "12:30:00"])
def test_words_that_only_old_yaml_took_for_something_else_are_names(name: str) -> None:
    read = pack(block("- a", name=name))
    assert (list(read.intents), found(read)) == ([name], [])


def test_a_full_width_space_is_not_stripped() -> None:
    read = pack(block("-　a　"))
    assert (texts(read), found(read)) == (["　a　"], ["space_kept:4:6"])


def test_pure_ascii_files_may_spell_characters_as_escapes() -> None:
    assert texts(pack(block("- caf\\u00e9 \\ud83d\\ude00"))) == ["café 😀"]
    assert texts(pack(block("- 你\\u00e9"))) == ["你\\u00e9"]


def test_a_variable_of_the_environment_is_never_put_in() -> None:
    read = pack("responses:\n  utter_a:\n  - text: 价格${HOME}元\n")
    assert found(read) == ["environment_variable:3:11"]
    assert read.responses["utter_a"].variants[0].text == "价格${HOME}元"


def test_our_keys_stand_under_metadata() -> None:
    read = pack(
        "nlu:\n- intent: a\n  metadata:\n    description: 说明\n    handoff: offer\n    owner: 小乔\n    version: 2\n"
        "    slots: [{name: s, prompt: 哪个}]\n    near_misses:\n    - {text: x, intent: a}\n    - y\n    sender: z\n"
        "  examples: |\n    - q\n"
    )
    about = read.intents["a"].about
    assert found(read) == []
    assert about == About(
        "说明", (NearMiss("x", "a"), NearMiss("y")), (Slot("s", "哪个"),), "offer", "小乔", "2", about.raw
    )
    assert isinstance(about.raw, dict) and about.raw["sender"] == "z"


def test_odd_metadata_warns_and_stays_readable_for_rasa() -> None:
    read = pack(
        "nlu:\n- intent: a\n  metadata: {handoff: maybe, slots: x, near_misses: [{intent: b}], owner: [1]}\n"
        "  examples: |\n    - q\n"
    )
    assert texts(read) == ["q"]
    assert sorted(codes(read)) == ["handoff_unknown", "metadata_shape", "metadata_shape", "metadata_shape"]
    assert errors(read) == []


def test_a_near_miss_of_an_unknown_intent_warns() -> None:
    read = pack("nlu:\n- intent: a\n  metadata: {near_misses: [{text: x, intent: b}]}\n  examples: |\n    - q\n")
    assert codes(read) == ["near_miss_unknown"]


def test_answers_carry_conditions_buttons_and_cards_in_their_metadata() -> None:
    read = pack(
        "responses:\n  utter_a:\n  - text: 哪款？\n    metadata:\n      when: missing_slot\n      slot: product\n"
        "      buttons: [{title: 龙井, payload: 要龙井}, {title: 毛尖}]\n      cards: [{kind: product, id: 7}]\n"
        "  - text: 好\n    channel: web\n    buttons: [{title: 嗯, payload: 是的}]\n"
    )
    asked, said = read.responses["utter_a"].variants
    assert found(read) == []
    assert asked.condition == Condition("missing_slot", "product")
    assert asked.buttons == (Button("龙井", "要龙井"), Button("毛尖", "毛尖"))
    assert asked.cards == (Card("product", {"id": 7}),)
    assert (said.text, said.condition, said.channel, said.buttons) == ("好", None, "web", (Button("嗯", "是的"),))


@pytest.mark.parametrize(
    ("written", "code"), [("{when: night, slot: x}", "condition_unknown"), ("{when: cue}", "condition_name")]
)
def test_a_wording_with_a_condition_that_nobody_can_keep_is_never_said(written: str, code: str) -> None:
    read = pack(f"responses:\n  utter_a:\n  - text: x\n    metadata: {written}\n  - text: y\n")
    assert [one.text for one in read.responses["utter_a"].variants] == ["y"]
    assert errors(read) == [code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("  utter_a: hi", "response_no_list"),
        ("  utter_a:", "response_no_list"),
        ("  utter_a:\n  - hi", "variant_no_mapping"),
        ("  utter_a:\n  - image: x", "variant_empty"),
        ("  utter_a:\n  - {}", "variant_empty"),
        ("  utter_a:\n  - text:", "variant_empty"),
        ("  utter_a:\n  - text: 5", "variant_shape"),
        ("  utter_a:\n  - text: x\n    foo: y", "variant_key"),
        ("  utter_a:\n  - text: x\n    buttons:\n    - {title: 5, payload: b}", "button_shape"),
        ("- a", "responses_no_mapping"),
    ],
)
def test_answers_that_rasa_rejects_are_errors(body: str, code: str) -> None:
    assert errors(pack(f"responses:\n{body}\n")) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "  utter_a: []",
        "  utter_a:\n  - text: ''",
        "  utter_a:\n  - custom: {a: 1}",
        "  utter_a:\n  - {id: '1', text: x, channel: c, image: null}",
        "  utter_a:\n  - text: x\n    condition:\n    - {type: slot, name: a, value: b}",
    ],
)
def test_answers_that_rasa_accepts_are_no_errors(body: str) -> None:
    assert found(pack(f"responses:\n{body}\n")) == []


def test_a_regular_expression_that_does_not_compile_is_an_error() -> None:
    read = pack("nlu:\n- regex: r\n  examples: |\n    - (\n    - \\d\n")
    assert ([one.pattern for one in read.patterns], found(read)) == ([r"\d"], ["regex_wrong:4:7"])


def test_an_intent_without_examples_warns() -> None:
    read = pack("nlu:\n- intent: a\n- intent: b\n  examples: []\n")
    assert (list(read.intents), codes(read)) == (["a", "b"], ["examples_empty", "examples_empty"])
