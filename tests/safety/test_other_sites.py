"""What pages of other sites may do: those that a live site key names, and those that none names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from kefu.app import create_app
from messaging_core.api import Core, Unit, issue_token
from messaging_core.identity.actions import revoke_token
from messaging_core.identity.policy import Actor
from tests.safety.conftest import NewCore
from tests.safety.world import SITE, World
from tests.support.clock import FakeClock

EVIL = "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
MODULES = ("/client/kefu.js", "/widget/kefu.js", "/static/js/dom.js")


@dataclass(frozen=True)
class House:
    """A running product, a client that speaks to it, and its clock."""

    core: Core
    http: httpx.AsyncClient
    clock: FakeClock

    async def ask(self, method: str, path: str, origin: str, **headers: str) -> httpx.Response:
        """Ask as a page of `origin`."""
        body: dict[str, str] | None = {} if method == "POST" else None
        return await self.http.request(method, path, headers={**headers, "Origin": origin}, json=body)


@pytest_asyncio.fixture
async def house(new_core: NewCore) -> AsyncIterator[House]:
    clock = FakeClock()
    core = new_core(clock=clock)
    await core.start()
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as client:
        yield House(core, client, clock)
    await core.close()


def _permissions(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


async def test_a_site_without_a_key_can_read_nothing(house: House, world: World) -> None:
    for headers in ({}, world.auth("lin"), world.auth("site_key")):
        for method, path in (("GET", "/v1/me"), ("POST", "/v1/visitors"), ("OPTIONS", "/v1/me"), ("GET", "/chat")):
            answer = await house.ask(method, path, EVIL, **PREFLIGHT, **headers)
            assert not _permissions(answer)
            assert "set-cookie" not in answer.headers


async def test_a_site_with_a_key_may_ask_beforehand_and_then_read(house: House, world: World) -> None:
    before = await house.ask("OPTIONS", "/v1/visitors", SITE, **PREFLIGHT)
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == SITE
    assert "authorization" in before.headers["access-control-allow-headers"].lower()
    made = await house.ask("POST", "/v1/visitors", SITE, **world.auth("site_key"))
    assert made.status_code == 201
    assert made.headers["access-control-allow-origin"] == SITE
    assert made.headers["vary"] == "Origin"


async def test_cookies_are_never_let_along(house: House, world: World) -> None:
    for method in ("OPTIONS", "GET"):
        answer = await house.ask(method, "/v1/site", SITE, **PREFLIGHT, **world.auth("site_key"))
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", MODULES)
async def test_modules_load_into_the_sites_of_keys_only(house: House, path: str) -> None:
    assert (await house.ask("GET", path, SITE)).headers["access-control-allow-origin"] == SITE
    refused = await house.ask("GET", path, EVIL)
    assert not _permissions(refused)
    assert refused.headers["vary"] == "Origin", "a cache must not give one site the answer of another"


@pytest.mark.parametrize("path", ["/", "/chat", "/operator", "/metrics", "/healthz", "/openapi.json"])
async def test_pages_and_health_are_for_no_other_site(house: House, path: str) -> None:
    assert not _permissions(await house.ask("GET", path, SITE))


async def test_a_visitors_token_serves_the_keys_origins_only(house: House, world: World) -> None:
    made = (await house.ask("POST", "/v1/visitors", SITE, **world.auth("site_key"))).json()
    token = {"Authorization": f"Bearer {made['token']}"}
    assert (await house.ask("GET", "/v1/me", SITE, **token)).status_code == 200
    refused = await house.ask("GET", "/v1/me", EVIL, **token)
    assert (refused.status_code, refused.json()["data"]["reason"]) == (403, "origin")


async def test_a_new_key_opens_its_site_and_a_revoked_one_closes_it(house: House, world: World) -> None:
    moon_tea = int(world.ids["moon_tea"])
    assert not _permissions(await house.ask("GET", "/client/kefu.js", EVIL))

    def issue(unit: Unit) -> int:
        return issue_token(unit, None, account_id=moon_tea, scopes=("visit",), origins=(EVIL,)).id

    key_id = await house.core.run(issue)
    house.clock.advance(seconds=3)
    assert _permissions(await house.ask("GET", "/client/kefu.js", EVIL))
    operator = Actor(1, "system", "", scopes=frozenset({"operator"}))
    await house.core.run(lambda unit: revoke_token(unit, operator, token_id=key_id))
    house.clock.advance(seconds=31)
    assert not _permissions(await house.ask("GET", "/client/kefu.js", EVIL))


@pytest.mark.parametrize("actor", ["lin", "visitor"])
async def test_a_persons_token_opens_no_site(house: House, world: World, actor: str) -> None:
    account_id = int(world.ids[actor])
    await house.core.run(lambda unit: issue_token(unit, None, account_id=account_id, origins=(EVIL,)))
    assert not _permissions(await house.ask("GET", "/v1/me", EVIL))


@pytest.mark.parametrize("origin", ["null", "", "https://moontea.example.evil.example", "http://moontea.example"])
async def test_an_origin_is_compared_whole(house: House, origin: str) -> None:
    assert not _permissions(await house.ask("GET", "/client/kefu.js", origin))


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/me"), ("GET", "/v1/nothing"), ("POST", "/v1/visitors")])
async def test_no_answer_of_the_api_may_be_stored(house: House, world: World, method: str, path: str) -> None:
    for headers in ({}, world.auth("lin"), world.auth("site_key")):
        assert (await house.ask(method, path, SITE, **headers)).headers["cache-control"] == "no-store"
