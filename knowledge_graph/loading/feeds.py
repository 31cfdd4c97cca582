"""Live feeds: rows from an HTTP address or an SQL query, and what a feed changes in the live version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

import httpx
import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from kefu.base.errors import ConfigError
from knowledge_graph.graph import KnowledgeGraph, Node
from knowledge_graph.loading.retiring import Whole, links_to_gone, retire
from knowledge_graph.loading.rows import TableRow
from knowledge_graph.records import FactRecord, NodeRecord, Problem, Record
from knowledge_graph.revise import Changes

_TIMEOUT_S = 30.0
_MOST_BYTES = 64 << 20
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class HttpFeed:
    """An address that answers with a JSON list of objects (or `{"items": [...]}`), or with JSON Lines."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where the rows stand, for people."""
        return self.url

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows; ConfigError when the address does not answer so."""
        try:
            with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
                answer = client.get(self.url, headers=dict(self.headers))
        except httpx.HTTPError as error:
            raise ConfigError(f"{self.url}: 没有应答（{error}） · does not answer") from error
        if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
            raise ConfigError(
                f"{self.url}: 应答 {answer.status_code}，{len(answer.content)} 字节 · not a usable answer"
            )
        text = answer.text.lstrip("\ufeff")
        if "ndjson" not in answer.headers.get("content-type", "") and text.lstrip()[:1] in ("[", "{"):
            try:
                told = json.loads(text)
            except ValueError:
                told = None
            if isinstance(told, dict) and isinstance(told.get("items"), list):
                told = told["items"]
            if isinstance(told, list):
                yield from _objects(told, self.url)
                return
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    yield from _objects([json.loads(line)], self.url, first=number)
                except ValueError as error:
                    yield Problem(f"{self.url}:{number}", "bad_json", f"不是 JSON（{error}） · not JSON")


@dataclass(frozen=True, slots=True)
class SqlFeed:
    """A query on a shop's own database; its columns are named as a table's would be."""

    database: str
    query: str

    @property
    def place(self) -> str:
        """Where the rows stand, for people; an address of a database may hold a password and is not told."""
        return "sql"

    def rows(self) -> Iterator[TableRow | Problem]:
        """Yield the rows, a thousand at a time; ConfigError when the database refuses."""
        try:
            engine = sqlalchemy.create_engine(self.database)
        except (SQLAlchemyError, ImportError) as error:
            raise ConfigError(f"数据库地址不能用：{error} · the database cannot be used") from error
        try:
            with engine.connect() as connection:
                found = connection.execution_options(yield_per=_CHUNK).execute(sqlalchemy.text(self.query))
                for number, row in enumerate(found.mappings(), start=1):
                    yield TableRow(f"sql:{number}", {name: _plain(value) for name, value in row.items()})
        except SQLAlchemyError as error:
            raise ConfigError(f"查询失败：{error} · the query failed") from error
        finally:
            engine.dispose()


def changes_of(
    graph: KnowledgeGraph, records: Iterable[Record | Problem], *, whole: Whole | None = None
) -> tuple[Changes, list[Problem]]:
    """Return what a feed's records change in a version, and what was refused.

    What they leave out stays as it is; nodes that a `whole` feed leaves out are removed. Only nodes and values that
    differ are put, so that a feed that says everything again costs little.
    """
    nodes: list[NodeRecord] = []
    kinds: set[str] = set()
    told: set[str] = set()
    facts: dict[tuple[str, str], list[FactRecord]] = {}
    problems: list[Problem] = []
    for record in records:
        if isinstance(record, Problem):
            problems.append(record)
        elif isinstance(record, NodeRecord):
            kinds.add(record.kind)
            told.add(record.id)
            known = graph.find_node(record.id)
            if known is not None and known.kind == record.kind:
                record = _completed(record, known)
            if known is None or (known.kind, known.name, known.aliases) != (record.kind, record.name, record.aliases):
                nodes.append(record)
        else:
            facts.setdefault((record.subject, record.predicate), []).append(record)
    changed: list[Record] = [*nodes]
    for (subject, predicate), said in facts.items():
        now = {(fact.value, fact.valid_from_us, fact.valid_to_us) for fact in graph.facts(subject, predicate)}
        unit = graph.schema.predicates[predicate].unit if predicate in graph.schema.predicates else ""
        wanted = {(_target(graph, one, unit), one.valid_from_us, one.valid_to_us) for one in said}
        if now != wanted:
            changed += said
    removed: list[str] = []
    if whole is not None and not problems:  # a row that is refused tells of something, too
        told.update(subject for subject, _ in facts)
        removed, problems = retire(graph, whole, told, kinds.union(whole.kinds) & graph.schema.kinds.keys())
        problems += links_to_gone(graph, chain.from_iterable(facts.values()), frozenset(removed))
    return Changes(put=changed, removed=removed), problems


def _completed(record: NodeRecord, known: Node) -> NodeRecord:
    """A row that tells no name of its own, or no aliases, says nothing against those that are known."""
    name = known.name if record.name == record.id else record.name
    return replace(record, name=name, aliases=record.aliases or known.aliases)


def _target(graph: KnowledgeGraph, record: FactRecord, unit: str) -> object:
    kind = graph.schema.kinds.get(unit)
    if kind is None or not kind.made or graph.find_node(str(record.value)) is not None:
        return record.value
    return f"{unit}:{record.value}"


def _objects(told: Iterable[object], where: str, *, first: int = 1) -> Iterator[TableRow | Problem]:
    for number, one in enumerate(told, start=first):
        if isinstance(one, dict):
            yield TableRow(f"{where}:{number}", one)
        else:
            yield Problem(f"{where}:{number}", "bad_json", "应是一个 JSON 对象 · must be an object")


def _plain(value: object) -> str | int | float | None:
    return value if isinstance(value, int | float | str) or value is None else str(value)
