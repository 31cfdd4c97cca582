"""A cycle where none may be."""

from __future__ import annotations

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph


def find_cycle(tails: npt.NDArray[np.integer], heads: npt.NDArray[np.integer]) -> list[int]:
    """Return the nodes of one cycle in order, or an empty list.

    Strongly connected components on a sparse matrix (Pearce 2005) find where to look; NetworkX names the way round.
    """
    if not len(tails):
        return []
    size = int(max(tails.max(), heads.max())) + 1
    matrix = sparse.csr_matrix((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(size, size))
    _, component = csgraph.connected_components(matrix, directed=True, connection="strong")
    crowded = np.flatnonzero(np.bincount(component) > 1)
    loops = tails[tails == heads]
    if len(loops):
        return [int(loops[0])]
    if not len(crowded):
        return []
    inside = (component[tails] == crowded[0]) & (component[heads] == crowded[0])
    graph = nx.DiGraph(zip(tails[inside].tolist(), heads[inside].tolist(), strict=True))
    return [int(tail) for tail, _ in nx.find_cycle(graph)]
