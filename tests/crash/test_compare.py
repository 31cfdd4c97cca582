"""The comparison finds what is wrong: an honest story is clean, and each lie in it is counted as what it is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from eval.crash.compare import compare
from eval.crash.evidence import Line, Numbers, Receipt, Stored, Witness
from eval.crash.faults import Fault

ROOM = "1"
LIN, MI, GRAY = "10", "11", "12"


def message(seq: int, sender: str, number: int, msg_no: int) -> Line:
    return Line(
        seq=seq,
        to_seq=seq,
        kind="message.sent",
        sender_id=sender,
        client_msg_id=f"{sender}-{number}",
        message_id=f"m{seq}",
        msg_no=msg_no,
        text=f"{sender}: 第 {number} 条",
    )


CREATED = Line(seq=1, to_seq=1, kind="conversation.created", joined=(LIN, MI))
COMES = Line(seq=4, to_seq=4, kind="member.joined", joined=(GRAY,))
GOES = Line(seq=6, to_seq=6, kind="member.left", left=GRAY)
LOG = [
    CREATED,
    message(2, LIN, 1, 1),
    message(3, MI, 1, 2),
    COMES,
    message(5, GRAY, 1, 3),
    GOES,
    message(7, LIN, 2, 4),
]


class Story:
    """Lin and Mi are in the group all the time, Gray comes and goes; everything is as it should be."""

    def __init__(self) -> None:
        numbers = {LIN: self.numbers(read=4), MI: self.numbers(read=2)}
        self.people = {name: Witness(account_id=name) for name in (LIN, MI, GRAY)}
        for name, person in self.people.items():
            own = [line for line in LOG if line.sender_id == name]
            person.sent = {ROOM: {line.client_msg_id: line.text for line in own}}
            person.receipts = [
                Receipt(
                    conversation_id=ROOM,
                    client_msg_id=line.client_msg_id,
                    message_id=line.message_id,
                    seq=line.seq,
                    msg_no=line.msg_no,
                )
                for line in own
            ]
            person.views = {ROOM: LOG[3:6] if name == GRAY else LOG[:]}
            if name != GRAY:
                person.begins = {ROOM: 0}
                person.held = {ROOM: numbers[name]}
        before = Line(seq=1, to_seq=3, kind="hidden")
        self.stored = Stored(
            log={ROOM: LOG[:]},
            pages={ROOM: [line for line in LOG if line.is_message]},
            members={ROOM: frozenset((LIN, MI))},
            numbers={LIN: {ROOM: numbers[LIN]}, MI: {ROOM: numbers[MI]}, GRAY: {}},
            fresh={LIN: {ROOM: LOG[:]}, MI: {ROOM: LOG[:]}, GRAY: {ROOM: [before, *LOG[3:6]]}},
        )

    @staticmethod
    def numbers(*, read: int) -> Numbers:
        return Numbers(last_seq=7, last_msg_no=4, read_msg_no=read, unread=4 - read)

    def counts(self) -> dict[str, int]:
        return {kind: count for kind, count in compare(list(self.people.values()), self.stored).counts.items() if count}


def test_an_honest_story_is_clean() -> None:
    assert Story().counts() == {}


def lose_an_acknowledged_message(story: Story) -> None:
    story.people[MI].receipts.append(
        Receipt(conversation_id=ROOM, client_msg_id=f"{MI}-2", message_id="m8", seq=8, msg_no=5)
    )
    story.people[MI].sent[ROOM][f"{MI}-2"] = "丢了"


def acknowledge_with_another_seq(story: Story) -> None:
    story.people[MI].receipts[0] = msgspec.structs.replace(story.people[MI].receipts[0], seq=4)


def refuse_what_is_stored(story: Story) -> None:
    story.people[GRAY].refused[ROOM, f"{GRAY}-1"] = "not_a_member"


def leave_a_message_open(story: Story) -> None:
    story.people[LIN].sent[ROOM][f"{LIN}-3"] = "在吗"


def keep_the_end_from_a_live_member(story: Story) -> None:
    story.people[MI].views[ROOM].pop()


def keep_the_end_from_a_fresh_member(story: Story) -> None:
    story.stored.fresh[MI][ROOM].pop()


def keep_the_end_of_his_membership_from_a_guest(story: Story) -> None:
    story.people[GRAY].views[ROOM].pop()


def hide_something_from_a_member(story: Story) -> None:
    story.people[MI].views[ROOM][2] = Line(seq=3, to_seq=3, kind="hidden")


def lose_a_message_from_the_history(story: Story) -> None:
    story.stored.pages[ROOM].pop(0)


def tell_an_event_twice(story: Story) -> None:
    story.people[MI].views[ROOM].insert(3, LOG[2])


def store_a_message_twice(story: Story) -> None:
    for log in (story.stored.log, story.stored.fresh[LIN], story.stored.fresh[MI], *(p.views for p in people(story))):
        log[ROOM].append(message(8, LIN, 2, 5))
    story.stored.pages[ROOM].append(message(8, LIN, 2, 5))
    set_numbers(story, Numbers(last_seq=8, last_msg_no=5, read_msg_no=5, unread=0))


def people(story: Story) -> list[Witness]:
    return [story.people[name] for name in (LIN, MI)]


def set_numbers(story: Story, numbers: Numbers) -> None:
    for person in people(story):
        person.held[ROOM] = story.stored.numbers[person.account_id][ROOM] = numbers


def store_in_another_order_than_sent(story: Story) -> None:
    sent = story.people[LIN].sent[ROOM]
    story.people[LIN].sent[ROOM] = dict(reversed(sent.items()))


def tell_out_of_order(story: Story) -> None:
    view = story.people[MI].views[ROOM]
    view[1], view[2] = view[2], view[1]


def tell_what_is_not_stored(story: Story) -> None:
    story.people[MI].views[ROOM].append(message(8, LIN, 3, 5))


def change_a_text(story: Story) -> None:
    story.people[LIN].sent[ROOM][f"{LIN}-1"] = "别的话"


def leave_out_a_seq(story: Story) -> None:
    del story.people[MI].views[ROOM][2]


def leave_out_a_msg_no(story: Story) -> None:
    last = msgspec.structs.replace(LOG[-1], msg_no=5)
    for log in (story.stored.log, story.stored.fresh[LIN], story.stored.fresh[MI], *(p.views for p in people(story))):
        log[ROOM][-1] = last
    story.stored.pages[ROOM][-1] = last
    story.people[LIN].receipts[-1] = msgspec.structs.replace(story.people[LIN].receipts[-1], msg_no=5)
    set_numbers(story, Numbers(last_seq=7, last_msg_no=5, read_msg_no=5, unread=0))


def tell_a_guest_what_came_after_him(story: Story) -> None:
    story.people[GRAY].views[ROOM].append(LOG[6])


def tell_a_stranger(story: Story) -> None:
    story.people["13"] = Witness(account_id="13", views={ROOM: LOG[:1]})


def count_the_unread_wrong(story: Story) -> None:
    wrong = Numbers(last_seq=7, last_msg_no=4, read_msg_no=2, unread=1)
    story.people[MI].held[ROOM] = story.stored.numbers[MI][ROOM] = wrong


def forget_how_far_he_has_read(story: Story) -> None:
    story.people[MI].read[ROOM] = 3


def show_other_numbers_at_the_client(story: Story) -> None:
    story.people[MI].held[ROOM] = story.numbers(read=3)


def keep_a_guest_in_the_list(story: Story) -> None:
    story.stored.members[ROOM] = frozenset((LIN, MI, GRAY))


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        (lose_an_acknowledged_message, Fault.LOST),
        (acknowledge_with_another_seq, Fault.PHANTOM),
        (refuse_what_is_stored, Fault.PHANTOM),
        (leave_a_message_open, Fault.UNSETTLED),
        (keep_the_end_from_a_live_member, Fault.UNSEEN),
        (keep_the_end_from_a_fresh_member, Fault.UNSEEN),
        (keep_the_end_of_his_membership_from_a_guest, Fault.UNSEEN),
        (hide_something_from_a_member, Fault.UNSEEN),
        (lose_a_message_from_the_history, Fault.UNSEEN),
        (tell_an_event_twice, Fault.DOUBLED),
        (store_a_message_twice, Fault.DOUBLED),
        (store_in_another_order_than_sent, Fault.REORDERED),
        (tell_out_of_order, Fault.REORDERED),
        (tell_what_is_not_stored, Fault.PHANTOM),
        (change_a_text, Fault.PHANTOM),
        (leave_out_a_seq, Fault.GAP),
        (leave_out_a_msg_no, Fault.GAP),
        (tell_a_guest_what_came_after_him, Fault.LEAKED),
        (tell_a_stranger, Fault.LEAKED),
        (count_the_unread_wrong, Fault.UNREAD),
        (forget_how_far_he_has_read, Fault.UNREAD),
        (show_other_numbers_at_the_client, Fault.UNREAD),
        (keep_a_guest_in_the_list, Fault.MEMBERSHIP),
    ],
)
def test_a_lie_is_counted_as_what_it_is(lie: Callable[[Story], None], fault: Fault) -> None:
    story = Story()
    lie(story)
    assert story.counts().get(fault.value, 0) == 1, compare(list(story.people.values()), story.stored).examples
