"""From records to a base: every record checked against the schema, every fault named with its place."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from kefu.base.errors import ConfigError
from knowledge_graph.base import ALWAYS, FOREVER, LITERAL, NODE, POOLED, Base, Columns, Ints, Nodes
from knowledge_graph.checks import fact_problem
from knowledge_graph.cycles import find_cycle
from knowledge_graph.model import Value
from knowledge_graph.records import FactRecord, NodeRecord, Problem, Record
from knowledge_graph.schema import ANY_UNIT, WHOLE_UNITS, Predicate, Schema


class GraphRefused(ConfigError):
    """The records do not make a graph; `problems` say where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        more = f"\n… 还有 {len(problems) - 10} 处 · and {len(problems) - 10} more" if len(problems) > 10 else ""
        super().__init__("\n".join(str(problem) for problem in problems[:10]) + more)


@dataclass(frozen=True, slots=True)
class Built:
    """A base made of the records that were right, and what was wrong with the others."""

    base: Base
    problems: tuple[Problem, ...]


def build(records: Iterable[Record | Problem], schema: Schema) -> Base:
    """Make a base; raise GraphRefused when any record is wrong. The version is a hash of the contents."""
    built = build_leniently(records, schema)
    if built.problems:
        raise GraphRefused(built.problems)
    return built.base


def build_leniently(records: Iterable[Record | Problem], schema: Schema) -> Built:
    """Make a base of what is right and tell what is not."""
    builder = Builder(schema)
    for record in records:
        builder.add(record)
    return builder.finish()


class Builder:
    """Takes records one by one in any order, in memory close to what the base will need."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._kind_names = tuple(schema.kinds)
        self._predicates = {name: number for number, name in enumerate(schema.predicates)}
        self._problems: list[Problem] = []
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._kinds = array("h")
        self._names: list[str] = []
        self._aliases: dict[int, tuple[str, ...]] = {}
        self._sources: list[str] = []
        self._pool: list[Value | tuple[Value, str]] = []
        self._pooled: dict[Value | tuple[Value, str], int] = {}
        self._files: dict[str, int] = {}
        self._subject, self._predicate, self._form = array("i"), array("h"), array("b")
        self._value, self._from, self._to = array("q"), array("q"), array("q")
        self._file, self._line = array("i"), array("i")
        self._waiting: dict[str, list[tuple[int, FactRecord]]] = {}
        self._early: list[FactRecord] = []

    def add(self, record: Record | Problem) -> None:
        """Take a record, or what a reader found instead; what is wrong is told by `finish`."""
        if isinstance(record, Problem):
            self._problems.append(record)
        elif isinstance(record, NodeRecord):
            self._add_node(record)
        elif record.subject in self._numbers:
            self._add_fact(record)
        else:
            self._early.append(record)

    def refuse(self, source: str, code: str, text: str) -> None:
        """Note a fault."""
        self._problems.append(Problem(source, code, text))

    def finish(self) -> Built:
        """Return the base and the faults."""
        for record in self._early:
            if record.subject in self._numbers:
                self._add_fact(record)
            else:
                self._refuse(record, "unknown_subject", f"没有编号为 {record.subject!r} 的节点 · no node has this id")
        dangling = self._dangling()
        columns = self._columns(np.array(sorted(dangling), dtype=np.int64))
        nodes = Nodes(
            ids=self._ids,
            kinds=np.frombuffer(self._kinds, dtype=np.int16).copy() if self._ids else np.zeros(0, dtype=np.int16),
            names=self._names,
            aliases=self._aliases,
            sources=self._sources,
            numbers=self._numbers,
        )
        base = Base(self._schema, "", nodes, columns, self._pool, list(self._files))
        base = replace(base, version=_version(base))
        self._check_whole(base)
        return Built(base, tuple(self._problems))

    def _refuse(self, record: Record, code: str, text: str) -> None:
        self.refuse(record.source, code, text)

    def _add_node(self, record: NodeRecord) -> None:
        kinds = self._schema.kinds
        if record.kind not in kinds:
            known = "、".join(kinds)
            return self._refuse(
                record, "unknown_kind", f"没有 {record.kind!r} 这种节点，可用的有 {known} · unknown kind"
            )
        if not record.id.strip() or not record.name.strip():
            return self._refuse(record, "empty", "编号和名称不能为空 · id and name must not be empty")
        if record.id in self._numbers:
            first = self._sources[self._numbers[record.id]]
            return self._refuse(
                record,
                "duplicate_id",
                f"编号 {record.id!r} 已经在 {first} 用过 · the id is used twice, first at {first}",
            )
        self._new_node(record)
        return None

    def _new_node(self, record: NodeRecord) -> int:
        number = len(self._ids)
        self._numbers[record.id] = number
        self._ids.append(record.id)
        self._kinds.append(self._schema.kind_rank[record.kind])
        self._names.append(record.name)
        self._sources.append(record.source)
        if record.aliases:
            self._aliases[number] = record.aliases
        return number

    def _add_fact(self, record: FactRecord) -> None:
        subject = self._numbers[record.subject]
        problem = fact_problem(record, self._kind_names[self._kinds[subject]], self._schema)
        if problem is not None:
            self._problems.append(problem)
            return
        rule = self._schema.predicates[record.predicate]
        if rule.unit in self._schema.kinds:
            self._add_edge(record, rule, subject)
            return
        if isinstance(record.value, int) and rule.unit in WHOLE_UNITS:
            self._append(record, subject, LITERAL, record.value)
            return
        pooled = (record.value, record.unit or "text") if rule.unit == ANY_UNIT else record.value
        self._append(record, subject, POOLED, self._pool_number(pooled))

    def _add_edge(self, record: FactRecord, rule: Predicate, subject: int) -> None:
        wanted = str(record.value)
        kind = self._schema.kinds[rule.unit]
        target = self._numbers.get(wanted)
        if target is None and kind.made:
            made = made_id(rule.unit, wanted)
            target = self._numbers.get(made)
            if target is None:
                aliases = made_aliases(wanted, self._schema, rule.unit)
                target = self._new_node(NodeRecord(made, rule.unit, wanted, aliases, record.source))
        if target is None:
            self._waiting.setdefault(wanted, []).append((len(self._subject), record))
        self._append(record, subject, NODE, -1 if target is None else target)

    def _append(self, record: FactRecord, subject: int, form: int, value: int) -> None:
        file, line = _place(record.source)
        self._subject.append(subject)
        self._predicate.append(self._predicates[record.predicate])
        self._form.append(form)
        self._value.append(value)
        self._from.append(ALWAYS if record.valid_from_us is None else record.valid_from_us)
        self._to.append(FOREVER if record.valid_to_us is None else record.valid_to_us)
        self._file.append(self._files.setdefault(file, len(self._files)))
        self._line.append(line)

    def _pool_number(self, value: Value | tuple[Value, str]) -> int:
        number = self._pooled.setdefault(value, len(self._pool))
        if number == len(self._pool):
            self._pool.append(value)
        return number

    def _dangling(self) -> list[int]:
        left: list[int] = []
        for wanted, rows in self._waiting.items():
            target = self._numbers.get(wanted)
            for row, record in rows:
                if target is None:
                    left.append(row)
                    text = f"{record.predicate} 指向不存在的节点 {wanted!r} · the edge leads to no node"
                    self._refuse(record, "dangling_edge", text)
                else:
                    self._value[row] = target
        return left

    def _columns(self, dropped: Ints) -> Columns:
        subject = np.frombuffer(self._subject, dtype=np.int32) if self._subject else np.zeros(0, dtype=np.int32)
        count = len(subject)
        predicate = np.frombuffer(self._predicate, dtype=np.int16) if count else np.zeros(0, dtype=np.int16)
        order = np.lexsort((predicate, subject))
        if len(dropped):
            order = order[~np.isin(order, dropped)]

        def column(raw: array[int], kind: type[np.generic]) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
            return np.frombuffer(raw, dtype=kind)[order] if count else np.zeros(0, dtype=kind)

        return Columns(
            subject=subject[order],
            predicate=predicate[order],
            form=column(self._form, np.int8),  # type: ignore[arg-type]
            value=column(self._value, np.int64),  # type: ignore[arg-type]
            valid_from=column(self._from, np.int64),  # type: ignore[arg-type]
            valid_to=column(self._to, np.int64),  # type: ignore[arg-type]
            file=column(self._file, np.int32),  # type: ignore[arg-type]
            line=column(self._line, np.int32),  # type: ignore[arg-type]
        )

    def _check_whole(self, base: Base) -> None:
        for problem in (*_clashes(base), *_missing(base), *_wrong_targets(base), *_cycles(base)):
            self._problems.append(problem)


def made_id(kind: str, name: str) -> str:
    """The id of a node that a fact made: `taste:豆香`."""
    return f"{kind}:{name}"


def made_aliases(name: str, schema: Schema, kind: str) -> tuple[str, ...]:
    """Further ways to say a made node's name, by the schema's endings and synonyms."""
    rule = schema.kinds[kind]
    shorter = (name.removesuffix(end) for end in rule.drop_endings if name.endswith(end) and len(name) > len(end) + 1)
    longer = (name + end for end in rule.add_endings if not name.endswith(end))
    return tuple(dict.fromkeys((*shorter, *longer, *rule.synonyms.get(name, ()))))


def _place(source: str) -> tuple[str, int]:
    file, _, line = source.rpartition(":")
    return (file, int(line)) if file and line.isdecimal() else (source, -1)


def _clashes(base: Base) -> Iterable[Problem]:
    """Two values at the same time for a predicate that has one."""
    columns = base.columns
    same = (columns.subject[1:] == columns.subject[:-1]) & (columns.predicate[1:] == columns.predicate[:-1])
    for row in (np.flatnonzero(same) + 1).tolist():
        rule = base.schema.predicates[base.predicates[columns.predicate[row]]]
        if rule.many:
            continue
        earlier = row - 1
        overlap = (
            columns.valid_from[row] < columns.valid_to[earlier] and columns.valid_from[earlier] < columns.valid_to[row]
        )
        if overlap:
            fact, other = base.fact(row), base.fact(earlier)
            text = f"{fact.subject} 同一时间有两个{rule.label}，另一个在 {other.source} · two values at one time"
            yield Problem(fact.source, "two_values", text)


def _missing(base: Base) -> Iterable[Problem]:
    for name, rule in base.schema.predicates.items():
        if not rule.required:
            continue
        have = np.zeros(len(base.nodes.ids), dtype=bool)
        have[base.columns.subject[base.rows_with(name)]] = True
        wanted = [base.schema.kind_rank[kind] for kind in rule.of]
        for number in np.flatnonzero(np.isin(base.nodes.kinds, wanted) & ~have).tolist():
            text = f"{base.nodes.ids[number]} 缺少{rule.label}（{name}） · a required value is missing"
            yield Problem(base.nodes.sources[number], "missing", text)


def _wrong_targets(base: Base) -> Iterable[Problem]:
    for name, rule in base.schema.predicates.items():
        if not base.schema.is_edge(name):
            continue
        rows = base.rows_with(name)
        wrong = rows[base.nodes.kinds[base.columns.value[rows]] != base.schema.kind_rank[rule.unit]]
        for row in wrong.tolist():
            fact = base.fact(row)
            text = f"{name} 应指向 {rule.unit}，{fact.value!r} 不是 · the edge leads to a node of another kind"
            yield Problem(fact.source, "wrong_target", text)


def _cycles(base: Base) -> Iterable[Problem]:
    for name, rule in base.schema.predicates.items():
        if rule.acyclic:
            rows = base.rows_with(name)
            cycle = find_cycle(base.columns.subject[rows], base.columns.value[rows])
            if cycle:
                path = " → ".join(base.nodes.ids[node] for node in (*cycle, cycle[0]))
                row = next(iter(base.rows_of(cycle[0], name)))
                yield Problem(base.fact(row).source, "cycle", f"{rule.label} 绕成了一圈：{path} · a cycle")


def _version(base: Base) -> str:
    """16 hexadecimal digits over everything that the base says."""
    digest = hashlib.sha256(base.schema.name.encode())
    columns = base.columns
    for part in (columns.subject, columns.predicate, columns.form, columns.value, columns.valid_from, columns.valid_to):
        digest.update(np.ascontiguousarray(part).data)
    for texts in (base.nodes.ids, base.nodes.names):
        digest.update("\0".join(texts).encode())
    digest.update(repr(base.pool).encode())
    digest.update(repr(sorted(base.nodes.aliases.items())).encode())
    return digest.hexdigest()[:16]
