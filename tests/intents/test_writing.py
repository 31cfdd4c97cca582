"""Files are written so that they read the same, and changed so that comments and order stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.editor import EditError, FileEditor
from intents.model import About, Card, Condition, Entity, Example, Intent, IntentFile, NearMiss, Response, Slot, Variant
from intents.reader import read_text
from intents.writer import write_file, write_pack
from tests.intents.reading import found, pack, texts

FILE = """\
# 店里的话
version: "3.1"  # 格式

nlu:
# 问价格
- intent: ask_price
  metadata:
    handoff: never  # 机器人自己答
    # 谁管
    owner: 小乔
  examples: |
    - 多少钱
    - [龙井](product)怎么卖

# 问好
- intent: 'greet'
  examples:
  - text: 你好
    metadata: {k: 1}

# 词表
- lookup: product
  examples: |
    - 龙井

responses:
  # 价格
  utter_ask_price:
  - text: 我看看  # 先接住
  - text: 稍等
  utter_greet:
  - text: 您好
"""


def test_adding_an_example_adds_one_line() -> None:
    editor = FileEditor(FILE)
    editor.add_examples("ask_price", ["[毛尖](product)贵吗", "贵不贵"])
    lines = "    - [龙井](product)怎么卖\n"
    assert editor.text == FILE.replace(lines, lines + "    - [毛尖](product)贵吗\n    - 贵不贵\n")


def test_adding_to_a_list_of_examples_keeps_the_list() -> None:
    editor = FileEditor(FILE)
    editor.add_examples("greet", ['说"你好"'])
    assert editor.text == FILE.replace("    metadata: {k: 1}\n", '    metadata: {k: 1}\n  - text: "说\\"你好\\""\n')


def test_removing_and_replacing_an_example_touches_its_line_only() -> None:
    editor = FileEditor(FILE)
    editor.replace_example(12, "几块钱")
    editor.remove_example(13)
    assert editor.text == FILE.replace("多少钱", "几块钱").replace("    - [龙井](product)怎么卖\n", "")


def test_metadata_is_set_and_its_comments_stay() -> None:
    editor = FileEditor(FILE)
    editor.set_metadata("ask_price", {"handoff": "offer", "description": "问价格", "owner": None})
    assert "    handoff: offer  # 机器人自己答\n" in editor.text
    assert "owner" not in editor.text
    assert editor.content().intents[0].about.description == "问价格"
    assert editor.text.endswith(FILE[FILE.index("  examples: |") :])


def test_metadata_is_added_where_there_was_none() -> None:
    editor = FileEditor(FILE)
    editor.set_metadata("greet", {"handoff": "never"})
    assert editor.text == FILE.replace("'greet'\n", "'greet'\n  metadata:\n    handoff: never\n")


def test_an_answer_is_changed_and_the_other_wordings_keep_their_comments() -> None:
    editor = FileEditor(FILE)
    editor.set_response("utter_ask_price", [{"text": "我看看"}, {"text": "马上"}, {"text": "好"}])
    assert editor.text == FILE.replace("  - text: 稍等\n", "  - text: 马上\n  - text: 好\n")


def test_an_answer_is_added_and_removed() -> None:
    editor = FileEditor(FILE)
    editor.set_response("utter_bye", [{"text": "再见", "metadata": {"when": "cue", "cue": "late"}}])
    assert editor.text == FILE + ("  utter_bye:\n  - text: 再见\n    metadata:\n      when: cue\n      cue: late\n")
    editor.set_response("utter_bye", [])
    assert editor.text == FILE


def test_an_intent_is_added_renamed_and_removed() -> None:
    editor = FileEditor(FILE)
    editor.add_intent(Intent("bye", (Example("再见"),), About(handoff="never")))
    assert [one.name for one in editor.content().intents] == ["ask_price", "greet", "bye"]
    editor.rename_intent("greet", "hello/1")
    assert "- intent: hello/1\n" in editor.text and "  utter_hello/1:\n" in editor.text
    editor.remove_intent("bye")
    editor.rename_intent("hello/1", "greet")
    assert editor.text == FILE.replace("'greet'", "greet")


def test_the_comment_above_an_intent_goes_with_it() -> None:
    editor = FileEditor(FILE)
    editor.remove_intent("ask_price")
    assert "# 问价格" not in editor.text and "# 问好" in editor.text
    assert [one.name for one in editor.content().intents] == ["greet"]


def test_windows_line_ends_and_the_mark_stay() -> None:
    editor = FileEditor("\ufeff" + FILE.replace("\n", "\r\n"))
    editor.add_examples("ask_price", ["贵吗"])
    assert editor.text.startswith("\ufeff# 店里的话\r\n")
    assert "\n" not in editor.text.replace("\r\n", "")
    assert "    - 贵吗\r\n" in editor.text


@pytest.mark.parametrize(
    ("intent", "source"), [("nobody", "x"), ("ask_price", "[x]{'a'}"), ("ask_price", "a\nb"), ("ask_price", "a\u2028b")]
)
def test_a_change_that_would_break_the_file_is_refused_and_nothing_is_changed(intent: str, source: str) -> None:
    editor = FileEditor(FILE)
    with pytest.raises(EditError):
        editor.add_examples(intent, [source])
    assert editor.text == FILE


@pytest.mark.parametrize("line", [0, 6, 11, 18, 99])
def test_only_a_line_with_an_example_can_be_removed(line: int) -> None:
    with pytest.raises(EditError):
        FileEditor(FILE).remove_example(line)


def test_a_broken_file_is_not_edited() -> None:
    with pytest.raises(EditError, match="errors"):
        FileEditor("nlu: [")


def test_a_file_is_begun_from_nothing() -> None:
    editor = FileEditor("")
    editor.add_intent(Intent("bye", (Example("再见"),)))
    assert editor.text == 'version: "3.1"\nnlu:\n- intent: bye\n  examples: |\n    - 再见\n'


def test_a_pack_written_anew_reads_the_same() -> None:
    read = pack(FILE)
    again = pack(write_pack(read))
    assert (again, found(again)) == (read, [])


def test_what_a_program_made_is_written_in_full() -> None:
    content = IntentFile(
        "f.yml",
        intents=(
            Intent(
                "123",
                (Example("去京", (Entity(1, 2, "city", "北京", "to"),)), Example("a\nb", metadata={"k": None})),
                About("说明", (NearMiss("x", "123"), NearMiss("y")), (Slot("s", "哪个"),), "offer", "乔", "2"),
            ),
        ),
        responses=(Response("utter_123", (Variant("好", Condition("cue", "late"), cards=(Card("p", {"id": 1}),)),)),),
    )
    read = pack(write_file(content))
    assert found(read) == []
    intent = read.intents["123"]
    assert intent.examples == content.intents[0].examples
    assert intent.about == About(
        "说明", (NearMiss("x", "123"), NearMiss("y")), (Slot("s", "哪个"),), "offer", "乔", "2", intent.about.raw
    )
    variant = read.responses["utter_123"].variants[0]
    assert (variant.condition, variant.cards) == (Condition("cue", "late"), (Card("p", {"id": 1}),))


_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="[]\ufeff\ufffe\uffff"), max_size=12
)
_NAMES = _TEXTS.map(lambda text: text.replace("/", "").strip()).filter(bool)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        _NAMES, st.lists(_TEXTS.map(lambda text: text.strip(" ")), min_size=1, unique=True), min_size=1, max_size=3
    )
)
def test_any_names_and_texts_survive_writing_and_reading(intents: dict[str, list[str]]) -> None:
    content = IntentFile(
        "f.yml", tuple(Intent(name, tuple(Example(text) for text in said)) for name, said in intents.items())
    )
    read = pack(write_file(content))
    assert {name: texts(read, name) for name in read.intents} == intents


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | _TEXTS | st.text("a\n \t\u2028'\"", max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_metadata_survives_writing_and_reading(value: object) -> None:
    intent = Intent("a", (Example("x"),), About(raw={"k": value}))  # type: ignore[dict-item]
    read = read_text(write_file(IntentFile("f.yml", (intent,))), "f.yml")
    assert read.intents[0].about.raw == {"k": value}
