"""Live feeds change what differs and nothing else; ranks and ways are the same on arrays and on NetworkX."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.base.errors import ConfigError
from knowledge_graph.commands import make_app
from knowledge_graph.folder import GraphFolder
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.feeds import HttpFeed, SqlFeed, changes_of
from knowledge_graph.loading.tables import table_records
from knowledge_graph.network import network, rank, way
from knowledge_graph.records import FactRecord, NodeRecord
from knowledge_graph.revise import Changes, revise

RUN = CliRunner()
app = make_app()
PRODUCTS = "id,name,category,goes_with\nP1,龙井,绿茶,P2\nP2,盖碗,茶具,\nP3,普洱,黑茶,P2\n"
VARIANTS = "id,name,product,size,price,stock\nV1,龙井 100克,P1,100克,9900,5\nV3,普洱 100克,P3,100克,5900,2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "products.csv").write_text(PRODUCTS, "utf-8")
    (tmp_path / "variants.csv").write_text(VARIANTS, "utf-8")
    files = [str(tmp_path / "products.csv"), str(tmp_path / "variants.csv")]
    result = RUN.invoke(app, ["load", *files, "--graph", str(tmp_path / "graph"), "--format", "json"])
    assert result.exit_code == 0, result.output
    return tmp_path


def _live(folder: Path) -> KnowledgeGraph:
    live = GraphFolder(folder / "graph").current()
    assert live is not None
    return live


@pytest.fixture
def feed() -> Iterator[tuple[str, dict[str, object]]]:
    """An address that answers with `told["rows"]`."""
    told: dict[str, object] = {"rows": []}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"items": told["rows"]}).encode())

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/prices", told
    server.shutdown()
    thread.join()
    server.server_close()


def _take(folder: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    result = RUN.invoke(app, ["feed", *arguments, "--graph", str(folder / "graph"), "--format", "json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_price_from_an_address_is_live_and_the_rest_stays(folder: Path, feed: tuple[str, dict[str, object]]) -> None:
    url, told = feed
    told["rows"] = [{"subject": "V1", "predicate": "price", "value": 8800}]
    code, change = _take(folder, url, "--preview")
    assert code == 0 and not change["applied"]
    assert _live(folder).facts("V1", "price")[0].value == 9900
    code, change = _take(folder, url)
    assert code == 0 and [one["subject"] for one in change["differences"]] == ["V1"]  # type: ignore[attr-defined, index]
    assert _live(folder).facts("V1", "price")[0].value == 8800
    version = _live(folder).version
    assert _take(folder, url)[1]["version"] == version, "the same again is no new version"


def test_a_row_of_prices_alone_leaves_name_and_aliases(folder: Path, feed: tuple[str, dict[str, object]]) -> None:
    url, told = feed
    told["rows"] = [{"id": "P1", "kind": "product", "name": "西湖龙井", "aliases": "龙井|龙井茶"}]
    assert _take(folder, url)[0] == 0
    told["rows"] = [{"id": "V1", "kind": "variant", "price": 8800}, {"id": "P1", "kind": "product", "category": "茶"}]
    assert _take(folder, url)[0] == 0
    live = _live(folder)
    size, tea = live.find_node("V1"), live.find_node("P1")
    assert size is not None and (size.name, live.facts("V1", "price")[0].value) == ("龙井 100克", 8800)
    assert tea is not None and (tea.name, tea.aliases) == ("西湖龙井", ("龙井", "龙井茶"))
    told["rows"] = [{"id": "P1", "kind": "product", "name": "明前龙井"}]
    assert _take(folder, url)[0] == 0
    tea = _live(folder).find_node("P1")
    assert tea is not None and (tea.name, tea.aliases) == ("明前龙井", ("龙井", "龙井茶"))


def test_a_feed_with_a_wrong_row_changes_nothing_and_names_it(
    folder: Path, feed: tuple[str, dict[str, object]]
) -> None:
    url, told = feed
    told["rows"] = [
        {"subject": "V1", "predicate": "price", "value": 8800},
        {"subject": "V3", "predicate": "price", "value": -1},
    ]
    code, answer = _take(folder, url)
    assert code == 1 and answer["problems"][0]["source"].endswith(":2")  # type: ignore[index]
    assert _live(folder).facts("V1", "price")[0].value == 9900


def test_an_address_retires_only_when_it_says_that_it_tells_all(
    folder: Path, feed: tuple[str, dict[str, object]]
) -> None:
    url, told = feed
    told["rows"] = [{"id": "V1", "price": 8800}]
    assert _take(folder, url, "--kind", "variant")[0] == 0
    assert _live(folder).find_node("V3") is not None and _live(folder).find_node("P3") is not None
    told["rows"] = [{"id": "P1", "name": "龙井", "goes_with": "P2"}, {"id": "P2", "name": "盖碗"}]
    code, change = _take(folder, url, "--kind", "product", "--full")
    gone = [one["subject"] for one in change["differences"] if one["what"] == "removed"]  # type: ignore[attr-defined]
    assert code == 0 and gone == ["P3", "V3"], "the sizes of what is gone go with it"
    assert _live(folder).facts("V1", "price")[0].value == 8800, "sizes of what stays are none of this feed's business"
    told["rows"] = []
    code, answer = _take(folder, url, "--kind", "product", "--full")
    assert code == 1 and answer["problems"][0]["code"] == "too_many_retired"  # type: ignore[index]
    assert answer["problems"][0]["source"] == url  # type: ignore[index]


def test_a_query_feeds_like_a_table(folder: Path) -> None:
    database = sqlite3.connect(folder / "shop.db")
    database.execute("create table v (sku text, fen integer)")
    database.execute("insert into v values ('V3', 6100)")
    database.commit()
    database.close()
    sql = "select sku as subject, 'price' as predicate, fen as value from v"
    code, _ = _take(folder, f"sqlite:///{folder / 'shop.db'}", "--sql", sql)
    assert code == 0 and _live(folder).facts("V3", "price")[0].value == 6100
    with pytest.raises(ConfigError, match="no such table"):
        list(SqlFeed(f"sqlite:///{folder / 'shop.db'}", "select * from missing").rows())


def test_an_address_that_is_down_says_so() -> None:
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9"):
        list(HttpFeed("http://127.0.0.1:9/").rows())


def test_a_whole_table_again_puts_only_what_differs(folder: Path) -> None:
    from knowledge_graph.loading.rows import read_rows

    live = _live(folder)
    (folder / "variants.csv").write_text(VARIANTS.replace("5900", "6000"), "utf-8")
    rows = read_rows(folder / "variants.csv")
    changes, problems = changes_of(live, table_records(rows, live.schema, kind="variant"))
    assert not problems
    assert [(one.subject, one.value) for one in changes.put if isinstance(one, FactRecord)] == [("V3", 6000)]


def test_a_preview_tells_what_would_change_and_what_would_be_refused(folder: Path) -> None:
    (folder / "variants.csv").write_text(VARIANTS.replace("9900", "9800").replace("5900", "-5"), "utf-8")
    files = [str(folder / "products.csv"), str(folder / "variants.csv")]
    result = RUN.invoke(app, ["load", *files, "--graph", str(folder / "graph"), "--preview", "--format", "json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {one["subject"] for one in told["differences"]} >= {"V1"}
    assert [one["source"] for one in told["problems"]] == ["variants.csv:3"]
    assert _live(folder).facts("V1", "price")[0].value == 9900


def test_ranks_and_ways_agree_between_arrays_and_networkx_also_over_an_overlay(folder: Path) -> None:
    live = revise(
        _live(folder),
        Changes(put=[NodeRecord("P4", "product", "白茶"), FactRecord("P4", "category", "白茶"),
                     FactRecord("P4", "goes_with", "P2"), FactRecord("P1", "goes_with", "P4")]),
    )  # fmt: skip
    net = network(live)
    assert ("P1", "P2") not in net.networkx().edges and ("P1", "P4") in net.networkx().edges
    arrays, named = (rank(net, {"P1": 1.0}, backend=one) for one in ("arrays", "networkx"))
    assert arrays.keys() == named.keys()
    assert all(abs(arrays[id] - named[id]) < 1e-4 for id in arrays)
    assert (
        list(way(net, "V1", "P3")) == list(way(net, "V1", "P3", backend="networkx")) == ["V1", "P1", "P4", "P2", "P3"]
    )
    assert way(net, "V1", "P3", most_hops=2) == ()


def test_a_backend_that_is_not_installed_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(ConfigError, match="networkx"):
        rank(network(_live(folder)), {"P1": 1.0}, backend="cugraph")
