"""A shop read through its port changes what differs and nothing else; one wrong product, and nothing is taken."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kefu.base.errors import ConfigError, PluginError
from knowledge_graph.commands import make_app
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.shop_feed import named_shop
from tests.knowledge_graph.moon_tea import ProductRow, VariantRow

RUN = CliRunner()
APP = make_app()
SIZE = VariantRow("V1", "100克", 9900, 5, 150)
TEA = ProductRow(
    "P1", "龙井", ("西湖龙井",), "绿茶", attributes={"origin": "浙江杭州", "fits": ("送礼",)}, goes_with=("P2",)
)
TEA = replace(TEA, variants=(SIZE,), source="erp/P1")
CUP = ProductRow("P2", "盖碗", category="茶具", variants=(VariantRow("V2", "一只", 4500, 3, 300),), source="")


class PortShop:
    """A shop whose goods a test changes; `down` makes it fail as one that does not answer."""

    def __init__(self) -> None:
        self.goods: list[Any] = [TEA, CUP]
        self.down = False
        self.closed = 0

    async def products(self) -> Sequence[ProductRow]:
        if self.down:
            raise PluginError("the till is closed")
        return self.goods


SHOP = PortShop()


def get_shop() -> PortShop:
    return SHOP


@asynccontextmanager
async def open_shop() -> AsyncIterator[PortShop]:
    try:
        yield SHOP
    finally:
        SHOP.closed += 1


@pytest.fixture(autouse=True)
def shop() -> PortShop:
    SHOP.__init__()  # type: ignore[misc]
    return SHOP


def _take(graph: Path, *arguments: str, factory: str = "get_shop") -> tuple[int, dict[str, Any]]:
    named = ("--shop", f"{__name__}:{factory}")
    result = RUN.invoke(APP, ["feed", *named, *arguments, "--graph", str(graph), "--format", "json"])
    return result.exit_code, json.loads(result.stdout or "{}")


def _live(graph: Path) -> KnowledgeGraph:
    live = GraphFolder(graph).current()
    assert live is not None
    return live


def test_the_first_reading_is_the_first_version_with_products_sizes_prices_and_stock(tmp_path: Path) -> None:
    code, change = _take(tmp_path, "--preview")
    assert code == 0 and change["first"] and GraphFolder(tmp_path).current() is None
    assert _take(tmp_path)[0] == 0
    live = _live(tmp_path)
    tea = live.find_node("P1")
    assert tea is not None and (tea.name, tea.aliases) == ("龙井", ("西湖龙井",))
    said = {name: live.facts("V1", name)[0] for name in ("price", "stock", "weight", "size", "product")}
    assert {name: fact.value for name, fact in said.items()} == {
        "price": 9900, "stock": 5, "weight": 150, "size": "100克", "product": "P1",
    }  # fmt: skip
    assert said["price"].source == "erp/P1"
    assert live.facts("V2", "price")[0].source == "shop:2", "a product that names no source is named by its place"
    assert live.overlay.size == 0, "a first version is a base"


def test_a_changed_price_and_stock_make_an_overlay_and_the_same_again_makes_nothing(
    tmp_path: Path, shop: PortShop
) -> None:
    _take(tmp_path)
    first = _live(tmp_path)
    assert _take(tmp_path)[1]["version"] == first.version, "the same again is no new version"
    shop.goods = [replace(TEA, variants=(replace(SIZE, price_fen=8800, stock=4),)), CUP]
    code, change = _take(tmp_path)
    assert code == 0
    assert [(one["subject"], one["predicate"], one["after"]) for one in change["differences"]] == [
        ("V1", "price", [8800]),
        ("V1", "stock", [4]),
    ]
    live = _live(tmp_path)
    assert live.base.version == first.base.version and live.overlay.size == 2
    assert live.facts("V1", "price")[0].value == 8800


@pytest.mark.parametrize(
    ("wrong", "place", "code"),
    [
        (replace(TEA, product_id="P3", variants=(replace(SIZE, sku="V3", price_fen=-1),)), "erp/P1", "too_small"),
        (replace(CUP, product_id="P3", variants=(replace(SIZE, sku="V3", stock=-2),)), "shop:3", "too_small"),
        (replace(CUP, product_id="P3", attributes={"smell": "x"}, variants=()), "shop:3", "unknown_predicate"),
        (CUP, "shop:3", "duplicate_id"),
        ({"product_id": "P3"}, "shop:3", "bad_product"),
        (None, "shop:3", "bad_product"),
    ],
)
def test_a_wrong_product_is_named_by_its_place_and_nothing_changes(
    tmp_path: Path, shop: PortShop, wrong: object, place: str, code: str
) -> None:
    _take(tmp_path)
    version = _live(tmp_path).version
    shop.goods = [replace(CUP, description="新"), replace(TEA, description="新"), wrong]
    left, answer = _take(tmp_path)
    assert left == 1
    assert [(one["source"], one["code"]) for one in answer["problems"]] == [(place, code)]
    assert _live(tmp_path).version == version


def test_a_shop_that_is_down_says_so_and_the_live_version_stays(tmp_path: Path, shop: PortShop) -> None:
    _take(tmp_path)
    version = _live(tmp_path).version
    shop.down = True
    result = RUN.invoke(APP, ["feed", "--shop", f"{__name__}:get_shop", "--graph", str(tmp_path)])
    assert result.exit_code == 2 and "the till is closed" in result.stderr
    assert _live(tmp_path).version == version


def test_a_feed_that_repeats_takes_what_has_changed_since(
    tmp_path: Path, shop: PortShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise KeyboardInterrupt
        shop.down = len(waited) == 1
        shop.goods = [replace(TEA, variants=(replace(SIZE, stock=0),)), CUP]

    monkeypatch.setattr("knowledge_graph.commands.feed.time.sleep", sleep)
    named = ["--shop", f"{__name__}:get_shop", "--graph", str(tmp_path)]
    RUN.invoke(APP, ["feed", *named, "--every", "5"])
    assert waited == [5, 5, 5] and len(GraphFolder(tmp_path).history()) == 2
    assert _live(tmp_path).facts("V1", "stock")[0].value == 0


LEAF = replace(TEA, product_id="P3", name="白茶", aliases=(), goes_with=(), source="erp/P3")
LEAF = replace(LEAF, variants=(replace(SIZE, sku="V3"),))


def _said(change: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["what"], one["subject"]) for one in change["differences"]]


def test_what_the_shop_dropped_is_retired_with_its_sizes_and_can_come_back(tmp_path: Path, shop: PortShop) -> None:
    shop.goods = [TEA, CUP, LEAF]
    _take(tmp_path)
    shop.goods = [TEA, CUP]
    code, change = _take(tmp_path, "--preview")
    assert code == 0 and _said(change) == [("removed", "P3"), ("removed", "V3")]
    assert _live(tmp_path).find_node("P3") is not None, "a preview changes nothing"
    assert _take(tmp_path)[0] == 0
    live = _live(tmp_path)
    assert live.find_node("P3") is None and live.facts("V3", "price") == ()
    assert live.link("白茶多少钱") == () and live.ask("白茶多少钱", at_us=0).status != "answered"
    assert _take(tmp_path)[1]["version"] == live.version, "the same again is no new version"
    shop.goods = [TEA, CUP, replace(LEAF, variants=(replace(SIZE, sku="V3", price_fen=7700),))]
    assert _take(tmp_path)[0] == 0
    assert [fact.value for fact in _live(tmp_path).facts("V3", "price")] == [7700]


def test_a_size_that_the_shop_dropped_is_retired_alone(tmp_path: Path, shop: PortShop) -> None:
    shop.goods = [replace(TEA, variants=(SIZE, replace(SIZE, sku="V9", label="50克"))), CUP]
    _take(tmp_path)
    shop.goods = [TEA, CUP]
    assert _said(_take(tmp_path)[1]) == [("removed", "V9")]
    assert _live(tmp_path).find_node("P1") is not None


def test_more_than_half_is_retired_only_by_force_and_the_numbers_and_the_cure_are_told(
    tmp_path: Path, shop: PortShop
) -> None:
    shop.goods = [TEA, CUP, LEAF]
    _take(tmp_path)
    version = _live(tmp_path).version
    shop.goods = [CUP]
    code, answer = _take(tmp_path)
    (problem,) = answer["problems"]
    assert code == 1 and problem["code"] == "too_many_retired" and problem["source"] == f"{__name__}:get_shop"
    for part in ("3 个商品", "少了 2 个", "67%", "50%", "--preview", "--force"):
        assert part in problem["text"]
    assert _live(tmp_path).version == version
    code, change = _take(tmp_path, "--preview")
    assert code == 1 and ("removed", "P1") in _said(change) and change["problems"]
    assert _take(tmp_path, "--force")[0] == 0
    assert _live(tmp_path).find_node("P1") is None and _live(tmp_path).find_node("P2") is not None
    shop.goods = []
    assert _take(tmp_path)[0] == 1, "a shop that tells nothing is more likely broken than empty"


def test_a_link_to_what_was_dropped_is_named_by_its_place(tmp_path: Path, shop: PortShop) -> None:
    shop.goods = [TEA, CUP, LEAF]
    _take(tmp_path)
    version = _live(tmp_path).version
    shop.goods = [TEA, LEAF]
    code, answer = _take(tmp_path)
    assert code == 1 and [(one["source"], one["code"]) for one in answer["problems"]] == [("erp/P1", "dangling_edge")]
    assert "P2" in answer["problems"][0]["text"] and _live(tmp_path).version == version


def test_a_wrong_row_is_not_taken_for_goods_that_are_gone(tmp_path: Path, shop: PortShop) -> None:
    _take(tmp_path)
    shop.goods = [TEA, {"product_id": "P2"}]
    code, change = _take(tmp_path, "--preview")
    assert code == 1 and change["differences"] == []


def test_a_shop_that_must_be_closed_is_closed_after_every_reading(tmp_path: Path, shop: PortShop) -> None:
    assert _take(tmp_path, factory="open_shop")[0] == 0
    shop.down = True
    assert _take(tmp_path, factory="open_shop")[0] == 2
    assert shop.closed == 2


@pytest.mark.parametrize("name", ["no.such.module:make", f"{__name__}:nobody", __name__, f"{__name__}:SIZE", "a b:c"])
def test_a_path_that_leads_to_no_factory_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--shop"):
        named_shop(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["http://127.0.0.1:9/", "--shop", f"{__name__}:get_shop"],
        ["--sql", "select 1"],
        ["--kind", "variant"],
        ["--full", "--shop", f"{__name__}:get_shop"],
        [],
    ],
)
def test_a_source_that_is_two_or_none_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert RUN.invoke(APP, ["feed", *arguments, "--graph", str(tmp_path)]).exit_code == 2
