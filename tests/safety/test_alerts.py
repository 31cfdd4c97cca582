"""What arrives without a sound says so over the wire: do-not-disturb, and whoever writes too fast."""

from __future__ import annotations

import asyncio
from typing import Any

from kefu.base.clock import SECOND_US, format_time
from messaging_core.client import Backoff, KefuClient, Own
from messaging_core.settings import Safety
from tests.safety.conftest import NewCore
from tests.safety.live import Live, Wire, join, serve
from tests.safety.world import World
from tests.support.clock import FakeClock

SUNDAY = {"weekday": 7, "start": "15:00", "end": "17:00"}  # the clock stands at Sunday 16:00 in Shanghai


async def do(live: Live, token: str, method: str, path: str, body: Any = None) -> Any:
    async with live.http() as http:
        answer = await http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def test_messages_of_silent_hours_say_that_they_come_in_silence(new_core: NewCore, world: World) -> None:
    lin, mi = world.tokens["lin"], world.tokens["mi"]
    async with serve(new_core()) as live:
        me = {
            name: (await do(live, token, "GET", "/v1/me"))["account"]["id"] for name, token in (("l", lin), ("m", mi))
        }
        body = {"kind": "direct", "account_id": me["m"]}
        place = (await do(live, lin, "POST", "/v1/conversations", body))["conversation"]["id"]
        said = 0

        async def hears(wire: Wire) -> str | None:
            nonlocal said
            said += 1
            message = {"client_msg_id": f"a{said}", "kind": "text", "body": {"text": "在吗"}}
            await do(live, lin, "POST", f"/v1/conversations/{place}/messages", message)
            frame = await wire.hear_until(type="event", kind="message.sent", conversation_id=place)
            return frame.get("alert")

        async def listed() -> str | None:
            found = await do(live, mi, "GET", f"/v1/conversations/{place}")
            alert: str | None = found["conversation"]["alert"]
            return alert

        async with await join(live, mi) as phone:
            assert (await hears(phone), await listed()) == (None, "ring")
            await do(live, mi, "PUT", "/v1/do-not-disturb", {"intervals": [SUNDAY]})
            assert (await hears(phone), await listed()) == ("badge", "badge")
            async with await join(live, mi) as desktop:
                assert await hears(desktop) == "badge", "a device that comes later knows it, too"
            await phone.answers()
            await do(live, mi, "PUT", f"/v1/follows/{me['l']}", {"special": True})
            assert (await hears(phone), await listed()) == (None, "ring"), "a special follow rings through"
            await do(live, mi, "DELETE", f"/v1/follows/{me['l']}")
            assert await hears(phone) == "badge"
            await do(live, mi, "PATCH", "/v1/me", {"time_zone": "America/New_York"})
            assert await hears(phone) is None, "it is three in the night there"
            await do(live, mi, "PATCH", "/v1/me", {"time_zone": "Asia/Shanghai"})
        cursor = (await do(live, mi, "GET", f"/v1/conversations/{place}"))["conversation"]["last_seq"]
        await do(
            live,
            lin,
            "POST",
            f"/v1/conversations/{place}/messages",
            {"client_msg_id": "off", "kind": "text", "body": {"text": "晚点看"}},
        )
        async with await join(live, mi, cursors={place: cursor}) as back:
            frame = await back.hear_until(type="event", kind="message.sent")
            assert frame["alert"] == "badge", "what was missed comes in silence as well"


async def say(live: Live, token: str, place: str, key: str, *, text: str = "在吗") -> None:
    message = {"client_msg_id": key, "kind": "text", "body": {"text": text}}
    await do(live, token, "POST", f"/v1/conversations/{place}/messages", message)


async def test_whoever_writes_too_fast_comes_without_a_sound_until_his_rate_falls(
    new_core: NewCore, world: World
) -> None:
    lin, mi = world.tokens["lin"], world.tokens["mi"]
    clock, place = FakeClock(), world.ids["direct"]
    clock.advance(seconds=3600)
    async with serve(new_core(clock=clock, safety=Safety(fold_messages=3, fold_window_s=60))) as live:

        async def hears(wire: Wire, key: str) -> tuple[str | None, int]:
            await say(live, lin, place, key)
            frame = await wire.hear_until(type="event", kind="message.sent", conversation_id=place)
            return frame.get("alert"), frame["message"].get("folded_ms", 0)

        async def listed() -> tuple[str, bool, str | None]:
            found = (await do(live, mi, "GET", f"/v1/conversations/{place}"))["conversation"]
            return found["alert"], found["own"]["folded"], found["own"]["folded_until"]

        async with await join(live, mi) as phone:
            assert [await hears(phone, key) for key in "ab"] == [(None, 0)] * 2
            assert await listed() == ("ring", False, None)
            clock.advance(seconds=20)
            assert await hears(phone, "c") == ("folded", 40_000)
            until = format_time(clock.now_us() + 40 * SECOND_US)
            assert await listed() == ("folded", True, until)
            await do(live, mi, "PUT", "/v1/do-not-disturb", {"intervals": [{**SUNDAY, "end": "23:00"}]})
            assert (await hears(phone, "d"))[0] == "folded", "which is silent anyway"
            await do(live, mi, "PUT", "/v1/do-not-disturb", {"intervals": []})
            await do(live, mi, "PUT", f"/v1/follows/{world.ids['lin']}", {"special": True})
            assert (await hears(phone, "e"))[0] is None, "a special follow is heard, and folded all the same"
            assert (await listed())[:2] == ("ring", True)
            async with await join(live, mi) as desktop:
                assert (await hears(desktop, "f"))[0] is None, "a device that comes later knows it, too"
            await do(live, mi, "DELETE", f"/v1/follows/{world.ids['lin']}")
            await phone.answers()
            assert await hears(phone, "g") == ("folded", 60_000)
        cursor = (await do(live, mi, "GET", f"/v1/conversations/{place}"))["conversation"]["last_seq"]
        await say(live, lin, place, "off")
        for passed_s, alert in ((0, "folded"), (60, None)):
            clock.advance(seconds=passed_s)
            async with await join(live, mi, cursors={place: cursor}) as back:
                frame = await back.hear_until(type="event", kind="message.sent")
                assert (frame.get("alert"), frame["message"]["folded_ms"]) == (alert, 60_000), (
                    "as loud as it is by then"
                )
        assert await listed() == ("ring", False, None)


async def test_a_customer_is_heard_however_fast_he_writes_and_folded_in_the_list_of_agents(
    new_core: NewCore, world: World
) -> None:
    place = world.ids["service"]
    async with serve(new_core(safety=Safety(fold_messages=3, fold_window_s=60))) as live:
        async with await join(live, world.tokens["qiao"]) as desk, await join(live, world.tokens["lin"]) as hers:
            for key in "abc":
                await say(live, world.tokens["lin"], place, key)
                frame = await desk.hear_until(type="event", kind="message.sent", conversation_id=place)
                own = await hers.hear_until(type="event", kind="message.sent", conversation_id=place)
            assert (frame.get("alert"), frame["message"]["folded_ms"]) == (None, 60_000)
            assert own == frame
        for who, folded in (("qiao", True), ("lin", False)):
            found = (await do(live, world.tokens[who], "GET", f"/v1/conversations/{place}"))["conversation"]
            assert (found["own"]["folded"], found["alert"]) == (folded, "ring" if folded else None)


async def test_a_client_keeps_true_what_is_folded_without_asking(new_core: NewCore, world: World) -> None:
    place, token = world.ids["direct"], world.tokens["mi"]
    clock = FakeClock()
    clock.advance(seconds=3600)
    rules = Safety(fold_messages=3, fold_window_s=0.5)
    async with (
        serve(new_core(clock=clock, safety=rules)) as live,
        KefuClient(live.url, token, backoff=Backoff(base_s=0.05, cap_s=0.3)) as client,
    ):
        await client.wait_synced(10)
        told: list[tuple[bool, str]] = []
        client.on(lambda frame: told.append((client.state(place).own.folded, type(frame).__name__)))
        for key in "abc":
            await say(live, world.tokens["lin"], place, key)
        async with asyncio.timeout(10):
            while not told or told[-1] != (False, Own.__name__):
                await asyncio.sleep(0.01)
        assert told == [(False, "Event"), (False, "Event"), (True, "Event"), (False, "Own")]
        clock.advance(seconds=0.5)
        assert client.state(place).own == (await client.http.conversation(place)).own
