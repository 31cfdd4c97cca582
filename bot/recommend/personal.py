"""What a customer may like: a walk over purchases and attributes, item to item, and how often a thing is bought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.recommend.blend import Blend
from bot.recommend.sales import Sale
from bot.recommend.together import Together
from bot.recommend.walk import Walk, WalkSettings
from bot.understanding.tfidf import Floats

# What two goods can have in common, and the relation in which one goes with the other.
GOES_WITH = "goes_with"
_FLOOR = 1e-7
_MOST_KNOWN = 30


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the goods' graph: a product has an attribute (`taste`, `蜜香`), or goes with another product."""

    product_id: str
    relation: str
    value: str


@dataclass(frozen=True, slots=True)
class LikingSettings:
    """`paths`: how walks go; `blend`: how the signals weigh, learned by `fit_blend` where there are sales enough."""

    paths: WalkSettings = field(default_factory=WalkSettings)
    blend: Blend = field(default_factory=Blend)


@dataclass(frozen=True, slots=True)
class Why:
    """One path from what the customer has to what is suggested; every edge of it exists.

    `together`: `others` customers bought `via` and this; `shared`: both have `relation` `value`; `goes_with`: the shop
    says that this goes with `via`.
    """

    kind: Literal["together", "shared", "goes_with"]
    via: str
    relation: str = ""
    value: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True)
class Liked:
    """A product with its score (0 to 1 within this answer) and the paths that speak for it, the strongest first."""

    product_id: str
    score: float
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """What `fit_blend` learns from: a row a customer, a column a product; `walk` as logarithms."""

    customers: list[str]
    goods: list[str]
    walk: Floats
    together: Floats
    buyers: npt.NDArray[np.int64]


class Recommender:
    """Built from links and sales of one shop; immutable, and safe to share between threads."""

    def __init__(self, links: Iterable[Link], sales: Iterable[Sale], settings: LikingSettings | None = None) -> None:
        self.settings = settings or LikingSettings()
        links, sales = list(links), list(sales)
        self._goods = _numbered([*(one.product_id for one in links), *(one.product_id for one in sales)])
        self._names = list(self._goods)
        self._people = _numbered([one.customer_id for one in sales])
        attributes = _numbered([_attribute(one) for one in links if one.relation != GOES_WITH])
        goods = len(self._goods)
        self._bought = sparse.csr_matrix(
            (
                [one.weight for one in sales],
                ([self._people[one.customer_id] for one in sales], [self._goods[one.product_id] for one in sales]),
            ),
            shape=(len(self._people), goods),
            dtype=np.float32,
        )
        rows, columns = [], []
        for one in links:
            if one.relation == GOES_WITH and one.value not in self._goods:
                continue
            rows.append(self._goods[one.product_id])
            other = self._goods[one.value] if one.relation == GOES_WITH else goods + attributes[_attribute(one)]
            columns.append(other)
        self._has = sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(goods, goods + len(attributes))
        )
        self._has.data[:] = 1
        self._attributes = list(attributes)
        self._buyers = sparse.csc_matrix(self._bought)
        self._holders = sparse.csc_matrix(self._has)
        self._walk = Walk.of(self._bought, self._has, self.settings.paths)
        self._together = Together(self._bought, self._has[:, goods:])
        self._counts = np.asarray((self._bought > 0).sum(axis=0)).ravel()

    @property
    def customers(self) -> int:
        """How many customers have bought something."""
        return len(self._people)

    def has_of(self, customer_id: str) -> list[str]:
        """Return what a customer has bought, most of all first."""
        row = self._people.get(customer_id)
        if row is None:
            return []
        inside = slice(self._bought.indptr[row], self._bought.indptr[row + 1])
        order = np.argsort(-self._bought.data[inside], kind="stable")
        return [self._names[place] for place in self._bought.indices[inside][order].tolist()]

    def suggest(
        self,
        customer_id: str = "",
        *,
        liked: Sequence[str] = (),
        most: int = 10,
        excluded: Iterable[str] = (),
        again: bool = False,
    ) -> list[Liked]:
        """Return what fits the customer's purchases and the goods he `liked` just now, best first.

        Without either there is nothing to start from, and the answer is empty. What he has is left out unless `again`.
        """
        starts = self._starts(customer_id, liked)
        if not starts:
            return []
        places, scores = self._score(customer_id, starts)
        hidden = {*excluded, *liked, *(() if again else self.has_of(customer_id))}
        left = ~np.isin(places, [self._goods[id] for id in hidden if id in self._goods])
        places, scores = places[left], scores[left]
        if not len(places):
            return []
        best = np.argpartition(-scores, min(most, len(scores) - 1))[:most]
        best = best[np.argsort(-scores[best], kind="stable")]
        low, top = float(np.median(scores)), float(scores[best[0]])
        had = dict.fromkeys((*liked, *self.has_of(customer_id)))
        known = [self._known(self._goods[id]) for id in had if id in self._goods][:_MOST_KNOWN]
        return [
            Liked(self._names[place], _share(score, low, top), self._why(place, known))
            for place, score in zip(places[best].tolist(), scores[best].tolist(), strict=True)
        ]

    def signals(self) -> Signals:
        """Return walks and likenesses of every pair, exactly; for catalogues that fit into memory."""
        people = np.arange(len(self._people))
        paths = self._walk.from_all(people)[:, len(self._people) : len(self._people) + len(self._goods)]
        together = _standard(self._together.scores(self._bought))
        return Signals(list(self._people), self._names, np.log(paths + _FLOOR), together, self._counts)

    def _starts(self, customer_id: str, liked: Sequence[str]) -> dict[int, float]:
        row = self._people.get(customer_id)
        starts = {} if row is None else {row: 1.0}
        shift = len(self._people)
        return {**starts, **{shift + self._goods[id]: 1.0 for id in liked if id in self._goods}}

    def _score(self, customer_id: str, starts: Mapping[int, float]) -> tuple[npt.NDArray[np.int64], Floats]:
        """The goods that any signal reaches, and their scores: of a large catalogue a few hundred."""
        people, goods = len(self._people), len(self._goods)
        paths = self._walk.from_nodes(list(starts), list(starts.values()))[people : people + goods]
        had = np.zeros(goods, dtype=np.float32)
        row = self._people.get(customer_id)
        if row is not None:
            inside = slice(self._bought.indptr[row], self._bought.indptr[row + 1])
            had[self._bought.indices[inside]] = self._bought.data[inside]
        had[[node - people for node in starts if node >= people]] = 1
        together = self._together.scores(sparse.csr_matrix(had[None, :]))[0]
        places = np.flatnonzero((paths > _FLOOR) | (together > 0))
        mean = float(together.mean())
        spread = float(np.sqrt(max(float(np.square(together).mean()) - mean * mean, 1e-18)))
        walks, likeness = np.log(paths[places] + _FLOOR), (together[places] - mean) / spread
        return places, self.settings.blend.scores(walks, likeness, self._counts[places])

    def _known(self, place: int) -> _Known:
        return _Known(place, frozenset(_line(self._buyers, place)), frozenset(_line(self._has, place)))

    def _why(self, place: int, known: Sequence[_Known]) -> tuple[Why, ...]:
        """The paths of two edges from what he has to this product."""
        found: list[tuple[float, Why]] = []
        buyers = _line(self._buyers, place)
        mine = _line(self._has, place)
        for other in known:
            via = self._names[other.place]
            shared = len(other.buyers.intersection(buyers))
            if shared > 1:
                found.append((shared / math.sqrt(len(buyers) + 1), Why("together", via, others=shared)))
            if place in other.has or other.place in mine:
                found.append((2.0, Why("goes_with", via)))
            for node in other.has.intersection(mine):
                if node >= len(self._goods):
                    relation, _, value = self._attributes[node - len(self._goods)].partition("\0")
                    holders = int(self._holders.indptr[node + 1] - self._holders.indptr[node])
                    found.append((1 / math.log2(2 + holders), Why("shared", via, relation, value)))
        found.sort(key=lambda one: -one[0])
        return tuple(why for _, why in found[:3])


@dataclass(frozen=True, slots=True)
class _Known:
    """A product that the customer has or just looked at: who bought it, and what it has."""

    place: int
    buyers: frozenset[int]
    has: frozenset[int]


def _line(matrix: sparse.csr_matrix | sparse.csc_matrix, line: int) -> list[int]:
    """What stands in a row (or a column, of a matrix by columns), without the cost of slicing."""
    inside: list[int] = matrix.indices[matrix.indptr[line] : matrix.indptr[line + 1]].tolist()
    return inside


def _attribute(link: Link) -> str:
    return f"{link.relation}\0{link.value}"


def _numbered(ids: Iterable[str]) -> dict[str, int]:
    return {id: number for number, id in enumerate(dict.fromkeys(ids))}


def _standard(scores: Floats) -> Floats:
    spread = scores.std(axis=1, keepdims=True)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9), dtype=np.float32)


def _share(score: float, low: float, top: float) -> float:
    return max(0.0, min(1.0, (score - low) / (top - low))) if top > low else 1.0
