"""Whatever way a wish is answered (few nodes, whole columns, an overlay), it is what each node's own facts say."""

from __future__ import annotations

import random

import pytest

import knowledge_graph.asking.selection as selection_module
from knowledge_graph.asking.question import Bound, Extreme, Test
from knowledge_graph.asking.selection import Selection, Wish
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import FactRecord
from knowledge_graph.revise import Changes, revise
from tests.knowledge_graph.moon_tea import NOW_US


def _wishes(count: int) -> list[Wish]:
    pick = random.Random(5)
    tests = [
        Test("category", "category:红茶"), Test("category", "category:白茶"), Test("fits", "use:送礼"),
        Test("fits", "use:长辈"), Test("taste", "taste:花香"), Test("place", "place:福建"), Test("caffeine", "high"),
    ]  # fmt: skip
    bounds = [Bound("price", None, 20_000), Bound("price", 5_000, 60_000), Bound("net", 100, 100),
              Bound("year", 2020, None), Bound("stock", 1, None)]  # fmt: skip
    orders = [None, Extreme("price", True, True), Extreme("price", False, True), Extreme("year", False, False),
              Extreme("caffeine", True, False)]  # fmt: skip
    return [
        Wish(
            "product", tuple(pick.sample(tests, pick.randint(0, 2))), tuple(pick.sample(tests, pick.randint(0, 1))),
            tuple(pick.sample(["MT-1001", "MT-1103", "MT-4001"], pick.randint(0, 1))),
            tuple(pick.sample(bounds, pick.randint(0, 2))), None, pick.choice(orders),
        )
        for _ in range(count)
    ]  # fmt: skip


def _by_hand(select: Selection, wish: Wish) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for id in select.graph.nodes("product"):
        if not select.passes(id, wish):
            continue
        number = None
        if wish.extreme is not None:
            parts = select.inside(id, wish.bounds) if wish.bounds else None
            number = select.measure(select.facts(id, wish.extreme.predicate, parts=parts), most=wish.extreme.most)
            if number is None:
                continue
        found[id] = number
    return found


@pytest.mark.parametrize("few", [0, 50_000])
@pytest.mark.parametrize("changed", [False, True])
def test_find_agrees_with_each_nodes_own_facts(
    tea: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, few: int, changed: bool
) -> None:
    monkeypatch.setattr(selection_module, "_FEW", few)
    graph = tea
    if changed:
        put = (
            FactRecord("MT-1103-01", "price", 1, "feed:1"),
            FactRecord("MT-1203", "category", "红茶", "feed:2"),
            FactRecord("MT-1105", "fits", "送礼", "feed:3"),
        )
        graph = revise(tea, Changes(put=put, removed=("MT-1104", *tea.subjects("product", "MT-1104"))))
    select = Selection(graph, at_us=NOW_US)
    for wish in _wishes(80):
        wanted = _by_hand(select, wish)
        ids, total = select.find(wish, limit=1_000)
        assert (set(ids), total) == (set(wanted), len(wanted)), wish
        if wish.extreme is not None:
            numbers = [wanted[id] for id in ids]
            assert numbers == sorted(numbers, reverse=wish.extreme.most), wish  # type: ignore[type-var]
