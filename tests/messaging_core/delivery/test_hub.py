"""The hub: who is told of what, when commits are heard of in another order than they were made."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from messaging_core.delivery.hub import Hub
from messaging_core.delivery.link import Block, Link
from messaging_core.identity.policy import Actor
from messaging_core.identity.privacy_policy import Quiet, Silence
from messaging_core.kernel.broker import InProcessBroker
from messaging_core.kernel.event_log import MEMBER_JOINED, MEMBER_LEFT, MESSAGE_SENT, Event
from tests.messaging_core.delivery.test_feed import Receiver, event

QIAO, ZHOU = 1, 2


class Node:
    """A hub over a log that is a list, with one link of Qiao that is live in conversation 7 at `cursor`."""

    def __init__(self, *, cursor: int) -> None:
        self.log: list[Event] = []
        self.reads: list[int] = []
        self.attached: list[int] = []
        self.hub = Hub(broker=InProcessBroker(), read_events=self.read)
        self.hub.attach = lambda link, _conversation_id: self.attached.append(link.actor.account_id)
        self.receiver = Receiver()
        actor = Actor(account_id=QIAO, kind="personal", name="老乔")
        self.link = Link(actor=actor, carrier=self.receiver, session_id=1, lang="zh", lag_limit=1 << 20)
        self.link.early = None
        self.hub.add_link(self.link)
        self.hub.enter(self.link, 7)
        assert self.hub.feeds[7].go_live(self.link, cursor)

    async def read(self, _conversation_id: int, after: int) -> list[Event]:
        self.reads.append(after)
        return [found for found in self.log if found.seq > after]


async def test_who_comes_back_is_let_in_although_his_coming_is_heard_of_before_his_leaving() -> None:
    node = Node(cursor=5)
    left = event(6, kind=MEMBER_LEFT, account_id=QIAO)
    joined = event(7, kind=MEMBER_JOINED, account_id=QIAO)
    node.hub.publish([joined, event(8)])
    assert node.attached == []
    node.hub.publish([left])
    assert node.receiver.seqs == [6]
    assert node.attached == [QIAO]


async def test_who_comes_is_let_in_although_an_event_before_it_is_missing() -> None:
    node = Node(cursor=5)
    other = Link(
        actor=Actor(account_id=ZHOU, kind="personal", name="小周"),
        carrier=Receiver(),
        session_id=2,
        lang="zh",
        lag_limit=1 << 20,
    )
    other.early = None
    node.hub.add_link(other)
    node.hub.publish([event(7, kind=MEMBER_JOINED, account_id=ZHOU)])
    assert node.attached == [ZHOU]


async def test_a_gap_that_does_not_close_by_itself_is_read_from_the_log() -> None:
    node = Node(cursor=5)
    node.log = [event(6), event(7)]
    node.hub.publish([event(7)])
    assert node.receiver.seqs == []
    async with asyncio.timeout(5):
        while node.receiver.seqs != [6, 7]:
            await asyncio.sleep(0.001)
    assert node.reads == [5]


async def test_a_wake_up_in_the_middle_of_a_repair_is_not_forgotten() -> None:
    node = Node(cursor=5)
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read(_conversation_id: int, after: int) -> list[Event]:
        found = await node.read(7, after)
        reading.set()
        await go_on.wait()
        return found

    node.hub._read_events = read
    node.log = [event(6)]
    node.hub.look(7, 6)
    await reading.wait()
    node.log.append(event(7))
    node.hub.look(7, 7)  # what is being read just now does not hold it
    go_on.set()
    async with asyncio.timeout(5):
        while node.receiver.seqs != [6, 7]:
            await asyncio.sleep(0.001)


async def test_a_wake_up_that_brings_no_news_reads_nothing() -> None:
    node = Node(cursor=5)
    node.hub.look(7, 5)
    node.hub.look(8, 3)
    await asyncio.sleep(0)
    assert node.reads == []


async def test_a_link_that_has_gone_is_in_no_feed() -> None:
    node = Node(cursor=5)
    node.hub.remove_link(node.link)
    node.hub.enter(node.link, 7)
    assert not node.hub.feeds
    assert not node.link.conversations
    assert not node.hub.links


async def test_after_a_push_to_a_crowd_its_feed_rests_and_what_comes_meanwhile_goes_out_together() -> None:
    passed = 0.0
    writes: list[list[int]] = []

    class Slow(Receiver):
        def write(self, block: Block) -> int:
            nonlocal passed
            passed += 0.0001
            writes.append([msgspec.json.decode(frame)["seq"] for frame in block.frames])
            return super().write(block)

    hub = Hub(broker=InProcessBroker(), read_events=Node(cursor=0).read, timer=lambda: passed)
    receivers = [Slow() for _ in range(40)]
    for number, receiver in enumerate(receivers):
        actor = Actor(account_id=number, kind="personal", name="茶友")
        link = Link(actor=actor, carrier=receiver, session_id=number, lang="zh", lag_limit=1 << 20)
        hub.enter(link, 7)
        assert hub.feeds[7].go_live(link, 0)
    for seq in range(1, 6):
        hub.publish([event(seq)])
    assert all(receiver.seqs == [1] for receiver in receivers)
    async with asyncio.timeout(30):
        while receivers[-1].seqs[-1] < 5:
            await asyncio.sleep(0.001)
    assert all(receiver.seqs == [1, 2, 3, 4, 5] for receiver in receivers)
    assert writes[40:] == [[2, 3, 4, 5]] * 40


def test_a_frame_for_ones_account_waits_for_the_welcome() -> None:
    node = Node(cursor=5)
    node.link.early = set()
    node.hub.push_account(QIAO, b'{"type":"own"}')
    assert node.receiver.frames == []
    assert node.link.held == [b'{"type":"own"}']


@pytest.mark.parametrize(("special", "alerts"), [((), ["badge"] * 2), ((9,), [None, "badge"])])
def test_what_arrives_in_silence_says_so_and_is_encoded_once_for_all_who_are_silent(
    special: tuple[int, ...], alerts: list[str | None]
) -> None:
    node = Node(cursor=5)
    loud = [join(node, account_id) for account_id in (3, 4)]
    silent = [join(node, account_id) for account_id in (5, 6)]
    for link in silent:
        link.quiet = Quiet("UTC", [Silence(day, 0, 24 * 60) for day in range(7)], frozenset(special))
    node.hub.publish([said(6, sender=9), said(7, sender=8), said(8, sender=9, message_class="marketing")])

    def frames(link: Link) -> list[bytes]:
        assert isinstance(link.carrier, Receiver)
        return link.carrier.frames

    def told(link: Link) -> list[str | None]:
        return [msgspec.json.decode(frame).get("alert") for frame in frames(link)]

    assert [told(link) for link in loud] == [[None] * 3] * 2
    assert [told(link) for link in silent] == [[*alerts, None]] * 2, "the folded box makes no sound anyway"
    first = [frames(link)[1] for link in (*loud, *silent)]
    assert first[0] is first[1], "encoded once for all"
    assert (first[2] is first[3]) is (not special), "and once more for the silent"


def test_whoever_writes_too_fast_is_heard_by_who_follows_him_specially_and_the_rest_share_one_encoding() -> None:
    node = Node(cursor=5)
    plain = [join(node, account_id) for account_id in (3, 4)]
    silent, fan = join(node, 5), join(node, 6)
    silent.quiet = Quiet("UTC", [Silence(day, 0, 24 * 60) for day in range(7)], frozenset())
    fan.quiet = Quiet("UTC", [], frozenset({9}))
    hasty, calm = said(6, sender=9), said(7, sender=9)
    hasty.hushed_until_us = hasty.at_us + 1

    def told(link: Link) -> list[str | None]:
        assert isinstance(link.carrier, Receiver)
        return [msgspec.json.decode(frame).get("alert") for frame in link.carrier.frames]

    node.hub.publish([hasty])
    node.hub.publish([calm])
    assert [told(link) for link in plain] == [["folded", None]] * 2
    assert (told(silent), told(fan)) == (["folded", "badge"], [None, None])
    first = [link.carrier.frames for link in plain if isinstance(link.carrier, Receiver)]
    assert first[0][0] is first[1][0], "encoded once for all"


def join(node: Node, account_id: int) -> Link:
    actor = Actor(account_id=account_id, kind="personal", name="友")
    link = Link(actor=actor, carrier=Receiver(), session_id=account_id, lang="zh", lag_limit=1 << 20)
    link.early = None
    node.hub.add_link(link)
    node.hub.enter(link, 7)
    assert node.hub.feeds[7].go_live(link, 5)
    return link


def said(seq: int, *, sender: int, message_class: str | None = None) -> Event:
    message = {"sender_id": str(sender), **({"class": message_class} if message_class else {})}
    return Event(7, seq, MESSAGE_SENT, seq, actor_id=sender, message=msgspec.json.encode(message))
