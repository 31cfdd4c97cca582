"""Do-not-disturb over the wire: what arrives in silence says so, on every device, at once when the hours change."""

from __future__ import annotations

from typing import Any

from tests.safety.conftest import NewCore
from tests.safety.live import Live, Wire, join, serve
from tests.safety.world import World

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
