"""Our recommender over an outside set of sales and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt

from bot.recommend.fit_blend import fit_blend
from bot.recommend.personal import LikingSettings, Link, Recommender, Signals
from bot.recommend.sales import Sale
from bot.recommend.walk import WalkSettings
from eval.errors import SuiteError
from eval.public.registry import read_public
from eval.targets.target import Target

_EXACT = LikingSettings(paths=WalkSettings(steps=6, width=None, hub=1 << 60))


class RecommenderOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sales` and `links` are outside sets: `{user, item}` in the parts train and valid, `{item, relation, value}`.

    `length` is that of the ranking.
    """

    sales: str
    links: str
    options: dict[str, Any] = {}
    length: int = 100


class RecommenderTarget(Target[RecommenderOptions]):
    """Ranks all goods but those that the user has, and scores the candidates.

    How the signals weigh is learned on valid with train as history; the answers have train and valid as history.
    """

    options: ClassVar[type[msgspec.Struct]] = RecommenderOptions

    async def start(self) -> None:
        links = [Link(row["item"], row["relation"], row["value"]) for row in self._read(self.given.links)]
        train, valid = (
            [Sale(row["user"], row["item"]) for row in self._read(self.given.sales, part=part)]
            for part in ("train", "valid")
        )
        if not train:
            raise SuiteError("no_training")
        early = Recommender(links, train, _EXACT).signals()
        people, goods = _numbers(early.customers), _numbers(early.goods)
        held, known = _places(valid, people, goods), _known(_places([*train, *valid], people, goods), early)
        if not held:
            raise SuiteError("no_training")
        blend = fit_blend(early.walk, early.together, early.buyers, held, known)
        late = Recommender(links, [*train, *valid], _EXACT).signals()
        self._names, self._people, self._goods = late.goods, _numbers(late.customers), _numbers(late.goods)
        self._known = _known(_places([*train, *valid], self._people, self._goods), late)
        self._scores = blend.scores(late.walk, late.together, late.buyers)

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        row = self._people.get(str(asked["user"]))
        if row is None:
            return {"ranking": [], "scores": {}}
        scores = self._scores[row]
        order = np.argsort(-np.where(self._known[row], -np.inf, scores), kind="stable")[: self.given.length]
        names = [str(one["item"]) for one in asked.get("candidates") or ()]
        return {
            "ranking": [self._names[place] for place in order.tolist() if not self._known[row, place]],
            "scores": {name: float(scores[self._goods[name]]) for name in names if name in self._goods},
        }

    def describe(self) -> dict[str, str]:
        return {"model": "walk, item to item and popularity, blended"}

    def _read(self, name: str, **more: str) -> list[dict[str, Any]]:
        if self.setting.bench_data is None:
            raise SuiteError("no_bench_data", file=name)
        options = {**self.given.options, **more}
        return [row for row, _ in read_public(name, self.setting.bench_data, options, place=name)]


def _known(places: Sequence[tuple[int, int]], signals: Signals) -> npt.NDArray[np.bool_]:
    """Who has what, in the rows and columns of the signals."""
    found = np.zeros(signals.walk.shape, dtype=np.bool_)
    for row, column in places:
        found[row, column] = True
    return found


def _places(sales: Sequence[Sale], people: Mapping[str, int], goods: Mapping[str, int]) -> list[tuple[int, int]]:
    """Row and column of each sale whose user and item are known."""
    return [
        (people[one.customer_id], goods[one.product_id])
        for one in sales
        if one.customer_id in people and one.product_id in goods
    ]


def _numbers(names: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}
