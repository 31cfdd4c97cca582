"""A conversation just made: its maker writes in it before the connection follows it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from messaging_core.delivery.link import Link
from tests.safety.conftest import NewCore
from tests.safety.live import DEADLINE_S, join, serve
from tests.safety.test_attacks import post
from tests.safety.test_limits import send
from tests.safety.world import World


async def test_who_made_a_conversation_is_in_it_before_his_connection_follows_it(
    new_core: NewCore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = new_core()
    attach, slow = core.catch_up.attach, asyncio.Event()

    async def attach_late(link: Link, conversation_id: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await slow.wait()
        await attach(link, conversation_id)

    monkeypatch.setattr(core.catch_up, "attach", attach_late)
    async with serve(core) as live, await join(live, world.tokens["lin"]) as lin:
        made = await post(
            live, "/v1/conversations", {"kind": "direct", "account_id": world.ids["gray"]}, world.tokens["lin"]
        )
        here = made.json()["conversation"]["id"]
        for on in (True, False):
            await lin.say({"type": "typing", "conversation_id": here, "on": on})
        sent = await lin.ask(send(here, "first"))
        assert sent["type"] == "ack"
        await lin.say({"type": "read", "conversation_id": here, "msg_no": sent["msg_no"]})
        assert not [frame for frame in await lin.late_answers() if frame["type"] == "error"]
        slow.set()
        appeared = await lin.hear_until(type="conversation")
        assert appeared["conversation"]["id"] == here


@pytest.mark.parametrize("frame", [{"type": "typing", "on": True}, {"type": "read", "msg_no": 1}])
async def test_who_is_not_in_it_is_refused_though_the_storage_has_to_be_asked(
    new_core: NewCore, world: World, frame: dict[str, Any]
) -> None:
    async with serve(new_core()) as live, await join(live, world.tokens["gray"]) as gray:
        refused = await gray.ask({**frame, "conversation_id": world.ids["direct"]})
        assert (refused["code"], refused["data"]) == ("not_a_member", {"conversation_id": world.ids["direct"]})
