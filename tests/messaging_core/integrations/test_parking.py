"""Errors are tried again with pauses, then parked where the operator sees them; nobody else waits for them."""

from __future__ import annotations

import asyncio
from typing import Any

from messaging_core.api import Core, Delivery
from messaging_core.integrations import store
from tests.messaging_core.integrations.helpers import Recorder, ask, http, say, until
from tests.support.cast import Cast

SENT = frozenset({"message.sent"})


class Moody:
    """A `before` that fails for one conversation while `ill`, and notes when it was tried."""

    def __init__(self, *conversation_ids: int) -> None:
        self.ill = True
        self.conversation_ids = conversation_ids
        self.tries: list[float] = []

    async def __call__(self, delivery: Delivery) -> None:
        """Raise while it is ill."""
        if delivery.event.conversation_id in self.conversation_ids:
            self.tries.append(asyncio.get_running_loop().time())
            if self.ill:
                raise ValueError("喝不惯这杯茶")


async def parked_items(core: Core, cast: Cast) -> list[dict[str, Any]]:
    async with http(core) as client:
        answer = await client.get("/v1/operator/parked", headers=cast.auth("operator"))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def park_one(core: Core, cast: Cast) -> tuple[Recorder, Moody, dict[str, Any]]:
    """Return a subscriber, its mood, and the one event that is parked for it."""
    conversation = await ask(core, cast)
    mood = Moody(conversation)
    recorder = Recorder("taster", kinds=SENT, before=mood)
    await core.subscribers.add(recorder)
    await say(core, cast["lin"], conversation, "一壶龙井")
    items = await until(lambda: parked_items(core, cast), what="the parked event")
    assert len(items) == 1
    return recorder, mood, items[0]


async def test_an_error_is_retried_with_growing_pauses_until_it_is_digested(core: Core, cast: Cast) -> None:
    conversation = await ask(core, cast)
    mood = Moody(conversation)

    async def recover_at_the_third_try(delivery: Delivery) -> None:
        mood.ill = len(mood.tries) < 2
        await mood(delivery)

    recorder = Recorder(kinds=SENT, before=recover_at_the_third_try)
    await core.subscribers.add(recorder)
    seq = (await say(core, cast["lin"], conversation, "一壶龙井")).seq
    await until(lambda: recorder.got == [(conversation, seq)], what="the third try")
    first, second = mood.tries[1] - mood.tries[0], mood.tries[2] - mood.tries[1]
    assert first >= 0.0095 and second >= 0.0195, "the pauses are 10 ms, then 20 ms"
    assert await parked_items(core, cast) == []


async def test_what_fails_every_time_is_parked_with_its_error_and_the_next_message_goes_on(
    core: Core, cast: Cast
) -> None:
    recorder, mood, item = await park_one(core, cast)
    conversation = int(item["conversation_id"])
    assert item["consumer"] == "taster"
    assert item["enterprise_id"] == str(cast.enterprise_id)
    assert item["attempts"] == len(mood.tries) == 3
    assert "喝不惯这杯茶" in item["error"]
    mood.ill = False
    seq = (await say(core, cast["lin"], conversation, "那就红茶")).seq
    await until(lambda: recorder.got == [(conversation, seq)], what="the message behind the parked one")
    assert seq > item["seq"]


async def test_a_failing_conversation_holds_up_no_other(core: Core, cast: Cast) -> None:
    """More conversations fail, in pauses of minutes, than there are places side by side."""
    settings = core.settings.delivery.model_copy(update={"subscriber_backoff_s": 120.0})
    core.settings = core.settings.model_copy(update={"delivery": settings})
    failing = await ask(core, cast, "lin")
    mood = Moody(failing)
    recorder = Recorder(kinds=SENT, before=mood)
    await core.subscribers.add(recorder)
    runner = core.subscribers._runners[recorder.name]
    runner._slots = asyncio.Semaphore(1)  # one place: it must be free while the failing one pauses
    await say(core, cast["lin"], failing, "坏的")
    await until(lambda: mood.tries, what="the first failure")
    healthy = await ask(core, cast, "mi")
    seq = (await say(core, cast["mi"], healthy, "好的")).seq
    await until(lambda: recorder.got == [(healthy, seq)], what="the healthy conversation")
    assert len(mood.tries) == 1, "the failing one is still in its pause"


async def test_the_operators_retry_digests_a_parked_event(core: Core, cast: Cast) -> None:
    recorder, mood, item = await park_one(core, cast)
    path, auth = f"/v1/operator/parked/{item['id']}/retry", cast.auth("operator")
    async with http(core) as client:
        failed = await client.post(path, headers=auth)
        assert failed.json() == {"digested": False}
        assert [(left["id"], left["attempts"]) for left in await parked_items(core, cast)] == [(item["id"], 4)]
        mood.ill = False
        digested = await client.post(path, headers=auth)
        assert digested.json() == {"digested": True}
        assert (await client.post(path, headers=auth)).status_code == 404
    assert recorder.got == [(int(item["conversation_id"]), item["seq"])]
    assert await parked_items(core, cast) == []


async def test_the_operators_drop_gives_a_parked_event_up(core: Core, cast: Cast) -> None:
    recorder, mood, item = await park_one(core, cast)
    await core.subscribers.sweep()
    async with http(core) as client:
        assert "kefu_parked_events 1.0" in (await client.get("/metrics")).text
        dropped = await client.delete(f"/v1/operator/parked/{item['id']}", headers=cast.auth("operator"))
        assert dropped.status_code == 204
        metrics = (await client.get("/metrics")).text
    assert "kefu_parked_events 0.0" in metrics, "the count that alarms hang on is stale"
    mood.ill = False
    await core.subscribers.sweep()
    assert await parked_items(core, cast) == []
    assert recorder.got == []


async def test_nobody_but_the_operator_sees_or_moves_parked_events(core: Core, cast: Cast) -> None:
    _recorder, _mood, item = await park_one(core, cast)
    async with http(core) as client:
        for name in ("lin", "qiao", "boss", "bot"):
            for method, path in (("GET", ""), ("POST", f"/{item['id']}/retry"), ("DELETE", f"/{item['id']}")):
                answer = await client.request(method, f"/v1/operator/parked{path}", headers=cast.auth(name))
                assert answer.status_code == 403, (name, method, path)
    assert len(await parked_items(core, cast)) == 1


async def test_the_list_of_parked_events_turns_its_pages(core: Core, cast: Cast) -> None:
    conversation = await ask(core, cast)
    await core.subscribers.add(Recorder(kinds=SENT, before=Moody(conversation)))
    for n in range(3):
        await say(core, cast["lin"], conversation, f"{n}")

    async def all_parked() -> bool:
        return await core.read(store.count_parked) == 3

    await until(all_parked, what="three parked events")
    seen: list[str] = []
    cursor = ""
    async with http(core) as client:
        while len(seen) <= 3:
            url = f"/v1/operator/parked?limit=2{cursor}"
            page = (await client.get(url, headers=cast.auth("operator"))).json()
            seen += [item["seq"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(set(seen)) and len(seen) == 3
