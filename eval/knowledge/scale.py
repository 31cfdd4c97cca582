"""The graph at scale: load, memory, change, bounded questions, and linking among many names, from small to large."""

from __future__ import annotations

import random
import resource
import time
import tracemalloc
from collections.abc import Iterator
from statistics import quantiles

from eval.knowledge.figures import Figure
from knowledge_graph.asking.question import Bound, Extreme, Test
from knowledge_graph.asking.selection import Selection, Wish
from knowledge_graph.build import build
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import FactRecord, NodeRecord, Record
from knowledge_graph.revise import Changes, revise
from knowledge_graph.schema import packed_schema

_LOAD_S, _MEMORY_GB, _QUESTION_MS, _AUTOMATON_S, _LINK_MS, _CHANGE_MS = 90.0, 4.0, 10.0, 5.0, 3.0, 1_000.0
_CHANGE_MB = 1.0
_CATEGORIES, _TASTES, _USES, _EDGES_A_NODE = 200, 500, 50, 5
_FIRST, _SECOND = "华天海金银星月云山江", "为美信丰达源泰康宁和"
_SERIES = [a + b for a in "清远悦享极光追风逐浪臻品雅致" for b in "系者语境界"]
_GOODS = ("保温杯", "电热水壶", "蓝牙耳机", "运动鞋", "洗发水", "空调扇", "双肩包", "机械键盘", "羽绒服", "儿童牙刷")


def shop(nodes: int) -> Iterator[Record]:
    """Half products, half variants, and five edges or attributes a node."""
    random_ = random.Random(1)
    count = nodes // 2
    for number in range(count):
        id, source = f"P{number}", f"products.csv:{number + 2}"
        yield NodeRecord(id, "product", f"商品{number}", (), source)
        yield FactRecord(id, "category", f"类目{random_.randrange(_CATEGORIES)}", source)
        yield FactRecord(id, "taste", f"口味{random_.randrange(_TASTES)}", source)
        yield FactRecord(id, "fits", f"用途{random_.randrange(_USES)}", source)
    for number in range(count):
        id, source = f"P{number}", f"products.csv:{number + 2}"
        for partner in {random_.randrange(count) for _ in range(2 * _EDGES_A_NODE - 4)}:
            yield FactRecord(id, "goes_with", f"P{partner}", source)
        yield NodeRecord(f"{id}-1", "variant", f"{id}-1", (), source)
        yield FactRecord(f"{id}-1", "product", id, source)
        yield FactRecord(f"{id}-1", "price", random_.randint(100, 100_000), source)


def measure_scale(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Yield how time and memory grow; the goals hold for a million nodes. Memory is this process's peak so far."""
    schema = packed_schema("retail")
    for size in sizes:
        work, whole = f"graph of {size} nodes", size >= 1_000_000
        started = time.process_time()
        graph = KnowledgeGraph(build(shop(size), schema))
        loaded = time.process_time() - started
        facts = len(graph.base.columns.subject)
        yield Figure(work, "load", loaded, "CPU s", _LOAD_S if whole else None, note=f"{facts} facts")
        started = time.process_time()
        change = (FactRecord("P5-1", "price", 7, "feed:1"),)
        tracemalloc.start()
        changed = revise(graph, Changes(put=change))
        held = tracemalloc.get_traced_memory()[0] / (1 << 20)
        tracemalloc.stop()
        yield Figure(work, "a changed price", (time.process_time() - started) * 1e3, "CPU ms", _CHANGE_MS)
        yield Figure(work, "memory of a changed price", held, "MB", _CHANGE_MB)
        for name, one in (("base", graph), ("overlay", changed)):
            yield Figure(work, f"filter and order, p95, {name}", _p95(_filters(one)), "CPU ms", _QUESTION_MS)
            yield Figure(work, f"two hops, p95, {name}", _p95(_hops(one, size)), "CPU ms", _QUESTION_MS)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        yield Figure(work, "memory, both versions", peak, "GB", _MEMORY_GB if whole else None)


def _p95(times_ms: list[float]) -> float:
    return quantiles(times_ms, n=20)[-1]


def _filters(graph: KnowledgeGraph) -> list[float]:
    random_, times = random.Random(2), []
    for turn in range(60):
        tests = (
            Test("category", f"category:类目{random_.randrange(_CATEGORIES)}"),
            Test("taste", f"taste:口味{random_.randrange(_TASTES)}"),
        )
        bounds = (Bound("price", None, random_.randint(1_000, 90_000)),)
        wish = Wish("product", tests, bounds=bounds, extreme=Extreme("price", False, False) if turn % 2 else None)
        started = time.process_time()
        select = Selection(graph, at_us=1)
        for id in select.find(wish, limit=20)[0]:
            select.row(id, ("price",))
        times.append((time.process_time() - started) * 1e3)
    return times[4:]


def _hops(graph: KnowledgeGraph, size: int) -> list[float]:
    random_, times = random.Random(3), []
    for _ in range(200):
        started = time.process_time()
        select = Selection(graph, at_us=1)
        for fact in select.facts(f"P{random_.randrange(size // 2)}", "goes_with"):
            select.facts(str(fact.value), "price")
        times.append((time.process_time() - started) * 1e3)
    return times[4:]


def measure_linking(products: int) -> Iterator[Figure]:
    """Yield the automaton's building time and how fast and well names are found, exact, in pieces and misspelt."""
    random_ = random.Random(1)
    brands = [a + b + c for a in _FIRST for b in _SECOND for c in ("", "家", "堂", "记")]
    names = [
        f"{random_.choice(brands)}{random_.choice(_SERIES)}{random_.choice(_GOODS)} "
        f"{random_.choice('ABCDEFGHX')}{random_.randint(1, 999)}"
        for _ in range(products)
    ]
    records: list[Record] = []
    for number, name in enumerate(names):
        records += [NodeRecord(f"P{number}", "product", name), FactRecord(f"P{number}", "category", "百货")]
    graph = KnowledgeGraph(build(records, packed_schema("retail")))
    work = f"linking among {products} products"
    started = time.process_time()
    graph.linker.link("没有这个东西")
    yield Figure(work, "automaton", time.process_time() - started, "CPU s", _AUTOMATON_S)
    asked = {
        "whole name": [(f"请问{name}多少钱", name) for name in random_.sample(names, 200)],
        "in pieces": [(f"{n[:3]}的{n.split()[0][-3:]}{n.split()[1]}怎么样", n) for n in random_.sample(names, 200)],
        "one wrong character": [(f"{_slip(name, random_)}多少钱", name) for name in random_.sample(names, 200)],
    }
    for kind, questions in asked.items():
        times, found = [], 0
        for text, name in questions:
            started = time.process_time()
            mentions = graph.link(text)
            times.append((time.process_time() - started) * 1e3)
            found += any(one.name == name for mention in mentions for one in mention.candidates[:3])
        yield Figure(work, f"{kind}, p50", quantiles(times, n=2)[0], "CPU ms", _LINK_MS)
        yield Figure(work, f"{kind}, among the first three", found / len(questions), "", None, "more")


def _slip(name: str, random_: random.Random) -> str:
    place = random_.randrange(len(name.split()[0]))
    return name[:place] + random_.choice("的一是") + name[place + 1 :]
