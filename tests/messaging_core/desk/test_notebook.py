"""What agents keep: phrases, labels, notes, and the customer's rating."""

from __future__ import annotations

import pytest

from messaging_core.api import Core, close, open_service, request_agent
from messaging_core.desk import actions, notebook, notebook_store, store
from messaging_core.errors import CoreError
from tests.messaging_core.desk.world import Shop
from tests.support.cast import Cast
from tests.support.clock import FakeClock


@pytest.fixture
def shop(core: Core, cast: Cast, clock: FakeClock) -> Shop:
    return Shop(core, cast, clock)


async def file(shop: Shop, session_id: int) -> notebook.File:
    return await shop.core.read(lambda c: notebook.read_file(c, shop.cast["qiao"], session_id=session_id))


async def phrases(shop: Shop, who: str) -> list[str]:
    owner_id = shop.cast.id(who)
    rows = await shop.core.read(lambda c: notebook_store.list_phrases(c, shop.cast.enterprise_id, owner_id=owner_id))
    return [row.title for row in rows]


async def test_an_agent_sees_the_shops_phrases_and_his_own(shop: Shop) -> None:
    for who, title, shared in (("qiao", "我的", False), ("boss", "全店", True), ("zhou", "小周的", False)):
        await shop.core.run(
            lambda unit, who=who, title=title, shared=shared: notebook.add_phrase(  # type: ignore[misc]
                unit, shop.cast[who], title=title, text="您好", shared=shared
            )
        )
    assert await phrases(shop, "qiao") == ["全店", "我的"]
    assert await phrases(shop, "zhou") == ["全店", "小周的"]


async def test_only_managers_word_what_all_say(shop: Shop) -> None:
    with pytest.raises(CoreError, match="admin_only"):
        await shop.core.run(
            lambda unit: notebook.add_phrase(unit, shop.cast["qiao"], title="全店", text="您好", shared=True)
        )
    shared = await shop.core.run(
        lambda unit: notebook.add_phrase(unit, shop.cast["boss"], title="全店", text="您好", shared=True)
    )
    with pytest.raises(CoreError, match="admin_only"):
        await shop.core.run(lambda unit: notebook.delete_phrase(unit, shop.cast["qiao"], phrase_id=shared))
    assert await phrases(shop, "qiao") == ["全店"]


async def test_a_colleagues_phrase_is_not_there(shop: Shop) -> None:
    own = await shop.core.run(
        lambda unit: notebook.add_phrase(unit, shop.cast["qiao"], title="我的", text="您好", shared=False)
    )
    with pytest.raises(CoreError, match="not_found"):
        await shop.core.run(
            lambda unit: notebook.change_phrase(unit, shop.cast["zhou"], phrase_id=own, title="改", text="改")
        )


async def test_labels_are_replaced_and_keep_their_order(shop: Shop) -> None:
    session = await shop.customer("甲")
    for labels in (["退款", "急"], ["急", "老客"]):
        shop.clock.advance(seconds=1)
        await shop.core.run(
            lambda unit, labels=labels: notebook.put_labels(  # type: ignore[misc]
                unit, shop.cast["qiao"], session_id=session, subject="session", labels=labels
            )
        )
    found = await file(shop, session)
    assert (found.session_labels, found.customer_labels) == (["急", "老客"], [])
    assert found.known_labels == ["急", "老客"]


async def test_a_customers_labels_and_notes_outlive_the_session(shop: Shop) -> None:
    cast = shop.cast
    conversation = await shop.core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    first = (await shop.core.read(lambda c: store.find_open(c, [conversation])))[conversation].id
    await shop.core.run(
        lambda unit: notebook.put_labels(unit, cast["qiao"], session_id=first, subject="customer", labels=["喜欢绿茶"])
    )
    await shop.core.run(lambda unit: notebook.add_note(unit, cast["qiao"], session_id=first, text="上次说要送礼"))
    await shop.core.run(lambda unit: close(unit, cast["qiao"], session_id=first))
    await shop.core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    second = (await shop.core.read(lambda c: store.find_open(c, [conversation])))[conversation].id
    found = await file(shop, second)
    assert found.customer_labels == ["喜欢绿茶"]
    assert [(note.author_name, note.text) for note in found.notes] == [("老乔", "上次说要送礼")]


async def test_only_its_author_or_a_manager_removes_a_note(shop: Shop) -> None:
    session = await shop.customer("甲")
    note = await shop.core.run(lambda unit: notebook.add_note(unit, shop.cast["qiao"], session_id=session, text="记"))
    with pytest.raises(CoreError, match="admin_only"):
        await shop.core.run(lambda unit: notebook.delete_note(unit, shop.cast["zhou"], note_id=note))
    await shop.core.run(lambda unit: notebook.delete_note(unit, shop.cast["boss"], note_id=note))
    assert (await file(shop, session)).notes == []


async def test_a_rating_needs_a_closed_session_of_ones_own(shop: Shop) -> None:
    cast = shop.cast
    conversation = await shop.core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    session = (await shop.core.read(lambda c: store.find_open(c, [conversation])))[conversation].id

    async def rate(who: str) -> None:
        await shop.core.run(lambda unit: actions.rate(unit, cast[who], session_id=session, stars=5, text="很快"))

    with pytest.raises(CoreError, match="wrong_state"):
        await rate("lin")
    await shop.core.run(lambda unit: close(unit, cast["lin"], session_id=session))
    with pytest.raises(CoreError, match="not_found"):
        await rate("mi")
    await rate("lin")
    found = await shop.session(session)
    assert (found.stars, found.stars_text) == (5, "很快")


async def test_the_bots_summary_reaches_the_desk_and_a_customers_does_not(shop: Shop) -> None:
    cast = shop.cast
    conversation = await shop.core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    session = (await shop.core.read(lambda c: store.find_open(c, [conversation])))[conversation].id
    await shop.core.run(
        lambda unit: request_agent(unit, cast["lin"], session_id=session, reason="", summary="我是店主")
    )
    assert (await shop.session(session)).summary is None
    await shop.core.run(lambda unit: actions.take(unit, cast["qiao"], session_id=session))
    await shop.core.run(lambda unit: actions.hand_back(unit, cast["qiao"], session_id=session))
    await shop.core.run(
        lambda unit: request_agent(unit, cast["bot"], session_id=session, reason="anger", summary="要退龙井，很急")
    )
    assert (await shop.session(session)).summary == "要退龙井，很急"
