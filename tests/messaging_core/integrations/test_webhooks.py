"""Webhooks out: signed, retried, parked; never to inner addresses; nothing to one that is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kefu.base.errors import PluginError
from messaging_core.api import Core
from messaging_core.integrations import store
from messaging_core.integrations.webhooks import _pin, verify
from messaging_core.settings import Settings
from tests.messaging_core.integrations.helpers import Recorder, ask, http, say, until
from tests.messaging_core.integrations.receiver import Answer, Post, Receiver
from tests.support.cast import Cast
from tests.support.clock import FakeClock


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that gets webhooks."""
    running = Receiver()
    yield running
    running.close()


async def make_webhook(core: Core, cast: Cast, url: str, **more: object) -> dict[str, Any]:
    async with http(core) as client:
        answer = await client.post("/v1/webhooks", json={"url": url, **more}, headers=cast.auth("boss"))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def the_parked(core: Core) -> Any:
    """Return the one parked event, when there is one."""

    async def rows() -> list[Any]:
        return await core.read(lambda connection: store.list_parked(connection, after_id=0, limit=10))

    found = await until(rows, what="a parked event")
    assert len(found) == 1
    return found[0]


async def test_an_event_goes_out_once_signed_with_the_secret_that_was_shown(
    core: Core, cast: Cast, receiver: Receiver, clock: FakeClock
) -> None:
    made = await make_webhook(core, cast, receiver.url)
    conversation = await ask(core, cast)
    sent = await say(core, cast["lin"], conversation, "龙井还有货吗")
    await until(lambda: receiver.posts, what="the webhook")
    post = receiver.posts[0]
    assert (post.event["type"], post.event["seq"]) == ("event", sent.seq)
    assert post.event["message"]["body"] == {"text": "龙井还有货吗"}
    assert post.headers["Kefu-Delivery"] == f"{made['id']}-{conversation}-{sent.seq}"
    now, signature = clock.now_us() // 1_000_000, post.headers["Kefu-Signature"]
    assert verify(made["secret"], signature, post.body, now=now)
    assert not verify(made["secret"], signature, post.body + b" ", now=now)
    assert not verify("whsec_other", signature, post.body, now=now)
    assert not verify(made["secret"], signature, post.body, now=now + 301)
    last = (await say(core, cast["lin"], conversation, "在吗")).seq
    await until(lambda: len(receiver.posts) == 2, what="the second event")
    assert [found.event["seq"] for found in receiver.posts] == [sent.seq, last]


async def test_the_secret_is_never_shown_again_and_foreigners_cannot_make_webhooks(
    core: Core, cast: Cast, receiver: Receiver
) -> None:
    made = await make_webhook(core, cast, receiver.url)
    async with http(core) as client:
        listed = await client.get("/v1/webhooks", headers=cast.auth("boss"))
        assert [item["id"] for item in listed.json()["items"]] == [made["id"]]
        assert made["secret"] not in listed.text
        for name in ("lin", "qiao", "bot"):
            refused = await client.post("/v1/webhooks", json={"url": receiver.url}, headers=cast.auth(name))
            assert refused.status_code == 403, name


async def test_errors_are_retried_under_the_same_delivery_and_then_parked(
    core: Core, cast: Cast, receiver: Receiver
) -> None:
    receiver.answer = lambda _post: Answer(500)
    made = await make_webhook(core, cast, receiver.url)
    conversation = await ask(core, cast)
    sent = await say(core, cast["lin"], conversation, "坏的")
    row = await the_parked(core)
    assert (row.consumer, row.conversation_id, row.seq) == (f"webhook:{made['id']}", conversation, sent.seq)
    assert "answered 500" in row.error
    assert len(receiver.posts) == row.attempts == 3
    assert len({post.headers["Kefu-Delivery"] for post in receiver.posts}) == 1
    receiver.answer = lambda _post: Answer()
    async with http(core) as client:
        path = f"/v1/operator/parked/{row.id}/retry"
        assert (await client.post(path, headers=cast.auth("operator"))).json() == {"digested": True}
    assert len(receiver.posts) == 4


async def test_a_short_illness_of_the_receiver_loses_nothing(core: Core, cast: Cast, receiver: Receiver) -> None:
    receiver.answer = lambda _post: Answer(503 if len(receiver.posts) < 3 else 204)
    await make_webhook(core, cast, receiver.url)
    conversation = await ask(core, cast)
    seqs = [(await say(core, cast["lin"], conversation, f"{n}")).seq for n in range(3)]
    await until(lambda: len(receiver.posts) == 5, what="three events, the first in three tries")
    assert [post.event["seq"] for post in receiver.posts] == [seqs[0], seqs[0], *seqs]
    assert await core.read(store.count_parked) == 0


async def test_redirects_are_not_followed(core: Core, cast: Cast, receiver: Receiver) -> None:
    def redirect(post: Post) -> Answer:
        return Answer(307, headers={"Location": receiver.url.replace("/hook", "/inner")})

    receiver.answer = redirect
    await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "去别处")
    assert "answered 307" in (await the_parked(core)).error
    assert {post.path for post in receiver.posts} == {"/hook"}


async def test_a_receiver_that_never_ends_its_answer_is_given_up(core: Core, cast: Cast, receiver: Receiver) -> None:
    """Each byte comes in time; only the whole does not."""
    quick = core.settings.delivery.model_copy(update={"webhook_timeout_s": 0.3, "subscriber_retries": 1})
    core.settings = core.settings.model_copy(update={"delivery": quick})
    receiver.answer = lambda _post: Answer(200, drip=True)
    await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "慢慢来")
    assert "0.3 s" in (await the_parked(core)).error


async def test_a_receiver_that_answers_without_end_is_cut_off(core: Core, cast: Cast, receiver: Receiver) -> None:
    receiver.answer = lambda _post: Answer(200, b" " * 70_000)
    await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "话多")
    assert "more than 65536 bytes" in (await the_parked(core)).error


async def test_inner_addresses_are_refused_unless_the_operator_allows_them(
    core: Core, cast: Cast, receiver: Receiver, settings: Settings
) -> None:
    closed = settings.delivery.model_copy(update={"webhook_private_hosts": False})
    core.settings = settings.model_copy(update={"delivery": closed})
    await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "内网")
    assert "KEFU_DELIVERY__WEBHOOK_PRIVATE_HOSTS" in (await the_parked(core)).error
    assert receiver.posts == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # 127.0.0.1 as one number
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",  # 127.0.0.1 through NAT64
        "[2002:7f00:1::]",  # 127.0.0.1 through 6to4
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",  # 127.0.0.1 through Teredo
    ],
)
async def test_every_spelling_of_an_inner_address_is_refused(host: str) -> None:
    with pytest.raises(PluginError, match="inner address"):
        await _pin(f"http://{host}:8080/hook", allow_private=False)


async def test_a_public_address_is_pinned_with_its_name_kept() -> None:
    url, headers, extensions = await _pin("https://1.1.1.1/hook?a=b", allow_private=False)
    assert (url, headers["Host"], extensions["sni_hostname"]) == ("https://1.1.1.1:443/hook?a=b", "1.1.1.1", "1.1.1.1")


async def test_a_deleted_webhook_gets_nothing(core: Core, cast: Cast, receiver: Receiver) -> None:
    made = await make_webhook(core, cast, receiver.url)
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "一")
    await until(lambda: receiver.posts, what="the webhook")
    async with http(core) as client:
        path = f"/v1/webhooks/{made['id']}"
        assert (await client.delete(path, headers=cast.auth("boss"))).status_code == 204
        assert (await client.delete(path, headers=cast.auth("boss"))).status_code == 404
    witness = Recorder()
    await core.subscribers.add(witness)
    seq = (await say(core, cast["lin"], conversation, "二")).seq
    await core.subscribers.sweep()
    await until(lambda: witness.has(conversation, seq), what="the message at a witness")
    assert len(receiver.posts) == 1
    assert core.subscribers.names() == [witness.name]


async def test_deleting_a_webhook_forgets_what_is_parked_for_it(core: Core, cast: Cast, receiver: Receiver) -> None:
    receiver.answer = lambda _post: Answer(500)
    made = await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "坏的")
    await the_parked(core)
    async with http(core) as client:
        await client.delete(f"/v1/webhooks/{made['id']}", headers=cast.auth("boss"))
    assert await core.read(store.count_parked) == 0


async def test_a_webhook_made_before_a_restart_is_served_after_it(
    core: Core, cast: Cast, receiver: Receiver, settings: Settings, clock: FakeClock
) -> None:
    await make_webhook(core, cast, receiver.url)
    conversation = await ask(core, cast)
    await core.subscribers.stop()
    sent = await say(core, cast["lin"], conversation, "重启前")
    await core.close()
    again = Core(settings, clock=clock)
    await again.start()
    try:
        await until(lambda: receiver.posts, what="the event after the restart")
        assert [post.event["seq"] for post in receiver.posts] == [sent.seq]
    finally:
        await again.close()
