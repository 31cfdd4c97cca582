"""The staff's log-in: who comes in, who does not, and what other sites and stale forms get."""

from __future__ import annotations

import httpx
import pytest

from messaging_core.api import Core, Unit, create_enterprise, put_staff
from messaging_core.safety import actions as risk_desk
from messaging_core.safety import cases_store, credit
from tests.support.cast import Cast


async def log_in(http: httpx.AsyncClient, token: str, **fields: str) -> httpx.Response:
    await http.get("/staff/login")
    form = {"csrf": http.cookies["kefu_csrf"], "token": token, **fields}
    return await http.post("/staff/login", data=form)


async def test_an_agent_comes_in_with_his_token_in_a_cookie_that_scripts_cannot_read(
    http: httpx.AsyncClient, cast: Cast
) -> None:
    answer = await log_in(http, cast.tokens["qiao"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("kefu_staff="))
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie


async def test_the_short_address_of_the_settings_leads_there_and_a_wrong_one_is_told_in_chinese(
    http: httpx.AsyncClient,
) -> None:
    assert (await http.get("/settings")).headers["location"] == "/settings/bot"
    wrong = await http.get("/settings/nothing")
    assert (wrong.status_code, wrong.json()["detail"]) == (404, "没有找到您要的页面，或您无权查看。")


@pytest.mark.parametrize("who", ["lin", "bot", "operator"])
async def test_who_serves_no_customers_stays_out(http: httpx.AsyncClient, cast: Cast, who: str) -> None:
    answer = await log_in(http, cast.tokens[who])
    assert "wrong=token" in answer.headers["location"]
    assert "kefu_staff" not in http.cookies


@pytest.mark.parametrize("token", ["", "kf_s_unknown", "x" * 500])
async def test_a_wrong_token_is_told_in_words(http: httpx.AsyncClient, cast: Cast, token: str) -> None:
    answer = await log_in(http, token)
    page = await http.get(answer.headers["location"])
    assert "令牌不正确" in page.text


async def test_a_form_without_the_pages_csrf_token_does_nothing(http: httpx.AsyncClient, cast: Cast) -> None:
    await http.get("/staff/login")
    for csrf in ("", "guessed"):
        answer = await http.post("/staff/login", data={"csrf": csrf, "token": cast.tokens["qiao"]})
        assert "wrong=csrf" in answer.headers["location"]
    assert "kefu_staff" not in http.cookies


async def test_the_log_in_leads_to_our_own_pages_only(http: httpx.AsyncClient, cast: Cast) -> None:
    for onward in ("https://evil.example/", "//evil.example", "/v1/me"):
        answer = await log_in(http, cast.tokens["qiao"], next=onward)
        assert answer.headers["location"] == "/desk"


async def test_logging_out_forgets_the_token(http: httpx.AsyncClient, cast: Cast) -> None:
    await log_in(http, cast.tokens["qiao"])
    assert "kefu_staff" in http.cookies
    await http.post("/staff/logout", data={"csrf": http.cookies["kefu_csrf"]})
    assert "kefu_staff" not in http.cookies


async def test_without_the_demo_nobody_is_offered_to_be_played(http: httpx.AsyncClient, cast: Cast) -> None:
    page = await http.get("/staff/login")
    assert 'name="person"' not in page.text
    answer = await log_in(http, "", person="qiao")
    assert "wrong=person" in answer.headers["location"]


@pytest.mark.parametrize("path", ["/desk", "/settings/bot", "/settings/emoji", "/settings/leads", "/settings/orders"])
async def test_staff_pages_send_strangers_to_the_log_in(http: httpx.AsyncClient, cast: Cast, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/login?next={path}")
    http.cookies.set("kefu_staff", cast.tokens["lin"])
    assert (await http.get(path)).status_code == 303


async def test_other_sites_cannot_reach_the_pages(http: httpx.AsyncClient, cast: Cast) -> None:
    for path in ("/desk", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        assert (await http.get(path, headers={"Origin": "https://evil.example"})).status_code == 403


async def test_a_page_that_does_not_exist_is_still_told_by_the_messenger(http: httpx.AsyncClient) -> None:
    answer = await http.get("/nothing/here")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def _with_password(http: httpx.AsyncClient, core: Core, *shops: str) -> dict[str, int]:
    """Sign somebody up, make him an agent of new shops of these names, and return their ids."""
    body = {"login": "agent.wu", "password": "correct horse 9", "name": "小吴"}
    account_id = int((await http.post("/v1/sign-up", json=body)).json()["account"]["id"])

    def action(unit: Unit) -> dict[str, int]:
        made = {name: create_enterprise(unit, None, name=name, verified=True) for name in shops}
        for enterprise_id in made.values():
            put_staff(unit, None, enterprise_id=enterprise_id, account_id=account_id, role="agent")
        return made

    return await core.run(action)


async def _enter(http: httpx.AsyncClient, **fields: str) -> httpx.Response:
    await http.get("/staff/login")
    return await http.post("/staff/login", data={"csrf": http.cookies["kefu_csrf"], **fields})


async def test_an_agent_comes_in_with_account_and_password_and_his_device_ends_with_the_log_out(
    http: httpx.AsyncClient, core: Core
) -> None:
    await _with_password(http, core, "月茶")
    answer = await _enter(http, login="Agent.Wu", password="correct horse 9", next="/settings/bot")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/bot")
    headers = {"Authorization": f"Bearer {http.cookies['kefu_staff']}"}
    assert (await http.get("/v1/me", headers=headers)).json()["staff_role"] == "agent"
    await http.post("/staff/logout", data={"csrf": http.cookies["kefu_csrf"]})
    assert (await http.get("/v1/me", headers=headers)).status_code == 401


async def test_a_wrong_password_an_unknown_account_and_one_without_a_shop_stay_out(
    http: httpx.AsyncClient, core: Core
) -> None:
    await _with_password(http, core)
    for login, password, wrong in (
        ("agent.wu", "wrong horse 9", "login"),
        ("nobody", "correct horse 9", "login"),
        ("?", "correct horse 9", "login"),
        ("agent.wu", "correct horse 9", "role"),
    ):
        answer = await _enter(http, login=login, password=password)
        assert answer.headers["location"].endswith(f"wrong={wrong}")
    assert "kefu_staff" not in http.cookies


async def test_who_works_for_two_shops_says_which_and_no_other(http: httpx.AsyncClient, core: Core) -> None:
    shops = await _with_password(http, core, "月茶", "日茶")
    page = await _enter(http, login="agent.wu", password="correct horse 9")
    assert page.status_code == 200 and page.text.count('name="enterprise"') == 2
    assert "kefu_staff" not in http.cookies
    refused = await _enter(http, enterprise="1")
    assert "wrong=role" in refused.headers["location"]
    answer = await _enter(http, enterprise=str(shops["日茶"]))
    assert answer.headers["location"] == "/desk"
    headers = {"Authorization": f"Bearer {http.cookies['kefu_staff']}"}
    assert (await http.get("/v1/me", headers=headers)).json()["enterprise_id"] == str(shops["日茶"])


async def test_an_agent_who_is_banned_hears_why_and_appeals_at_the_door(
    http: httpx.AsyncClient, core: Core, cast: Cast
) -> None:
    await log_in(http, cast.tokens["qiao"])
    await core.run(lambda unit: credit.ban(unit, cast.id("qiao"), case_id=1))
    door = await http.get("/settings/emoji")
    assert door.headers["location"] == "/staff/login?next=/settings/emoji&wrong=banned"
    page = await http.get(door.headers["location"])
    assert "封禁" in page.text and "没有期限" in page.text and "令牌不正确" not in page.text
    for text, told in (("", "empty"), ("我没有做过", "sent"), ("再说一次", "already_exists")):
        answer = await http.post("/staff/appeal", data={"csrf": http.cookies["kefu_csrf"], "text": text})
        assert answer.headers["location"] == f"/staff/login?wrong=banned&appealed={told}"
    cases = await core.read(lambda c: cases_store.list_cases(c, state="open", kind="appeal", after_id=0, limit=10))
    await core.run(lambda unit: risk_desk.decide(unit, cast["operator"], case_id=cases[0].id, verdict="grant", note=""))
    again = await http.get("/settings/emoji")
    assert again.status_code == 200, "the appeal was granted: the same device goes on"


async def test_a_pasted_token_of_somebody_banned_is_not_called_wrong(
    http: httpx.AsyncClient, core: Core, cast: Cast
) -> None:
    await core.run(lambda unit: credit.ban(unit, cast.id("qiao"), case_id=1))
    answer = await log_in(http, cast.tokens["qiao"])
    assert answer.headers["location"] == "/staff/login?next=/desk&wrong=banned"
    assert "申诉理由" in (await http.get(answer.headers["location"])).text
    http.cookies.clear()
    stranger = await http.get("/staff/login?wrong=banned")
    assert "申诉理由" not in stranger.text and "在原来登录的设备上申诉" in stranger.text
