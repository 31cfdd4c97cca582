"""A signed request that is sent again by somebody else: refused when stale or changed, and done once when fresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from messaging_core.api import Core
from messaging_core.client.webhooks import WebhookReceiver, WebhookRefused
from messaging_core.integrations.webhooks import sign, verify
from tests.messaging_core.integrations.helpers import ask, say, until
from tests.messaging_core.integrations.receiver import Post, Receiver
from tests.messaging_core.integrations.test_webhooks import make_webhook
from tests.support.cast import Cast
from tests.support.clock import FakeClock

NOW, SECRET, BODY = 1_700_000_000, "whsec_ours", b'{"type":"event"}'
GOOD = sign(SECRET, NOW, BODY)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that gets webhooks."""
    running = Receiver()
    yield running
    running.close()


@pytest.mark.parametrize(
    ("header", "body", "now", "good"),
    [
        (GOOD, BODY, NOW, True),
        (GOOD, BODY, NOW + 300, True),
        (GOOD, BODY, NOW + 301, False),  # replayed later
        (GOOD, BODY, NOW - 301, False),  # from the future
        (GOOD.replace(f"t={NOW}", f"t={NOW + 600}"), BODY, NOW + 600, False),  # its time made new
        (GOOD, BODY + b" ", NOW, False),
        (sign("whsec_theirs", NOW, BODY), BODY, NOW, False),
        (f"t={NOW}", BODY, NOW, False),
        ("v1=" + GOOD.partition("v1=")[2], BODY, NOW, False),
        (f"t={NOW},{GOOD}", BODY, NOW, False),
        ("", BODY, NOW, False),
    ],
)
def test_a_signature_holds_for_its_body_and_its_time_alone(header: str, body: bytes, now: int, good: bool) -> None:
    assert verify(SECRET, header, body, now=now) is good


async def test_the_same_signed_request_is_read_twice_and_done_once(
    core: Core, cast: Cast, receiver: Receiver, clock: FakeClock
) -> None:
    made = await make_webhook(core, cast, receiver.url)
    await say(core, cast["lin"], await ask(core, cast), "龙井还有货吗")
    await until(lambda: receiver.posts, what="the webhook")
    post = receiver.posts[0]
    inbox = WebhookReceiver(made["secret"], now=lambda: clock.now_us() / 1_000_000)
    assert work(inbox, post) == "done"
    assert work(inbox, post) == "again", "a replay within its time"
    forged = replace(post, headers={**post.headers, "Kefu-Delivery": "another"})
    assert work(inbox, forged) == "again", "the delivery's name is not signed, so it makes nothing new"
    assert work(inbox, replace(post, body=post.body + b" ")) == "the signature is wrong"
    assert work(inbox, replace(post, headers={})) == "the request has no signature"
    clock.advance(seconds=301)
    assert work(inbox, post) == "the request is stale"


def work(inbox: WebhookReceiver, post: Post) -> str:
    """Return what becomes of a request."""
    try:
        event = inbox.read(post.headers, post.body)
    except WebhookRefused as refusal:
        return str(refusal)
    if inbox.has_done(event):
        return "again"
    inbox.done(event)
    return "done"
