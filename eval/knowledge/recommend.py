"""lastfm_kg in three splits by the suite's protocol, and how fast a recommender answers among many goods."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.recommend.blend import fit_blend
from bot.recommend.personal import GOES_WITH, LikingSettings, Link, Recommender, Signals
from bot.recommend.sales import Sale
from bot.recommend.walk import WalkSettings
from eval.knowledge.figures import Figure

_AUC, _SAME, _RECALL, _NDCG, _MS = 0.91, 0.87, 0.38, 0.235, 15.0
_SEEDS, _AT = (555, 556, 557), 20
_EXACT = LikingSettings(paths=WalkSettings(steps=6, width=None, hub=1 << 60))
Pairs = npt.NDArray[np.int64]


def measure_lastfm(folder: Path) -> Iterator[Figure]:
    """Yield AUC, AUC among items of the same degree, recall@20 and NDCG@20 of the full ranking: means of three splits.

    The blend is learned on valid with train as history; test is ranked with train and valid as history, both masked.
    Degree is the number of listeners in train. AUC is the mean over users against all items that they never heard.
    """
    pairs = np.loadtxt(folder / "interactions.tsv", dtype=np.int64, skiprows=1, usecols=(0, 1))
    links = list(_links(folder / "triples.tsv", int(pairs[:, 1].max()) + 1))
    found = np.array([_split(pairs, links, seed) for seed in _SEEDS])
    work = f"lastfm_kg, {len(_SEEDS)} splits"
    rows = (("AUC", _AUC), ("AUC, same degree", _SAME), ("recall@20", _RECALL), ("NDCG@20", _NDCG))
    for place, (name, goal) in enumerate(rows):
        spread = f"{found[:, place].min():.4f} - {found[:, place].max():.4f}"
        yield Figure(work, name, float(found[:, place].mean()), "", goal, "more", spread)


def _links(path: Path, items: int) -> Iterator[Link]:
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            head, relation, tail = line.rstrip("\n").split("\t")
            for item, name, other in ((head, relation, tail), (tail, f"{relation}^", head)):
                if int(item) < items:
                    yield Link(item, name, other)


def _split(pairs: Pairs, links: list[Link], seed: int) -> tuple[float, float, float, float]:
    order = np.random.default_rng(seed).permutation(len(pairs))
    cut, end = int(len(pairs) * 0.6), int(len(pairs) * 0.8)
    train, valid, test = pairs[order[:cut]], pairs[order[cut:end]], pairs[order[end:]]
    early = Recommender(links, _sales(train), _EXACT).signals()
    people, goods = _places(early)
    known = np.zeros(early.walk.shape, dtype=bool)
    for user, item in np.concatenate([train, valid]).tolist():
        if str(user) in people and str(item) in goods:
            known[people[str(user)], goods[str(item)]] = True
    held = [
        (people[str(user)], goods[str(item)])
        for user, item in valid.tolist()
        if str(user) in people and str(item) in goods
    ]
    blend = fit_blend(early.walk, early.together, early.buyers, held, known)
    late = Recommender(links, _sales(np.concatenate([train, valid])), _EXACT).signals()
    scores = blend.scores(late.walk, late.together, late.buyers)
    return _judge(late, scores, pairs, np.concatenate([train, valid]), train, test)


def _judge(
    found: Signals, scores: Any, pairs: Pairs, seen: Pairs, train: Pairs, test: Pairs
) -> tuple[float, float, float, float]:
    people, goods = _places(found)
    items = np.array([int(one) for one in found.goods])
    degree = np.bincount(train[:, 1], minlength=int(items.max()) + 1)[items]
    heard, masked, wanted = (_by_user(one) for one in (pairs, seen, test))
    rows: list[tuple[float, float, float, float]] = []
    for user, relevant in wanted.items():
        places = [goods[str(item)] for item in relevant if str(item) in goods]
        if str(user) not in people:
            rows.append((0.5, 0.5, 0.0, 0.0))
            continue
        score = scores[people[str(user)]].astype(np.float64)
        strange = np.ones(len(items), dtype=bool)
        strange[[goods[str(item)] for item in heard[user] if str(item) in goods]] = False
        score[[goods[str(item)] for item in masked.get(user, ()) if str(item) in goods]] = -np.inf
        rest, whole, same = np.sort(score[strange]), [], []
        for place in places:
            low, high = np.searchsorted(rest, score[place], "left"), np.searchsorted(rest, score[place], "right")
            whole.append((low + high) / 2 / len(rest))
            alike = score[strange & (degree == degree[place])]
            if len(alike):
                same.append(float((score[place] > alike).mean() + 0.5 * (score[place] == alike).mean()))
        top = np.argpartition(-score, _AT)[:_AT]
        hit = np.isin(top[np.argsort(-score[top])], places)
        gains = 1 / np.log2(np.arange(2, _AT + 2))
        ideal = gains[: min(len(relevant), _AT)].sum()
        rows.append(
            (
                float(np.mean(whole)) if whole else 0.0,
                float(np.mean(same)) if same else np.nan,
                hit.sum() / len(relevant),
                float((hit * gains).sum() / ideal),
            )
        )
    auc, alone, recall, ndcg = np.nanmean(np.array(rows), axis=0).tolist()
    return auc, alone, recall, ndcg


def _places(found: Signals) -> tuple[dict[str, int], dict[str, int]]:
    return (
        {id: number for number, id in enumerate(found.customers)},
        {id: number for number, id in enumerate(found.goods)},
    )


def _by_user(pairs: Pairs) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for user, item in pairs.tolist():
        found.setdefault(user, []).append(item)
    return found


def _sales(pairs: Pairs) -> list[Sale]:
    return [Sale(str(user), str(item)) for user, item in pairs.tolist()]


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
