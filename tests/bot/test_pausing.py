"""How decisions share the loop with the messages."""

from __future__ import annotations

import asyncio

from bot.pausing import let_messages_through


async def test_of_many_decisions_one_goes_on_between_two_rounds_of_the_loop() -> None:
    """However many wait, what else the loop has to do comes in between."""
    loop = asyncio.get_running_loop()
    went_on = [0]
    most = 0
    ended = False

    def watch() -> None:
        nonlocal most
        most, went_on[0] = max(most, went_on[0]), 0
        if not ended:
            loop.call_soon(watch)

    async def decide() -> None:
        for _ in range(3):
            await let_messages_through()
            went_on[0] += 1

    loop.call_soon(watch)
    await asyncio.gather(*[decide() for _ in range(20)])
    ended = True
    assert most == 1


async def test_those_who_wait_go_on_in_turn() -> None:
    order: list[int] = []

    async def decide(number: int) -> None:
        for _ in range(2):
            await let_messages_through()
            order.append(number)

    await asyncio.gather(*[decide(number) for number in range(3)])
    assert order == [0, 1, 2, 0, 1, 2]


async def test_a_decision_that_is_dropped_while_it_waits_holds_up_nobody() -> None:
    gone = [asyncio.create_task(let_messages_through()) for _ in range(3)]
    stays = asyncio.create_task(let_messages_through())
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.wait_for(stays, 10)
    await asyncio.wait_for(let_messages_through(), 10)
