"""The service session: whose turn it is, and who may change that."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from kefu.base.ids import IdFactory
from messaging_core.api import (
    Core,
    SendRequest,
    Sent,
    close,
    hand_back,
    open_service,
    request_agent,
    set_bot,
    take,
    transfer,
)
from messaging_core.conversations import store as conversations
from messaging_core.desk import store
from messaging_core.errors import CoreError
from messaging_core.kernel.unit import Tools
from messaging_core.messages.model import Outcome
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock

_numbers = itertools.count(1)


class Desk:
    """Lin's conversation with the shop, and everything that can be done to its session."""

    def __init__(self, core: Core, cast: Cast, conversation_id: int) -> None:
        self.core = core
        self.cast = cast
        self.conversation_id = conversation_id

    async def session(self) -> store.SessionRow:
        found = await self.core.read(lambda connection: store.find_current(connection, self.conversation_id))
        assert found is not None
        return found

    async def says(self, who: str, *, version: int | None = None, key: str | None = None) -> Outcome:
        return await self.core.send(
            SendRequest(
                actor=self.cast[who],
                conversation_id=self.conversation_id,
                client_msg_id=key or f"c{next(_numbers)}",
                kind="text",
                v=1,
                body=msgspec.json.encode({"text": "你好"}),
                settle=lambda _request, _outcome: None,
                assignment_version=version,
            )
        )

    async def take(self, who: str) -> None:
        id_ = (await self.session()).id
        await self.core.run(lambda unit: take(unit, self.cast[who], session_id=id_))

    async def transfer(self, who: str, to: str | None) -> None:
        id_, agent = (await self.session()).id, self.cast.id(to) if to is not None else None
        await self.core.run(lambda unit: transfer(unit, self.cast[who], session_id=id_, agent_id=agent))

    async def hand_back(self, who: str) -> None:
        id_ = (await self.session()).id
        await self.core.run(lambda unit: hand_back(unit, self.cast[who], session_id=id_))

    async def close(self, who: str) -> None:
        id_ = (await self.session()).id
        await self.core.run(lambda unit: close(unit, self.cast[who], session_id=id_))

    async def request_agent(self, who: str) -> None:
        id_ = (await self.session()).id
        await self.core.run(lambda unit: request_agent(unit, self.cast[who], session_id=id_, reason="退款"))

    async def members(self) -> dict[str, str]:
        rows = await self.core.read(lambda connection: conversations.list_members(connection, self.conversation_id))
        names = {actor.account_id: name for name, actor in self.cast.actors.items()}
        return {names[row.account_id]: row.role for row in rows}


@pytest.fixture
async def desk(core: Core, cast: Cast) -> Desk:
    """An open session, answered by the bot."""
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    return Desk(core, cast, made)


def code_of(outcome: Outcome) -> str:
    return outcome.code if isinstance(outcome, CoreError) else "sent"


async def test_a_session_opens_with_the_bot_where_there_is_one(desk: Desk) -> None:
    session = await desk.session()
    assert (session.state, session.assignment_version) == ("bot", 1)
    assert await desk.members() == {"lin": "customer", "bot": "bot"}


async def test_a_session_opens_in_the_queue_where_there_is_no_bot(core: Core) -> None:
    cast = await make_cast(core, with_bot=False)
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    assert (await Desk(core, cast, made).session()).state == "queued"


async def test_a_bots_answer_needs_the_version_of_now(desk: Desk) -> None:
    assert code_of(await desk.says("bot", version=1)) == "sent"
    assert code_of(await desk.says("bot", version=0)) == "assignment_changed"
    assert code_of(await desk.says("bot", version=2)) == "assignment_changed"
    assert code_of(await desk.says("bot")) == "assignment_changed"


async def test_a_bots_answer_that_was_made_before_the_handoff_is_refused(desk: Desk) -> None:
    version = (await desk.session()).assignment_version
    await desk.take("qiao")
    assert code_of(await desk.says("bot", version=version)) == "assignment_changed"
    assert code_of(await desk.says("bot", version=version + 1)) == "assignment_changed"
    await desk.hand_back("qiao")
    assert code_of(await desk.says("bot", version=version)) == "assignment_changed"
    assert code_of(await desk.says("bot", version=version + 2)) == "sent"


async def test_a_bots_answer_that_was_stored_before_the_handoff_is_acknowledged_again(desk: Desk) -> None:
    first = await desk.says("bot", version=1, key="turn:1")
    await desk.take("qiao")
    again = await desk.says("bot", version=1, key="turn:1")
    assert isinstance(first, Sent)
    assert isinstance(again, Sent)
    assert again.duplicate
    assert again.message_id == first.message_id


async def test_a_bots_answer_to_the_last_session_does_not_fit_the_next(desk: Desk) -> None:
    await desk.close("lin")
    assert code_of(await desk.says("bot", version=1)) == "assignment_changed"
    assert code_of(await desk.says("lin")) == "sent"
    session = await desk.session()
    assert session.state == "bot"
    assert session.assignment_version == 3
    assert code_of(await desk.says("bot", version=1)) == "assignment_changed"
    assert code_of(await desk.says("bot", version=3)) == "sent"


async def test_versions_go_on_although_a_node_whose_clock_is_behind_opens_the_next_session(
    desk: Desk, clock: FakeClock
) -> None:
    first = await desk.session()
    await desk.close("lin")
    behind = IdFactory(clock=FakeClock(clock.at_us - 3_600_000_000), node=1)
    desk.core.tools = Tools(clock, behind, desk.core.settings)
    await desk.says("lin")
    session = await desk.session()
    assert session.id < first.id
    assert (session.state, session.assignment_version) == ("bot", 3)


async def test_a_bot_cannot_end_a_session_that_an_agent_has_taken_over(desk: Desk) -> None:
    await desk.take("qiao")
    with pytest.raises(CoreError, match="assignment_changed"):
        await desk.close("bot")
    assert (await desk.session()).state == "agent"
    await desk.hand_back("qiao")
    await desk.close("bot")
    assert (await desk.session()).state == "closed"


async def test_handing_back_lets_a_bot_in_that_was_chosen_meanwhile(core: Core) -> None:
    cast = await make_cast(core, with_bot=False)
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    desk = Desk(core, cast, made)
    await desk.take("qiao")
    bot = cast.id("bot")
    await core.run(lambda unit: set_bot(unit, None, enterprise_id=cast.enterprise_id, bot_account_id=bot))
    await desk.hand_back("qiao")
    session = await desk.session()
    assert session.state == "bot"
    assert code_of(await desk.says("bot", version=session.assignment_version)) == "sent"


async def test_only_the_agent_who_has_it_or_a_manager_passes_a_session_on(desk: Desk) -> None:
    await desk.take("qiao")
    for step in (desk.hand_back("zhou"), desk.transfer("zhou", "zhou")):
        with pytest.raises(CoreError, match="forbidden"):
            await step
    await desk.transfer("boss", "zhou")
    assert (await desk.session()).agent_id == desk.cast.id("zhou")
    assert await desk.members() == {"lin": "customer", "bot": "bot", "zhou": "agent"}
    await desk.transfer("zhou", None)
    assert (await desk.session()).state == "queued"
    assert await desk.members() == {"lin": "customer", "bot": "bot"}


async def test_strangers_and_customers_cannot_work_at_the_desk(desk: Desk) -> None:
    for who in ("gray", "mi", "lin", "bot"):
        with pytest.raises(CoreError, match="not_found"):
            await desk.take(who)
    for who in ("gray", "mi"):
        with pytest.raises(CoreError, match="not_found"):
            await desk.close(who)
        with pytest.raises(CoreError, match="not_found"):
            await desk.request_agent(who)


async def test_a_session_goes_to_nobody_who_does_not_serve(desk: Desk) -> None:
    await desk.take("qiao")
    with pytest.raises(CoreError, match="not_found"):
        await desk.transfer("qiao", "gray")
    assert (await desk.session()).agent_id == desk.cast.id("qiao")


async def test_asking_for_an_agent_twice_keeps_the_place_in_the_queue(desk: Desk) -> None:
    await desk.request_agent("lin")
    first = await desk.session()
    await desk.request_agent("bot")
    assert await desk.session() == first
    assert (first.state, first.reason) == ("queued", "退款")


async def test_what_is_closed_stays_closed(desk: Desk) -> None:
    await desk.close("lin")
    for step in (desk.take("qiao"), desk.close("lin"), desk.request_agent("lin"), desk.hand_back("boss")):
        with pytest.raises(CoreError, match="wrong_state"):
            await step
    assert (await desk.session()).state == "closed"


async def test_an_agent_who_has_left_the_session_cannot_write_into_it(desk: Desk) -> None:
    await desk.take("qiao")
    assert code_of(await desk.says("qiao")) == "sent"
    await desk.close("qiao")
    assert code_of(await desk.says("qiao")) == "not_a_member"


async def test_an_agents_read_cursor_does_not_go_back_when_he_takes_a_session_again(desk: Desk) -> None:
    await desk.take("qiao")
    sent = await desk.says("qiao")
    assert isinstance(sent, Sent)
    await desk.hand_back("qiao")
    await desk.take("qiao")
    rows = await desk.core.read(lambda connection: conversations.list_members(connection, desk.conversation_id))
    assert {row.account_id: row.read_msg_no for row in rows}[desk.cast.id("qiao")] == sent.msg_no
