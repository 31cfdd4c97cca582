"""The knowledge graph in this process, built from the shop's tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

import msgspec

from eval.errors import SampleError, SuiteError, TargetError
from eval.targets.target import Target
from kefu.base.clock import parse_time
from kefu.base.errors import ConfigError
from knowledge_graph.build import build_leniently
from knowledge_graph.graph import KnowledgeGraph
from knowledge_graph.loading.tables import read_table
from knowledge_graph.model import Answer, Fact
from knowledge_graph.schema import packed_schema


class GraphOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tables` are read as `kefu graph load` reads them; `at` is the time for which facts hold.

    `product` is the form of a product's id: a variant that answers counts as its product.
    """

    tables: tuple[str, ...]
    graph_schema: str = "retail"
    at: str = "2026-11-22T08:00:00Z"
    product: str = r"^(MT-\d{4})"


class GraphTarget(Target[GraphOptions]):
    """Answers with a status and plain values: facts, product ids, and a number."""

    options: ClassVar[type[msgspec.Struct]] = GraphOptions

    async def start(self) -> None:
        files = [self.setting.resolve(name) for name in self.given.tables]
        for file in files:
            if not file.exists():
                raise SuiteError("data_missing", file=str(file))
        try:
            self._at_us, self._product = parse_time(self.given.at), re.compile(self.given.product)
        except (ValueError, re.error) as error:
            raise SuiteError("target_options", kind="graph", why=str(error)) from error
        try:
            schema = packed_schema(self.given.graph_schema)
            built = build_leniently(chain.from_iterable(read_table(file, schema) for file in files), schema)
        except FileNotFoundError as error:
            raise SuiteError("target_options", kind="graph", why=f"graph_schema: {self.given.graph_schema}") from error
        except ConfigError as error:
            raise TargetError("model_unusable", why=str(error)) from error
        if built.problems:
            raise TargetError("model_unusable", why="; ".join(str(one) for one in built.problems[:3]))
        self._graph = KnowledgeGraph(built.base)

    async def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        focus: tuple[str, ...] = ()
        for earlier in asked.get("before") or ():
            said = self._graph.ask(str(earlier), at_us=self._at_us)
            focus = tuple(row.node_id for row in said.rows[:4]) or focus
        text = asked.get("text")
        if not isinstance(text, str):
            raise SampleError("bad_sample", "no text")
        found = self._graph.ask(text, at_us=self._at_us, focus=focus)
        return {
            "status": found.status,
            "values": {"facts": self._facts(found), "products": self._products(found), "count": [found.total]},
            "kind": found.kind,
            "evidence": [f"{fact.id} = {fact.value} ({fact.source})" for row in found.rows for fact in row.facts][:3],
        }

    def _facts(self, found: Answer) -> list[str | int | float]:
        return [self._value(fact) for row in found.rows for fact in row.facts]

    def _value(self, fact: Fact) -> str | int | float:
        """Return a fact's value; that of an edge is the node's name, as people say it."""
        node = self._graph.find_node(fact.value) if isinstance(fact.value, str) else None
        return fact.value if node is None else node.name

    def _products(self, found: Answer) -> list[str]:
        rows = found.rows[:1] if found.kind == "superlative" else found.rows
        matches = (self._product.match(row.node_id) for row in rows)
        return list(dict.fromkeys(match[1] for match in matches if match))

    def describe(self) -> dict[str, str]:
        return {"model": self._graph.version}
