"""What ends a log-in ends its live connections at once, and no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from messaging_core.safety import credit, store
from tests.safety.conftest import NewCore
from tests.safety.live import Live, Wire, join, serve
from tests.safety.world import World

MI = {"login": "mi.login", "password": "mi-and-her-tea"}


@pytest_asyncio.fixture
async def live(new_core: NewCore) -> AsyncIterator[Live]:
    async with serve(new_core()) as running:
        yield running


async def ask(live: Live, token: str | None, method: str, path: str, body: Any = None) -> Any:
    """Make a request that must be allowed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with live.http() as http:
        answer = await http.request(method, path, json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def is_cut(wire: Wire, code: str = "token_revoked") -> bool:
    """Return whether a connection was told why and closed with 4401, for good."""
    frame = await wire.hear_until(type="closing")
    with pytest.raises(ConnectionClosed) as closed:
        await wire.hear()
    assert closed.value.rcvd is not None
    return (frame["code"], frame["resume"], closed.value.rcvd.code) == (code, False, 4401)


async def test_ending_a_device_cuts_its_sockets_and_leaves_the_others(live: Live, world: World) -> None:
    devices = [await ask(live, None, "POST", "/v1/log-in", MI) for _ in range(3)]
    async with (
        await join(live, devices[0]["token"]) as phone,
        await join(live, devices[1]["token"]) as desktop,
        await join(live, devices[2]["token"]) as tablet,
    ):
        shown = await ask(live, devices[0]["token"], "GET", "/v1/devices")
        assert [device["online"] for device in shown["items"]] == [True] * 3
        await ask(live, devices[0]["token"], "DELETE", f"/v1/devices/{devices[1]['device_id']}")
        assert await is_cut(desktop)
        await ask(live, devices[0]["token"], "DELETE", "/v1/devices")
        assert await is_cut(tablet)
        assert (await phone.ask({"type": "ping"}))["type"] == "pong"


async def test_a_new_password_cuts_everybody_else(live: Live, world: World) -> None:
    device = await ask(live, None, "POST", "/v1/log-in", MI)
    async with await join(live, world.tokens["mi"]) as old, await join(live, device["token"]) as own:
        change = {"password": MI["password"], "new_password": "mi-and-her-coffee"}
        await ask(live, device["token"], "PUT", "/v1/me/password", change)
        assert await is_cut(old)
        assert (await own.ask({"type": "ping"}))["type"] == "pong"


async def test_a_visitor_who_logs_in_goes_on_where_he_was(live: Live, world: World) -> None:
    async with await join(live, world.tokens["visitor"]) as widget:
        made = await ask(live, world.tokens["visitor"], "POST", "/v1/visitors/log-in", MI)
        assert await is_cut(widget)
    async with await Wire.open(live) as again:
        welcome = await again.hello(made["token"])
        assert world.ids["visit"] in {conversation["id"] for conversation in welcome["conversations"]}
        said = {"conversation_id": world.ids["visit"], "client_msg_id": "now", "kind": "text", "body": {"text": "是我"}}
        assert (await again.ask({"type": "send", **said}))["type"] == "ack"


async def test_a_ban_on_the_platform_closes_every_door_but_the_appeal(live: Live, world: World) -> None:
    device = await ask(live, None, "POST", "/v1/log-in", MI)
    token, mi_id = device["token"], int(device["account"]["id"])
    async with await join(live, token) as phone:
        await live.core.run(lambda unit: credit.ban(unit, mi_id, case_id=1))
        assert await is_cut(phone, "account_banned")
    said = []
    async with await Wire.open(live) as stranger:
        await stranger.say({"type": "hello", "protocol": 1, "token": token})
        said.append(await stranger.hear())
    async with live.http() as http:
        bearer = {"Authorization": f"Bearer {token}", "Accept-Language": "zh"}
        said.append((await http.get("/v1/me", headers=bearer)).json())
        said.append((await http.post("/v1/log-in", json=MI)).json())
        wrong = await http.post("/v1/log-in", json={**MI, "password": "not-his"})
        standing = (await http.get("/v1/safety/standing", headers=bearer)).json()["standing"]
    rule = {"rule": "level_3", "unlock_at": None, "appeal_url": live.core.settings.safety.appeal_url}
    assert [(one["code"], one["status"], one["data"]) for one in said] == [("account_banned", 403, rule)] * 3
    assert "封禁" in said[1]["detail"]
    assert wrong.json()["code"] == "wrong_login", "who does not know the password learns nothing"
    case = await ask(
        live, token, "POST", "/v1/appeals", {"sanction_id": standing["sanctions"][0]["id"], "text": "冤枉"}
    )
    operator = world.tokens["operator"]
    await ask(live, operator, "POST", f"/v1/review/cases/{case['case_id']}/decision", {"verdict": "grant"})
    async with await join(live, token) as again:
        assert (await again.ask({"type": "ping"}))["type"] == "pong"


async def test_the_sweep_ends_a_link_that_was_opened_while_its_account_was_banned(live: Live, world: World) -> None:
    device = await ask(live, None, "POST", "/v1/log-in", MI)
    mi_id = int(device["account"]["id"])
    async with await join(live, device["token"]) as phone:
        await live.core.run(lambda unit: store.put_standing(unit.connection, mi_id, banned_at=unit.now_us))
        await live.core.sweep.once()
        assert await is_cut(phone, "account_banned")
