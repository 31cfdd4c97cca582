"""A bot behind a webhook: its answer appears once, never after a take-over, and nonsense is parked in plain words."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from messaging_core.api import Core, open_direct, take
from messaging_core.desk import store as desk
from messaging_core.integrations import store
from messaging_core.messages import reading_store as messages
from tests.messaging_core.integrations.helpers import ask, http, say, texts_of, until
from tests.messaging_core.integrations.receiver import Answer, Receiver, replies
from tests.messaging_core.integrations.test_webhooks import make_webhook
from tests.support.cast import Cast


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A bot that repeats what it hears."""
    running = Receiver(lambda post: replies(f"答：{post.event['message']['body']['text']}"))
    yield running
    running.close()


async def bot_says(core: Core, cast: Cast, conversation_id: int) -> list[str]:
    return await texts_of(core, conversation_id, sender_id=cast.id("bot"))


async def until_said(core: Core, cast: Cast, conversation_id: int, count: int) -> list[str]:
    async def enough() -> list[str] | None:
        said = await bot_says(core, cast, conversation_id)
        return said if len(said) >= count else None

    found: list[str] = await until(enough, what=f"{count} replies")
    return found


async def test_an_answer_appears_once_though_the_event_is_delivered_twice(
    core: Core, cast: Cast, receiver: Receiver
) -> None:
    made = await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    sent = await say(core, cast["lin"], conversation, "在吗")
    assert await until_said(core, cast, conversation, 1) == ["答：在吗"]
    events = await core.read(
        lambda c: messages.list_events(c, conversation, after_seq=sent.seq - 1, to_seq=sent.seq, limit=1)
    )
    runner = core.subscribers._runners[f"webhook:{made['id']}"]
    assert await runner.try_once(events[0]) is None
    assert len([post for post in receiver.posts if post.event["seq"] == sent.seq]) == 2
    assert await bot_says(core, cast, conversation) == ["答：在吗"]


async def test_what_was_said_before_a_failure_is_not_said_again(core: Core, cast: Cast, receiver: Receiver) -> None:
    half = b'{"replies":[{"kind":"text","v":1,"body":{"text":"one"}},{"kind":"song","v":1,"body":{}}]}'
    receiver.answer = lambda _post: Answer(200, half) if len(receiver.posts) < 3 else replies("one", "two")
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "数一数")
    assert await until_said(core, cast, conversation, 2) == ["one", "two"]
    assert await core.read(store.count_parked) == 0


async def test_its_own_messages_come_to_the_webhook_but_get_no_answer(
    core: Core, cast: Cast, receiver: Receiver
) -> None:
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "一")
    await until(lambda: len(receiver.posts) == 2, what="the message and the bot's own")
    assert [post.event["message"]["origin"] for post in receiver.posts] == ["person", "bot"]
    await say(core, cast["lin"], conversation, "二")
    assert await until_said(core, cast, conversation, 2) == ["答：一", "答：二"]


async def test_an_answer_that_comes_after_the_take_over_is_refused(core: Core, cast: Cast, receiver: Receiver) -> None:
    go_on = threading.Event()

    def think(_post: object) -> Answer:
        go_on.wait(1.5)
        return replies("晚了")

    receiver.answer = think
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "我要退货")
    await until(lambda: receiver.posts, what="the webhook")
    session = await core.read(lambda connection: desk.find_current(connection, conversation))
    assert session is not None
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    go_on.set()
    sent = await say(core, cast["qiao"], conversation, "我来了")
    await until(lambda: receiver.posts[-1].event["seq"] == sent.seq, what="the agent's message at the webhook")
    assert await bot_says(core, cast, conversation) == []
    assert await core.read(store.count_parked) == 0, "a refusal in time is no failure"


NONSENSE = (
    (b"<html>It works!</html>", "answered what is no {replies: []}"),
    (b'{"replies": "hello"}', "answered what is no {replies: []}"),
    (b"\xff\xfe{", "answered what is no {replies: []}"),
    (b'{"replies":[{"kind":"text","body":' + b"[" * 30_000, "answered what is no {replies: []}"),
    (b'{"replies":[{"kind":"song","body":{}}]}', "reply 0"),
    (b'{"replies":[{"kind":"text","body":{"text":""}}]}', "reply 0"),
    (b'{"replies":[{"kind":"text","body":{"text":"' + b"x" * 6000 + b'"}}]}', "reply 0"),
)


async def test_a_nonsense_answer_is_parked_with_a_clear_error(core: Core, cast: Cast, receiver: Receiver) -> None:
    receiver.answer = lambda post: Answer(200, NONSENSE[int(post.event["message"]["body"]["text"])][0])
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    for place in range(len(NONSENSE)):
        await say(core, cast["lin"], conversation, f"{place}")

    async def all_parked() -> list[str]:
        rows = await core.read(lambda connection: store.list_parked(connection, after_id=0, limit=100))
        return [row.error for row in rows] if len(rows) == len(NONSENSE) else []

    for error, (_body, expected) in zip(await until(all_parked, what="all parked"), NONSENSE, strict=True):
        assert receiver.url.rpartition("/")[0] in error and expected in error, error
    assert await bot_says(core, cast, conversation) == []


async def test_a_bot_may_stay_silent(core: Core, cast: Cast, receiver: Receiver) -> None:
    silences = [Answer(), *(Answer(200, body) for body in (b"", b"  \n", b"{}", b'{"replies":[]}'))]
    receiver.answer = lambda _post: (
        silences[len(receiver.posts) - 1] if len(receiver.posts) <= len(silences) else replies("现在说")
    )
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    for n in range(len(silences) + 1):
        await say(core, cast["lin"], conversation, f"{n}")
    assert await until_said(core, cast, conversation, 1) == ["现在说"]
    assert await core.read(store.count_parked) == 0


async def test_more_than_ten_replies_are_cut(core: Core, cast: Cast, receiver: Receiver) -> None:
    receiver.answer = lambda post: replies(*(f"{n}" for n in range(15))) if len(receiver.posts) == 1 else replies("末")
    await make_webhook(core, cast, receiver.url, bot_account_id=str(cast.id("bot")))
    conversation = await ask(core, cast)
    await say(core, cast["lin"], conversation, "一")
    await say(core, cast["lin"], conversation, "二")
    assert await until_said(core, cast, conversation, 11) == [*(f"{n}" for n in range(10)), "末"]


async def test_only_the_enterprises_own_bot_may_be_named(core: Core, cast: Cast, receiver: Receiver) -> None:
    async with http(core) as client:
        for name in ("lin", "qiao", "operator"):
            wish = {"url": receiver.url, "bot_account_id": str(cast.id(name))}
            answer = await client.post("/v1/webhooks", json=wish, headers=cast.auth("boss"))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name


async def test_a_webhook_hears_nothing_of_private_conversations(core: Core, cast: Cast, receiver: Receiver) -> None:
    await make_webhook(core, cast, receiver.url)
    private = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    await say(core, cast["lin"], private, "悄悄话")
    service = await ask(core, cast)
    await say(core, cast["lin"], service, "在吗")
    await until(lambda: receiver.posts, what="the shop's own event")
    assert {post.event["conversation_id"] for post in receiver.posts} == {str(service)}
