"""What goes into a graph: nodes and facts as plain records, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge_graph.model import Value


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node; `source` says where it stands (`products.csv:17`)."""

    id: str
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class FactRecord:
    """A statement of a node; an edge's `value` is a node's id (or a name, for kinds that facts make).

    `unit` is for predicates that take any (a rule's number); valid in
    [valid_from_us, valid_to_us), None: open on that side.
    """

    subject: str
    predicate: str
    value: Value
    source: str = ""
    valid_from_us: int | None = None
    valid_to_us: int | None = None
    unit: str | None = None


Record = NodeRecord | FactRecord


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record was refused: where it stands, a code, and what is wrong with its cure, in Chinese and English."""

    source: str
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.source or '?'}: {self.text}"
