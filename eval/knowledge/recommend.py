"""How fast a recommender answers among many goods."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import quantiles

from bot.recommend.personal import GOES_WITH, Link, Recommender
from bot.recommend.sales import Sale
from eval.knowledge.figures import Figure

_MS = 15.0


def measure_recommending(goods: int) -> Iterator[Figure]:
    """Yield how long a suggestion with its reasons takes among many goods, 20,000 customers and 300,000 sales."""
    draw = random.Random(1)
    links = [Link(f"P{n}", "taste", f"t{draw.randrange(500)}") for n in range(goods)]
    links += [Link(f"P{n}", "brand", f"b{draw.randrange(2_000)}") for n in range(goods)]
    links += [Link(f"P{n}", GOES_WITH, f"P{draw.randrange(goods)}") for n in range(0, goods, 4)]
    sales = [Sale(f"C{draw.randrange(20_000)}", f"P{int(goods * draw.random() ** 2)}") for _ in range(3 * goods)]
    started = time.process_time()
    found = Recommender(links, sales)
    work = f"recommending among {goods} goods"
    yield Figure(work, "built in", time.process_time() - started, "CPU s")
    times, answered = [], 0
    for turn in range(320):
        started = time.process_time()
        answered += len(found.suggest(f"C{draw.randrange(20_000)}", liked=[f"P{draw.randrange(goods)}"])) == 10
        if turn >= 20:
            times.append((time.process_time() - started) * 1e3)
    yield Figure(work, "p50", quantiles(times, n=2)[0], "CPU ms")
    yield Figure(work, "p95", quantiles(times, n=20)[-1], "CPU ms", _MS if goods >= 100_000 else None)
