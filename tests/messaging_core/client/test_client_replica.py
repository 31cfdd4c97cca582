"""The state of one conversation: applying events, however they arrive, equals fetching it again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging_core.client.frames import Event
from messaging_core.client.models import Conversation, Message, OwnView
from messaging_core.client.replica import Applied, Replica
from tests.messaging_core.client.story import GROUP, ME, Server, play

_people = st.sampled_from([ME, "11", "12", "13"])
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), _people),
        st.tuples(st.just("release"), _people),
        st.tuples(st.sampled_from(["join", "leave", "appoint"]), _people),
        st.tuples(st.just("change"), st.sampled_from(["recall", "like"])),
        st.tuples(st.just("notice"), st.sampled_from(["品茶", "上新"])),
        st.tuples(st.just("rename"), st.sampled_from(["茶友群", "春茶", "秋茶"])),
        st.tuples(st.just("assign"), st.sampled_from(["bot", "queued", "agent", "closed"])),
        st.tuples(st.just("read"), st.integers(0, 20).map(str)),
    ),
    min_size=5,
    max_size=30,
)
_place = st.integers(0, 100)


def _at(states: list[Server], percent: int) -> Server:
    return states[percent * (len(states) - 1) // 100]


def _deliver(replica: Replica, server: Server, network: random.Random) -> None:
    """Deliver the events as a bad network would, lost, doubled, out of order, and sync on every gap and at the end."""
    events = [event for event in server.events if network.random() > 0.3] * 2
    network.shuffle(events)
    for event in events:
        if replica.apply(event) is Applied.GAP:
            for missing in server.after(replica.last_seq):
                assert replica.apply(missing) is not Applied.GAP
    for event in server.after(replica.last_seq):
        assert replica.apply(event) is not Applied.GAP


@given(steps=_steps, places=st.tuples(_place, _place, _place), seed=st.integers(0, 1000))
def test_any_delivery_with_sync_equals_a_refetch(
    steps: list[tuple[str, str]], places: tuple[int, int, int], seed: int
) -> None:
    states = play(steps)
    network = random.Random(seed)
    first, middle, ahead = (_at(states, place) for place in sorted(places))
    server = states[-1]
    replica = Replica(GROUP, self_id=ME, last_seq=first.last_seq)
    replica.adopt(first.summary())

    _deliver(replica, middle, network)
    replica.adopt(ahead.summary())  # the welcome of a reconnect: ahead of the events
    _deliver(replica, server, network)
    replica.move_cursor(ME, server.read_msg_no)  # read cursors carry no seq

    assert replica.summary() == server.summary()
    held = [message for message in server.messages if message.seq > first.last_seq]
    assert [message for message in replica.messages if message.seq > first.last_seq] == held


@given(steps=_steps, known_at=_place)
def test_a_replica_that_began_with_an_event_is_whole_once_its_summary_came(
    steps: list[tuple[str, str]], known_at: int
) -> None:
    states = play(steps)
    server = states[-1]
    replica = Replica(GROUP, self_id=ME, last_seq=0)
    summary_of = _at(states, known_at)

    for event in server.events:
        replica.apply(event)
        if event.seq == summary_of.last_seq:
            replica.adopt(summary_of.summary())
    replica.adopt(summary_of.summary())  # a late answer changes nothing
    replica.move_cursor(ME, server.read_msg_no)

    assert not replica.needs_summary
    assert replica.summary() == server.summary()


@given(steps=_steps, fetched=_place)
def test_the_list_of_members_stays_true(steps: list[tuple[str, str]], fetched: int) -> None:
    states = play(steps)
    first = _at(states, fetched)
    replica = Replica(GROUP, self_id=ME, last_seq=0)
    replica.adopt(states[0].summary())
    replica.set_members(first.member_list())

    for event in states[-1].events:
        replica.apply(event)

    assert replica.members is not None
    assert {key: member.role for key, member in replica.members.items()} == states[-1].members()


def test_an_old_event_is_a_duplicate_and_a_later_one_a_gap() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME)

    assert replica.apply(server.events[0]) is Applied.NEW
    assert replica.apply(server.events[0]) is Applied.DUPLICATE
    assert replica.apply(server.events[2]) is Applied.GAP
    assert (replica.last_seq, replica.behind, len(replica.messages)) == (1, True, 1)


def test_who_comes_back_gets_a_tombstone_and_needs_a_new_summary() -> None:
    before = play([("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME, last_seq=before.last_seq)
    replica.adopt(before.summary())
    away = Server(**{**vars(before), "roles": {"11": "owner"}}).rename("春茶").say("11")
    back = away.join(ME).say("11")

    for event in back.after(replica.last_seq):
        assert replica.apply(event) is Applied.NEW

    assert replica.needs_summary
    replica.adopt(before.summary())  # older than what we missed: of no use
    assert replica.needs_summary
    replica.adopt(back.summary())
    assert replica.summary() == back.summary()
    assert (replica.title, replica.unread) == ("春茶", 1)


def test_unread_counts_what_came_and_forgets_what_was_read() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME)
    replica.adopt(Server().summary())
    for event in server.events:
        replica.apply(event)

    assert replica.unread == 3
    assert replica.mark_read(2)
    assert replica.unread == 1
    assert not replica.mark_read(1)
    replica.move_cursor(ME, 1)
    assert replica.unread == 1
    assert replica.mark_read()
    assert replica.unread == 0
    replica.mark_read(99)
    assert replica.read_msg_no == 3


def test_a_summary_from_before_my_reading_does_not_make_it_undone() -> None:
    server = play([("say", "11"), ("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME, last_seq=server.last_seq)
    replica.adopt(server.summary())
    replica.mark_read()

    replica.adopt(server.summary())

    assert replica.unread == 0


def test_unread_without_a_summary_counts_only_what_has_arrived() -> None:
    server = play([("say", "11"), ("say", "11"), ("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME, last_seq=2)

    replica.apply(server.events[2])
    assert replica.unread == 1
    replica.adopt(server.summary())
    assert replica.unread == 4


def test_what_i_send_is_read_by_me_and_moves_the_cursor_of_others_only_for_them() -> None:
    server = play([("say", ME), ("say", "11")])[-1]
    replica = Replica(GROUP, self_id=ME)
    replica.adopt(Server().summary())
    replica.set_members(server.member_list())

    for event in server.events:
        replica.apply(event)

    assert (replica.read_msg_no, replica.unread, replica.cursors) == (2, 1, {"11": 3})
    assert replica.members is not None
    assert replica.members["11"].read_msg_no == 3


def test_only_the_latest_messages_are_held_and_history_comes_before_them() -> None:
    server = play([("say", "11")] * 9)[-1]
    replica = Replica(GROUP, self_id=ME, keep=3)
    for event in server.events:
        replica.apply(event)

    assert [message.seq for message in replica.messages] == [8, 9, 10]
    replica.add_history(reversed(server.messages[4:8]))
    assert [message.seq for message in replica.messages] == [5, 6, 7, 8, 9, 10]
    assert replica.find_message(server.messages[5].id) == server.messages[5]
    assert replica.find_message("0") is None


def test_a_malformed_change_is_logged_and_asks_for_the_truth(caplog: pytest.LogCaptureFixture) -> None:
    replica = Replica(GROUP, self_id=ME)
    replica.adopt(Server().summary())
    odd = Event(conversation_id=GROUP, seq=1, kind="member.joined", at=datetime(2026, 1, 1, tzinfo=UTC), data={})

    assert replica.apply(odd) is Applied.NEW
    assert replica.needs_summary
    assert "member.joined" in caplog.text


def test_an_event_of_a_kind_from_the_future_takes_its_seq_and_changes_nothing() -> None:
    replica = Replica(GROUP, self_id=ME, last_seq=0)
    replica.adopt(Server().summary())
    odd = Event(conversation_id=GROUP, seq=1, kind="message.sparkled", at=datetime(2026, 1, 1, tzinfo=UTC), data={})

    assert replica.apply(odd) is Applied.NEW
    assert replica.last_seq == 1
    assert not replica.needs_summary


# --- what the list folds away ------------------------------------------------------------------------------------


AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def _said(seq: int, sender_id: str = "11", *, after_s: int = 0, **more: Any) -> Event:
    at = AT + timedelta(seconds=after_s)
    more = {"message_class": None, "folded_ms": 0, "kind": "text", "body": {"text": "在吗"}, **more}
    message = Message(
        id=f"9{seq}",
        client_msg_id=f"c-{seq}",
        sender_id=sender_id,
        origin="person",
        v=1,
        seq=seq,
        msg_no=seq,
        at=at,
        **more,
    )
    return Event(conversation_id="3", seq=seq, kind="message.sent", at=at, actor_id=sender_id, message=message)


def _held(role: str = "member", *, kind: str = "direct", enterprise_id: str | None = None) -> Replica:
    replica = Replica("3", self_id=ME)
    replica.adopt(
        Conversation(
            id="3",
            kind=kind,
            title="",
            enterprise_id=enterprise_id,
            created_at=AT,
            role=role,
            joined_seq=1,
            last_seq=0,
            last_msg_no=0,
            read_msg_no=0,
            unread=0,
            member_count=2,
        )
    )
    return replica


def test_whoever_writes_too_fast_is_folded_until_the_time_that_his_messages_say() -> None:
    replica = _held()
    replica.apply(_said(1))
    assert not replica.own.folded
    replica.apply(_said(2, folded_ms=60_000))
    replica.apply(_said(3, after_s=5, folded_ms=30_000))  # says less: the later time counts
    replica.apply(_said(4, ME, after_s=6, folded_ms=90_000))  # one's own folds nothing
    assert (replica.own.folded, replica.own.folded_until) == (True, AT + timedelta(seconds=60))
    assert not replica.unfold(AT + timedelta(seconds=59.999))
    assert replica.unfold(AT + timedelta(seconds=60))
    assert (replica.own.folded, replica.own.folded_until) == (False, None)


def test_an_own_from_before_the_haste_unfolds_nothing_and_changes_the_rest() -> None:
    replica = _held()
    replica.apply(_said(1, folded_ms=60_000))
    replica.set_own(OwnView(version=1, muted=True))
    assert (replica.own.muted, replica.own.folded) == (True, True)
    replica.set_own(OwnView(version=0, folded=True, folded_until=AT + timedelta(seconds=90)))
    assert (replica.own.muted, replica.own.folded_until) == (True, AT + timedelta(seconds=90))


@pytest.mark.parametrize(("role", "folded"), [("customer", True), ("agent", False)])
def test_an_offer_is_folded_for_whom_it_is_for_until_something_else_is_said(role: str, folded: bool) -> None:
    replica = _held(role, kind="service", enterprise_id="50")
    offer = _said(1, message_class="marketing")
    replica.apply(offer)
    assert replica.own.folded is folded
    replica.apply(_said(2))
    assert not replica.own.folded
    replica.apply(_said(3, message_class="marketing"))
    gone = _said(3, kind="recalled", body={"by": "11"}).message
    replica.apply(Event(conversation_id="3", seq=4, kind="message.recalled", at=AT, actor_id="11", message=gone))
    assert not replica.own.folded


def test_what_a_customer_wrote_too_fast_as_a_visitor_is_his_own() -> None:
    replica = _held("customer", kind="service", enterprise_id="50")
    replica.apply(_said(1, "77", folded_ms=60_000))
    assert (replica.own.folded, replica.own.folded_until) == (False, None)
