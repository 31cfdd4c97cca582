"""The demo's own routes: the shop's site, log-ins, and switches that only the operator turns."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from kefu.app import create_app
from kefu.demo.seed import seed_demo
from kefu.demo.shop.shop import DemoShop
from kefu.workspace import ensure_operator, operator_file, shop_folder
from messaging_core.api import Core
from messaging_core.settings import Settings
from tests.kefu.demo.test_shop import SHOP
from tests.support.tables import migrate_all


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path / "data")
    migrate_all(made)
    shutil.copytree(str(SHOP), shop_folder(made))
    return made


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    core = Core(settings)
    await core.start()
    await core.run(lambda unit: ensure_operator(unit, settings))
    await seed_demo(core, shop_folder(settings))
    transport = httpx.ASGITransport(create_app(core, demo=DemoShop(core)))
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield client
    await core.close()


async def test_every_product_has_its_page_with_price_stock_and_the_widget(http: httpx.AsyncClient) -> None:
    home = (await http.get("/demo/")).text
    assert home.count('class="good"') == 112
    page = (await http.get("/demo/p/MT-1001")).text
    assert "明前西湖龙井" in page and "¥268" in page and "缺货" in page
    assert 'src="/widget/kefu.js" data-site-key="kf_e_' in page
    assert (await http.get("/demo/img/green.svg")).status_code == 200


async def test_a_product_that_there_is_not_says_so(http: httpx.AsyncClient) -> None:
    answer = await http.get("/demo/p/<script>")
    assert answer.status_code == 404
    assert "已经下架" in answer.text
    assert "<script>" not in answer.text.replace("<script type", "")


async def test_anybody_may_play_a_customer_and_nobody_else_by_that_door(http: httpx.AsyncClient) -> None:
    customers = (await http.get("/demo/customers")).json()["customers"]
    assert (customers[0]["key"], customers[0]["name"]) == ("C1001", "林小姐")
    assert (await http.post(f"/demo/people/{customers[5]['id']}/login")).status_code == 200
    for stranger in ("1", "x", (await http.get("/demo/staff")).json()["enterprise_id"]):
        assert (await http.post(f"/demo/people/{stranger}/login")).status_code == 404
    assert (await http.post(f"/demo/staff/{customers[0]['id']}/login")).status_code == 404


async def test_changed_files_are_taken_on_the_operators_word_and_broken_ones_are_not(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    file = shop_folder(settings) / "variants.csv"
    text = file.read_text("utf-8")
    file.write_text(text.replace(",26800,", ",27800,", 1), "utf-8")
    assert (await http.post("/demo/shop/reload")).status_code == 401
    operator = {"Authorization": f"Bearer {operator_file(settings).read_text('utf-8').strip()}"}
    assert (await http.post("/demo/shop/reload", headers=operator)).json() == {"changed": True}
    assert "¥278" in (await http.get("/demo/p/MT-1001")).text
    file.write_text(text.replace(",26800,", ",贵,", 1), "utf-8")
    refused = await http.post("/demo/shop/reload", headers=operator)
    assert refused.status_code == 422
    assert "variants.csv:4: price_fen" in refused.json()["detail"]
    assert "¥278" in (await http.get("/demo/p/MT-1001")).text
