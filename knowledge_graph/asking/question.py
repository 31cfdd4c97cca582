"""A question as it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from knowledge_graph.model import Mention

AskedKind = Literal[
    "attribute", "comparison", "filter", "count", "membership", "fits", "superlative", "path", "not_understood"
]


@dataclass(frozen=True, slots=True)
class Test:
    """A node must (or must not) have an edge to `target`, or the text `target` as value."""

    predicate: str
    target: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A number must lie within both ends, inclusive; None: open."""

    predicate: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Extreme:
    """What the rows are ordered by; `most` puts the largest first, `only` asks for the first alone."""

    predicate: str
    most: bool
    only: bool


@dataclass(frozen=True, slots=True)
class Question:
    """`subjects` are the nodes spoken of, `wanted` the predicates asked for; the rest says which nodes are meant."""

    kind: AskedKind
    target: str
    subjects: tuple[Mention, ...] = ()
    wanted: tuple[str, ...] = ()
    includes: tuple[Test, ...] = ()
    excludes: tuple[Test, ...] = ()
    without: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    extreme: Extreme | None = None
    same: tuple[str, ...] = ()
    nth: int | None = None
    """The part that is meant by its place in the list: 1 is the first, -1 the last (第二个规格)."""
    ending: str = ""
    """What the name of a partner's class must end with: 配这个壶的茶 means 红茶, 白茶 and the like, no 茶具."""
    apart: str = ""
    """The size that is not wanted, in words (不要试饮装的); an amount in them stands in `apart_bounds`."""
    apart_bounds: tuple[Bound, ...] = ()
    plain: str = ""
    """The folded text without its mentions, in which words for sizes are looked for."""
    unread: str = ""
    """What of the text was not understood."""

    def asked(self) -> Mapping[str, str]:
        """The question in words for evidence."""
        said: dict[str, str] = {"target": self.target}
        if self.subjects:
            said["subjects"] = "、".join(mention.candidates[0].node_id for mention in self.subjects)
        if self.wanted:
            said["wanted"] = "、".join(self.wanted)
        if self.includes:
            said["include"] = "、".join(f"{test.predicate}={test.target}" for test in self.includes)
        if self.excludes or self.without:
            tests = [f"{test.predicate}={test.target}" for test in self.excludes]
            said["exclude"] = "、".join((*tests, *self.without))
        if self.apart:
            said["apart"] = self.apart
        if self.bounds:
            said["bounds"] = "、".join(
                f"{'' if b.low is None else f'{b.low}<='}{b.predicate}{'' if b.high is None else f'<={b.high}'}"
                for b in self.bounds
            )
        if self.extreme is not None:
            said["order"] = f"{self.extreme.predicate} {'most' if self.extreme.most else 'least'}"
        if self.nth is not None:
            said["nth"] = str(self.nth)
        if self.ending:
            said["ending"] = self.ending
        if self.same:
            said["same"] = "、".join(self.same)
        if self.unread:
            said["unread"] = self.unread
        return said
