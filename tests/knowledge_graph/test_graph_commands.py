"""`kefu graph` from files to an answer, its refusals, previews and the way back; and what is on disk."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.base.errors import ConfigError
from kefu.cli import app
from knowledge_graph.folder import GraphFolder, load_base, save_base
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.records import FactRecord
from knowledge_graph.revise import Changes, revise
from tests.knowledge_graph.moon_tea import NOW_US

SHOP = resources.files("kefu.demo").joinpath("shop_data")
TABLES = [str(SHOP.joinpath(name)) for name in ("products.csv", "variants.csv")]


def _run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["graph", *words])
    return result.exit_code, result.stdout


def _loaded(folder: Path) -> str:
    code, out = _run("load", *TABLES, "--graph", str(folder), "--format", "json")
    assert code == 0, out
    return str(json.loads(out)["version"])


def test_the_demo_shop_is_loaded_and_asked(tmp_path: Path) -> None:
    _loaded(tmp_path)
    code, out = _run("query", "碧螺春100克多少钱", "--graph", str(tmp_path), "--format", "json")
    answer = json.loads(out)
    assert code == 0
    assert [fact["value"] for fact in answer["rows"][0]["facts"]] == [23800]
    assert answer["rows"][0]["facts"][0]["source"].startswith("variants.csv:")


def test_ids_with_brackets_are_told_as_they_are(tmp_path: Path) -> None:
    goods = tmp_path / "products.csv"
    goods.write_text("product_id,name,category,origin\nT[/b],雪顶红,红茶,安徽祁门\n", encoding="utf-8")
    assert _run("load", str(goods), "--graph", str(tmp_path / "graph"))[0] == 0
    code, out = _run("query", "雪顶红是哪里产的", "--graph", str(tmp_path / "graph"))
    assert code == 0 and "subjects=T[/b]" in out


def test_a_fact_is_set_seen_compared_and_rolled_back(tmp_path: Path) -> None:
    first = _loaded(tmp_path)
    code, out = _run("set", "MT-1004-03", "price", "19900", "--graph", str(tmp_path), "--format", "json")
    change = json.loads(out)
    assert code == 0 and change["applied"]
    assert [(one["before"], one["after"]) for one in change["differences"]] == [([23800], [19900])]
    code, out = _run("diff", first, "--graph", str(tmp_path), "--format", "json")
    assert [one["subject"] for one in json.loads(out)["differences"]] == ["MT-1004-03"]
    assert "19900" in _run("query", "碧螺春100克多少钱", "--graph", str(tmp_path))[1]
    assert _run("rollback", "--graph", str(tmp_path))[0] == 0
    assert "23800" in _run("query", "碧螺春100克多少钱", "--graph", str(tmp_path))[1]
    assert _run("rollback", "--graph", str(tmp_path))[0] == 2


def test_a_faulty_load_names_the_line_and_leaves_the_live_version(tmp_path: Path) -> None:
    version = _loaded(tmp_path / "graph")
    bad = tmp_path / "products.csv"
    bad.write_text("product_id,name,category\nT-1,甲,红茶\nT-1,乙,红茶\n", encoding="utf-8")
    code, out = _run("load", str(bad), "--graph", str(tmp_path / "graph"), "--format", "json")
    assert code == 1
    assert ("products.csv:3", "duplicate_id") in [(one["source"], one["code"]) for one in json.loads(out)["problems"]]
    assert _run("check", str(bad))[0] == 1
    assert json.loads(_run("stats", "--graph", str(tmp_path / "graph"), "--format", "json")[1])["version"] == version


def test_a_preview_changes_nothing(tmp_path: Path) -> None:
    version = _loaded(tmp_path / "graph")
    few = tmp_path / "products.csv"
    few.write_text("product_id,name,category\nT-1,甲,红茶\n", encoding="utf-8")
    code, out = _run("load", str(few), "--graph", str(tmp_path / "graph"), "--preview", "--format", "json")
    whats = {one["what"] for one in json.loads(out)["differences"]}
    assert code == 0 and whats == {"added", "removed"}
    assert json.loads(_run("stats", "--graph", str(tmp_path / "graph"), "--format", "json")[1])["version"] == version


def test_a_wrong_value_is_refused_by_set(tmp_path: Path) -> None:
    _loaded(tmp_path)
    code, out = _run("set", "--graph", str(tmp_path), "--", "MT-1004-03", "price", "-1")
    assert code == 1 and "too_small" in out


def test_without_a_graph_the_cure_is_told(tmp_path: Path) -> None:
    assert _run("query", "多少钱", "--graph", str(tmp_path))[0] == 2


def test_a_version_reads_back_the_same(tea: KnowledgeGraph, tmp_path: Path) -> None:
    folder = GraphFolder(tmp_path)
    changed = revise(tea, Changes(put=(FactRecord("MT-1203-01", "price", 3500, "feed:1"),)))
    folder.publish(tea, at_us=NOW_US)
    folder.publish(changed, at_us=NOW_US + 1, note="降价")
    back = folder.current()
    assert back is not None and back.version == changed.version
    for text in ("大红袍多少钱", "打红袍产地", "200元以内的红茶有哪些"):
        assert back.ask(text, at_us=NOW_US) == changed.ask(text, at_us=NOW_US)


def test_a_base_that_was_changed_on_disk_is_refused(tea: KnowledgeGraph, tmp_path: Path) -> None:
    folder = save_base(tea.base, tmp_path)
    with (folder / "texts.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ConfigError, match=r"texts\.json"):
        load_base(folder)
