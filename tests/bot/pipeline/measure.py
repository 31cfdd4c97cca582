"""How right and how fast decisions are, in this process: python -m tests.bot.pipeline.measure [--wrong]."""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace

from bot.encoding.asynchronous import AsyncEncoder
from bot.encoding.use import UseEncoder
from bot.pipeline import Pipeline
from tests.bot.paper_shop import PaperShop
from tests.bot.pipeline.conftest import ACCOUNTS, STRANGER, Conversation, DirectEncoder, said
from tests.bot.pipeline.moon_tea import ROWS
from tests.support.demo_models import demo_models


class _Timed(DirectEncoder):
    """The encoder with a clock: what a decision takes besides is the difference."""

    spent_ms = 0.0

    async def encode(self, text: str):  # type: ignore[no-untyped-def]
        begun = time.perf_counter()
        try:
            return await super().encode(text)
        finally:
            self.spent_ms += (time.perf_counter() - begun) * 1000


async def main(*, show_wrong: bool) -> None:
    """Print rows, share rightly answered, handed off unasked, and percentiles in milliseconds."""
    encoder = UseEncoder()
    shop = PaperShop(accounts=ACCOUNTS)
    timed = _Timed(encoder)
    models = demo_models(encoder, timed, shop.faq_rows)
    pipeline = Pipeline(models, shop)
    await pipeline.warm(at_us=Conversation(pipeline).turn("你好").now_us)
    number = {customer: account for account, customer in ACCOUNTS.items()}
    whole, besides, right, unasked = [], [], 0, 0
    for row in ROWS:
        talk = Conversation(pipeline, customer=number.get(row.customer, STRANGER))
        for words in row.words.split(">>"):
            timed.spent_ms = 0.0
            begun = time.perf_counter()
            decision = await talk.say(*[part.strip() for part in words.split("|")])
            spent = (time.perf_counter() - begun) * 1000
            whole.append(spent)
            besides.append(spent - timed.spent_ms)
        text = "\n".join(str(reply.body) for reply in decision.replies)
        good = decision.act in row.acts.split() and all(
            any(word.strip() in text for word in wanted.split("/")) for wanted in row.says
        )
        right += good
        unasked += decision.act == "hand_off" and "hand_off" not in row.acts
        if show_wrong and not good:
            print(f"{row.words} -> {decision.act}/{decision.reason}: {said(decision)[:90]}")
    print(f"rows {len(ROWS)}, right {right / len(ROWS):.1%}, handed off unasked {unasked / len(ROWS):.1%}")
    print(f"decision with encoding ms: {_percentiles(whole)}; without: {_percentiles(besides)}")
    print(f"longest stall of the loop ms: {await _stall(Pipeline(replace(models), shop), models, encoder):.1f}")


async def _stall(pipeline: Pipeline, models: object, encoder: UseEncoder) -> float:
    async with AsyncEncoder(lambda: encoder) as texts:
        threaded = Pipeline(replace(pipeline._models, encoder=texts), PaperShop(accounts=ACCOUNTS))
        await threaded.warm(at_us=Conversation(threaded).turn("你好").now_us)
        gaps: list[float] = []

        async def watch() -> None:
            while True:
                begun = time.perf_counter()
                await asyncio.sleep(0)
                gaps.append((time.perf_counter() - begun) * 1000)

        watcher = asyncio.create_task(watch())
        for row in ROWS[:60]:
            await Conversation(threaded).say(row.words.split(">>")[0])
        watcher.cancel()
        return max(gaps)


def _percentiles(values: list[float]) -> str:
    ordered = sorted(values)
    return ", ".join(
        f"p{share} {ordered[min(len(ordered) - 1, len(ordered) * share // 100)]:.1f}" for share in (50, 95, 99)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="print every row that was not answered rightly")
    asyncio.run(main(show_wrong=parser.parse_args().wrong))
