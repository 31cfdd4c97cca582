"""Goods that an enterprise's people show by hand are its own, at its own price; without a catalogue any may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from messaging_core.api import Actor, Core, SendRequest, Sent, open_direct, open_service, take
from messaging_core.desk import store as desk
from messaging_core.errors import CoreError
from messaging_core.messages.model import Outcome
from messaging_core.settings import Settings
from tests.support.cast import Cast, make_cast
from tests.support.clock import FakeClock

LONGJING = {"product_id": "MT-1001", "title": "明前西湖龙井", "price_fen": 26800}
PRICES = {"MT-1001": frozenset({26800, 49800}), "MT-2001": frozenset({12900})}


@pytest_asyncio.fixture
async def core(settings: Settings, clock: FakeClock) -> AsyncIterator[Core]:
    """A core whose application knows the catalogue of whoever is asked for, from the second enterprise on."""
    known: dict[int, Any] = {}
    running = Core(settings, clock=clock, catalogue_of=known.get)
    running.known_catalogues = known  # type: ignore[attr-defined]
    await running.start()
    yield running
    await running.close()


@pytest_asyncio.fixture
async def cast(core: Core) -> Cast:
    return await make_cast(core)


@pytest_asyncio.fixture
async def place(core: Core, cast: Cast) -> int:
    """Lin's conversation with Moon Tea, which Qiao has; Moon Tea's catalogue is known."""
    core.known_catalogues[cast.enterprise_id] = PRICES  # type: ignore[attr-defined]
    made = await core.run(lambda unit: open_service(unit, cast["lin"], enterprise_id=cast.enterprise_id))
    assert isinstance(await show(core, cast["lin"], made, {"text": "在吗"}, kind="text"), Sent)
    session = (await core.read(lambda c: desk.find_open(c, [made])))[made]
    await core.run(lambda unit: take(unit, cast["qiao"], session_id=session.id))
    return made


async def show(
    core: Core,
    actor: Actor,
    place: int,
    body: dict[str, Any],
    *,
    kind: str = "product_card",
) -> Outcome:
    return await core.send(
        SendRequest(
            actor=actor,
            conversation_id=place,
            client_msg_id=f"k{abs(hash((kind, str(body))))}",
            kind=kind,
            v=1,
            body=msgspec.json.encode(body),
            settle=lambda _request, _outcome: None,
        )
    )


@pytest.mark.parametrize("price_fen", [26800, 49800, None])
async def test_a_product_at_one_of_its_prices_or_without_one_goes(
    core: Core, cast: Cast, place: int, price_fen: int | None
) -> None:
    body = {**LONGJING, "price_fen": price_fen} if price_fen else {"product_id": "MT-1001", "title": "龙井"}
    assert isinstance(await show(core, cast["qiao"], place, body), Sent)


async def test_an_unknown_product_is_refused_as_such(core: Core, cast: Cast, place: int) -> None:
    refused = await show(core, cast["qiao"], place, {**LONGJING, "product_id": "MT-9999"})
    assert isinstance(refused, CoreError)
    assert (refused.code, refused.data["what"]) == ("not_found", "product")
    assert "商品" in refused.detail("zh")


async def test_another_price_is_refused_and_the_right_one_is_told(core: Core, cast: Cast, place: int) -> None:
    refused = await show(core, cast["qiao"], place, {**LONGJING, "price_fen": 100})
    assert isinstance(refused, CoreError)
    assert (refused.code, refused.data["price_fen"], refused.data["given_fen"]) == ("price_differs", 26800, 100)
    assert "268.00 元" in refused.detail("zh")
    assert "1.00" in refused.detail("en")


@pytest.mark.parametrize(("total_fen", "goes"), [(53600, True), (26800, False)])
async def test_an_offer_costs_the_price_times_the_quantity(
    core: Core, cast: Cast, place: int, total_fen: int, goes: bool
) -> None:
    offer = {"title": "龙井", "status": "to_buy", "product_id": "MT-1001", "quantity": 2, "total_fen": total_fen}
    outcome = await show(core, cast["qiao"], place, offer, kind="order_card")
    assert isinstance(outcome, Sent) is goes


async def test_what_customers_and_friends_show_is_their_own_word(core: Core, cast: Cast, place: int) -> None:
    strange = {**LONGJING, "product_id": "EL-1", "price_fen": 1}
    assert isinstance(await show(core, cast["lin"], place, strange), Sent)
    friends = await core.run(lambda unit: open_direct(unit, cast["lin"], account_id=cast.id("mi")))
    assert isinstance(await show(core, cast["mi"], friends, strange), Sent)


async def test_where_no_catalogue_is_known_nothing_is_checked(core: Core, cast: Cast, place: int) -> None:
    core.known_catalogues.clear()  # type: ignore[attr-defined]
    assert isinstance(await show(core, cast["qiao"], place, {**LONGJING, "price_fen": 1}), Sent)
