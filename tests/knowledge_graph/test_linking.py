"""Which nodes a text names: aliases, pieces, misspellings, words that point back, ambiguity."""

from __future__ import annotations

import pytest

from knowledge_graph.fold import fold
from knowledge_graph.graph import KnowledgeGraph, graph_of
from knowledge_graph.linking.typos import one_edit
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.schema import packed_schema
from tests.knowledge_graph.moon_tea import rows


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


# Short words that the shop has as an alias of one product, and that others carry in their name just as well.
SHARED = {
    "银针": {"MT-1401", "MT-1501", "MT-1701"},
    "水仙": {"MT-1205", "MT-1209"},
    "毛尖": {"MT-1008", "MT-1012"},
    "铁观音": {"MT-1201", "MT-1202"},
    "正山小种": {"MT-1101", "MT-1102"},
}


@pytest.mark.parametrize(("word", "nodes"), SHARED.items())
def test_an_alias_that_ends_the_names_of_others_means_any_of_them(
    tea: KnowledgeGraph, word: str, nodes: set[str]
) -> None:
    (mention,) = tea.link(f"{word}多少钱")
    assert mention.ambiguous and {one.node_id for one in mention.fitting} == nodes


def test_a_whole_name_means_its_product_and_so_do_nearly_all_aliases(tea: KnowledgeGraph) -> None:
    shared = set()
    for row in rows("products"):
        (name,) = tea.link(row["name"])
        assert (name.candidates[0].node_id, name.ambiguous) == (row["product_id"], False), row["name"]
        for alias in filter(None, row["aliases"].split("|")):
            mention = tea.link(alias)[0]
            assert mention.candidates[0].node_id == row["product_id"], alias
            if mention.ambiguous:
                shared.add(alias)
    assert shared == {
        "龙井", "西湖龙井", "银针", "水仙", "毛尖", "铁观音", "安溪铁观音", "正山小种", "黄芽", "龙珠", "老白茶",
        "盖碗",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("福鼎的银针", "MT-1401"), ("君山的银针", "MT-1501"), ("老丛的水仙", "MT-1205"), ("漳平水仙", "MT-1209"),
        ("寿眉", "MT-1403"), ("大红袍", "MT-1203"), ("贡眉", "MT-1405"), ("滇红金针", "MT-1106"),
    ],
)  # fmt: skip
def test_what_tells_names_apart_leaves_one(tea: KnowledgeGraph, text: str, node: str) -> None:
    mention = tea.link(f"{text}多少钱")[-1]
    assert (mention.candidates[0].node_id, mention.ambiguous) == (node, False)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("bhyz多少钱", "MT-1401"), ("DHP还有吗", "MT-1203"), ("来点 ajbc", "MT-1009"), ("lagp怎么泡", "MT-1007"),
        ("ｊｊｍ有货没", "MT-1103"),
    ],
)  # fmt: skip
def test_initials_mean_the_product(tea: KnowledgeGraph, text: str, node: str) -> None:
    (mention,) = tea.link(text)
    assert (mention.candidates[0].node_id, mention.ambiguous) == (node, False)
    assert mention.candidates[0].score < 0.85, "less than any name"


@pytest.mark.parametrize(
    "text",
    [
        "订单YC20dhp12到哪了", "dhp123", "my dhp is late", "see https://shop.example/dhp for more", "a@dhp.cn", "xdhpx",
        "单号SF-dhp", "hao de", "我的app打不开", "发ems吗", "zto还是yto", "要xxl的", "dhpjjm",
    ],
)  # fmt: skip
def test_letters_that_are_a_part_or_a_word_of_something_else_mean_nothing(tea: KnowledgeGraph, text: str) -> None:
    assert tea.link(text) == ()


def test_initials_that_many_share_mean_none_of_them() -> None:
    schema = packed_schema("retail")
    first, second = "大达丹", "红宏"
    names = [f"{a}{b}袍" for a in first for b in second]
    records: list[Record] = []
    for number, name in enumerate([*names, "白毫银针"]):
        records += [NodeRecord(f"P{number}", "product", name), FactRecord(f"P{number}", "category", "茶")]
    shop = graph_of(records, schema)
    assert shop.link("dhp多少钱") == ()
    assert _names(shop, "bhyz多少钱") == [f"P{len(names)}"]


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
