"""Questions to the demo shop's graph: what is answered, from which facts, and what is not."""

from __future__ import annotations

import pytest

from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.model import Answer
from knowledge_graph.records import FactRecord
from knowledge_graph.revise import Changes, revise
from tests.knowledge_graph.moon_tea import DAY_US, NOW_US


def _ask(graph: KnowledgeGraph, text: str, *focus: str, at_us: int = NOW_US) -> Answer:
    return graph.ask(text, at_us=at_us, focus=focus)


def _nodes(answer: Answer) -> list[str]:
    return [row.node_id for row in answer.rows]


def _values(answer: Answer, predicate: str) -> list[object]:
    return [fact.value for row in answer.rows for fact in row.facts if fact.predicate == predicate]


@pytest.mark.parametrize(
    ("text", "predicate", "values"),
    [
        ("大红袍多少钱", "price", [3800, 15800, 36800]),
        ("明前龙井100克的多少钱", "price", [26800]),
        ("冻顶产地是哪里", "origin", ["福建漳平引种"]),
        ("肉桂用多少度的水泡", "brew_temp", [100]),
        ("太平猴魁泡多久", "brew_time", [120]),
        ("小青柑还有货吗", "stock", [150, 180, 75]),
        ("大红袍是什么茶", "category", ["category:乌龙茶"]),
    ],
)
def test_an_attribute_is_told_with_its_facts(
    tea: KnowledgeGraph, text: str, predicate: str, values: list[object]
) -> None:
    answer = _ask(tea, text)
    assert (answer.status, answer.kind) == ("answered", "attribute")
    assert _values(answer, predicate) == values
    assert all(fact.source.startswith("products.csv:") for row in answer.rows for fact in row.facts)


def test_several_that_a_name_fits_are_asked_back_unless_the_answer_is_the_same(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "铁观音多少钱")
    assert (answer.status, _nodes(answer)) == ("ambiguous", ["MT-1201", "MT-1202"])
    answer = _ask(tea, "铁观音产地是哪里")
    assert (answer.status, _nodes(answer)) == ("answered", ["MT-1201", "MT-1202"])
    assert set(_values(answer, "origin")) == {"福建安溪"}
    assert _ask(tea, "铁观音是乌龙茶吗").asked["holds"] == "yes"
    assert _ask(tea, "盖碗的烧制温度").status in ("no_data", "not_understood")


def test_a_size_that_does_not_exist_gets_no_price(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "碧螺春200克多少钱")
    assert answer.status == "no_data"
    assert _values(answer, "price") == []
    assert _values(answer, "net") == [10, 50, 100]


def test_a_comparison_puts_the_winner_first_and_compares_like_sizes(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "西湖龙井和大佛龙井哪个便宜")
    assert answer.kind == "comparison"
    assert _nodes(answer) == ["MT-1003", "MT-1001"]
    assert _values(answer, "price") == [6800, 15800, 26800, 62800]


def test_a_filter_takes_category_and_bound_together(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "200元以内的红茶有哪些")
    assert (answer.kind, answer.total) == ("filter", 12)
    assert all(isinstance(price, int) and price <= 20_000 for price in _values(answer, "price"))
    assert {tea.facts(node, "category")[0].value for node in _nodes(answer)} == {"category:红茶"}


@pytest.mark.parametrize(
    ("text", "first"),
    [("最贵的礼盒", "MT-4010"), ("哪款乌龙最贵", "MT-1204"), ("最便宜的龙井是哪一种", "MT-1002")],
)
def test_a_superlative_names_the_first(tea: KnowledgeGraph, text: str, first: str) -> None:
    answer = _ask(tea, text)
    assert answer.kind == "superlative"
    assert _nodes(answer)[0] == first


@pytest.mark.parametrize(("text", "total"), [("红茶有几种", 12), ("龙井有几款", 3), ("礼盒一共多少款", 12)])
def test_a_count_counts(tea: KnowledgeGraph, text: str, total: int) -> None:
    answer = _ask(tea, text)
    assert (answer.kind, answer.total) == ("count", total)


def test_hours_are_no_count(tea: KnowledgeGraph) -> None:
    assert _ask(tea, "冷泡放冰箱要几个钟头").kind != "count"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("安吉白茶是绿茶吗", "yes"),
        ("大红袍是红茶吗", "no"),
        ("大红袍是福建的吗", "yes"),
        ("茶酥适合送礼吗", "yes"),
        ("大红袍适合睡前喝吗", "not_listed"),
        ("老茶头咖啡因低吗", "yes"),
    ],
)
def test_membership_says_yes_no_or_not_listed(tea: KnowledgeGraph, text: str, holds: str) -> None:
    answer = _ask(tea, text)
    assert (answer.kind, answer.asked["holds"]) == ("membership", holds)
    assert answer.rows[0].facts


def test_asking_whether_there_are_such_denies_nothing(tea: KnowledgeGraph) -> None:
    assert _ask(tea, "有没有咖啡因低的茶").asked["include"] == "caffeine=low"
    assert _ask(tea, "不要咖啡因低的茶").asked["exclude"] == "caffeine=low"


@pytest.mark.parametrize("text", ["不含咖啡因的茶", "无咖啡因的茶有哪些", "有没有不含咖啡因的茶", "没有咖啡因的茶"])
def test_goods_without_caffeine_are_those_of_which_that_is_said(tea: KnowledgeGraph, text: str) -> None:
    answer = _ask(tea, text)
    assert (answer.status, answer.kind, _nodes(answer)) == ("answered", "filter", ["MT-1707", "MT-1708"])
    told = revise(tea, Changes(put=[FactRecord(id, "caffeine", "low") for id in _nodes(answer)]))
    assert _ask(told, text).status == "no_data", "nobody says it of any"


def test_who_wants_little_caffeine_is_also_told_what_has_none(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "咖啡因低的花茶有哪些")
    assert {"MT-1707", "MT-1708", "MT-1709"} == set(_nodes(answer))
    assert _ask(tea, "胎菊咖啡因低吗").asked["holds"] == "yes"
    assert _ask(tea, "蜜桃乌龙不含咖啡因吗").asked["holds"] == "no"


@pytest.mark.parametrize("text", ["大红袍含不含咖啡因", "大红袍有没有咖啡因"])
def test_whether_a_thing_has_caffeine_is_answered_by_how_much(tea: KnowledgeGraph, text: str) -> None:
    answer = _ask(tea, text)
    assert (answer.kind, answer.asked["wanted"]) == ("attribute", "caffeine")


def test_what_goes_with_what_follows_the_edge_both_ways(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "大红袍配什么茶具")
    assert answer.kind == "fits"
    assert set(_nodes(answer)) == {"MT-2001", "MT-2005"}
    assert all(row.path == ("MT-1203", row.node_id) for row in answer.rows)


def test_two_hops_tell_the_partners_price(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "配大红袍的茶具多少钱")
    assert answer.kind == "path"
    assert set(_values(answer, "price")) == {6800, 48800}


@pytest.mark.parametrize(
    ("text", "focus", "first", "price"),
    [
        ("适合配这个壶的茶里最便宜的多少钱", ("MT-2004",), "MT-1305", 1000),
        ("配紫砂壶的茶哪款最便宜", (), "MT-1305", 1000),
        ("和紫砂壶搭配的茶最贵的多少钱", (), "MT-1304", 88800),
        ("配大红袍的茶具里最便宜的多少钱", (), "MT-2001", 6800),
    ],
)
def test_several_hops_put_the_partner_first_that_costs_least_or_most(
    tea: KnowledgeGraph, text: str, focus: tuple[str, ...], first: str, price: int
) -> None:
    answer = _ask(tea, text, *focus)
    assert (answer.status, answer.kind) == ("answered", "path")
    row = answer.rows[0]
    assert row.node_id == first
    assert price in [fact.value for fact in row.facts if fact.predicate == "price"]
    assert row.path[-1] == first
    assert all(fact.source for fact in row.facts)


def test_tea_for_a_pot_is_no_teaware(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "配紫砂壶的茶里最便宜的是哪款")
    classes = {str(fact.value) for node in _nodes(answer) for fact in tea.facts(node, "category")}
    assert classes == {"category:红茶", "category:乌龙茶", "category:普洱茶", "category:黑茶"}


def test_partners_of_a_class_that_has_none_are_no_data(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "配大红袍的绿茶里最便宜的多少钱")
    assert (answer.status, answer.rows) == ("no_data", ())


@pytest.mark.parametrize(
    ("text", "focus", "prices"),
    [
        ("大红袍的第二个规格多少钱", (), [15800]),
        ("大红袍最后一种规格什么价", (), [36800]),
        ("第一个规格多少钱", ("MT-1203", "MT-1001"), [3800]),
        ("第3个规格呢", ("MT-1203",), [36800]),
        ("大红袍的第四个规格多少钱", (), []),
    ],
)
def test_a_size_is_meant_by_its_place_in_the_list(
    tea: KnowledgeGraph, text: str, focus: tuple[str, ...], prices: list[object]
) -> None:
    answer = _ask(tea, text, *focus)
    assert answer.status == ("answered" if prices else "no_data")
    assert _nodes(answer) == ["MT-1203"]
    assert _values(answer, "price") == prices


@pytest.mark.parametrize(
    ("text", "barred"), [("除了龙井还有什么绿茶", "MT-1001"), ("不是红茶的礼盒有哪些", "category:红茶")]
)
def test_negation_leaves_out(tea: KnowledgeGraph, text: str, barred: str) -> None:
    answer = _ask(tea, text)
    assert answer.status == "answered"
    assert barred in answer.asked["exclude"]
    assert barred not in _nodes(answer)


@pytest.mark.parametrize(
    ("text", "focus", "prices"),
    [
        ("不要试饮装的明前龙井多少钱", (), [14800, 26800, 62800]),
        ("明前龙井除了50g的都多少钱", (), [3200, 26800, 62800]),
        ("不是50克罐装的那个多少钱", ("MT-1001",), [3200, 26800, 62800]),
        ("不要250克的多少钱", ("MT-1001",), [3200, 14800, 26800]),
        ("不要200克的，明前龙井多少钱", (), [3200, 14800, 26800, 62800]),
    ],
)
def test_a_size_that_is_not_wanted_is_left_out(
    tea: KnowledgeGraph, text: str, focus: tuple[str, ...], prices: list[object]
) -> None:
    answer = _ask(tea, text, *focus)
    assert _nodes(answer) == ["MT-1001"]
    assert _values(answer, "price") == prices


def test_the_cheapest_without_a_size_is_not_guessed(tea: KnowledgeGraph) -> None:
    assert _ask(tea, "不要试饮装，最便宜的绿茶是哪款").status == "not_understood"


def test_a_bound_may_come_from_another_node(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "比大红袍便宜的乌龙茶")
    assert set(_nodes(answer)) == {"MT-1201", "MT-1206"}
    assert all(isinstance(price, int) and price < 3800 for price in _values(answer, "price"))


def test_the_same_origin_leaves_the_named_node_out(tea: KnowledgeGraph) -> None:
    assert set(_nodes(_ask(tea, "和大红袍同产地的茶有哪些"))) == {"MT-1205", "MT-4004"}


def test_a_year_chooses_among_those_of_a_name(tea: KnowledgeGraph) -> None:
    assert _nodes(_ask(tea, "2015年的老白茶有吗")) == ["MT-1408"]


@pytest.mark.parametrize(
    ("text", "node"), [("多少钱", "MT-1203"), ("有货吗", "MT-1203"), ("是红茶吗", "MT-1203"), ("那产地呢", "MT-1203")]
)
def test_ellipsis_leans_on_the_focus(tea: KnowledgeGraph, text: str, node: str) -> None:
    answer = _ask(tea, text, "MT-1203")
    assert answer.status == "answered"
    assert _nodes(answer) == [node]


def test_which_is_cheaper_compares_what_was_spoken_of(tea: KnowledgeGraph) -> None:
    assert _nodes(_ask(tea, "哪个更便宜", "MT-1001", "MT-1002")) == ["MT-1002", "MT-1001"]


def test_an_ambiguous_name_asks_back(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "生普多少钱")
    assert answer.status == "ambiguous"
    assert {"MT-1301", "MT-1302", "MT-1303"} <= set(_nodes(answer))
    assert _values(answer, "price") == []


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("明天天气怎么样", ()),
        ("明天天气怎么样", ("MT-1203",)),
        ("红茶能减肥吗", ()),
        ("大红袍能减肥吗", ()),
        ("你好", ("MT-1203",)),
        ("转人工", ("MT-1203",)),
        ("", ()),
    ],
)
def test_what_the_graph_cannot_know_is_not_understood(tea: KnowledgeGraph, text: str, focus: tuple[str, ...]) -> None:
    assert _ask(tea, text, *focus).status == "not_understood"


def test_classes_of_which_nothing_is_known_are_no_data(tea: KnowledgeGraph) -> None:
    answer = _ask(tea, "绿茶和红茶有什么区别")
    assert (answer.status, answer.rows) == ("no_data", ())


def test_a_promotion_that_ended_is_not_told(tea: KnowledgeGraph) -> None:
    now, then = _ask(tea, "现在有什么活动"), _ask(tea, "有什么活动", at_us=NOW_US - 15 * DAY_US)
    assert _nodes(now) == ["warm_winter"]
    assert _nodes(then) == ["double11"]


def test_facts_are_as_of_a_time(tea: KnowledgeGraph) -> None:
    assert tea.facts("double11", "text", at_us=NOW_US) == ()
    assert len(tea.facts("double11", "text")) == 1
    (fee,) = tea.facts("shipping_fee_fen", "value", at_us=NOW_US)
    assert (fee.value, fee.unit, fee.source) == (800, "fen", "policies.yaml:60")
    assert [fact.value for fact in tea.facts("payment_methods", "value", at_us=NOW_US)] == ["微信支付", "支付宝"]


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        ("武夷肉桂30泡的礼罐多少钱", [56800]),
        ("品茗杯买六只一套多少钱", [29800]),
        ("鸭屎香试饮的那个多少钱", [3500]),
        ("大红袍和肉桂12泡的哪个贵", [23800, 15800]),
        ("武夷肉桂25泡的多少钱", []),
    ],
)
def test_words_for_a_size_choose_the_size_and_an_unknown_size_has_no_price(
    tea: KnowledgeGraph, text: str, prices: list[object]
) -> None:
    assert _values(_ask(tea, text), "price") == prices


def test_an_unknown_property_is_not_answered_with_a_known_one(tea: KnowledgeGraph) -> None:
    assert _ask(tea, "碧螺春的海拔多少米").status == "not_understood"
