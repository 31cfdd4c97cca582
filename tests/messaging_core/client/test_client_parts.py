"""The small parts: pauses, waiting frames, the feed to readers, all conversations together."""

from __future__ import annotations

import asyncio
import gc
import random
from datetime import UTC, datetime

import pytest

from messaging_core.client.backoff import Backoff
from messaging_core.client.control import Control
from messaging_core.client.errors import ApiError, ConnectionLost, SlowReader
from messaging_core.client.feed import Feed, Heard
from messaging_core.client.frames import Event, PeerTyping, Read, Sync, Synced, Typing, Watch, Welcome
from messaging_core.client.models import Account
from messaging_core.client.replica import Applied
from messaging_core.client.replicas import Replicas
from tests.messaging_core.client.story import GROUP, ME, Server, play


def _typing(who: str) -> PeerTyping:
    return PeerTyping(conversation_id="1", account_id=who, on=True)


def _event(seq: int, conversation_id: str = "1") -> Event:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Event(conversation_id=conversation_id, seq=seq, kind="conversation.renamed", at=at, data={"title": "茶"})


def _welcome(server: Server | None = None) -> Welcome:
    account = Account(id=ME, kind="personal", name="林小姐")
    summaries = [server.summary()] if server is not None else []
    return Welcome(session_id="900", account=account, conversations=summaries)


def test_pauses_grow_to_the_cap_with_full_jitter_and_start_again_after_a_reset() -> None:
    backoff = Backoff(base_s=1.0, cap_s=8.0, uniform=random.Random(1).uniform)

    pauses = []
    for _ in range(300):
        pauses.append([backoff.next_s() for _ in range(6)])
        backoff.reset()

    for attempt, ceiling in enumerate([1.0, 2.0, 4.0, 8.0, 8.0, 8.0]):
        column = [row[attempt] for row in pauses]
        assert 0.0 <= min(column) < 0.1 * ceiling
        assert 0.9 * ceiling < max(column) <= ceiling


def test_a_pause_is_never_shorter_than_the_server_asked_for_and_survives_a_night() -> None:
    backoff = Backoff(cap_s=30.0)

    assert all(5.0 <= backoff.next_s(at_least_s=5.0) <= 35.0 for _ in range(5000))


def test_a_newer_frame_of_the_same_sort_takes_the_older_ones_place() -> None:
    control = Control()
    control.put(Typing(conversation_id="1", on=True))
    control.put(Read(conversation_id="1", msg_no=3))
    control.put(Typing(conversation_id="1", on=False))
    control.put(Typing(conversation_id="2", on=True))
    control.put(Watch(account_ids=["11"]))
    control.put(Watch(account_ids=["12"]))

    assert control.take(0.0) == [
        Typing(conversation_id="1", on=False),
        Read(conversation_id="1", msg_no=3),
        Typing(conversation_id="2", on=True),
        Watch(account_ids=["12"]),
    ]
    assert control.take(0.0) == []


def test_a_postponed_frame_waits_unless_a_newer_one_comes() -> None:
    control = Control()
    control.put(Sync(conversation_id="1", after_seq=3), not_before_s=2.0)

    assert control.take(1.0) == []
    assert control.wait_s(1.5) == 0.5
    control.put(Sync(conversation_id="1", after_seq=4))
    assert control.take(1.6) == [Sync(conversation_id="1", after_seq=4)]
    assert control.wait_s(1.6) is None


async def test_every_subscription_gets_every_frame_in_order() -> None:
    feed = Feed(limit=10, cursors=dict)
    early, late = feed.subscribe(), None
    feed.publish(_typing("11"))
    late = feed.subscribe()
    feed.publish(_typing("12"))
    feed.finish(None)

    assert [frame async for frame in early] == [_typing("11"), _typing("12")]
    assert [frame async for frame in late] == [_typing("12")]


async def test_a_slow_reader_is_cut_off_after_what_it_still_holds_and_others_are_not() -> None:
    feed = Feed(limit=2, cursors=dict)
    slow, quick = feed.subscribe(), feed.subscribe()
    got = []
    for number in range(4):
        feed.publish(_typing(str(number)))
        got.append(await anext(quick))

    assert [await anext(slow), await anext(slow)] == [_typing("0"), _typing("1")]
    with pytest.raises(SlowReader):
        await anext(slow)
    assert got == [_typing(str(number)) for number in range(4)]


async def test_a_subscription_that_nobody_holds_is_gone() -> None:
    feed = Feed(limit=10, cursors=dict)
    feed.publish(_typing("11"))
    subscription = feed.subscribe()
    feed.publish(_typing("12"))
    async for _frame in subscription:
        break
    del subscription
    gc.collect()

    assert feed._buffers == []


async def test_a_closed_subscription_ends_its_reader() -> None:
    feed = Feed(limit=10, cursors=dict)
    subscription = feed.subscribe()
    reader = asyncio.ensure_future(anext(subscription, None))
    await asyncio.sleep(0)

    subscription.close()

    assert await reader is None


async def test_a_second_reader_of_one_subscription_is_refused() -> None:
    subscription = Feed(limit=10, cursors=dict).subscribe()
    first = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="one reader"):
        await anext(subscription)
    first.cancel()


async def test_the_end_of_the_client_is_raised_to_readers() -> None:
    feed = Feed(limit=10, cursors=dict)
    subscription = feed.subscribe()

    feed.finish(ApiError("unauthenticated", 401))

    with pytest.raises(ApiError, match="unauthenticated"):
        await anext(subscription)


async def test_a_subscriptions_cursors_are_what_its_reader_was_given() -> None:
    cursors = {"1": 5, "2": 9}
    feed = Feed(limit=10, cursors=lambda: cursors)
    subscription = feed.subscribe()
    for event in (_event(4), _event(5), _event(9, "2")):
        feed.publish(event)

    assert subscription.cursors == {"1": 3, "2": 8}
    await anext(subscription)
    assert subscription.cursors == {"1": 4, "2": 8}
    await anext(subscription)
    await anext(subscription)
    assert subscription.cursors == cursors


def test_a_failing_callback_is_logged_and_the_next_one_is_called(caplog: pytest.LogCaptureFixture) -> None:
    feed, heard = Feed(limit=10, cursors=dict), list[Heard]()

    def broken(_frame: Heard) -> None:
        raise ZeroDivisionError("tea")

    feed.on(broken)
    off = feed.on(heard.append)
    feed.publish(_typing("11"))
    off()
    feed.publish(_typing("12"))

    assert heard == [_typing("11")]
    assert "ZeroDivisionError: tea" in caplog.text


def test_a_coroutine_is_no_callback() -> None:
    async def never_awaited(_frame: Heard) -> None: ...

    with pytest.raises(TypeError, match="events"):
        Feed(limit=10, cursors=dict).on(never_awaited)


def test_saved_cursors_go_on_where_they_stopped() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replicas = Replicas({GROUP: 1})

    assert replicas.hello_cursors() == {GROUP: 1}
    replicas.welcome(_welcome(server))
    assert [replicas.apply(event) for event in server.events] == [Applied.DUPLICATE, Applied.NEW, Applied.NEW]
    assert replicas.synced(Synced(conversation_id=GROUP, seq=3)) is None
    assert replicas[GROUP].summary() == server.summary()
    assert not replicas.wanting


def test_a_saved_cursor_that_welcome_does_not_show_wants_a_summary() -> None:
    replicas = Replicas({GROUP: 1})
    replicas.hello_cursors()

    replicas.welcome(_welcome())

    assert list(replicas.wanting) == [GROUP]
    replicas.leave(GROUP)
    assert not replicas.wanting


def test_an_event_of_an_unheld_conversation_is_applied_and_wants_a_summary() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replicas = Replicas()
    replicas.welcome(_welcome())

    assert replicas.apply(server.events[2]) is Applied.NEW
    assert list(replicas.wanting) == [GROUP]
    replicas.adopt(server.summary())
    assert not replicas.wanting
    assert replicas.cursors == {GROUP: 3}


def test_missing_events_are_asked_for_once_and_again_only_if_still_missing() -> None:
    server = play([("say", "11")] * 5)[-1]
    replicas = Replicas()
    replicas.welcome(_welcome(Server(events=server.events[:1], messages=server.messages[:1])))

    assert replicas.apply(server.events[3]) is Applied.GAP
    assert replicas.begin_sync(GROUP) == 1
    assert replicas.apply(server.events[4]) is Applied.GAP
    assert replicas.begin_sync(GROUP) is None
    for event in server.events[1:4]:
        replicas.apply(event)
    assert replicas.synced(Synced(conversation_id=GROUP, seq=4)) == 4
    replicas.apply(server.events[4])
    assert replicas.synced(Synced(conversation_id=GROUP, seq=5)) is None


def test_a_server_that_never_sends_what_is_missing_is_given_up() -> None:
    server = play([("say", "11")] * 5)[-1]
    replicas = Replicas()
    replicas.welcome(_welcome(Server(events=server.events[:1], messages=server.messages[:1])))
    replicas.apply(server.events[3])
    replicas.begin_sync(GROUP)

    assert replicas.synced(Synced(conversation_id=GROUP, seq=4)) == 1
    assert replicas.synced(Synced(conversation_id=GROUP, seq=4)) == 1
    with pytest.raises(LookupError, match="seq 2 to 4"):
        replicas.synced(Synced(conversation_id=GROUP, seq=4))


def test_a_read_mark_that_was_lost_is_told_again() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replicas = Replicas()
    replicas.welcome(_welcome(server))
    replicas[GROUP].mark_read()

    replicas.hello_cursors()
    opening = replicas.welcome(_welcome(server))

    assert opening.reads == [Read(conversation_id=GROUP, msg_no=3)]
    assert replicas[GROUP].unread == 0


def test_more_cursors_than_a_frame_holds_are_asked_for_one_by_one() -> None:
    replicas = Replicas({str(number): 7 for number in range(2000)})

    named = replicas.hello_cursors()
    opening = replicas.welcome(_welcome())

    assert len(named) == 1500
    assert set(opening.syncs) == {str(number) for number in range(500)}


def test_a_conversation_that_we_left_is_not_asked_about_until_it_shows_up_again() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replicas = Replicas()
    replicas.welcome(_welcome(Server(events=server.events[:1], messages=server.messages[:1])))
    replicas.leave(GROUP)

    assert replicas.hello_cursors() == {}
    assert replicas.welcome(_welcome()).syncs == []
    assert replicas.welcome(_welcome(server)).syncs == [GROUP]


def test_the_text_of_a_lost_connection_names_code_and_reason() -> None:
    assert str(ConnectionLost(4408, "接收太慢")) == "接收太慢 (4408)"
    assert str(ConnectionLost(0, "no route")) == "no route"
