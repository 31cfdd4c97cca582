"""What somebody would try who wants to read, say or learn what is none of his business."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from messaging_core.api import Unit, create_account, issue_token, put_staff
from messaging_core.settings import Delivery, Limits
from messaging_core.transport.idempotency import idempotency_keys
from tests.safety.conftest import NewCore
from tests.safety.live import DEADLINE_S, Frame, Live, Wire, join, serve
from tests.safety.test_limits import send, until
from tests.safety.world import NOWHERE, SITE, World, said
from tests.support.clock import START_US, FakeClock

EVIL = "https://evil.example"
MANY = Limits(frames_per_s=1e6, frames_burst=1_000_000, requests_per_s=1e6, requests_burst=1_000_000)


@pytest_asyncio.fixture
async def live(new_core: NewCore) -> AsyncIterator[Live]:
    async with serve(new_core(limits=MANY)) as running:
        yield running


async def post(live: Live, path: str, body: Any, token: str, **headers: str) -> httpx.Response:
    async with live.http() as http:
        return await http.post(path, json=body, headers={"Authorization": f"Bearer {token}", **headers})


async def call(live: Live, method: str, path: str, token: str, **options: Any) -> httpx.Response:
    async with live.http() as http:
        return await http.request(method, path, headers={"Authorization": f"Bearer {token}"}, **options)


async def token_of(live: Live, account_id: str, **fields: Any) -> str:
    def action(unit: Unit) -> str:
        return issue_token(unit, None, account_id=int(account_id), **fields).secret

    return await live.core.run(action)


# --- people who have left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["removed", "demoted"])
async def test_who_serves_no_more_loses_his_customers_at_once(live: Live, world: World, how: str) -> None:
    """Also through a token of his own, which is not the enterprise's to revoke."""
    own = await token_of(live, world.ids["qiao"])
    service, staff = world.ids["service"], f"/v1/enterprises/{world.ids['moon_tea']}/members/{world.ids['qiao']}"
    async with await join(live, own) as qiao, await join(live, world.tokens["lin"]) as lin:
        assert (await qiao.ask(send(service, "before", "我是客服")))["type"] == "ack"
        if how == "removed":
            assert (await call(live, "DELETE", staff, world.tokens["boss"])).status_code == 204
        else:
            changed = await call(live, "PUT", staff, world.tokens["boss"], json={"role": "analyst"})
            assert changed.status_code == 200
        await lin.hear_until(type="event", kind="session.queued")
        assert (await lin.ask(send(service, "secret", "我的地址是……")))["type"] == "ack"
        assert (await qiao.ask(send(service, "after", "还在")))["code"] == "not_a_member"
        assert (await qiao.ask({"type": "sync", "conversation_id": service, "after_seq": 0}))["type"] == "synced"
        await qiao.say({"type": "typing", "ref": "t", "conversation_id": service, "on": True})
        assert (await qiao.hear_until(ref="t"))["code"] == "not_a_member"
        await qiao.answers()
        assert "我的地址" not in str(qiao.seen)
        assert [frame["kind"] for frame in qiao.seen if frame["type"] == "event"][-1] == "member.left"
    for path in (f"/v1/conversations/{service}/messages", f"/v1/conversations/{service}/events"):
        assert (await call(live, "GET", path, own)).json()["code"] == "not_a_member"
    if how == "removed":
        for path in ("/v1/me", f"/v1/conversations/{service}/messages"):
            assert (await call(live, "GET", path, world.tokens["qiao"])).status_code == 401


async def test_all_tokens_of_who_leaves_the_staff_end_however_many_he_made(live: Live, world: World) -> None:
    def hoard(unit: Unit) -> list[str]:
        made = [issue_token(unit, None, account_id=int(world.ids["zhou"]), enterprise_id=int(world.ids["moon_tea"]))]
        made += [
            issue_token(unit, None, account_id=int(world.ids["zhou"]), enterprise_id=int(world.ids["moon_tea"]))
            for _ in range(1200)
        ]
        return [made[0].secret, made[-1].secret]

    oldest, newest = await live.core.run(hoard)
    staff = f"/v1/enterprises/{world.ids['moon_tea']}/members/{world.ids['zhou']}"
    async with await join(live, oldest) as first, await join(live, newest) as last:
        assert (await call(live, "DELETE", staff, world.tokens["boss"])).status_code == 204
        for wire in (first, last):
            assert await wire.closed() == 4401
            assert (wire.seen[-1]["code"], wire.seen[-1]["resume"]) == ("token_revoked", False)
    # Back on the staff, he gets new ones; the old ones stay dead.
    assert (await call(live, "PUT", staff, world.tokens["boss"], json={"role": "agent"})).status_code == 200
    assert (await call(live, "GET", "/v1/me", oldest)).status_code == 401


async def test_an_admin_can_neither_make_nor_unmake_an_owner(live: Live, world: World) -> None:
    shop = int(world.ids["moon_tea"])

    def hire(unit: Unit) -> tuple[str, str]:
        admin = create_account(unit, None, name="副店长", kind="personal")
        put_staff(unit, None, enterprise_id=shop, account_id=admin, role="admin")
        partner = create_account(unit, None, name="合伙人", kind="personal")
        put_staff(unit, None, enterprise_id=shop, account_id=partner, role="owner")
        return str(partner), issue_token(unit, None, account_id=admin, enterprise_id=shop).secret

    partner, admin = await live.core.run(hire)
    staff = f"/v1/enterprises/{shop}/members"
    for method, account, options in (
        ("PUT", world.ids["zhou"], {"json": {"role": "owner"}}),
        ("PUT", partner, {"json": {"role": "agent"}}),
        ("DELETE", partner, {}),
    ):
        refused = await call(live, method, f"{staff}/{account}", admin, **options)
        assert refused.json()["data"]["reason"] == "admin_only"
    assert (await call(live, "PUT", f"{staff}/{world.ids['zhou']}", admin, json={"role": "trainer"})).status_code == 200
    assert (await call(live, "DELETE", f"{staff}/{partner}", world.tokens["boss"])).status_code == 204


# --- tokens ------------------------------------------------------------------------------------------------------


async def test_a_revoked_token_closes_its_connections_and_polls_at_once(live: Live, world: World) -> None:
    token = await token_of(live, world.ids["mi"])
    async with await join(live, token) as wire, await join(live, world.tokens["mi"]) as other:
        # With the cursors of all there is, the poll waits.
        cursors = (await post(live, "/v1/poll", {}, token)).json()["cursors"]
        polling = asyncio.create_task(post(live, "/v1/poll", {"cursors": cursors}, token))
        await until(lambda: len(live.core.hub.links[int(world.ids["mi"])]) == 3)
        mine = (await call(live, "GET", "/v1/tokens", token)).json()["items"]
        current = next(item["id"] for item in mine if item["current"])
        assert (await call(live, "DELETE", f"/v1/tokens/{current}", world.tokens["mi"])).status_code == 204
        assert await wire.closed() == 4401
        assert wire.seen[-1]["code"] == "token_revoked"
        polled = (await polling).json()
        assert polled["frames"][-1]["code"] == "token_revoked"
        assert await other.answers() == []
    async with await Wire.open(live) as again:
        assert (await again.hello(token))["code"] == "unauthenticated"


async def test_a_token_that_runs_out_ends_the_connection(new_core: NewCore, world: World) -> None:
    clock = FakeClock()
    core = new_core(clock=clock, delivery=Delivery(sweep_s=0.05))
    async with serve(core) as live:
        token = await token_of(live, world.ids["mi"], expires_at_us=START_US + 60_000_000)
        async with await join(live, token) as wire:
            assert await wire.answers() == []
            clock.advance(seconds=61)
            assert await wire.closed() == 4401
        assert (await call(live, "GET", "/v1/me", token)).status_code == 401


async def test_a_token_passes_on_no_more_than_it_has(live: Live, world: World) -> None:
    lin = world.ids["lin"]
    short = await token_of(live, lin, expires_at_us=START_US + 3_600_000_000, origins=(SITE,))
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"scopes": ["chat", "visit"]}, "scope"),
        ({"scopes": ["operator"]}, "operator_only"),
        ({}, "origin"),
        ({"origins": [EVIL]}, "origin"),
        ({"origins": [SITE, EVIL]}, "origin"),
        ({"origins": [SITE]}, "outlives"),
        ({"origins": [SITE], "expires_at": "2026-11-22T09:00:00.000001Z"}, "outlives"),
        ({"enterprise_id": world.ids["moon_tea"]}, "self_only"),
    ]
    for wish, reason in wishes:
        refused = await post(live, "/v1/tokens", {"account_id": lin, **wish}, short)
        assert refused.json()["data"]["reason"] == reason, wish
    same = {"account_id": lin, "origins": [SITE], "expires_at": "2026-11-22T09:00:00Z"}
    assert (await post(live, "/v1/tokens", same, short)).status_code == 201


async def test_a_token_for_a_site_works_on_no_other_site(live: Live, world: World) -> None:
    token = await token_of(live, world.ids["visitor"], origins=(SITE,))
    for origin, status in ((SITE, 200), (EVIL, 403), (SITE + ".evil.example", 403), ("null", 403)):
        async with live.http() as http:
            answer = await http.get("/v1/me", headers={"Authorization": f"Bearer {token}", "Origin": origin})
            assert answer.status_code == status, origin
            # Only pages of a site that a live key names may read answers at all.
            assert ("access-control-allow-origin" in answer.headers) == (status == 200)
        async with await Wire.open(live, origin=origin) as wire:
            told = await wire.hello(token)
            assert told["type"] == ("welcome" if status == 200 else "error"), origin
    made = await post(live, "/v1/visitors", {}, world.tokens["site_key"], Origin=EVIL)
    assert made.json()["data"]["reason"] == "origin"


# --- learning what is there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", ["visitor", "bot", "operator"])
async def test_who_may_not_write_to_people_cannot_find_out_who_there_is(live: Live, world: World, actor: str) -> None:
    answers = {
        (await post(live, "/v1/conversations", {"kind": "direct", "account_id": id_}, world.tokens[actor])).text
        for id_ in (world.ids["lin"], world.ids["bot"], world.ids["moon_tea"], world.ids["visitor"], NOWHERE)
    }
    assert len(answers) == 1


async def test_watching_tells_nothing_of_strangers_not_even_whether_they_exist(live: Live, world: World) -> None:
    async with await join(live, world.tokens["gray"]) as gray, await join(live, world.tokens["lin"]):
        for id_ in (world.ids["lin"], world.ids["moon_tea"], NOWHERE):
            refused = await gray.ask({"type": "watch", "account_ids": [id_]})
            assert (refused["code"], refused["data"]["reason"]) == ("forbidden", "not_watchable")
        # One who may be watched does not bring the others along.
        async with await join(live, world.tokens["mi"]) as mi:
            await mi.ask({"type": "watch", "account_ids": [world.ids["lin"], world.ids["gray"]]})
            assert [frame for frame in mi.seen if frame["type"] == "presence"] == []


async def test_a_poll_with_foreign_cursors_brings_nothing_of_theirs(live: Live, world: World) -> None:
    cursors = {world.ids[name]: 0 for name in ("direct", "group", "service", "visit")} | {NOWHERE: 0}
    polled = (await post(live, "/v1/poll", {"cursors": cursors, "wait_ms": 0}, world.tokens["gray"])).json()
    assert {frame["code"] for frame in polled["frames"]} == {"not_a_member"}
    assert "龙井" not in str(polled)
    # The next poll waits: what is refused once is not asked for again and again.
    assert polled["cursors"] == {}


async def test_nothing_is_typed_into_a_conversation_that_is_only_being_asked_for(live: Live, world: World) -> None:
    direct = world.ids["direct"]
    async with await join(live, world.tokens["gray"]) as gray, await join(live, world.tokens["mi"]) as mi:
        for n in range(50):
            await gray.say({"type": "sync", "ref": f"s{n}", "conversation_id": direct, "after_seq": 0})
            await gray.say({"type": "typing", "ref": f"t{n}", "conversation_id": direct, "on": True})
            await gray.say({"type": "read", "ref": f"r{n}", "conversation_id": direct, "msg_no": 1})
        codes: list[str] = []
        while len(codes) < 150:
            codes.append((await gray.hear())["code"])
        assert set(codes) == {"not_a_member"}
        await mi.answers()
        assert [frame for frame in mi.seen if frame["type"] in ("typing", "cursor")] == []
        (link,) = live.core.hub.links[int(world.ids["gray"])]
        assert int(direct) not in link.conversations


async def test_an_enterprise_sees_nothing_of_another_ones_customers(live: Live, world: World) -> None:
    for token in (world.tokens["rival"], world.tokens["rival_boss"]):
        for path in (
            f"/v1/conversations/{world.ids['service']}/messages",
            f"/v1/conversations/{world.ids['visit']}/events",
            f"/v1/conversations/{world.ids['service']}/members",
            "/v1/desk/sessions",
            "/v1/desk/sessions?state=closed",
            "/v1/webhooks",
            "/v1/conversations",
        ):
            answer = await call(live, "GET", path, token)
            assert said("service") not in answer.text and world.ids["lin"] not in answer.text, path
    # Lin is a customer of both: what she says to one is not told to the other.
    made = await post(
        live, "/v1/conversations", {"kind": "service", "enterprise_id": world.ids["rival_shop"]}, world.tokens["lin"]
    )
    sessions = (await call(live, "GET", "/v1/desk/sessions", world.tokens["rival"])).json()["items"]
    assert [item["conversation_id"] for item in sessions] == [made.json()["conversation"]["id"]]
    moon = (await call(live, "GET", "/v1/desk/sessions", world.tokens["boss"])).text
    assert made.json()["conversation"]["id"] not in moon


# --- saying what one is not --------------------------------------------------------------------------------------


async def test_a_sender_cannot_be_somebody_else(live: Live, world: World) -> None:
    claims: Frame = {"sender_id": world.ids["mi"], "origin": "bot", "actor_id": world.ids["mi"], "role": "agent",
                     "account_id": world.ids["mi"], "enterprise_id": world.ids["moon_tea"]}  # fmt: skip
    async with await join(live, world.tokens["lin"]) as lin:
        for conversation in ("direct", "service"):
            await lin.ask({**send(world.ids[conversation], "who"), **claims})
        body = {"client_msg_id": "http", "kind": "text", "body": {"text": "x", "origin": "bot"}, **claims}
        assert (
            await post(live, f"/v1/conversations/{world.ids['direct']}/messages", body, world.tokens["lin"])
        ).status_code == 201
        await until_events(lin, 3)
        for frame in [frame for frame in lin.seen if frame["type"] == "event"]:
            assert (frame["message"]["sender_id"], frame["message"]["origin"]) == (world.ids["lin"], "person")
            assert frame["message"]["body"] in ({"text": "在吗"}, {"text": "x"})


async def until_events(wire: Wire, count: int) -> None:
    while sum(frame["type"] == "event" for frame in wire.seen) < count:
        await wire.hear()


async def test_a_key_of_somebody_else_is_just_a_key(live: Live, world: World) -> None:
    """An Idempotency-Key belongs to the account; what it gave first is given to nobody else."""
    wish = {"kind": "group", "title": "秘密群", "member_ids": [world.ids["mi"]]}
    key = {"Idempotency-Key": "guessed"}
    first = await post(live, "/v1/conversations", wish, world.tokens["lin"], **key)
    again = await post(live, "/v1/conversations", wish, world.tokens["lin"], **key)
    assert again.json() == first.json()
    stolen = await post(live, "/v1/conversations", wish, world.tokens["gray"], **key)
    assert stolen.status_code == 201
    assert stolen.json()["conversation"]["id"] != first.json()["conversation"]["id"]
    other = await post(live, "/v1/conversations", {**wish, "title": "别的"}, world.tokens["lin"], **key)
    assert other.json()["code"] == "idempotency_key_reused"
    elsewhere = await post(live, "/v1/accounts", {"name": "x"}, world.tokens["lin"], **key)
    assert elsewhere.json()["code"] == "idempotency_key_reused"


async def test_what_shows_a_secret_is_not_kept_under_a_key(live: Live, world: World) -> None:
    for path, body, actor in (
        ("/v1/tokens", {"account_id": world.ids["lin"]}, "lin"),
        ("/v1/visitors", {}, "site_key"),
        ("/v1/webhooks", {"url": "http://127.0.0.1:9/", "kinds": ["session.closed"]}, "boss"),
    ):
        made = await post(live, path, body, world.tokens[actor], **{"Idempotency-Key": "keep"})
        assert made.status_code == 201
    assert await live.core.read(lambda c: c.execute(select(idempotency_keys)).all()) == []


async def test_an_agent_cannot_serve_himself(live: Live, world: World) -> None:
    """As agent of a conversation in which he is the customer he would lose his place when the session ends."""
    zhou, boss = world.tokens["zhou"], world.tokens["boss"]
    wish = {"kind": "service", "enterprise_id": world.ids["moon_tea"]}
    made = (await post(live, "/v1/conversations", wish, zhou)).json()["conversation"]
    session = f"/v1/desk/sessions/{made['session']['id']}"
    refused = await post(live, f"{session}/take", None, zhou)
    assert refused.json()["data"]["reason"] == "own_session"
    assert (await post(live, f"{session}/take", None, boss)).status_code == 200
    refused = await post(live, f"{session}/transfer", {"agent_id": world.ids["zhou"]}, boss)
    assert refused.json()["data"]["reason"] == "own_session"
    path = f"/v1/conversations/{made['id']}"
    shown = (await call(live, "GET", path, zhou)).json()["conversation"]
    members = (await call(live, "GET", f"{path}/members", zhou)).json()["items"]
    assert shown["role"] == "customer"
    assert len(members) == shown["member_count"] == 3


async def test_a_websocket_is_served_at_its_address_only(live: Live, world: World) -> None:
    for path in ("/", "/v1/me", "/v1/ws/", "/v1/conversations", "/openapi.json", "/metrics"):
        with pytest.raises(InvalidStatus):
            async with asyncio.timeout(DEADLINE_S):
                await connect(f"ws://127.0.0.1:{live.port}{path}", proxy=None)
    assert live.bugs == 0
