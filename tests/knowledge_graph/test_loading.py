"""Files of rows become a graph, or are refused with the line; no file is read into memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from knowledge_graph.build import build_leniently
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.rows import read_rows
from knowledge_graph.loading.tables import read_table
from knowledge_graph.records import Problem
from knowledge_graph.schema import packed_schema
from tests.knowledge_graph.moon_tea import NOW_US

RETAIL = packed_schema("retail")
HEADER = "product_id,name,aliases,category,origin,taste\n"
GOOD = HEADER + "T-1,月下红,红月|小红,红茶,福建武夷山,花香|蜜甜\nT-2,月下绿,,绿茶,浙江杭州,豆香\n"
SIZES = "sku,product_id,label,price_fen,stock\nT-1-1,T-1,50g 罐装,12800,3\n"


def _load(*paths: Path) -> tuple[KnowledgeGraph, list[Problem]]:
    built = build_leniently(chain.from_iterable(read_table(path, RETAIL) for path in paths), RETAIL)
    return KnowledgeGraph(built.base), list(built.problems)


def _write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_table_in_each_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    graph, problems = _load(_write(tmp_path, "products.csv", GOOD, encoding), _write(tmp_path, "variants.csv", SIZES))
    assert problems == []
    (row,) = graph.ask("月下红50克多少钱", at_us=NOW_US).rows
    assert [(fact.value, fact.source) for fact in row.facts] == [(12800, "variants.csv:2")]


def test_excel_and_json_lines_say_the_same_as_csv(tmp_path: Path) -> None:
    book = Workbook()
    lines = [line.split(",") for line in GOOD.splitlines()]
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "products.xlsx")
    objects = [json.dumps(dict(zip(lines[0], line, strict=True)), ensure_ascii=False) for line in lines[1:]]
    graphs = [
        _load(_write(tmp_path, "products.csv", GOOD))[0],
        _load(tmp_path / "products.xlsx")[0],
        _load(_write(tmp_path, "products.jsonl", "\n".join(objects)))[0],
    ]
    said = [[(fact.id, fact.value) for fact in graph.facts("T-1")] for graph in graphs]
    assert said[0] == said[1] == said[2] != []


def test_triples_describe_nodes_and_facts(tmp_path: Path) -> None:
    text = "T-1\tname\t月下红\nT-1\tkind\tproduct\nT-1\talias\t红月\nT-1\tcategory\t红茶\nT-1\tyear\t2026\n"
    graph, problems = _load(_write(tmp_path, "facts.tsv", text))
    assert problems == []
    node = graph.find_node("T-1")
    assert node is not None and (node.name, node.aliases) == ("月下红", ("红月",))
    assert [fact.value for fact in graph.facts("T-1", "year")] == [2026]


def test_facts_in_json_lines_carry_their_validity(tmp_path: Path) -> None:
    lines = [
        {"id": "p1", "kind": "promotion", "name": "节庆"},
        {"subject": "p1", "predicate": "text", "value": "满减", "valid_from": "2026-11-01T00:00:00+08:00",
         "valid_to": "2026-11-12T00:00:00+08:00"},
    ]  # fmt: skip
    graph, problems = _load(_write(tmp_path, "live.jsonl", "\n".join(json.dumps(line) for line in lines)))
    assert problems == []
    assert graph.facts("p1", "text", at_us=NOW_US) == ()
    assert len(graph.facts("p1", "text", at_us=NOW_US - 15 * 86_400_000_000)) == 1


def test_yuan_become_fen_exactly(tmp_path: Path) -> None:
    sizes = "sku,product_id,规格,价格（元）\nT-1-1,T-1,50g 罐装,12.35\n"
    graph, problems = _load(_write(tmp_path, "products.csv", GOOD), _write(tmp_path, "variants.csv", sizes))
    assert problems == []
    assert [fact.value for fact in graph.facts("T-1-1", "price")] == [1235]


def _rows(*lines: str) -> str:
    return HEADER + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "place", "code"),
    [
        ("products.csv", _rows("T-1,甲,,红茶,,", "T-1,乙,,红茶,,"), "products.csv:3", "duplicate_id"),
        ("products.csv", _rows("T-1,甲,,红茶,,", ",乙,,红茶,,"), "products.csv:3", "no_id"),
        ("products.csv", _rows("T-1,甲,,红茶,"), "products.csv:2", "wrong_length"),
        ("products.csv", _rows("T-1,=A1&B1,,红茶,,"), "products.csv:2", "formula"),
        ("products.csv", _rows("T-1,甲,,,,"), "products.csv:2", "missing"),
        ("products.csv", "product_id,name,name\n", "products.csv:1", "bad_header"),
        ("products.csv", "product_id,name,colour\nT-1,甲,红\n", "products.csv:2", "unknown_column"),
        ("products.csv", "", "products.csv:1", "empty_file"),
        ("products.csv", _rows('T-1,"甲,,红茶,,'), "products.csv:2", "bad_row"),
        ("variants.csv", "sku,product_id,price_fen\nT-1-1,T-1,-5\n", "variants.csv:2", "too_small"),
        ("variants.csv", "sku,product_id,price_fen\nT-1-1,T-1,十元\n", "variants.csv:2", "not_a_number"),
        ("variants.csv", "sku,product_id,price_fen\nT-1-1,T-9,5\n", "variants.csv:2", "dangling_edge"),
        ("facts.tsv", "T-1\tname\n", "facts.tsv:1", "wrong_length"),
        ("facts.tsv", "a\tkind\tcategory\nb\tkind\tcategory\na\tparent\tb\nb\tparent\ta\n", "facts.tsv:3", "cycle"),
        ("facts.tsv", "a\tkind\tplanet\n", "facts.tsv:1", "unknown_kind"),
        ("products.jsonl", '{"id": "T-1", "name": "甲", "category": "红茶"}\n{oops\n', "products.jsonl:2", "bad_json"),
        ("products.jsonl", "[1]\n", "products.jsonl:1", "bad_json"),
        ("stars.csv", "id,name\n1,甲\n", "stars.csv:2", "unknown_kind"),
        ("products.pdf", "x", "products.pdf", "unknown_format"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, name: str, text: str, place: str, code: str) -> None:
    _, problems = _load(_write(tmp_path, name, text))
    assert (place, code) in {(problem.source, problem.code) for problem in problems}


def test_bytes_of_no_encoding_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(GOOD.encode() + b"T-3,\xff\xff\xff,,\n")
    _, problems = _load(path)
    assert [(problem.source, problem.code) for problem in problems] == [("products.csv:4", "bad_encoding")]


def test_a_formula_in_a_workbook_is_told_with_sheet_and_row(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["product_id", "name", "category"])
    book.active.append(["T-1", "=CONCAT(A1)", "红茶"])
    book.active.title = "商品"
    book.save(tmp_path / "products.xlsx")
    _, problems = _load(tmp_path / "products.xlsx")
    assert [(problem.source, problem.code) for problem in problems] == [("products.xlsx:商品:2", "formula")]


def test_a_file_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    _, problems = _load(_write(tmp_path, "products.xlsx", "not a zip"))
    assert [problem.code for problem in problems] == ["bad_file"]


@pytest.mark.parametrize(
    ("name", "line", "count"),
    [
        ("products.csv", lambda n: f"T-{n},{'名字很长' * 20}的茶{n},,红茶,福建武夷山,花香\n", 40_000),
        ("products.jsonl", lambda n: json.dumps({"id": f"T-{n}", "name": "茶" * 30}) + "\n", 50_000),
    ],
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str, line: Callable[[int], str], count: int) -> None:
    path = tmp_path / name
    with path.open("w", encoding="utf-8") as file:
        if name.endswith("csv"):
            file.write(HEADER)
        file.writelines(line(number) for number in range(count))
    tracemalloc.start()
    seen = sum(1 for _ in read_rows(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == count
    assert path.stat().st_size > 9_000_000
    assert peak < 6_000_000


def test_one_endless_line_is_refused_and_not_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(HEADER + "T-1," + "x" * 3_000_000, encoding="utf-8")
    _, problems = _load(path)
    assert [(problem.source, problem.code) for problem in problems] == [("products.csv:2", "bad_row")]
