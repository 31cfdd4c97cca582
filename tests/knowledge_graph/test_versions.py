"""A change is a small overlay, seen at once; what is refused leaves the live version as it was."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from knowledge_graph.build import GraphRefused
from knowledge_graph.compare import compare
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.revise import Changes, compact, revise
from tests.knowledge_graph.moon_tea import NOW_US

PRICE = FactRecord("MT-1203-01", "price", 3500, "feed:1")
NEW_TEA: tuple[Record, ...] = (
    NodeRecord("MT-1299", "product", "月下奇兰", ("奇兰",), "feed:2"),
    FactRecord("MT-1299", "category", "乌龙茶", "feed:2"),
    FactRecord("MT-1299", "taste", "兰花香", "feed:2"),
    NodeRecord("MT-1299-01", "variant", "月下奇兰 50g", (), "feed:3"),
    FactRecord("MT-1299-01", "product", "MT-1299", "feed:3"),
    FactRecord("MT-1299-01", "price", 6600, "feed:3"),
)


def _price(graph: KnowledgeGraph, sku: str) -> list[object]:
    return [fact.value for fact in graph.facts(sku, "price")]


def test_a_changed_price_is_told_everywhere_and_the_old_version_keeps_the_old_one(tea: KnowledgeGraph) -> None:
    new = revise(tea, Changes(put=(PRICE,)))
    assert _price(new, "MT-1203-01") == [3500] and _price(tea, "MT-1203-01") == [3800]
    told = [fact for row in new.ask("大红袍多少钱", at_us=NOW_US).rows for fact in row.facts]
    assert next((fact.value, fact.version) for fact in told) == (3500, new.version)
    cheap = new.ask("36元以内的乌龙茶", at_us=NOW_US)
    assert "MT-1203" in [row.node_id for row in cheap.rows]
    assert "MT-1203" not in [row.node_id for row in tea.ask("36元以内的乌龙茶", at_us=NOW_US).rows]


def test_a_changed_price_takes_less_than_a_second_and_a_megabyte(tea: KnowledgeGraph) -> None:
    tea.ask("大红袍多少钱", at_us=NOW_US)
    tracemalloc.start()
    started = time.perf_counter()
    new = revise(tea, Changes(put=(PRICE,)))
    answer = new.ask("大红袍多少钱", at_us=NOW_US)
    spent = time.perf_counter() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.rows[0].facts[0].value == 3500
    assert spent < 1.0
    assert peak < 1_000_000


def test_a_new_product_is_linked_found_and_counted(tea: KnowledgeGraph) -> None:
    new = revise(tea, Changes(put=NEW_TEA))
    assert [row.facts[0].value for row in new.ask("奇兰多少钱", at_us=NOW_US).rows] == [6600]
    before, after = (graph.ask("乌龙茶有几种", at_us=NOW_US).total for graph in (tea, new))
    assert after == before + 1


def test_a_removed_product_is_gone_with_its_edges(tea: KnowledgeGraph) -> None:
    parts = tea.subjects("product", "MT-1203")
    new = revise(tea, Changes(removed=("MT-1203", *parts)))
    assert new.find_node("MT-1203") is None
    assert new.link("大红袍") == () or new.link("大红袍")[0].candidates[0].node_id != "MT-1203"
    assert "MT-1203" not in [row.node_id for row in new.ask("乌龙茶有哪些", at_us=NOW_US).rows]
    assert "MT-1203" not in new.targets("MT-2001", "goes_with")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (Changes(put=(FactRecord("MT-1203-01", "price", -1, "feed:1"),)), "too_small"),
        (Changes(put=(FactRecord("MT-1203-01", "price", 12.5, "feed:1"),)), "not_a_number"),
        (Changes(put=(FactRecord("nobody", "price", 1, "feed:1"),)), "unknown_subject"),
        (Changes(put=(FactRecord("MT-1203", "price", 1, "feed:1"),)), "wrong_kind"),
        (Changes(put=(FactRecord("MT-1203", "goes_with", "nobody", "feed:1"),)), "dangling_edge"),
        (Changes(put=(FactRecord("MT-1203", "goes_with", "MT-1203-01", "feed:1"),)), "wrong_target"),
        (Changes(put=(PRICE, FactRecord("MT-1203-01", "price", 1, "feed:2"))), "two_values"),
        (Changes(put=(NodeRecord("x", "planet", "火星", (), "feed:1"),)), "unknown_kind"),
        (Changes(put=(FactRecord("category:红茶", "parent", "category:红茶", "feed:1"),)), "cycle"),
        (Changes(removed=("MT-1203",)), "part_left"),
    ],
)
def test_a_wrong_change_is_refused_and_the_live_version_untouched(
    tea: KnowledgeGraph, changes: Changes, code: str
) -> None:
    with pytest.raises(GraphRefused) as caught:
        revise(tea, changes)
    assert code in {problem.code for problem in caught.value.problems}
    assert tea.overlay.size == 0 and _price(tea, "MT-1203-01") == [3800]


def test_a_preview_says_what_is_added_changed_and_removed(tea: KnowledgeGraph) -> None:
    new = revise(tea, Changes(put=(PRICE, *NEW_TEA), cleared=(("MT-1204", "roast"),)))
    found = {(d.what, d.subject, d.predicate): (d.before, d.after, d.source) for d in compare(tea, new)}
    assert found["changed", "MT-1203-01", "price"] == ((3800,), (3500,), "feed:1")
    assert found["added", "MT-1299", None] == ((), ("月下奇兰",), "feed:2")
    assert found["removed", "MT-1204", "roast"][1] == ()


def test_compaction_says_the_same_with_an_empty_overlay(tea: KnowledgeGraph) -> None:
    new = revise(
        tea, Changes(put=(PRICE, *NEW_TEA), removed=("MT-3006", "MT-3006-01", *tea.subjects("product", "MT-3006")))
    )
    folded = compact(new)
    assert folded.overlay.size == 0
    assert folded.version == new.version
    assert compare(new, folded) == []
    assert compare(folded, new) == []


def test_an_overlay_that_has_grown_large_is_folded_when_it_is_published(tea: KnowledgeGraph, tmp_path: Path) -> None:
    folder = GraphFolder(tmp_path)
    folder.publish(tea, at_us=NOW_US)
    goods = tuple(NodeRecord(f"MT-9{number:04}", "product", f"新品{number}", (), "feed:9") for number in range(1_500))
    facts = tuple(FactRecord(one.id, "category", "绿茶", "feed:9") for one in goods)
    grown = revise(tea, Changes(put=(*goods, *facts)))
    folder.publish(grown, at_us=NOW_US)
    live = folder.current()
    assert live is not None
    assert live.version == grown.version and live.overlay.size == 0
    assert compare(grown, live) == []
    folder.roll_back()
    back = folder.current()
    assert back is not None and back.version == tea.version


def test_the_files_of_versions_that_nobody_can_go_back_to_are_gone(tea: KnowledgeGraph, tmp_path: Path) -> None:
    folder, graph = GraphFolder(tmp_path), tea
    for price in range(3_000, 3_025):
        graph = revise(graph, Changes(put=(FactRecord("MT-1203-01", "price", price, "feed:1"),)))
        folder.publish(graph, at_us=NOW_US)
    kept = {f"{one.version}.overlay.json" for one in folder.history()}
    assert {path.name for path in tmp_path.glob("*.overlay.json")} == kept and len(kept) == 20
    assert [_price(folder.open(one), "MT-1203-01") for one in folder.history()] == [[p] for p in range(3_005, 3_025)]
