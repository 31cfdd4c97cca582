"""Which place a question is about, and whether it asks at all: several main kinds in one conversation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.base.errors import ConfigError
from kefu.cli import app
from knowledge_graph.asking.asks import from_json, to_json
from knowledge_graph.asking.examples import read_examples
from knowledge_graph.asking.learn import Asked, learn_asks
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.linking.memory import remember
from knowledge_graph.model import Answer
from knowledge_graph.records import FactRecord
from knowledge_graph.revise import Changes, compact, revise
from knowledge_graph.schema import packed_schema
from tests.knowledge_graph.places import GARDEN, GRILL, INN, LODGE, TOWER, questions, town


@cache
def _plain() -> KnowledgeGraph:
    return town()


@cache
def _learned() -> KnowledgeGraph:
    return KnowledgeGraph(_plain().base, asks=learn_asks(_plain(), questions()))


def _facts(answer: Answer) -> set[tuple[str, object]]:
    return {(fact.subject, fact.value) for row in answer.rows for fact in row.facts}


@pytest.mark.parametrize(
    ("text", "focus", "said"),
    [
        ("望江塔不错，它的电话是多少", (INN,), {(TOWER, "010-1111")}),
        ("这家店的电话是多少", (GRILL, TOWER), {(GRILL, "010-5555")}),
        ("电话是多少", (INN, TOWER), {(INN, "010-3333")}),
        ("酒店的电话是多少", (TOWER, INN), {(INN, "010-3333")}),
        ("那里的电话是多少", (GARDEN,), {(GARDEN, "010-2222")}),
        ("价格是多少", (INN, TOWER), {(INN, "300")}),
        ("望江塔和云栖酒店的电话是多少", (), {(TOWER, "010-1111"), (INN, "010-3333")}),
        ("从望江塔坐车到云栖酒店，地铁站是哪个", (), {(TOWER, "塔下站"), (INN, "江边站")}),
    ],
)
def test_a_question_is_about_what_the_text_or_the_talk_names_last(
    text: str, focus: tuple[str, ...], said: set[tuple[str, object]]
) -> None:
    assert _facts(_plain().ask(text, at_us=0, focus=focus)) == said


def test_of_a_place_without_a_fact_nothing_is_said_though_another_place_has_it() -> None:
    answer = _plain().ask("听雨园的评分是多少", at_us=0, focus=(TOWER, INN))
    assert answer.status == "no_data" and _facts(answer) == set()


def test_a_piece_of_a_name_inside_pointing_words_names_nothing() -> None:
    answer = _plain().ask("这家店的评分是多少", at_us=0, focus=(TOWER,))
    assert _facts(answer) == {(TOWER, "4.5")}


def test_what_is_praised_is_not_answered_and_what_is_asked_beside_it_is() -> None:
    answer = _learned().ask("评分挺高的，电话是多少", at_us=0, focus=(INN,))
    assert _facts(answer) == {(INN, "010-3333")}


@pytest.mark.parametrize("text", ["好的谢谢你的服务", "我想找个评分4分以上的酒店", "这个评分我很满意"])
def test_who_tells_or_wants_a_suggestion_gets_no_attribute(text: str) -> None:
    answer = _learned().ask(text, at_us=0, focus=(INN,))
    assert answer.kind not in ("attribute", "membership")


def test_each_facility_has_its_own_verdict_and_a_name_shared_with_a_place_is_a_facility() -> None:
    answer = _learned().ask("云栖酒店有酒吧和行李寄存吗", at_us=0)
    assert answer.kind == "membership" and answer.rows[0].node_id == INN
    assert answer.asked["include"] == "facilities=facility:酒吧、facilities=facility:行李寄存"
    assert answer.asked["each"] == "yes、not_listed"


def test_a_facility_that_says_more_says_what_is_asked_and_not_the_other_way_round() -> None:
    graph = _learned()
    assert graph.ask("云栖酒店有没有部分房间提供wifi", at_us=0).asked["each"] == "yes"
    assert graph.ask("山居酒店有没有公共区域和部分房间提供wifi", at_us=0).asked["each"] == "not_listed"
    assert graph.ask("山居酒店有没有部分房间提供wifi", at_us=0, focus=(LODGE,)).asked["each"] == "yes"


def test_the_memory_prefers_what_is_new_and_leaves_lists_unchosen() -> None:
    graph = _plain()
    assert remember(graph, "推荐您去听雨园，它不在望江塔旁边", [TOWER], by_customer=False) == [GARDEN, TOWER]
    assert remember(graph, "有望江塔、听雨园", [INN], by_customer=False) == [INN, TOWER, GARDEN]
    assert remember(graph, "那就望江塔吧", [INN, GARDEN], by_customer=True) == [TOWER, INN, GARDEN]
    assert remember(graph, "好的", [INN, GARDEN], by_customer=True, about=[GARDEN]) == [GARDEN, INN]
    assert remember(graph, "地址在望江塔18号", [INN], by_customer=False) == [INN]


def test_what_was_learned_survives_writing_changes_and_compaction() -> None:
    graph = _learned()
    assert graph.asks is not None
    again = from_json(to_json(graph.asks))
    before, after = graph.asks.chances("-\n^评分是多少$\n"), again.chances("-\n^评分是多少$\n")
    assert after == pytest.approx(before, abs=0.02)
    changed = revise(graph, Changes(put=[FactRecord(INN, "rating", "4.9", "desk:1")], cleared=[(INN, "rating")]))
    assert compact(changed).asks is graph.asks


def test_too_few_examples_and_unknown_predicates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs 5"):
        learn_asks(_plain(), [Asked("评分是多少", ("rating",))])
    with pytest.raises(ConfigError, match="height"):
        learn_asks(_plain(), [Asked("多高", ("height",))])
    file = tmp_path / "asked.jsonl"
    file.write_text('{"text": "评分", "asks": ["评分"]}\n{"text": "多高", "asks": ["height"]}\n', "utf-8")
    with pytest.raises(ConfigError, match=r"asked\.jsonl:2"):
        read_examples(file, packed_schema("places"))


def test_learning_on_the_command_line_goes_live_for_the_next_question(tmp_path: Path) -> None:
    folder = GraphFolder(tmp_path / "graph")
    folder.publish(_plain(), at_us=0)
    file = tmp_path / "asked.jsonl"
    lines = [json.dumps({"text": one.text, "asks": one.asks}, ensure_ascii=False) for one in questions()]
    file.write_text("\n".join(lines), "utf-8")
    result = CliRunner().invoke(app, ["graph", "learn", str(file), "--graph", str(tmp_path / "graph")])
    assert result.exit_code == 0 and "rating" in result.stdout
    live = folder.current()
    assert live is not None and live.asks is not None and "rating" in live.asks.labels
    (tmp_path / "graph" / "asks.json").write_text("{}", "utf-8")
    with pytest.raises(ConfigError, match=r"asks\.json"):
        folder.current()
