"""The table 'Messages' of the policies: recall, edit, delete, reply, forward, mention, react, read, list."""

from __future__ import annotations

import msgspec
import pytest

from kefu.base.clock import HOUR_US, MINUTE_US, SECOND_US
from messaging_core.api import Core, Unit, create_group, open_direct, open_service, take
from messaging_core.conversations import own, own_store
from messaging_core.conversations import store as conversations
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from messaging_core.messages import acts, changes_store, forwarding, personal_store
from messaging_core.messages.actions import send_batch
from messaging_core.messages.model import Quote
from messaging_core.messages.policy import check_may_edit, check_may_recall, reacted
from messaging_core.settings import Messages
from tests.messaging_core.policies import talk
from tests.support.cast import Cast
from tests.support.clock import FakeClock
from tests.support.statements import heard

RULES = Messages()
NO = "forbidden"


async def direct(core: Core, cast: Cast) -> int:
    return await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))


def edit(unit: Unit, cast: Cast, name: str, place: int, seq: int, text: str) -> None:
    raw = msgspec.json.encode({"text": text})
    acts.edit(unit, cast[name], conversation_id=place, seq=seq, kind="text", v=1, raw=raw)


# | recall | sender within 2 min; desk agents within 24 h; leaves a tombstone |
@pytest.mark.parametrize(
    ("who", "kind", "age_us", "expected"),
    [
        ("own", "text", 2 * MINUTE_US - 1, "ok"),
        ("own", "text", 2 * MINUTE_US, "too_late"),
        ("serves", "text", 24 * HOUR_US - 1, "ok"),
        ("serves", "text", 24 * HOUR_US, "too_late"),
        ("moderates", "text", 24 * HOUR_US - 1, "ok"),
        ("nobody", "text", 1, NO),
        ("own", "red_packet", 1, NO),
    ],
)
def test_who_may_recall_and_until_when(who: str, kind: str, age_us: int, expected: str) -> None:
    asked = {"own": False, "serves": False, "moderates": False} | ({who: True} if who != "nobody" else {})
    try:
        check_may_recall(RULES, kind=kind, age_us=age_us, sent_at_us=0, **asked)
    except CoreError as refusal:
        assert refusal.code == expected
        if expected == "too_late":
            assert (refusal.data["rule"], refusal.data["used"]) == ("recall", age_us // SECOND_US)
    else:
        assert expected == "ok"


async def test_a_recall_leaves_a_tombstone_for_everybody_and_the_words_are_nowhere_to_be_read(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    place = await direct(core, cast)
    sent = await talk.say(core, cast["lin"], place, "龙井八折", key="c1")
    clock.advance(seconds=119)
    await core.run(lambda unit: acts.recall(unit, cast["lin"], conversation_id=place, seq=sent.seq))
    await core.run(lambda unit: acts.recall(unit, cast["lin"], conversation_id=place, seq=sent.seq))
    seen = await talk.see(core, cast["mi"], place, sent.seq)
    assert (seen["kind"], seen["body"], seen["msg_no"]) == ("recalled", {"by": str(cast.id("lin"))}, 1)
    events = await talk.log(core, place)
    assert [event.kind for event in events] == ["conversation.created", "message.sent", "message.recalled"]
    assert not any("龙井八折" in event.frame().decode() for event in events)
    kept = await core.read(lambda c: changes_store.list_versions(c, place, sent.seq))
    assert [(row.act, row.body) for row in kept] == [("recall", '{"text":"龙井八折"}')]
    assert (await talk.summary(core, cast["mi"], place)).unread == 1
    again = await talk.say(core, cast["lin"], place, "龙井八折", key="c1")
    assert (again.seq, again.duplicate) == (sent.seq, True), "a retry after the recall must not be a second message"


async def test_an_agent_recalls_what_the_shops_side_said_within_a_day(core: Core, cast: Cast, clock: FakeClock) -> None:
    place = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    session = await core.read(lambda c: desk.find_open(c, [place])[place])
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    own_side = await talk.say(core, cast["qiao"], place, "包邮")
    asked = await talk.say(core, cast["lin"], place, "真的吗")
    clock.advance(seconds=23 * 3600)

    def recall(name: str, seq: int) -> object:
        return lambda unit: acts.recall(unit, cast[name], conversation_id=place, seq=seq)

    assert await talk.refused(core, recall("zhou", asked.seq)) == "forbidden:sender_only"  # type: ignore[arg-type]
    assert await talk.refused(core, recall("lin", own_side.seq)) == "forbidden:sender_only"  # type: ignore[arg-type]
    assert await talk.refused(core, recall("gray", own_side.seq)) == "not_a_member"  # type: ignore[arg-type]
    assert await talk.refused(core, recall("zhou", own_side.seq)) == "ok"  # type: ignore[arg-type]


# | edit | the sender of a text, within a window; what it was stays readable |
@pytest.mark.parametrize(
    ("own", "kind", "age_us", "expected"),
    [
        (True, "text", 15 * MINUTE_US - 1, "ok"),
        (True, "text", 15 * MINUTE_US, "too_late"),
        (False, "text", 1, NO),
        (True, "product_card", 1, NO),
        (True, "recalled", 1, NO),
    ],
)
def test_who_may_edit_what_and_until_when(own: bool, kind: str, age_us: int, expected: str) -> None:
    try:
        check_may_edit(RULES, kind=kind, age_us=age_us, own=own, sent_at_us=0)
    except CoreError as refusal:
        assert refusal.code == expected
    else:
        assert expected == "ok"


async def test_an_edit_shows_the_new_words_and_keeps_the_old_ones(core: Core, cast: Cast) -> None:
    place = await direct(core, cast)
    sent = await talk.say(core, cast["lin"], place, "周五见", key="c1")
    await core.run(lambda unit: acts.react(unit, cast["mi"], conversation_id=place, seq=sent.seq, emoji="👍", on=True))
    await core.run(lambda unit: edit(unit, cast, "lin", place, sent.seq, "周六见"))
    await core.run(lambda unit: edit(unit, cast, "lin", place, sent.seq, "周六见"))
    seen = await talk.see(core, cast["mi"], place, sent.seq)
    assert (seen["body"], seen["reactions"]) == ({"text": "周六见"}, {"👍": [str(cast.id("mi"))]})
    assert seen["edited_at"]
    kept = await core.read(lambda c: changes_store.list_versions(c, place, sent.seq))
    assert [row.body for row in kept] == ['{"text":"周五见"}']
    again = await talk.say(core, cast["lin"], place, "周五见", key="c1")
    assert again.duplicate
    assert [event.kind for event in await talk.log(core, place)][-2:] == ["message.reacted", "message.edited"]


# | delete for me | a tombstone for him, never a gap; the others see it as before |
async def test_what_one_deletes_for_himself_is_a_tombstone_for_him_alone(core: Core, cast: Cast) -> None:
    place = await direct(core, cast)
    sent = await talk.say(core, cast["mi"], place, "别给人看")
    for _ in range(2):
        await core.run(lambda unit: acts.delete_for_me(unit, cast["lin"], conversation_id=place, seq=sent.seq))
    mine, hers = [await talk.see(core, cast[name], place, sent.seq) for name in ("lin", "mi")]
    assert (mine["kind"], mine["body"], mine["seq"]) == ("deleted", {}, sent.seq)
    assert hers["body"] == {"text": "别给人看"}
    events = await talk.log(core, place, viewer=cast.id("lin"))
    told = {name: [event.frame_for(cast.id(name)).decode() for event in events] for name in ("lin", "mi")}
    assert [event.kind for event in events].count("message.deleted") == 1
    assert not any("别给人看" in frame for frame in told["lin"])
    assert '"kind":"hidden"' in told["mi"][-1]
    assert '"private":true' in told["mi"][-1]
    last = (await talk.summary(core, cast["lin"], place)).last_message
    assert b"deleted" in bytes(last or b"")


# | reply | quotes by place, so that a recalled message is not kept in its quotations |
async def test_a_reply_points_at_what_its_sender_may_see(core: Core, cast: Cast) -> None:
    group = await talk.tea_group(core, cast)
    first = await talk.say(core, cast["lin"], group, "谁要龙井")
    answer = await talk.say(core, cast["mi"], group, "我要", quote=Quote(reply_to=first.seq))
    seen = await talk.see(core, cast["gray"], group, answer.seq)
    assert seen["reply_to"] == {
        "seq": first.seq,
        "message_id": str(first.message_id),
        "sender_id": str(cast.id("lin")),
    }
    wrong = talk.words(cast["mi"], group, "什么", key="w", quote=Quote(reply_to=99))
    assert await talk.refused_send(core, wrong) == "not_found"
    other = talk.words(cast["mi"], group, "我要", key="k2", quote=Quote(reply_to=first.seq))
    assert await talk.refused_send(core, other) == "ok"
    same_words_other_quote = talk.words(cast["mi"], group, "我要", key="k2")
    assert await talk.refused_send(core, same_words_other_quote) == "client_msg_id_reused"


# | mention | members of the group; @all for owner and admins; the count is exact |
async def test_mentions_are_counted_until_they_are_read_or_recalled(core: Core, cast: Cast) -> None:
    group = await talk.tea_group(core, cast)
    mi = cast.id("mi")
    called = await talk.say(core, cast["lin"], group, "@小米", quote=Quote(mentions=(mi,)))
    everyone = await talk.say(core, cast["lin"], group, "@所有人", quote=Quote(mention_all=True))
    assert (await talk.summary(core, cast["mi"], group)).mentions == [called.msg_no, everyone.msg_no]
    assert (await talk.summary(core, cast["gray"], group)).mentions == [everyone.msg_no]
    assert (await talk.summary(core, cast["lin"], group)).mentions == []
    await core.run(lambda unit: acts.recall(unit, cast["lin"], conversation_id=group, seq=everyone.seq))
    assert (await talk.summary(core, cast["mi"], group)).mentions == [called.msg_no]
    await core.run(lambda unit: conversations.advance_read(unit.connection, group, mi, called.msg_no))
    assert (await talk.summary(core, cast["mi"], group)).mentions == []
    for quote, expected in (
        (Quote(mention_all=True), "forbidden:admin_only"),
        (Quote(mentions=(cast.id("qiao"),)), "forbidden:not_called"),
        (Quote(mentions=tuple(range(1, 60))), "too_many:mentions"),
    ):
        asked = talk.words(cast["mi"], group, "喂", key=f"m{len(quote.mentions)}", quote=quote)
        assert await talk.refused_send(core, asked) == expected


# | forward | what the forwarder may see; one by one or merged; once however often it is tried |
async def test_forwarding_carries_what_one_may_see_and_nothing_else(core: Core, cast: Cast) -> None:
    place = await direct(core, cast)
    group = await core.run(lambda unit: create_group(unit, cast["mi"], title="新群", member_ids=[cast.id("gray")]))
    one, two, gone = [await talk.say(core, cast["lin"], place, text) for text in ("一", "二", "三")]
    await core.run(lambda unit: acts.recall(unit, cast["lin"], conversation_id=place, seq=gone.seq))

    def forward(unit: Unit, seqs: list[int], title: str | None, key: str) -> list[int]:
        sent = forwarding.forward(
            unit,
            cast["mi"],
            conversation_id=group,
            client_msg_id=key,
            from_id=place,
            from_seq=1,
            seqs=seqs,
            title=title,
        )
        return [item.seq for item in sent]

    singly = await core.run(lambda unit: forward(unit, [two.seq, one.seq], None, "f1"))
    assert await core.run(lambda unit: forward(unit, [two.seq, one.seq], None, "f1")) == singly
    shown = [await talk.see(core, cast["gray"], group, seq) for seq in singly]
    assert [(message["body"]["text"], message["forwarded"]) for message in shown] == [("一", True), ("二", True)]
    merged = await core.run(lambda unit: forward(unit, [one.seq, two.seq], "林小姐的聊天", "f2"))
    card = (await talk.see(core, cast["gray"], group, merged[0]))["body"]
    assert card["title"] == "林小姐的聊天"
    assert [(item["sender_name"], item["body"]) for item in card["items"]] == [
        ("林小姐", {"text": "一"}),
        ("林小姐", {"text": "二"}),
    ]
    recalled = await talk.refused(core, lambda unit: forward(unit, [one.seq, gone.seq], None, "f3"))
    assert recalled == "forbidden:fixed_message"
    await core.run(lambda unit: acts.delete_for_me(unit, cast["mi"], conversation_id=place, seq=one.seq))
    assert await talk.refused(core, lambda unit: forward(unit, [one.seq], None, "f4")) == "not_found"


# | reactions | emoji under a message, few of each member, taken back at will |
def test_reactions_are_counted_by_member_and_kind() -> None:
    one = reacted({}, account_id="1", emoji="👍", on=True, limits=RULES)
    assert one == {"👍": ["1"]}
    assert reacted(one, account_id="1", emoji="👍", on=True, limits=RULES) is None
    assert reacted(one, account_id="1", emoji="👍", on=False, limits=RULES) == {}
    full = {chr(0x1F600 + n): ["2"] for n in range(RULES.reaction_kinds)}
    with pytest.raises(CoreError, match="reaction_kinds"):
        reacted(full, account_id="1", emoji="👍", on=True, limits=RULES)
    own = {chr(0x1F600 + n): ["1"] for n in range(RULES.reactions_each)}
    with pytest.raises(CoreError, match="reactions_each"):
        reacted(own, account_id="1", emoji="👍", on=True, limits=RULES)


# | read receipts | who has read it, from the members' cursors: reading costs nothing per message |
async def test_readers_of_a_group_message_come_from_read_cursors(core: Core, cast: Cast) -> None:
    group = await talk.tea_group(core, cast)
    first = await talk.say(core, cast["lin"], group, "一")
    second = await talk.say(core, cast["lin"], group, "二")
    await core.run(lambda unit: conversations.advance_read(unit.connection, group, cast.id("mi"), 1))

    def readers(seq: int, msg_no: int) -> object:
        place = {"seq": seq, "msg_no": msg_no, "but": cast.id("lin")}

        def query(connection: object) -> tuple[tuple[int, int], list[str]]:
            rows = conversations.list_readers(connection, group, after_id=0, limit=10, **place)  # type: ignore[arg-type]
            return conversations.count_readers(connection, group, **place), [row.name for row in rows]  # type: ignore[arg-type]

        return query

    assert await core.read(readers(first.seq, 1)) == ((1, 2), ["小米"])  # type: ignore[arg-type]
    assert await core.read(readers(second.seq, 2)) == ((0, 2), [])  # type: ignore[arg-type]


# | list | pin, mute, archive, folded box, drafts; unread exact everywhere |
async def test_ones_own_list_is_pinned_archived_folded_and_counted(core: Core, cast: Cast) -> None:
    lin = cast["lin"]
    one = await direct(core, cast)
    two = await talk.tea_group(core, cast)
    three = await core.run(lambda unit: open_direct(unit, lin, account_id=cast.id("gray")))
    for place, name in ((one, "mi"), (two, "mi"), (three, "gray")):
        await talk.say(core, cast[name], place, "在吗")

    async def boxes() -> list[list[int]]:
        return [
            await core.read(lambda c, box=box: own.list_box(c, lin.account_id, box, core.moment()))  # type: ignore[misc]
            for box in ("main", "archived", "folded")
        ]

    await core.run(lambda unit: own.change_view(unit, lin, conversation_id=one, pinned=True))
    await core.run(lambda unit: own.change_view(unit, lin, conversation_id=two, archived=True))
    assert await boxes() == [[one, three], [two], []]
    await talk.say(core, cast["mi"], two, "还在吗")
    assert (await boxes())[:2] == [[one, three, two], []], "what is said brings an archived conversation back"
    await core.run(lambda unit: own.change_view(unit, lin, conversation_id=two, archived=True, muted=True))
    await talk.say(core, cast["mi"], two, "喂")
    assert (await boxes())[:2] == [[one, three], [two]], "but not one that is muted"
    unread = await core.read(lambda c: own_store.list_unread(c, lin.account_id))
    assert {row.conversation_id: row.unread for row in unread} == {one: 1, two: 3, three: 1}
    await core.run(lambda unit: own.put_draft(unit, lin, conversation_id=one, text="我想"))
    kept = (await talk.summary(core, lin, one)).own
    assert (kept.draft, kept.version, kept.pinned_at is not None) == ("我想", 2, True)
    assert (await talk.summary(core, cast["mi"], one)).own.version == 0


async def test_what_a_shop_offers_unasked_lies_in_the_folded_box_until_something_else_is_said(
    core: Core, cast: Cast
) -> None:
    place = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    offer = talk.words(cast["boss"], place, "上新八折", key="offer")
    offer.extra, offer.house = b'{"class":"marketing"}', True
    await core.send(offer)

    async def box(name: str) -> list[int]:
        return await core.read(lambda c: own.list_box(c, cast.id("lin"), name, core.moment()))  # type: ignore[arg-type]

    assert [await box("main"), await box("folded")] == [[], [place]]
    await talk.say(core, cast["lin"], place, "什么茶")
    assert [await box("main"), await box("folded")] == [[place], []]


# No query on the message path grows with the members or with history.
async def test_a_send_takes_as_many_statements_to_500_as_to_3_and_after_much_as_after_little(
    core: Core, cast: Cast, clock: FakeClock
) -> None:
    people = await talk.make_people(core, 499)
    small = await talk.tea_group(core, cast, community=True)
    ids = [person.account_id for person in people]
    large = await core.run(
        lambda unit: create_group(unit, cast["boss"], title="社群", member_ids=ids, enterprise_id=cast.enterprise_id)
    )
    everybody = Quote(mention_all=True)

    def statements(unit: Unit, place: int, name: str, key: str, quote: Quote) -> int:
        with heard(unit.connection) as seen:
            outcome = send_batch(unit, [talk.words(cast[name], place, "周六品茶", key=key, quote=quote)])[0]
        assert not isinstance(outcome, CoreError)
        return len(seen)

    for place in (small, large):  # the first message of a day makes rows that later ones count on
        await talk.say(core, cast["boss"], place, "早", key="first")
    few = await core.run(lambda unit: statements(unit, small, "boss", "a", everybody))
    many = await core.run(lambda unit: statements(unit, large, "boss", "a", everybody))
    assert few == many <= 12
    for n in range(30):
        await talk.say(core, cast["boss"], large, "旧", key=f"old{n}")
        clock.advance(seconds=60)
    await talk.say(core, cast["boss"], large, "刚才", key="just now")
    later = await core.run(lambda unit: statements(unit, large, "boss", "b", everybody))
    assert later == many
    called = await core.read(lambda c: personal_store.find_unread_mentions(c, ids[0], [large]))
    assert len(called[large]) == 2
