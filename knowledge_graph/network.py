"""The graph as a network: ranks and ways, on compact arrays or on NetworkX with any of its backends.

NetworkX names what is computed (https://networkx.org/documentation/stable/reference/backends.html); for a million
nodes arrays take a tenth of its memory, so they are the default behind the same functions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kefu.base.errors import ConfigError
from knowledge_graph.base import NODE
from knowledge_graph.graph import KnowledgeGraph, holds

ARRAYS, NETWORKX = "arrays", "networkx"
_STEPS, _CLOSE = 60, 1e-9


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes and edges of some predicates as of a time; `edges[i, j]` counts the edges from node i to node j."""

    ids: tuple[str, ...]
    edges: sparse.csr_matrix

    def networkx(self) -> nx.DiGraph[str]:
        """Return it as NetworkX has it."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.ids)
        rows = self.edges.tocoo()
        pairs = zip(rows.row.tolist(), rows.col.tolist(), rows.data.tolist(), strict=True)
        graph.add_weighted_edges_from((self.ids[tail], self.ids[head], weight) for tail, head, weight in pairs)
        return graph


def network(graph: KnowledgeGraph, *, predicates: Collection[str] | None = None, at_us: int | None = None) -> Network:
    """Return a version's edges; `predicates` None: all that are edges."""
    base, overlay = graph.base, graph.overlay
    names = [
        name for name in base.predicates if base.schema.is_edge(name) and (predicates is None or name in predicates)
    ]
    ids = [*base.nodes.ids, *(id for id in overlay.nodes if id not in base.nodes.numbers)]
    numbers = {id: number for number, id in enumerate(ids[len(base.nodes.ids) :], start=len(base.nodes.ids))}

    def number(id: str) -> int | None:
        return base.nodes.numbers.get(id, numbers.get(id))

    gone = np.zeros(len(ids), dtype=bool)
    gone[[place for id in overlay.removed if (place := number(id)) is not None]] = True
    tails, heads = [], []
    for name in names:
        rows = base.valid(base.rows_with(name), at_us)
        rows = rows[base.columns.form[rows] == NODE]
        tail, head = base.columns.subject[rows].astype(np.int64), base.columns.value[rows]
        changed = [place for id in overlay.subjects(name) if (place := number(id)) is not None]
        kept = ~(gone[tail] | gone[head] | np.isin(tail, changed))
        tails.append(tail[kept])
        heads.append(head[kept])
        for fact in overlay.facts_of(name):
            tail_end, head_end = number(fact.subject), number(str(fact.value))
            if tail_end is None or head_end is None or gone[tail_end] or gone[head_end] or not holds(fact, at_us):
                continue
            tails.append(np.array([tail_end], dtype=np.int64))
            heads.append(np.array([head_end], dtype=np.int64))
    tail = np.concatenate(tails) if tails else np.zeros(0, dtype=np.int64)
    head = np.concatenate(heads) if heads else np.zeros(0, dtype=np.int64)
    shape = (len(ids), len(ids))
    return Network(tuple(ids), sparse.csr_matrix((np.ones(len(tail), dtype=np.float32), (tail, head)), shape=shape))


def rank(
    net: Network, seeds: Mapping[str, float], *, damping: float = 0.85, both_ways: bool = True, backend: str = ARRAYS
) -> dict[str, float]:
    """Return the personalised PageRank of every node that a walk from the seeds reaches (Page et al. 1999).

    `backend`: `arrays`, `networkx`, or the name of an installed NetworkX backend (`parallel`, `cugraph`); ConfigError
    names those that are there.
    """
    if backend != ARRAYS:
        graph: Any = net.networkx()
        named = _backend(backend)
        told = nx.pagerank(
            graph.to_undirected() if both_ways else graph, alpha=damping, personalization=dict(seeds), tol=_CLOSE,
            max_iter=_STEPS * 10, **named,
        )  # fmt: skip
        return {id: float(value) for id, value in told.items() if value > _CLOSE}
    place = {id: number for number, id in enumerate(net.ids)}
    start = np.zeros(len(net.ids))
    for id, weight in seeds.items():
        start[place[id]] = weight
    start /= start.sum()
    edges = net.edges.maximum(net.edges.T) if both_ways else net.edges
    degree = np.asarray(edges.sum(axis=1)).ravel()
    walk = sparse.csr_matrix(sparse.diags(1 / np.maximum(degree, 1e-12)) @ edges).T.tocsr()
    here = start.copy()
    for _ in range(_STEPS * 10):
        lost = float(here[degree == 0].sum())
        after = damping * (walk @ here + lost * start) + (1 - damping) * start
        if np.abs(after - here).sum() < _CLOSE * len(here):
            here = after
            break
        here = after
    return {net.ids[number]: float(here[number]) for number in np.flatnonzero(here > _CLOSE).tolist()}


def way(net: Network, start: str, goal: str, *, most_hops: int = 6, backend: str = ARRAYS) -> Sequence[str]:
    """Return the nodes of a shortest way in either direction of the edges, empty when none has so few hops."""
    if backend != ARRAYS:
        graph = net.networkx().to_undirected()
        try:
            path: list[str] = nx.shortest_path(graph, start, goal, **_backend(backend))
        except nx.NetworkXNoPath:
            return ()
        return path if len(path) <= most_hops + 1 else ()
    place = {id: number for number, id in enumerate(net.ids)}
    first, last = place[start], place[goal]
    distance, before = csgraph.dijkstra(
        net.edges, directed=False, indices=first, return_predecessors=True, unweighted=True, limit=most_hops
    )
    if not np.isfinite(distance[last]):
        return ()
    path_numbers = [last]
    while path_numbers[-1] != first:
        path_numbers.append(int(before[path_numbers[-1]]))
    return [net.ids[number] for number in reversed(path_numbers)]


def _backend(name: str) -> dict[str, str]:
    known = {NETWORKX, *nx.utils.backends.backends}
    if name not in known:
        there = "、".join(sorted({ARRAYS, *known}))
        raise ConfigError(f"backend {name!r}: 没有安装，可用的有 {there} · not installed; there are {there}")
    return {} if name == NETWORKX else {"backend": name}
