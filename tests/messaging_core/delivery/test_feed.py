"""A feed: each live link gets each event once, in order, and only while its account is a member."""

from __future__ import annotations

import msgspec

from messaging_core.delivery.feed import Feed
from messaging_core.delivery.link import Block, Link
from messaging_core.identity.policy import Actor
from messaging_core.kernel.event_log import MEMBER_LEFT, Event


class Receiver:
    """A carrier that keeps what it is given and never lags."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.frames: list[bytes] = []

    def write(self, block: Block) -> int:
        self.seqs += [msgspec.json.decode(frame)["seq"] for frame in block.frames]
        self.frames += block.frames
        return 0

    async def drained(self) -> None:
        """Nothing to wait for."""

    def close(self, code: int) -> None:
        raise AssertionError(f"closed with {code}")


def join(feed: Feed, *, account_id: int = 1, cursor: int = 0) -> tuple[Link, list[int]]:
    receiver = Receiver()
    actor = Actor(account_id=account_id, kind="personal", name="林小姐")
    link = Link(actor=actor, carrier=receiver, session_id=1, lang="zh", lag_limit=1 << 20)
    assert feed.go_live(link, cursor)
    return link, receiver.seqs


def event(seq: int, *, kind: str = "message.sent", account_id: int | None = None) -> Event:
    return Event(7, seq, kind, 0, account_id=account_id)


def test_events_are_pushed_in_order_and_once() -> None:
    feed = Feed(7)
    _, seqs = join(feed)
    feed.accept([event(1), event(2)])
    feed.accept([event(2)])
    feed.accept([event(1), event(3)])
    assert seqs == [1, 2, 3]


def test_an_event_that_comes_too_early_waits_for_those_before_it() -> None:
    feed = Feed(7)
    _, seqs = join(feed)
    assert feed.accept([event(3)]) == []
    assert feed.accept([event(2)]) == []
    assert seqs == []
    assert [due.seq for due in feed.accept([event(1)])] == [1, 2, 3]
    assert seqs == [1, 2, 3]
    assert feed.parked is None


def test_what_was_parked_and_comes_again_is_not_kept() -> None:
    feed = Feed(7)
    join(feed)
    feed.accept([event(3)])
    feed.accept([event(1), event(2), event(3)])
    assert feed.parked is None


def test_a_link_is_not_let_in_behind_the_others() -> None:
    feed = Feed(7)
    _, first = join(feed)
    feed.accept([event(1), event(2)])
    late = Link(
        actor=Actor(account_id=2, kind="personal", name="小米"),
        carrier=Receiver(),
        session_id=2,
        lang="zh",
        lag_limit=1,
    )
    assert not feed.go_live(late, 1)
    assert feed.go_live(late, 2)
    assert first == [1, 2]


def test_a_link_that_has_read_ahead_takes_nothing_from_the_others_and_gets_nothing_twice() -> None:
    """It read event 2 in the database before this node was told of it: the first link must still get it."""
    feed = Feed(7)
    _, first = join(feed)
    feed.accept([event(1)])
    _, second = join(feed, account_id=2, cursor=2)
    feed.accept([event(2), event(3)])
    feed.accept([event(4)])
    assert first == [1, 2, 3, 4]
    assert second == [3, 4]


def test_who_leaves_gets_the_event_that_says_so_and_nothing_after_it() -> None:
    feed = Feed(7)
    _, staying = join(feed)
    _, leaving = join(feed, account_id=2)
    feed.accept([event(1), event(2, kind=MEMBER_LEFT, account_id=2), event(3, kind="member.role_changed")])
    feed.accept([event(4)])
    assert leaving == [1, 2]
    assert staying == [1, 2, 3, 4]


def test_who_leaves_is_cut_off_at_the_right_place_when_events_come_too_early() -> None:
    feed = Feed(7)
    _, staying = join(feed)
    _, leaving = join(feed, account_id=2)
    feed.accept([event(3)])
    feed.accept([event(2, kind=MEMBER_LEFT, account_id=2)])
    assert leaving == []
    feed.accept([event(1)])
    assert leaving == [1, 2]
    assert staying == [1, 2, 3]


def test_nobody_goes_live_before_an_event_that_waited_when_the_last_link_went() -> None:
    """Event 3 was heard of and let go with the last link; who has read only 2 must read on."""
    feed = Feed(7)
    link, _ = join(feed, cursor=1)
    feed.accept([event(3)])
    feed.drop(link)
    other = Link(actor=link.actor, carrier=Receiver(), session_id=2, lang="zh", lag_limit=1 << 20)
    assert not feed.go_live(other, 2)
    assert feed.go_live(other, 3)
