"""The table 'Groups' of the policies, without live rooms: sizes, roles, silence, bans, links, notices, bots."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kefu.base.clock import SECOND_US
from messaging_core.api import Actor, Core, Unit, add_members, create_group, remove_member
from messaging_core.conversations import actions, audit, groups_store, invites, invites_store, moderation, notices
from messaging_core.conversations import store as conversations
from messaging_core.conversations.etiquette import Said, check_bot_may_speak, is_question
from messaging_core.conversations.notices import GroupChange
from messaging_core.conversations.policy import check_group_size, check_invites, check_may_speak, stands_above
from messaging_core.errors import CoreError
from messaging_core.identity import contacts
from messaging_core.messages import acts
from messaging_core.messages.model import Quote
from messaging_core.settings import Groups
from tests.messaging_core.policies import talk
from tests.support.cast import Cast
from tests.support.clock import FakeClock

RULES = Groups()
OK = "ok"


def _outcome(check: Any, **fields: Any) -> str:
    try:
        check(**fields)
    except CoreError as refusal:
        return str(refusal.data.get("rule") or refusal.code)
    return OK


# | kind | members incl. owner | invites at creation |
@pytest.mark.parametrize(
    ("community", "members", "invites"), [(False, 200, 50), (True, 500, 500)], ids=["ordinary", "community"]
)
def test_how_many_a_group_may_have_and_how_many_are_invited_at_once(
    community: bool, members: int, invites: int
) -> None:
    assert _outcome(check_group_size, limits=RULES, community=community, members=members) == OK
    assert _outcome(check_group_size, limits=RULES, community=community, members=members + 1) == "group_full"
    assert _outcome(check_invites, limits=RULES, community=community, invites=invites) == OK
    assert _outcome(check_invites, limits=RULES, community=community, invites=invites + 1) == "group_full"


# Owner appoints admins; admins mute (timed), kick, invite.
@pytest.mark.parametrize(
    ("role", "target", "may"),
    [
        ("owner", "admin", True),
        ("owner", "member", True),
        ("admin", "member", True),
        ("admin", "admin", False),
        ("admin", "owner", False),
        ("member", "member", False),
    ],
)
def test_who_stands_above_whom(role: str, target: str, may: bool) -> None:
    assert stands_above(role, target) is may


@pytest.mark.parametrize(
    ("role", "announcement_only", "group_until", "member_until", "expected"),
    [
        ("member", False, None, None, OK),
        ("member", False, None, 100, "member_silenced"),
        ("member", False, None, 99, OK),
        ("admin", False, None, 100, "member_silenced"),
        ("member", False, 100, None, "group_silenced"),
        ("member", False, 99, None, OK),
        ("admin", True, 100, None, OK),
        ("member", True, None, None, "announcement_only"),
    ],
)
def test_who_may_speak(
    role: str, announcement_only: bool, group_until: int | None, member_until: int | None, expected: str
) -> None:
    assert (
        _outcome(
            check_may_speak,
            role=role,
            announcement_only=announcement_only,
            group_until_us=group_until,
            member_until_us=member_until,
            now_us=99,
        )
        == expected
    )


async def test_a_silence_ends_by_itself_and_is_told_audited_and_exact(core: Core, cast: Cast, clock: FakeClock) -> None:
    group = await talk.tea_group(core, cast)
    mi = cast.id("mi")

    def silence(name: str, target: int, seconds: int) -> Any:
        return lambda unit: moderation.silence_member(
            unit, cast[name], conversation_id=group, account_id=target, seconds=seconds
        )

    assert await talk.refused(core, silence("gray", mi, 60)) == "forbidden:admin_only"
    assert await talk.refused(core, silence("lin", mi, 60)) == OK
    assert await talk.refused_send(core, talk.words(cast["mi"], group, "我", key="a")) == "not_allowed:member_silenced"
    clock.advance(seconds=60)
    assert await talk.refused_send(core, talk.words(cast["mi"], group, "我", key="a")) == OK
    await core.run(silence("lin", mi, 3600))
    await core.run(silence("lin", mi, 0))
    assert await talk.refused_send(core, talk.words(cast["mi"], group, "我", key="b")) == OK
    await core.run(lambda unit: moderation.silence_group(unit, cast["lin"], conversation_id=group, seconds=60))
    assert await talk.refused_send(core, talk.words(cast["mi"], group, "我", key="c")) == "not_allowed:group_silenced"
    assert await talk.refused_send(core, talk.words(cast["lin"], group, "我", key="c")) == OK
    told = [event.kind for event in await talk.log(core, group) if event.kind.endswith(".changed")]
    assert told == ["member.changed"] * 3 + ["group.changed"]
    rows = await core.read(lambda c: audit.list_acts(c, group, before_id=2**62, limit=10))
    assert [(row.act, row.actor_name, row.target_name) for row in rows] == [
        ("group.silenced", "林小姐", None),
        ("member.unsilenced", "林小姐", "小米"),
        ("member.silenced", "林小姐", "小米"),
        ("member.silenced", "林小姐", "小米"),
    ]


async def test_every_admin_act_is_audited_with_who_did_it_to_whom(core: Core, cast: Cast) -> None:
    group, lin, mi, gray = await talk.tea_group(core, cast), cast["lin"], cast.id("mi"), cast.id("gray")
    sent = await talk.say(core, cast["gray"], group, "广告")

    def play(unit: Unit) -> None:
        actions.set_role(unit, lin, conversation_id=group, account_id=mi, role="admin")
        actions.rename(unit, lin, conversation_id=group, title="春茶群")
        notices.pin(unit, cast["mi"], conversation_id=group, seq=sent.seq, on=True)
        acts.recall(unit, cast["mi"], conversation_id=group, seq=sent.seq)
        remove_member(unit, cast["mi"], conversation_id=group, account_id=gray)
        add_members(unit, cast["mi"], conversation_id=group, account_ids=[gray])
        moderation.ban(unit, cast["mi"], conversation_id=group, account_id=gray, reason="广告")
        moderation.unban(unit, lin, conversation_id=group, account_id=gray)
        notices.change_group(unit, lin, conversation_id=group, change=GroupChange(notice="周六品茶"))
        link, _ = invites.make_link(unit, lin, conversation_id=group, expires_in_s=None, max_uses=None)
        invites.revoke_link(unit, lin, conversation_id=group, link_id=link)
        actions.set_role(unit, lin, conversation_id=group, account_id=mi, role="owner")

    await core.run(play)
    rows = await core.read(lambda c: audit.list_acts(c, group, before_id=2**62, limit=50))
    assert [(row.act, row.actor_name) for row in reversed(rows)] == [
        ("member.role_changed", "林小姐"),
        ("conversation.renamed", "林小姐"),
        ("message.pinned", "小米"),
        ("message.recalled", "小米"),
        ("member.removed", "小米"),
        ("member.invited", "小米"),
        ("member.banned", "小米"),
        ("member.unbanned", "林小姐"),
        ("group.changed", "林小姐"),
        ("link.made", "林小姐"),
        ("link.revoked", "林小姐"),
        ("member.role_changed", "林小姐"),
    ]
    seen = [event.kind for event in await talk.log(core, group)][2:]
    assert seen == [
        "member.role_changed",
        "conversation.renamed",
        "message.pinned",
        "message.recalled",
        "member.left",
        "member.joined",
        "member.left",
        "group.changed",
        "member.role_changed",
        "member.role_changed",
    ]
    view = (await talk.summary(core, cast["mi"], group)).group
    assert view is not None
    assert (view.notice, view.pins) == ("周六品茶", [sent.seq])


# Ban: cannot come back, not by a link and not by an invitation.
async def test_who_is_banned_comes_back_by_no_way_until_the_ban_is_lifted(core: Core, cast: Cast) -> None:
    group, gray = await talk.tea_group(core, cast), cast.id("gray")
    _, code = await core.run(
        lambda unit: invites.make_link(unit, cast["lin"], conversation_id=group, expires_in_s=None, max_uses=None)
    )
    await core.run(
        lambda unit: moderation.ban(unit, cast["lin"], conversation_id=group, account_id=gray, reason="广告")
    )
    left = (await talk.log(core, group))[-1]
    assert msgspec.json.decode(left.data or b"")["reason"] == "banned"

    def come(unit: Unit) -> None:
        invites.join_by_link(unit, cast["gray"], code=code, words="")

    def invite(unit: Unit) -> None:
        add_members(unit, cast["lin"], conversation_id=group, account_ids=[gray])

    assert [await talk.refused(core, come), await talk.refused(core, invite)] == ["banned", "banned"]
    await core.run(lambda unit: moderation.unban(unit, cast["lin"], conversation_id=group, account_id=gray))
    assert await talk.refused(core, come) == OK


# Invite links: expiry, use count, revoking.
async def test_a_link_is_good_for_its_time_and_its_uses(core: Core, cast: Cast, clock: FakeClock) -> None:
    people = await talk.make_people(core, 4)
    group = await talk.tea_group(core, cast)

    def make(unit: Unit, expires_in_s: int | None, max_uses: int | None) -> tuple[int, str]:
        return invites.make_link(unit, cast["lin"], conversation_id=group, expires_in_s=expires_in_s, max_uses=max_uses)

    def come(person: Actor, code: str) -> Any:
        return lambda unit: invites.join_by_link(unit, person, code=code, words="")

    _, once = await core.run(lambda unit: make(unit, None, 1))
    assert await talk.refused(core, come(people[0], once)) == OK
    assert await talk.refused(core, come(people[0], once)) == OK, "who is in already uses nothing up"
    assert await talk.refused(core, come(people[1], once)) == "link_ended:used_up"
    _, short = await core.run(lambda unit: make(unit, 60, None))
    clock.advance(seconds=60)
    assert await talk.refused(core, come(people[1], short)) == "link_ended:expired"
    link, ended = await core.run(lambda unit: make(unit, None, None))
    await core.run(lambda unit: invites.revoke_link(unit, cast["lin"], conversation_id=group, link_id=link))
    assert await talk.refused(core, come(people[1], ended)) == "link_ended:revoked"
    assert await talk.refused(core, come(people[1], "nonsense")) == "not_found"
    assert (
        await talk.refused(
            core,
            lambda unit: invites.make_link(unit, cast["mi"], conversation_id=group, expires_in_s=None, max_uses=None),
        )
        == "forbidden:admin_only"
    )


# Join approval with a queue.
async def test_where_approval_is_asked_people_wait_in_order_until_an_admin_decides(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    one, two = await talk.make_people(core, 2)
    group = await talk.tea_group(core, cast)
    await core.run(
        lambda unit: notices.change_group(
            unit, cast["lin"], conversation_id=group, change=GroupChange(join_approval=True)
        )
    )
    _, code = await core.run(
        lambda unit: invites.make_link(unit, cast["lin"], conversation_id=group, expires_in_s=None, max_uses=1)
    )
    for person in (two, one):
        joined = await core.run(
            lambda unit, person=person: invites.join_by_link(unit, person, code=code, words="茶友介绍")  # type: ignore[misc]
        )
        assert joined == (group, "waiting")
        clock.advance(seconds=1)
    waiting = await core.read(lambda c: invites_store.list_waiting(c, group, limit=10))
    assert [(row.account_id, row.words) for row in waiting] == [
        (two.account_id, "茶友介绍"),
        (one.account_id, "茶友介绍"),
    ]

    def decide(name: str, person: Actor, accept: bool) -> Any:
        return lambda unit: invites.decide(
            unit, cast[name], conversation_id=group, account_id=person.account_id, accept=accept
        )

    assert await talk.refused(core, decide("mi", two, True)) == "forbidden:admin_only"
    assert await talk.refused(core, decide("lin", two, True)) == OK
    assert await talk.refused(core, decide("lin", one, True)) == "link_ended:used_up"
    assert await talk.refused(core, decide("lin", one, False)) == OK
    assert await talk.refused(core, decide("lin", one, False)) == "not_found"
    members = await core.read(lambda c: [row.account_id for row in conversations.list_members(c, group)])
    assert two.account_id in members
    assert one.account_id not in members


# Extras of a community: welcome message, announcement-only mode, bots.
async def test_only_a_community_welcomes_and_announces(core: Core, cast: Cast) -> None:
    ordinary = await talk.tea_group(core, cast)
    community = await talk.tea_group(core, cast, community=True)

    def change(name: str, group: int, **fields: Any) -> Any:
        return lambda unit: notices.change_group(unit, cast[name], conversation_id=group, change=GroupChange(**fields))

    for fields in ({"welcome": "欢迎"}, {"announcement_only": True}, {"bot_wait_s": 5}):
        assert await talk.refused(core, change("lin", ordinary, **fields)) == "forbidden:community_only"
    await core.run(change("boss", community, welcome="欢迎来喝茶", announcement_only=True))
    person = (await talk.make_people(core, 1))[0]
    await core.run(
        lambda unit: add_members(unit, cast["boss"], conversation_id=community, account_ids=[person.account_id])
    )
    seen = await talk.summary(core, person, community)
    greeting = msgspec.json.decode(seen.last_message or b"")
    assert (greeting["origin"], greeting["body"]["text"]) == ("system", "欢迎来喝茶")
    assert (greeting["mentions"], seen.mentions) == ([str(person.account_id)], [greeting["msg_no"]])
    refused = await talk.refused_send(core, talk.words(cast["lin"], community, "我", key="x"))
    assert refused == "not_allowed:announcement_only"
    assert await talk.refused_send(core, talk.words(cast["boss"], community, "上新", key="x")) == OK


async def test_a_bot_is_no_member_of_an_ordinary_group(core: Core, cast: Cast) -> None:
    def make(unit: Unit) -> None:
        create_group(unit, cast["lin"], title="群", member_ids=[cast.id("bot")])

    assert await talk.refused(core, make) == "not_found"


# Nicknames: one's own, or given by an admin to those below.
async def test_a_nickname_is_for_this_group_and_is_told(core: Core, cast: Cast) -> None:
    group = await talk.tea_group(core, cast)

    def name(by: str, target: str, nickname: str) -> Any:
        return lambda unit: moderation.set_nickname(
            unit, cast[by], conversation_id=group, account_id=cast.id(target), nickname=nickname
        )

    assert await talk.refused(core, name("mi", "mi", "米老师")) == OK
    assert await talk.refused(core, name("mi", "gray", "老灰")) == "forbidden:admin_only"
    assert await talk.refused(core, name("lin", "gray", "老灰")) == OK
    rows = await core.read(lambda c: conversations.list_members(c, group))
    assert {row.name: row.nickname for row in rows} == {"林小姐": None, "小米": "米老师", "灰先生": "老灰"}


async def test_pins_are_few_and_stay_where_admins_put_them(core: Core, cast: Cast) -> None:
    group = await talk.tea_group(core, cast)
    sent = [await talk.say(core, cast["mi"], group, f"{n}") for n in range(RULES.pins + 1)]

    def pin(name: str, seq: int, on: bool = True) -> Any:
        return lambda unit: notices.pin(unit, cast[name], conversation_id=group, seq=seq, on=on)

    assert await talk.refused(core, pin("mi", sent[0].seq)) == "forbidden:admin_only"
    for one in sent[:-1]:
        await core.run(pin("lin", one.seq))
    assert await talk.refused(core, pin("lin", sent[-1].seq)) == "too_many:pins"
    await core.run(pin("lin", sent[0].seq, on=False))
    pins = await core.read(lambda c: groups_store.find_pins(c, [group])[group])
    assert pins == [one.seq for one in sent[1:-1]]


# Bots in groups speak when @-mentioned or when a question stays unanswered N seconds; never over a human.
ASKED = Said(seq=10, sender_id=1, origin="person", at_us=0, text="龙井有货吗？")
CALLED = Said(seq=10, sender_id=1, origin="person", at_us=0, text="龙井", mentions=frozenset({9}))
HUMAN = Said(seq=11, sender_id=2, origin="person", at_us=1, text="有的")
ANSWER = Said(seq=11, sender_id=2, origin="person", at_us=1, text="有的", reply_to=10)
ASKER_AGAIN = Said(seq=11, sender_id=1, origin="person", at_us=1, text="在吗")
BOTS = [Said(seq=11 + n, sender_id=9, origin="bot", at_us=1, reply_to=10) for n in range(3)]


@pytest.mark.parametrize(
    ("question", "since", "after_s", "speaks"),
    [
        (CALLED, [], 0, True),
        (CALLED, [HUMAN], 0, True),
        (CALLED, [ANSWER], 0, False),
        (CALLED, BOTS[:2], 0, True),
        (CALLED, BOTS, 0, False),
        (ASKED, [], 59.9, False),
        (ASKED, [], 60, True),
        (ASKED, [ASKER_AGAIN], 60, True),
        (ASKED, [HUMAN], 60, False),
        (HUMAN, [], 60, False),
        (BOTS[0], [], 60, False),
        (None, [], 60, False),
    ],
)
def test_when_a_bot_speaks(question: Said | None, since: list[Said], after_s: float, speaks: bool) -> None:
    said = _outcome(
        check_bot_may_speak,
        question=question,
        since=since,
        bot_id=9,
        wait_us=60 * SECOND_US,
        now_us=round(after_s * SECOND_US),
        replies=RULES.bot_replies,
    )
    assert said == (OK if speaks else "bot_not_asked")


def test_what_a_question_is() -> None:
    assert all(is_question(text) for text in ("有货吗", "多少钱一盒？", "现在发货么。", "any left?"))
    assert not any(is_question(text) for text in ("有货", "好的。", "吗啡", ""))


async def test_a_question_that_nobody_answers_is_told_to_the_bots_and_then_they_may_speak(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    group, bot = await talk.tea_group(core, cast, community=True), cast["bot"]
    asked = await talk.say(core, cast["lin"], group, "今天发货吗？", key="q1")
    answered = await talk.say(core, cast["mi"], group, "明天呢？", key="q2")
    clock.advance(seconds=1)
    await talk.say(core, cast["gray"], group, "都发")
    alone = await talk.say(core, cast["mi"], group, "几点发呢", key="q3")
    reply = talk.words(bot, group, "下午四点", key="b1", quote=Quote(reply_to=alone.seq))
    assert await talk.refused_send(core, reply) == "not_allowed:bot_not_asked"
    assert await talk.refused_send(core, talk.words(bot, group, "大家好", key="b2")) == "not_allowed:bot_not_asked"
    clock.advance(seconds=60)
    await core.jobs.run_due()
    unanswered = [
        msgspec.json.decode(event.data or b"")["message_seq"]
        for event in await talk.log(core, group)
        if event.kind == "question.unanswered"
    ]
    assert unanswered == [alone.seq], f"{asked.seq} and {answered.seq} were spoken after"
    assert await talk.refused_send(core, reply) == OK
    called = await talk.say(core, cast["lin"], group, "@小助手 讲讲", quote=Quote(mentions=(bot.account_id,)))
    say_at_once = talk.words(bot, group, "好的", key="b3", quote=Quote(reply_to=called.seq))
    assert await talk.refused_send(core, say_at_once) == OK


# --- the blacklist: who is on it brings nobody into a group ---------------------------------------------------------
async def test_who_is_on_a_blacklist_cannot_bring_that_person_into_a_group(core: Core, cast: Cast) -> None:
    lin, gray = cast["lin"], cast.id("gray")
    group = await talk.tea_group(core, cast)
    await core.run(lambda unit: remove_member(unit, lin, conversation_id=group, account_id=gray))
    await core.run(lambda unit: contacts.put_on_list(unit, cast["gray"], name="blacklist", account_id=cast.id("lin")))
    said = await talk.refused(core, lambda unit: add_members(unit, lin, conversation_id=group, account_ids=[gray]))
    assert said == "forbidden:blacklist"
    said = await talk.refused(
        core, lambda unit: create_group(unit, lin, title="再来", member_ids=[cast.id("mi"), gray])
    )
    assert said == "forbidden:blacklist"
    made = await core.run(lambda unit: create_group(unit, cast["mi"], title="别人", member_ids=[gray]))
    assert made, "others are not concerned"
    link = await core.run(
        lambda unit: invites.make_link(unit, lin, conversation_id=group, expires_in_s=60, max_uses=None)
    )
    _, became = await core.run(lambda unit: invites.join_by_link(unit, cast["gray"], code=link[1], words=""))
    assert became == "joined", "of his own will he comes in"


async def test_who_has_an_enterprise_on_his_blacklist_is_not_brought_into_its_community(core: Core, cast: Cast) -> None:
    shop, gray = cast.enterprise_id, cast.id("gray")
    await core.run(lambda unit: contacts.put_on_list(unit, cast["gray"], name="blacklist", account_id=shop))
    community = await core.run(
        lambda unit: create_group(unit, cast["boss"], title="茶社", member_ids=[cast.id("mi")], enterprise_id=shop)
    )
    said = await talk.refused(
        core, lambda unit: add_members(unit, cast["boss"], conversation_id=community, account_ids=[gray])
    )
    assert said == "forbidden:blacklist"
    made = await core.run(lambda unit: create_group(unit, cast["boss"], title="私下", member_ids=[gray]))
    assert made, "the boss himself he has not blocked"
