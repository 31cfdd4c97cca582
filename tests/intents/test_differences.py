"""The difference of two packs is told in words, and only what matters counts."""

from __future__ import annotations

from intents.diff import diff_packs
from kefu.base.texts import LANGS
from tests.intents.reading import block, pack

OLD = (
    "nlu:\n- intent: a\n  metadata: {handoff: never}\n  examples: |\n    - 一\n    - 二\n    - [龙井](tea)\n"
    "- intent: b\n  examples: |\n    - 三\n- intent: gone\n  examples: |\n    - 四\n    - 五\n"
    "- synonym: A\n  examples: |\n    - x\n    - y\n- lookup: tea\n  examples: |\n    - 龙井\n- regex: r\n"
    "  examples: |\n    - \\d\nresponses:\n  utter_a:\n  - text: 好\n  - text: 行\n  utter_b:\n  - text: 嗯\n"
)
NEW = (
    "nlu:\n- intent: b\n  examples: |\n    - 三\n    - 二\n    - 四\n- intent: new\n  examples: |\n    - 六\n"
    "- intent: a\n  metadata: {handoff: offer}\n  examples: |\n    # 注释\n    - 七\n    - 一\n    - [龙井](product)\n"
    "- synonym: B\n  examples: |\n    - x\n    - z\n- lookup: tea\n  examples: |\n    - 毛尖\n- regex: r\n"
    "  examples: |\n    - \\w\nresponses:\n  utter_a:\n  - text: 好\n    metadata: {when: cue, cue: late}\n"
    "  - text: 可以\n  utter_c:\n  - text: 哦\n"
)


def test_places_comments_and_order_do_not_count() -> None:
    left = pack(block("- 一", "- 二") + "- intent: b\n  examples: |\n    - 三\n")
    right = pack("# x\nnlu:\n- intent: b\n  examples: |\n    - 三\n- intent: a\n  examples: |\n    - 二\n    - 一\n")
    assert diff_packs(left, right) == ()


def test_every_kind_of_change_is_told_once() -> None:
    said = [change.text("zh") for change in diff_packs(pack(OLD), pack(NEW))]
    assert said == [
        "删去意图“gone”（2 条例句）",
        "新增意图“new”（1 条例句）",
        "意图“a”的 handoff：never → offer",
        "意图“a”新增例句：七",
        "意图“a”改了标注：[龙井](tea) → [龙井](product)",
        "例句从意图“a”移到“b”：二",
        "例句从意图“gone”移到“b”：四",
        "同义词“x”：“A” → “B”",
        "删去同义词：“y”表示“A”",
        "新增同义词：“z”表示“B”",
        "词表“tea”删去：龙井",
        "词表“tea”新增：毛尖",
        "正则“r”删去：\\d",
        "正则“r”新增：\\w",
        "答复“utter_a”删去说法：行",
        "答复“utter_a”改了说法的条件、按钮或卡片：好",
        "答复“utter_a”新增说法：可以",
        "删去答复“utter_b”（1 种说法）",
        "新增答复“utter_c”（1 种说法）",
    ]


def test_a_removed_example_is_told() -> None:
    changes = diff_packs(pack(block("- 一", "- 二")), pack(block("- 一")))
    assert [change.text("en") for change in changes] == ["intent 'a', example removed: 二"]


def test_the_way_back_undoes_every_change() -> None:
    there, back = diff_packs(pack(OLD), pack(NEW)), diff_packs(pack(NEW), pack(OLD))
    assert len([one for one in there if one.code == "example_moved"]) == 2
    assert {one.code for one in back} >= {"intent_added", "intent_removed", "synonym_changed", "variant_changed"}
    for change in (*there, *back):
        for lang in LANGS:
            assert change.text(lang)
