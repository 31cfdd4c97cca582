"""An enterprise begins with its first owner: both or none, also where nobody may sign up; and all are listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from messaging_core.api import Core
from messaging_core.identity import founding
from messaging_core.settings import Accounts
from tests.support.cast import Cast
from tests.support.statements import heard, plan_of
from tests.support.web import Web

ALL = "/v1/operator/enterprises"
OWNER = {"login": "pear.owner", "password": "pear-blossom-9", "name": "梨姐"}
CLOSED = Accounts(argon2_memory_kib=64, argon2_passes=1, sign_up=False)


@pytest_asyncio.fixture
async def web(core: Core) -> AsyncIterator[Web]:
    async with Web(core) as made:
        yield made


def new(house: str = "梨花茶社", /, **owner: Any) -> dict[str, Any]:
    return {"name": house, "verified": True, "owner": owner or OWNER}


async def test_the_new_owner_logs_in_accepts_the_terms_and_runs_the_enterprise(
    web: Web, core: Core, cast: Cast
) -> None:
    core.settings = core.settings.model_copy(update={"accounts": CLOSED})
    operator = cast.tokens["operator"]
    made = await web.do(operator, "POST", ALL, new())
    enterprise_id = made["account"]["id"]
    assert (made["account"]["kind"], made["account"]["verified"], made["owner"]["name"]) == ("enterprise", True, "梨姐")
    body = {"login": OWNER["login"], "password": OWNER["password"], "enterprise_id": enterprise_id}
    owner = (await web.do(None, "POST", "/v1/log-in", body))["token"]
    rights = await web.get(owner, "/v1/me/rights")
    assert (rights["role"], "make_owners" in rights["rights"]) == ("owner", True)
    first = (await web.get(operator, ALL))["items"][0]
    assert (first["id"], first["owners"], first["accepted_terms"]) == (enterprise_id, ["梨姐"], False)
    await web.do(owner, "POST", f"/v1/enterprises/{enterprise_id}/terms", {"version": 1})
    assert (await web.get(operator, ALL))["items"][0]["accepted_terms"] is True


async def test_who_has_an_account_becomes_the_owner_by_his_login_name(web: Web, cast: Cast) -> None:
    signed = await web.do(None, "POST", "/v1/sign-up", OWNER)
    made = await web.do(cast.tokens["operator"], "POST", ALL, new(login="Pear.Owner"))
    assert made["owner"]["id"] == signed["account"]["id"]
    employers = await web.get(signed["token"], "/v1/me/enterprises")
    assert [(one["name"], one["role"]) for one in employers["items"]] == [("梨花茶社", "owner")]


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        ({"login": "nobody.here"}, "not_found"),
        ({**OWNER, "login": "taken"}, "already_exists"),
        ({**OWNER, "password": "short"}, "invalid_request"),
        ({"login": "pear.owner", "password": "pear-blossom-9"}, "invalid_request"),
        ({"login": "pear.owner", "name": "梨姐"}, "invalid_request"),
    ],
)
async def test_without_an_owner_there_is_no_enterprise(web: Web, cast: Cast, owner: dict[str, str], code: str) -> None:
    await web.do(None, "POST", "/v1/sign-up", {**OWNER, "login": "taken"})
    operator = cast.tokens["operator"]
    assert (await web.refused(operator, "POST", ALL, new(**owner)))["code"] == code
    assert [one["name"] for one in (await web.get(operator, ALL))["items"]] == ["月茶"]


async def test_the_list_goes_on_where_a_page_ends_and_never_walks_over_the_other_accounts(
    web: Web, core: Core, cast: Cast
) -> None:
    operator, names = cast.tokens["operator"], ["一", "二", "三"]
    await web.do(None, "POST", "/v1/sign-up", OWNER)
    for name in names:
        await web.do(operator, "POST", ALL, new(name, login=OWNER["login"]))
    page = await web.get(operator, f"{ALL}?limit=2")
    rest = await web.get(operator, f"{ALL}?limit=2&cursor={page['next_cursor']}")
    assert [one["name"] for one in page["items"] + rest["items"]] == ["三", "二", "一", "月茶"]

    def plans(connection: Any) -> list[list[str]]:
        with heard(connection) as said:
            founding.list_enterprises(connection, before_id=2**62, limit=50)
        return [plan_of(connection, statement, parameters) for statement, parameters in said]

    found = await core.read(plans)
    assert len(found) == 3, "the page, its owners, the terms in force"
    if core.settings.database.startswith("sqlite"):
        assert "ix_accounts_kind_enterprise_id" in found[0][0]
