"""What `kefu graph` makes live, the bot's shop tells: at once, whole, and never from a version that cannot be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.conformance.shop import Bench, check_shop
from kefu.cli import app
from kefu.graph_goods import GraphGoods
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import graph_of
from knowledge_graph.records import NodeRecord
from knowledge_graph.schema import packed_schema
from messaging_core.api import Core
from tests.kefu.demo.test_shop import LIN, SHOP, STRANGER, open_shop
from tests.support.clock import START_US, FakeClock

_TABLES = [str(SHOP / name) for name in ("products.csv", "variants.csv")]


def _graph(folder: Path, *words: str) -> None:
    result = CliRunner().invoke(app, ["graph", *words, "--graph", str(folder)])
    assert result.exit_code == 0, result.output


async def _goods(core: Core, folder: Path) -> GraphGoods:
    return GraphGoods(await open_shop(core), GraphFolder(folder), core.clock)


async def _price(goods: GraphGoods, sku: str) -> int:
    (product,) = await goods.get_products([sku.rpartition("-")[0]])
    return next(variant.price_fen for variant in product.variants if variant.sku == sku)


@pytest.mark.parametrize("loaded", [False, True])
async def test_with_and_without_a_graph_it_is_a_shop(core: Core, tmp_path: Path, loaded: bool) -> None:
    if loaded:
        _graph(tmp_path / "graph", "load", *_TABLES)

    @asynccontextmanager
    async def make() -> AsyncIterator[Bench]:
        shop = await open_shop(core)
        own, other = [await shop.orders(customer_id=one, limit=50) for one in ("C1001", "C1002")]

        async def take_down() -> None:
            shop.available = False

        yield Bench(
            shop=GraphGoods(shop, GraphFolder(tmp_path / "graph"), core.clock), now_us=START_US,
            account_id=LIN, stranger_account_id=STRANGER, other_order_id=other[0].order_id,
            order_id=next(order.order_id for order in own if order.status == "unpaid"),
            action="cancel_order", note="", take_down=take_down,
        )  # fmt: skip

    await check_shop(make)


async def test_the_same_tables_tell_the_same_goods_through_the_graph(core: Core, tmp_path: Path) -> None:
    _graph(tmp_path / "graph", "load", *_TABLES)
    goods = await _goods(core, tmp_path / "graph")
    assert [*await goods.products()] == [*await (await open_shop(core)).products()]


async def test_a_changed_price_and_a_step_back_are_told_by_the_next_read(core: Core, tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    goods = await _goods(core, folder)
    assert await _price(goods, "MT-1001-01") == 3200
    _graph(folder, "load", *_TABLES)
    _graph(folder, "set", "MT-1001-01", "price", "2900")
    assert await _price(goods, "MT-1001-01") == 2900
    assert [one.product_id for one in await goods.get_products(["MT-1001", "no such", "category:绿茶"])] == ["MT-1001"]
    _graph(folder, "rollback")
    assert await _price(goods, "MT-1001-01") == 3200


async def test_a_damaged_version_leaves_the_one_before(core: Core, tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    _graph(folder, "load", *_TABLES)
    _graph(folder, "set", "MT-1001-01", "price", "2900")
    goods = await _goods(core, folder)
    assert await _price(goods, "MT-1001-01") == 2900
    _graph(folder, "set", "MT-1001-01", "price", "1")
    newest = max(folder.glob("*.overlay.json"), key=lambda path: path.stat().st_mtime_ns)
    newest.write_text("{", "utf-8")
    assert await _price(goods, "MT-1001-01") == 2900


async def test_a_price_that_is_over_and_a_size_without_stock_are_not_told(
    core: Core, clock: FakeClock, tmp_path: Path
) -> None:
    rows = tmp_path / "facts.csv"
    rows.write_text(
        "subject,predicate,value,valid_from,valid_to\n"
        "S-1,price,100,,2020-01-01T00:00:00Z\nS-1,stock,1,,\nS-2,price,100,,\nS-3,price,300,,\nS-3,stock,2,,\n",
        "utf-8",
    )
    nodes = tmp_path / "nodes.csv"
    nodes.write_text("id,kind,name\nP-1,product,茶\nS-1,variant,一\nS-2,variant,二\nS-3,variant,三\n", "utf-8")
    edges = tmp_path / "edges.csv"
    parts = "".join(f"S-{number},product,P-1\n" for number in (1, 2, 3))
    edges.write_text(f"subject,predicate,value\nP-1,category,茶叶\n{parts}", "utf-8")
    _graph(tmp_path / "graph", "load", str(nodes), str(rows), str(edges))
    (product,) = await (await _goods(core, tmp_path / "graph")).products()
    assert [(variant.sku, variant.price_fen, variant.label) for variant in product.variants] == [("S-3", 300, "三")]


async def test_a_graph_of_other_things_leaves_the_goods_alone(core: Core, tmp_path: Path) -> None:
    schema = packed_schema("places")
    graph = graph_of([NodeRecord("somewhere", next(iter(schema.kinds)), "故宫", (), "places.csv:2")], schema)
    GraphFolder(tmp_path / "graph").publish(graph, at_us=START_US)
    assert await _price(await _goods(core, tmp_path / "graph"), "MT-1001-01") == 3200
