"""Nobody learns from the doors who has an account: status, text and work are alike for those who do and who do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from messaging_core.api import Core
from messaging_core.app import create_app
from messaging_core.safety import store
from messaging_core.settings import Accounts
from tests.support.cast import Cast

LIN = {"login": "lin@example.com", "password": "longjing-2026", "name": "林小姐", "device": ""}
NAMES = ("lin@example.com", "nobody@example.com")


@pytest_asyncio.fixture
async def http(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """Requests to a house where Lin has an account."""
    quick = Accounts(argon2_memory_kib=64, argon2_passes=1, log_ins_per_account=1000, log_ins_per_address=1000)
    core.settings = core.settings.model_copy(update={"accounts": quick})
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as made:
        answer = await made.post("/v1/sign-up", json=LIN)
        assert answer.status_code == 201, answer.text
        yield made


def shown(answer: httpx.Response) -> tuple[int, str, set[str]]:
    """Return all that a stranger can see of an answer."""
    return answer.status_code, answer.text, set(answer.headers)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_wrong_log_in_looks_alike_and_costs_the_same(core: Core, http: httpx.AsyncClient, lang: str) -> None:
    seen, work = [], []
    for login in NAMES:
        before = core.passwords.verified
        body = {"login": login, "password": "not-the-one"}
        seen.append(shown(await http.post("/v1/log-in", json=body, headers={"Accept-Language": lang})))
        work.append(core.passwords.verified - before)
    assert seen[0] == seen[1]
    assert seen[0][0] == 401
    assert work == [1, 1], "one slow comparison each, whether there is a hash to compare with or not"


async def test_a_visitor_who_logs_in_wrongly_learns_nothing_either(
    core: Core, http: httpx.AsyncClient, cast: Cast
) -> None:
    key = {"account_id": str(cast.enterprise_id), "enterprise_id": str(cast.enterprise_id), "scopes": ["visit"]}
    site = (await http.post("/v1/tokens", json=key, headers=cast.auth("operator"))).json()["token"]
    visitor = await http.post("/v1/visitors", json={"name": "访客"}, headers={"Authorization": f"Bearer {site}"})
    bearer = {"Authorization": f"Bearer {visitor.json()['token']}"}
    seen, work = [], []
    for login in NAMES:
        before = core.passwords.verified
        body = {"login": login, "password": "not-the-one"}
        seen.append(shown(await http.post("/v1/visitors/log-in", json=body, headers=bearer)))
        work.append(core.passwords.verified - before)
    assert seen[0] == seen[1]
    assert (seen[0][0], work) == (401, [1, 1])


async def test_a_password_that_breaks_the_rules_is_refused_before_a_name_is_looked_up(http: httpx.AsyncClient) -> None:
    seen = [shown(await http.post("/v1/sign-up", json={**LIN, "login": login, "password": "short"})) for login in NAMES]
    assert seen[0] == seen[1]
    assert seen[0][0] == 422


async def test_signing_up_with_a_taken_name_costs_as_much_as_with_a_free_one(
    core: Core, http: httpx.AsyncClient
) -> None:
    """That the name is taken must be said, or nobody could choose another; each try is counted and hashed."""
    work: list[int] = []
    hashed = core.passwords.hash

    async def counting(password: str) -> str:
        work.append(1)
        return await hashed(password)

    core.passwords.hash = counting  # type: ignore[method-assign]
    codes = [(await http.post("/v1/sign-up", json={**LIN, "login": login})).status_code for login in NAMES]
    assert codes == [409, 201]
    assert len(work) == 2


async def test_a_ban_is_told_to_nobody_who_does_not_know_the_password(core: Core, http: httpx.AsyncClient) -> None:
    account = (await http.post("/v1/log-in", json={key: LIN[key] for key in ("login", "password")})).json()["account"]
    await core.run(lambda unit: store.put_standing(unit.connection, int(account["id"]), banned_at=unit.now_us))
    seen = [shown(await http.post("/v1/log-in", json={"login": login, "password": "not-it"})) for login in NAMES]
    assert seen[0] == seen[1]
    right = await http.post("/v1/log-in", json={key: LIN[key] for key in ("login", "password")})
    assert right.json()["code"] == "account_banned"


async def test_a_person_who_does_not_let_himself_be_found_is_as_absent_as_nobody(
    http: httpx.AsyncClient, cast: Cast
) -> None:
    answer: Any = await http.post("/v1/log-in", json={key: LIN[key] for key in ("login", "password")})
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    hidden = {"who": "everyone", "group_ids": [], "findable": False}
    assert (await http.put("/v1/privacy", json=hidden, headers=bearer)).status_code == 200
    seen = [shown(await http.get("/v1/people", params={"login": login}, headers=cast.auth("mi"))) for login in NAMES]
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


async def test_an_account_that_shares_nothing_with_one_is_as_absent_as_none(
    http: httpx.AsyncClient, cast: Cast
) -> None:
    seen = [
        shown(await http.get(f"/v1/accounts/{account_id}", headers=cast.auth("mi")))
        for account_id in (cast.id("gray"), 999)
    ]
    assert seen[0] == seen[1]
    assert seen[0][0] in (403, 404)
