"""The shared base of a graph: nodes and facts as columns, immutable, small enough for millions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from knowledge_graph.model import Fact, Value
from knowledge_graph.schema import ANY_UNIT, Schema

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
ALWAYS = np.iinfo(np.int64).min
FOREVER = np.iinfo(np.int64).max
LITERAL, POOLED, NODE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Columns:
    """One row a fact, sorted by subject, then predicate, then as they came.

    `value` is the number itself, a place in the pool, or a node, as `form` (LITERAL, POOLED, NODE) says.
    """

    subject: Int32s
    predicate: npt.NDArray[np.int16]
    form: npt.NDArray[np.int8]
    value: Ints
    valid_from: Ints
    valid_to: Ints
    file: npt.NDArray[np.int32]
    line: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Ids, kinds (places in the schema's list), names and aliases by node number."""

    ids: list[str]
    kinds: npt.NDArray[np.int16]
    names: list[str]
    aliases: dict[int, tuple[str, ...]]
    sources: list[str]
    numbers: dict[str, int]


@dataclass(frozen=True)
class Base:
    """An immutable graph in columns; nodes are numbers inside, ids outside."""

    schema: Schema
    version: str
    nodes: Nodes
    columns: Columns
    pool: list[Value | tuple[Value, str]]
    files: list[str]
    kinds: tuple[str, ...] = field(init=False)
    predicates: tuple[str, ...] = field(init=False)
    predicate_number: dict[str, int] = field(init=False)
    _starts: Ints = field(init=False)
    _by_predicate: dict[str, Ints] = field(init=False, default_factory=dict)
    _back: dict[str, tuple[Ints, Ints]] = field(init=False, default_factory=dict)
    _timeless: dict[str, bool] = field(init=False, default_factory=dict)
    _subjects: dict[str, Int32s] = field(init=False, default_factory=dict)
    _owners: dict[str, Int32s] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "kinds", tuple(self.schema.kinds))
        put(self, "predicates", tuple(self.schema.predicates))
        put(self, "predicate_number", {name: number for number, name in enumerate(self.predicates)})
        counts = np.bincount(self.columns.subject, minlength=len(self.nodes.ids))
        put(self, "_starts", np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def rows_of(self, node: int, predicate: str | None = None) -> Iterator[int]:
        """Yield the rows of a node, in order."""
        first, last = int(self._starts[node]), int(self._starts[node + 1])
        if predicate is None:
            yield from range(first, last)
            return
        wanted = self.predicate_number[predicate]
        column = self.columns.predicate
        left = first + int(np.searchsorted(column[first:last], wanted, side="left"))
        right = first + int(np.searchsorted(column[first:last], wanted, side="right"))
        yield from range(left, right)

    def holds(self, row: int, at_us: int | None) -> bool:
        """Whether a row is valid at a time; None: at any."""
        columns = self.columns
        return at_us is None or int(columns.valid_from[row]) <= at_us < int(columns.valid_to[row])

    def target(self, row: int) -> int:
        """The node that an edge leads to."""
        return int(self.columns.value[row])

    def fact(self, row: int) -> Fact:
        """The fact of a row."""
        columns, nodes = self.columns, self.nodes
        predicate = self.predicates[columns.predicate[row]]
        rule = self.schema.predicates[predicate]
        form, raw, unit = int(columns.form[row]), int(columns.value[row]), rule.unit
        value: Value = raw
        if form == NODE:
            value = nodes.ids[raw]
        elif form == POOLED:
            pooled = self.pool[raw]
            if unit == ANY_UNIT:
                assert isinstance(pooled, tuple)
                value, unit = pooled
            else:
                assert not isinstance(pooled, tuple)
                value = pooled
        subject = nodes.ids[columns.subject[row]]
        starts, ends = int(columns.valid_from[row]), int(columns.valid_to[row])
        line = int(columns.line[row])
        source = self.files[columns.file[row]]
        valid_from = None if starts == ALWAYS else starts
        return Fact(
            id=fact_id(subject, predicate, value, many=rule.many, valid_from_us=valid_from),
            subject=subject,
            predicate=predicate,
            value=value,
            unit=unit,
            source=f"{source}:{line}" if line >= 0 else source,
            version=self.version,
            valid_from_us=valid_from,
            valid_to_us=None if ends == FOREVER else ends,
        )

    def rows_with(self, predicate: str) -> Ints:
        """All rows of a predicate, in the order of their subjects."""
        rows = self._by_predicate.get(predicate)
        if rows is None:
            rows = np.flatnonzero(self.columns.predicate == self.predicate_number[predicate])
            self._by_predicate[predicate] = rows
        return rows

    def timeless(self, predicate: str) -> bool:
        """Whether every fact of a predicate holds always."""
        known = self._timeless.get(predicate)
        if known is None:
            rows, columns = self.rows_with(predicate), self.columns
            known = bool((columns.valid_from[rows] == ALWAYS).all() and (columns.valid_to[rows] == FOREVER).all())
            self._timeless[predicate] = known
        return known

    def owner_by_part(self, edge: str) -> Int32s:
        """For each node what it is a part of, -1 for none."""
        owners = self._owners.get(edge)
        if owners is None:
            owners = np.full(len(self.nodes.ids), -1, dtype=np.int32)
            rows = self.rows_with(edge)
            owners[self.columns.subject[rows]] = self.columns.value[rows]
            self._owners[edge] = owners
        return owners

    def subjects_of(self, predicate: str) -> Int32s:
        """The subjects of all rows of a predicate, rising."""
        known = self._subjects.get(predicate)
        if known is None:
            known = self._subjects[predicate] = self.columns.subject[self.rows_with(predicate)]
        return known

    def rows_to(self, node: int, predicate: str) -> Ints:
        """The rows of an edge that lead to a node."""
        starts, ordered = self.starts_to(predicate)
        return ordered[starts[node] : starts[node + 1]]

    def starts_to(self, predicate: str) -> tuple[Ints, Ints]:
        """An edge backwards: the rows that lead to node n are `ordered[starts[n]:starts[n + 1]]`."""
        if predicate not in self._back:
            rows = self.rows_with(predicate)
            targets = self.columns.value[rows]
            order = np.argsort(targets, kind="stable")
            starts = np.searchsorted(targets[order], np.arange(len(self.nodes.ids) + 1))
            self._back[predicate] = (rows[order], starts)
        ordered, starts = self._back[predicate]
        return starts, ordered

    def valid(self, rows: Ints, at_us: int | None) -> Ints:
        """Those of the rows that hold at a time."""
        if at_us is None:
            return rows
        columns = self.columns
        return rows[(columns.valid_from[rows] <= at_us) & (columns.valid_to[rows] > at_us)]


def fact_id(subject: str, predicate: str, value: Value, *, many: bool, valid_from_us: int | None) -> str:
    """The name of a fact, the same in every version: `MT-1001-02/price`, `MT-1001/taste/taste:豆香`, `x/price@123`."""
    name = f"{subject}/{predicate}"
    if many:
        name = f"{name}/{value}"
    return name if valid_from_us is None else f"{name}@{valid_from_us}"
