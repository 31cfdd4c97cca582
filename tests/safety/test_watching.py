"""What an operator watches: health, readiness, metrics; and what the staff's rights do on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from messaging_core.api import Core, open_service, put_staff, take
from messaging_core.app import create_app, migrate
from messaging_core.conversations import store as conversations
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from messaging_core.identity import store as identity
from messaging_core.identity.actions import remove_staff
from messaging_core.messages import reading_store as messages
from messaging_core.settings import Limits, Settings
from tests.safety.conftest import NewCore
from tests.safety.live import Wire, join, serve
from tests.safety.test_limits import send, until
from tests.safety.world import World
from tests.support.cast import Cast
from tests.support.postgres import TestPostgres


def sample(core: Core, name: str, **labels: str) -> float:
    """Return a metric as Prometheus would read it."""
    return core.metrics.registry.get_sample_value(name, labels) or 0.0


async def test_metrics_tell_what_goes_on(new_core: NewCore, world: World) -> None:
    core = new_core(limits=Limits(connections_per_account=1))
    async with serve(core) as live, live.http() as http:
        async with await join(live, world.tokens["lin"]) as lin:
            assert sample(core, "kefu_links") == 1
            await lin.ask(send(world.ids["direct"], "m1"))
            await lin.ask(send(world.ids["direct"], "m2", ""))
            async with await Wire.open(live) as second:
                await second.hello(world.tokens["lin"])
            await http.get("/v1/me")
            mine = (await http.get("/v1/tokens", headers=world.auth("lin"))).json()["items"]
            current = next(item["id"] for item in mine if item["current"])
            await http.delete(f"/v1/tokens/{current}", headers=world.auth("lin"))
            await lin.closed()
        await until(lambda: sample(core, "kefu_links") == 0)
        assert sample(core, "kefu_frames_received_total") == 2
        assert sample(core, "kefu_events_committed_total") == 1
        for code in ("invalid_request", "too_many_connections", "unauthenticated"):
            assert sample(core, "kefu_errors_told_total", code=code) == 1, code
        assert sample(core, "kefu_links_cut_total", code="token_revoked") == 1
        assert sample(core, "kefu_bugs_total") == 0
        text = (await http.get("/metrics")).text
        assert 'kefu_errors_told_total{code="invalid_request"} 1.0' in text
        # Nothing in it names an account, a conversation or a token.
        assert not [id_ for id_ in world.ids.values() if len(id_) > 10 and id_ in text]


async def test_a_bug_gets_an_incident_and_is_counted_and_nothing_of_it_is_told(
    new_core: NewCore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = new_core()
    async with serve(core) as live, await join(live, world.tokens["lin"]) as lin, live.http() as http:

        def broken(*_: object) -> None:
            raise RuntimeError("the inside of the house")

        monkeypatch.setattr(core.hub, "push_ephemeral", broken)
        await lin.say({"type": "typing", "ref": "t", "conversation_id": world.ids["direct"], "on": True})
        told = await lin.hear_until(ref="t")
        monkeypatch.setattr(core, "run", broken)
        answer = await http.post("/v1/accounts", json={"name": "x"}, headers=world.auth("operator"))
        for refusal in (told, answer.json()):
            assert (refusal["code"], refusal["status"]) == ("internal", 500)
            assert refusal["data"]["incident_id"].startswith("i")
            assert refusal["data"]["incident_id"] in refusal["detail"]
            assert "inside" not in str(refusal) and "RuntimeError" not in str(refusal)
        assert live.bugs == 2
        assert (await lin.ask({"type": "ping"}))["type"] == "pong"


async def test_without_its_database_the_server_is_alive_and_not_ready(tmp_path: Path) -> None:
    postgres = await asyncio.to_thread(TestPostgres)
    if postgres._server is None:
        pytest.skip("KEFU_TEST_PG names a server that is not ours to stop")
    settings = Settings(data=tmp_path, database=await asyncio.to_thread(postgres.create))
    await asyncio.to_thread(migrate, settings)
    core = Core(settings)
    await core.start()
    transport = httpx.ASGITransport(create_app(core), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kefu.test") as http:
        assert (await http.get("/readyz")).json() == {"status": "ready"}
        await asyncio.to_thread(postgres.close)
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "storage_unavailable"})
        assert (await http.get("/healthz")).status_code == 200
        refused = await http.get("/v1/me", headers={"Authorization": "Bearer kf_s_anything"})
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
        assert "消息没有写入" in refused.json()["detail"]
    await core.close()


# --- on both databases (the rest of this folder runs on SQLite) ---------------------------------------------------


@pytest.mark.parametrize("how", ["removed", "demoted"])
async def test_who_serves_no_more_gives_up_his_sessions(core: Core, cast: Cast, how: str) -> None:
    shop, qiao = cast.enterprise_id, cast.id("qiao")
    service = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=shop))
    session = (await core.read(lambda c: desk.find_open(c, [service])))[service]
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    if how == "removed":
        await core.run(lambda unit: remove_staff(unit, cast["boss"], enterprise_id=shop, account_id=qiao))
        with pytest.raises(CoreError, match="unauthenticated"):
            await core.authenticate(cast.tokens["qiao"])
        token = await core.read(lambda c: identity.find_token(c, cast["qiao"].token_id))
        assert token is not None and token.revoked_at is not None
    else:
        await core.run(lambda unit: put_staff(unit, cast["boss"], enterprise_id=shop, account_id=qiao, role="analyst"))
    after = (await core.read(lambda c: desk.find_open(c, [service])))[service]
    assert (after.state, after.agent_id) == ("queued", None)
    assert after.assignment_version > session.assignment_version
    member = await core.read(lambda c: conversations.find_member(c, service, qiao))
    assert member is not None and member.left_seq is not None
    events = await core.read(lambda c: messages.list_events(c, service, after_seq=0, to_seq=None, limit=99))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events][-2:] == ["member.left", "session.queued"]


async def test_a_restart_makes_no_id_twice(core: Core, cast: Cast, settings: Settings) -> None:
    """Although its clock stands where it stood."""
    again = Core(settings.model_copy(update={"node": core.node}), clock=core.clock)
    await again.start()
    try:
        made = {again.tools.ids.new() for _ in range(100)}
        assert min(made) > max(actor.account_id for actor in cast.actors.values())
        assert min(made) > max(actor.token_id for actor in cast.actors.values())
    finally:
        await again.close()
