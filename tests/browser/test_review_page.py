"""The risk desk: a held message, a report and an appeal are seen with their context and decided."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.server import DemoServer

pytestmark = pytest.mark.browser


class House:
    """Lin and Mi of a fresh server, over HTTP."""

    def __init__(self, server: DemoServer) -> None:
        self.url = server.url
        self.operator = (server.data / "operator.token").read_text("utf-8").strip()
        self.ids = {name: self._account(name) for name in ("林小姐", "小米")}
        self.tokens = {name: self._token(id_) for name, id_ in self.ids.items()}
        body = {"kind": "direct", "account_id": self.ids["小米"]}
        self.talk = self.call("POST", "/v1/conversations", "林小姐", body)["conversation"]["id"]

    def call(self, method: str, path: str, who: str | None, body: object = None) -> dict[str, object]:
        token = self.operator if who is None else self.tokens[who]
        answer = httpx.request(method, self.url + path, json=body, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def say(self, who: str, key: str, text: str) -> None:
        path = f"/v1/conversations/{self.talk}/messages"
        self.call("POST", path, who, {"client_msg_id": key, "kind": "text", "body": {"text": text}})

    def said(self) -> list[str]:
        found = self.call("GET", f"/v1/conversations/{self.talk}/messages", "小米")["items"]
        assert isinstance(found, list)
        return [one["body"]["text"] for one in reversed(found) if one["kind"] == "text"]

    def _account(self, name: str) -> str:
        return str(self.call("POST", "/v1/accounts", None, {"name": name})["account"]["id"])  # type: ignore[index]

    def _token(self, account_id: str) -> str:
        return str(self.call("POST", "/v1/tokens", None, {"account_id": account_id})["token"])


def open_page(server: DemoServer, house: House, *, width: int) -> Page:
    page = chromium().new_page(viewport={"width": width, "height": 900}, locale="zh-CN")
    page.goto(f"{server.url}/review")
    page.get_by_label("运营令牌").fill(house.operator)
    page.get_by_role("button", name="查看").click()
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_a_reviewer_sees_the_context_decides_and_an_appeal_takes_it_back(server: DemoServer, width: int) -> None:
    house = House(server)
    house.say("小米", "m1", "周末去喝茶吗")
    thumb = {"client_msg_id": "m2", "kind": "emoji", "body": {"emoji": "👍"}}
    house.call("POST", f"/v1/conversations/{house.talk}/messages", "小米", thumb)
    house.say("林小姐", "l1", "不如去网*络*赌*场<b>玩</b>")
    assert house.said() == ["周末去喝茶吗"], "held: nobody sees it"
    page = open_page(server, house, width=width)
    expect(page.locator(".case")).to_have_count(1)
    expect(page.locator("#detail")).to_contain_text("不如去网*络*赌*场<b>玩</b>")
    expect(page.locator("#detail")).to_contain_text("对应：网络赌场")
    expect(page.locator(".talk .line")).to_have_text(["小米周末去喝茶吗", "小米👍"])
    expect(page.locator("#detail")).not_to_contain_text("undefined")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="违规属实").click()
    expect(page.get_by_role("alert")).to_contain_text("已处理：违规属实")
    expect(page.locator("#rows")).to_contain_text("没有要处理的")
    appeal = {"conversation_id": house.talk, "client_msg_id": "l1", "text": "说的是一部电影"}
    house.call("POST", "/v1/appeals", "林小姐", appeal)
    page.get_by_role("button", name="申诉").click()
    expect(page.locator("#detail")).to_contain_text("说的是一部电影")
    expect(page.locator("#detail")).to_contain_text("信用分 80")
    page.get_by_role("button", name="通过申诉").click()
    expect(page.get_by_role("alert")).to_contain_text("已处理：申诉通过")
    assert house.said() == ["周末去喝茶吗", "不如去网*络*赌*场<b>玩</b>"]
    page.get_by_role("button", name="规则与误伤").click()
    expect(page.locator("tr", has_text="敏感词")).to_contain_text("100.0 %")
    page.close()
