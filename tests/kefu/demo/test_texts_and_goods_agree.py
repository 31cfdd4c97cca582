"""What the demo's FAQ, handbook and descriptions say of goods is what the catalogue says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from knowledge_graph.graph import KnowledgeGraph
from tests.knowledge_graph.moon_tea import moon_tea, rows

SHOP = resources.files("kefu.demo").joinpath("shop_data")
GOODS = {row["product_id"]: row for row in rows("products")}
FAQ = YAML(typ="safe", pure=True).load(SHOP.joinpath("faq.yaml").read_text("utf-8"))["faq"]
# Entries that advise for an occasion, and the word for it in the catalogue.
OCCASIONS = {
    "choose_beginner": "新手", "choose_office": "办公室", "choose_elder": "长辈", "choose_business": "商务",
    "choose_girl": "女生", "choose_after_meal": "解腻", "choose_travel": "户外",
}  # fmt: skip
# How a kind is brewed, and of which goods that is told; what is steeped cold stands in an entry of its own.
BREWING = {
    "brew_green": "绿茶", "brew_black": "红茶", "brew_oolong": "乌龙茶", "brew_puer": "普洱茶", "brew_white": "白茶",
    "brew_flower": "花茶",
}  # fmt: skip
COLD = "冷泡系列"


@pytest.fixture(scope="module")
def tea() -> KnowledgeGraph:
    return moon_tea()


def _texts() -> Iterator[tuple[str, str]]:
    """Each text with its place."""
    for entry in FAQ:
        yield f"faq.yaml {entry['id']}", entry["answer"]
    for number, line in enumerate(SHOP.joinpath("SHOP.md").read_text("utf-8").splitlines(), start=1):
        yield f"SHOP.md:{number}", line
    packs = Path(str(resources.files("intents"))) / "packs" / "retail_zh" / "responses.yml"
    for number, line in enumerate(packs.read_text("utf-8").splitlines(), start=1):
        yield f"responses.yml:{number}", line
    for id, row in GOODS.items():
        yield f"products.csv {id}", f"{row['name']}，{row['description']}"


def _clauses(text: str) -> Iterator[str]:
    yield from (clause for clause in re.split("[；。！？，|]", text) if clause.strip())


def _named(tea: KnowledgeGraph, clause: str) -> list[str]:
    """The goods that a clause names, all that a name fits."""
    return [
        one.node_id
        for mention in tea.link(clause)
        for one in mention.fitting
        if one.kind == "product" and one.score >= 0.8
    ]


def _said(tea: KnowledgeGraph) -> Iterator[tuple[str, str, list[str]]]:
    """Each clause with its place and the goods that it speaks of: its own, else those of the clause before."""
    for place, text in _texts():
        for sentence in re.split("[。！？；|]", text):
            named: list[str] = []
            for clause in _clauses(sentence):
                named = _named(tea, clause) or named
                yield place, clause, named


def test_what_is_said_to_have_no_caffeine_has_none(tea: KnowledgeGraph) -> None:
    claims = re.compile("(?:不含|没有|不要|无)咖啡因")
    free = {id for id, row in GOODS.items() if row["caffeine"] == "none"}
    told: set[str] = set()
    for place, clause, named in _said(tea):
        if claims.search(clause):
            assert set(named) <= free, f"{place}: {clause}"
            told.update(named)
    assert told == free


def test_what_is_said_to_have_little_or_much_caffeine_has_it(tea: KnowledgeGraph) -> None:
    seen = 0
    for place, clause, named in _said(tea):
        for word, levels in (("偏低", {"low"}), ("偏高", {"high"}), ("咖啡因低", {"low", "none"})):
            if word in clause and ("咖啡因" in clause or "偏" in word):
                wrong = [GOODS[id]["name"] for id in named if GOODS[id]["caffeine"] not in levels]
                assert not wrong, f"{place}: {clause}"
                seen += len(named)
    assert seen >= 10


def test_what_contains_no_tea_has_no_caffeine() -> None:
    for id, row in GOODS.items():
        assert ("不含茶叶" in row["taste"]) == (row["caffeine"] == "none"), id


@pytest.mark.parametrize(("entry", "category"), BREWING.items())
def test_brewing_is_told_as_the_catalogue_has_it(entry: str, category: str) -> None:
    """Every temperature of the kind lies within those told, and each one told is that of some of the kind."""
    answer = next(one["answer"] for one in FAQ if one["id"] == entry)
    degrees = {int(number) for number in re.findall(r"(\d+)(?:到\d+)?℃", answer)}
    degrees |= {int(number) for number in re.findall(r"到(\d+)℃", answer)}
    degrees |= {100} if re.search("沸水|以上", answer) else set()
    kind = {id: row for id, row in GOODS.items() if row["category"] == category and row["series"] != COLD}
    known = {int(row["brew_temp_c"]) for row in kind.values()}
    outside = [row["name"] for row in kind.values() if not min(degrees) <= int(row["brew_temp_c"]) <= max(degrees)]
    assert not outside, answer
    assert degrees <= known, answer


def test_a_temperature_beside_a_name_is_that_of_the_catalogue(tea: KnowledgeGraph) -> None:
    seen = 0
    for place, clause, _ in _said(tea):
        for part in clause.split("、"):
            told = re.search(r"(\d+)(?:℃| ?度)", part)
            for id in _named(tea, part) if told and "到" not in part else ():
                seen += 1
                assert GOODS[id]["brew_temp_c"] == told[1], f"{place}: {part}"
    assert seen >= 4


@pytest.mark.parametrize(("entry", "occasion"), OCCASIONS.items())
def test_what_is_advised_for_an_occasion_is_fit_for_it(tea: KnowledgeGraph, entry: str, occasion: str) -> None:
    answer = next(one["answer"] for one in FAQ if one["id"] == entry)
    named = [
        one.node_id
        for mention in tea.link(answer)
        if (one := mention.owner or mention.candidates[0]).kind == "product" and one.score >= 0.8
    ]
    assert named
    wrong = [GOODS[id]["name"] for id in named if occasion not in GOODS[id]["fits"].split("|")]
    assert not wrong, answer


def test_fire_is_told_as_the_catalogue_has_it(tea: KnowledgeGraph) -> None:
    for place, clause, named in _said(tea):
        if "不焙火" in clause:
            assert {GOODS[id]["roast"] for id in named} <= {"不焙火"}, f"{place}: {clause}"
