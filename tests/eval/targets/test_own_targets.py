"""Our own parts in this process, as targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.bot import find_factory, pressed
from tests.eval.targets.test_http_targets import ask, make

SHOP = Path(__file__).parents[3] / "kefu" / "demo" / "shop_data"
TABLES = [str(SHOP / "products.csv"), str(SHOP / "variants.csv")]


async def test_the_graph_answers_with_facts_products_and_a_count(tmp_path: Path) -> None:
    said = await ask(make("graph", tmp_path, tables=TABLES), text="你们有哪些黄茶")
    assert said["status"] == "answered"
    assert said["values"]["products"] == ["MT-1501", "MT-1502", "MT-1503", "MT-1504"]
    assert said["values"]["count"] == [4]


async def test_the_graph_remembers_what_was_spoken_of(tmp_path: Path) -> None:
    said = await ask(make("graph", tmp_path, tables=TABLES), text="250克的多少钱", before=["大佛龙井的产地是哪"])
    assert 15800 in said["values"]["facts"]


async def test_tables_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"nowhere\.csv"):
        await make("graph", tmp_path, tables=["nowhere.csv"]).start()


async def test_a_faq_file_is_indexed_and_ranked(tmp_path: Path) -> None:
    rows = [("ship", "什么时候发货"), ("fee", "运费多少钱"), ("return", "怎么退货"), ("invoice", "怎么开发票")]
    text = "".join(f"- {{id: {name}, question: {question}}}\n" for name, question in rows)
    (tmp_path / "faq.yaml").write_text(text, "utf-8")
    target = make("faq_index", tmp_path, entries="faq.yaml")
    prepared = type(target).prepare(target.given, target.setting)
    said = await ask(type(target)(prepared, target.setting), text="我想退货怎么弄")
    assert said["ranking"][0] == "return" and len(said["ranking"]) == 4
    assert said["evidence"][0]["source"] == "faq.yaml:3"


async def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="nowhere"):
        await make("intent_model", tmp_path, model="nowhere").start()


def test_an_unknown_bot_is_answered_with_those_there_are() -> None:
    with pytest.raises(SuiteError, match="moon_tea"):
        find_factory("sun_tea", {"moon_tea": "kefu.under_test:moon_tea"})


def test_a_press_says_what_the_last_shown_button_says() -> None:
    turns = [{"choices": [{"label": "查物流", "say": "我的快递到哪了"}]}, None, {"choices": []}]
    assert pressed(turns, "查物流") == "我的快递到哪了"
    with pytest.raises(SampleError, match="查物流"):
        pressed(turns, "退货")
