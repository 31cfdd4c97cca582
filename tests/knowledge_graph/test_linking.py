"""Which nodes a text names: aliases, pieces, misspellings, words that point back, ambiguity."""

from __future__ import annotations

import pytest

from knowledge_graph.fold import fold
from knowledge_graph.graph import KnowledgeGraph, graph_of
from knowledge_graph.linking.typos import one_edit
from knowledge_graph.records import NodeRecord, Record
from knowledge_graph.schema import packed_schema


def _names(graph: KnowledgeGraph, text: str, *focus: str) -> list[str]:
    return [mention.candidates[0].node_id for mention in graph.link(text, focus=focus)]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("大红袍多少钱", ["MT-1203"]),
        ("西湖龙井和大佛龙井哪个贵", ["MT-1001", "MT-1003"]),
        ("電陶爐還有嗎", ["MT-2013"]),
        ("送长辈的礼盒", ["use:长辈", "category:礼盒"]),
        ("福建的乌龙有哪些", ["place:福建", "category:乌龙茶"]),
        ("正山小种 松烟香", ["MT-1101", "taste:松烟香"]),
        ("明天天气怎么样", []),
    ],
)
def test_names_and_aliases_are_found_in_order(tea: KnowledgeGraph, text: str, nodes: list[str]) -> None:
    assert _names(tea, text) == nodes


@pytest.mark.parametrize(
    ("text", "node"),
    [("茶酥", "MT-3001"), ("布朗山的生普", "MT-1301"), ("明前龙井双罐", "MT-4001"), ("寿眉饼", "MT-1404")],
)
def test_a_name_said_in_part_is_found(tea: KnowledgeGraph, text: str, node: str) -> None:
    assert _names(tea, text) == [node]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("打红袍", "MT-1203"),
        ("碧落春", "MT-1004"),
        ("太平候魁", "MT-1006"),
        ("武夷肉贵", "MT-1204"),
        ("信阳毛剑", "MT-1008"),
        ("白毫很针", "MT-1401"),
    ],
)
def test_a_name_that_sounds_or_looks_alike_is_found(tea: KnowledgeGraph, text: str, node: str) -> None:
    assert _names(tea, f"{text}有货吗") == [node]


def test_a_piece_that_several_share_is_ambiguous(tea: KnowledgeGraph) -> None:
    (mention,) = tea.link("生普")
    assert mention.ambiguous
    assert {"MT-1301", "MT-1302", "MT-1303"} <= {candidate.node_id for candidate in mention.candidates}


def test_the_span_of_a_mention_is_in_the_text_as_written(tea: KnowledgeGraph) -> None:
    text = "請問大紅袍多少錢"
    (mention,) = tea.link(text)
    assert text[mention.start : mention.end] == mention.text == "大紅袍"


@pytest.mark.parametrize(
    ("text", "focus", "node"),
    [
        ("这个多少钱", ("MT-1203", "MT-1204"), "MT-1203"),
        ("第二款呢", ("MT-1203", "MT-1204"), "MT-1204"),
        ("那个大的多少钱", ("MT-1001",), "MT-1001-04"),
        ("小的呢", ("MT-1001",), "MT-1001-01"),
    ],
)
def test_words_that_point_back_mean_the_focus(
    tea: KnowledgeGraph, text: str, focus: tuple[str, ...], node: str
) -> None:
    assert _names(tea, text, *focus) == [node]


def test_without_focus_nothing_is_pointed_at(tea: KnowledgeGraph) -> None:
    assert tea.link("这个多少钱") == ()


@pytest.mark.parametrize("text", ["ＡＢＣ", "電陶爐", "①②③", "ﬁ", "İstanbul", "𠮷野家"])
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [("祁门红茶", "祈门红茶", True), ("大红袍", "大袍红", True), ("大红袍", "大红", True), ("大红袍", "小白袍", False)],
)
def test_one_edit(left: str, right: str, near: bool) -> None:
    assert one_edit(left, right) is near


def test_a_demonstrative_with_a_kind_points_back_and_is_no_piece_of_a_name() -> None:
    schema = packed_schema("places")
    hotels = ("北京法官之家酒店", "天伦王朝酒店")
    records: list[Record] = [NodeRecord(f"hotel:{name}", "hotel", name) for name in hotels]
    records.append(NodeRecord("attraction:故宫", "attraction", "故宫"))
    places = graph_of(records, schema)
    spoken = ("attraction:故宫", "hotel:天伦王朝酒店")
    (mention,) = places.link("这家酒店怎么样", focus=spoken)
    assert mention.candidates[0].node_id == "hotel:天伦王朝酒店"
    (named,) = places.link("北京法官之家酒店怎么样", focus=spoken)
    assert named.candidates[0].node_id == "hotel:北京法官之家酒店"
